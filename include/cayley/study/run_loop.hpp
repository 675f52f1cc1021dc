/// A trainer at work in a run directory: log, checkpoints, states, and the weights at the end.
#pragma once

#include <algorithm>
#include <cayley/backend/cpu.hpp>
#include <cayley/backend/ranks.hpp>
#include <cayley/core/error.hpp>
#include <cayley/io/json.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/io/tensor_file.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/state_file.hpp>
#include <cayley/study/transformer_file.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cayley/train/trainer.hpp>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cayley {

/// How a run is carried out; nothing here changes a bit of its result.
struct TrainingRunOptions {
  int threads = 1;                            ///< of `Cpu`, where no backend is given; recorded in any case
  std::optional<std::int64_t> until;          ///< interrupt the run once so many epochs are done; it can be resumed
  double state_seconds = 10;                  ///< time between two states, of which a kill costs at most one
  std::string program;                        ///< name and version of the program, for run.json
  std::string flags;                          ///< that it was compiled with, for run.json
  std::function<void(LogRow const&)> on_log;  ///< after each logged epoch
  std::function<bool(std::int64_t epochs, std::span<LogRow const> rows)>
      go_on;  ///< after every epoch; false interrupts
};

/// Where a run was begun, as its run.json says. A run goes on there.
struct RecordedBackend {
  std::string name = "cpu";
  Index memory_budget = 0;  ///< in bytes; 0 where the backend has none
};

/// Errors: `Error` naming the file and the key when run.json does not say it as expected. Runs of other programs have no
///         such file: theirs is `Cpu`.
inline RecordedBackend recorded_backend(std::filesystem::path const& directory) {
  const auto path = directory / "run.json";
  RecordedBackend recorded;
  if (!std::filesystem::exists(path)) return recorded;
  const Json json = read_json(path);
  const auto read = [&](char const* key, auto& value, bool fits, char const* expected) {
    require(fits, path.string(), ": key \"", key, "\": expected ", expected, ", found ", json.at(key).dump());
    value = json.at(key).get<std::remove_reference_t<decltype(value)>>();
  };
  if (json.contains("backend")) read("backend", recorded.name, json.at("backend").is_string(), "a name");
  if (recorded.name == "Cpu") recorded.name = "cpu";  // as version 0.1 wrote it at first
  if (json.contains("memory_budget")) {
    Json const& budget = json.at("memory_budget");
    read("memory_budget", recorded.memory_budget, budget.is_number_integer() && budget.get<Index>() > 0,
         "a number of bytes");
  }
  return recorded;
}

/// How a run ended, and its log. A run that diverged has no model: its latest state and checkpoints are those from before.
struct TrainingRunResult {
  TrainingEnd end = TrainingEnd::finished;
  std::int64_t epochs = 0;  ///< done, those of earlier calls included
  std::vector<LogRow> rows;
  std::string trouble = {};  ///< of a run that diverged: what is no number
};

/// The weights of a model under their published names, with the configuration as strings in the metadata. Transformers in
/// the layout of TransformerLens.
template <class Model>
TensorFile weights_file(Model const& model, RunConfig const& config) {
  TensorFile file;
  if constexpr (std::same_as<typename Model::Data, TokenSequences>) {
    file = transformer_file(model);
  } else {
    for (auto const& parameter : model.parameters()) file.add(parameter.name(), parameter.host());
  }
  const Json json = config_json(config);
  for (auto const& item : json.items()) {
    file.metadata()[item.key()] =
        item.value().is_string() ? item.value().template get<std::string>() : item.value().dump();
  }
  return file;
}

namespace detail {

inline std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != line.npos) return line.substr(colon + 2);
  }
  return "unknown";
}

inline std::string compiler_name() {
#if defined(__clang__)
  return std::string("clang ").append(__clang_version__);
#else
  return std::string("g++ ").append(__VERSION__);
#endif
}

/// What run.json says of every run.
template <class B>
Json program_info(TrainingRunOptions const& options, B const& backend) {
  Json json;
  json["program"] = options.program;
  json["compiler"] = compiler_name();
  json["flags"] = options.flags;
  json["cpu"] = processor_name();
  json["backend"] = B::name;
  if constexpr (requires { backend.memory_budget(); }) json["memory_budget"] = backend.memory_budget();
  if constexpr (HasRanks<B>) json["ranks"] = backend.ranks();
  json["scalar"] = "float32";
  json["threads"] = options.threads;
  return json;
}

/// Errors: `Error` unless there is at least one thread.
inline Cpu run_backend(TrainingRunOptions const& options) {
  require(options.threads >= 1, "threads: expected at least 1, found ", options.threads);
  return options.threads > 1 ? Cpu(options.threads) : Cpu();
}

/// The row as the log stores it: the mean of the last 50 training losses, then the parts of this one, `parts` of them.
inline LogRow with_more_columns(LogRow row, std::span<LogRow const> rows, std::size_t parts) {
  constexpr std::size_t window = 50;
  double sum = row.train_loss;
  const std::size_t before = std::min(window - 1, rows.size());
  for (LogRow const& earlier : rows.last(before)) sum += earlier.train_loss;
  row.more.resize(parts, std::numeric_limits<double>::quiet_NaN());
  row.more.insert(row.more.begin(), sum / static_cast<double>(before + 1));
  return row;
}

/// The columns that `with_more_columns` fills.
inline void name_columns(RunDirectory& directory, std::vector<std::string> const& parts) {
  std::vector<std::string> names{"train_loss_average"};
  for (std::string const& part : parts) names.push_back("train_loss_" + part);
  directory.name_more_columns(std::move(names));
}

/// The log of rank 0 becomes that of all.
template <class B>
void share_rows_from_root([[maybe_unused]] B const& backend, [[maybe_unused]] std::vector<LogRow>& rows) {
  if constexpr (HasRanks<B>) {
    std::vector<double> numbers;  // the length of `more`, then each row
    const std::size_t more = rows.empty() ? 0 : rows.front().more.size();
    numbers.push_back(static_cast<double>(more));
    for (LogRow const& row : rows) {
      numbers.insert(numbers.end(), {static_cast<double>(row.epoch), row.train_loss, row.test_loss, row.train_accuracy,
                                     row.test_accuracy});
      numbers.insert(numbers.end(), row.more.begin(), row.more.end());
    }
    share_from_root(backend, numbers);
    if (is_root(backend)) return;
    rows.clear();
    const auto width = static_cast<std::ptrdiff_t>(numbers.front());
    for (auto number = numbers.begin() + 1; number != numbers.end(); number += 5 + width) {
      rows.push_back({static_cast<std::int64_t>(number[0]), number[1], number[2], number[3], number[4],
                      std::vector<double>(number + 5, number + 5 + width)});
    }
  }
}

/// Takes a trainer to the directory's latest state, if there is one, and the directory back to it. The log so far.
/// Where several processes train together, rank 0 alone has a directory.
template <class Model>
std::vector<LogRow> go_back_to_latest_state(std::optional<RunDirectory>& directory, Trainer<Model>& trainer) {
  auto const& backend = trainer.model().backend();
  std::string bytes;
  std::vector<LogRow> rows;
  on_root(backend, [&] {
    const auto state = directory->latest_state<float>();
    if (state) trainer.restore(*state);
    directory->rewind_to(trainer.epochs());
    rows = directory->log();
    using B = std::remove_cvref_t<decltype(backend)>;
    if (HasRanks<B> && state) bytes = safetensors_bytes(state_tensors(*state, "state of rank 0"));
  });
  share_from_root(backend, bytes);
  share_rows_from_root(backend, rows);
  if (!is_root(backend) && !bytes.empty()) {
    trainer.restore(training_state<float>(stored_state(parse_safetensors(bytes, "state of rank 0"))));
  }
  return rows;
}

/// Trains until the run ends or is interrupted, from the directory's latest state if there is one. `parts`: names of the
/// parts of the training loss; nothing where the log has the five common columns alone. Where several processes train
/// together, rank 0 alone has a directory, and decides.
template <class Model>
TrainingRunResult train_in_directory(std::optional<RunDirectory>& directory, RunConfig const& config,
                                     Trainer<Model>& trainer, std::optional<std::vector<std::string>> const& parts,
                                     TrainingRunOptions const& options) {
  if (parts && directory) name_columns(*directory, *parts);
  TrainingRunResult result;
  result.rows = go_back_to_latest_state(directory, trainer);
  const std::int64_t epochs_before = trainer.epochs();
  auto const& backend = trainer.model().backend();
  using Clock = std::chrono::steady_clock;
  auto last_state = Clock::now();
  TrainingPlan<Model> plan{
      config.num_epochs, config.logged_epochs(), config.checkpoint_epochs(), config.stop, result.rows, {}, {}, {}};
  plan.on_log = [&](LogRow const& row) {
    LogRow stored = row;
    if (parts) {
      stored = with_more_columns(std::move(stored), result.rows, parts->size());
    } else {
      stored.more.clear();
    }
    on_root(backend, [&] { directory->append(stored); });
    result.rows.push_back(stored);
    if (options.on_log) options.on_log(stored);
  };
  // Nothing that is no number is kept: it would take the place of what one can go back to.
  const auto trouble_with = [&](TrainingState<float> const& state) -> std::string {
    if (auto found = not_finite(state)) return *found;
    if (trainer.epochs() == epochs_before) return {};  // nothing was trained, and data without end have no loss yet
    const double loss = trainer.evaluate().train_loss;
    if (std::isfinite(loss)) return {};
    return std::string("the training loss is ") + (std::isnan(loss) ? "nan" : "inf") + ", the largest weight " +
           largest_entry(state.weights);
  };
  const auto write_state = [&] {
    const TrainingState<float> state = trainer.state();
    result.trouble = trouble_with(state);
    if (result.trouble.empty()) on_root(backend, [&] { directory->write_state(state); });
    return result.trouble.empty();
  };
  plan.on_checkpoint = [&](std::int64_t epoch, Model const& trained) {
    NamedMatrices<float> weights;
    for (auto const& parameter : trained.parameters()) weights[parameter.name()] = parameter.host();
    if (!not_finite(weights)) {
      on_root(backend, [&] { directory->write_checkpoint(epoch, weights_file(trained, config)); });
    }
  };
  plan.keep_going = [&] {
    bool is_time = std::chrono::duration<double>(Clock::now() - last_state).count() >= options.state_seconds;
    share_from_root(backend, is_time);
    if (is_time) {
      if (!write_state()) return false;
      last_state = Clock::now();
    }
    const bool reached = options.until && trainer.epochs() >= *options.until;
    bool goes_on = !reached && (!options.go_on || options.go_on(trainer.epochs(), result.rows));
    share_from_root(backend, goes_on);
    return goes_on;
  };
  const bool nothing_to_do = options.until && trainer.epochs() >= *options.until;
  result.end = nothing_to_do ? TrainingEnd::interrupted : train(trainer, plan);
  result.epochs = trainer.epochs();
  if (!write_state()) {
    result.end = TrainingEnd::diverged;
    return result;
  }
  if (result.end != TrainingEnd::interrupted) {
    on_root(backend, [&] { directory->write_model(weights_file(trainer.model(), config)); });
  }
  return result;
}

/// Errors: `Error` unless the run was begun on such a backend, with such a budget.
template <class B>
void require_recorded_backend(RunDirectory const& run, B const& backend) {
  const RecordedBackend recorded = recorded_backend(run.path());
  require(recorded.name == B::name, (run.path() / "run.json").string(), ": the run was begun on backend ",
          recorded.name, " and goes on there, not on ", B::name);
  if constexpr (requires { backend.memory_budget(); }) {
    require(recorded.memory_budget == backend.memory_budget(), (run.path() / "run.json").string(),
            ": the run was begun with a memory budget of ", recorded.memory_budget, " bytes, not ",
            backend.memory_budget());
  }
}

/// The result of a run that has written its model.
template <class B>
TrainingRunResult ended_run(B const& backend, std::optional<RunDirectory> const& run, RunConfig const& config) {
  std::vector<LogRow> rows;
  on_root(backend, [&] { rows = run->log(); });
  share_rows_from_root(backend, rows);
  return {TrainingEnd::finished, rows.empty() ? config.num_epochs : rows.back().epoch + 1, rows};
}

}  // namespace detail

}  // namespace cayley
