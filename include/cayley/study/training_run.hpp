/// A training run in a directory: begun, interrupted, gone on with.
#pragma once

#include <cayley/backend/cpu.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/lanes.hpp>
#include <cayley/core/random.hpp>
#include <cayley/group/table_group_json.hpp>
#include <cayley/io/json.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/study_group.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/task/split.hpp>
#include <cayley/train/trainer.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// How a run is carried out; nothing here changes a bit of its result.
struct TrainingRunOptions {
  int threads = 1;
  std::optional<std::int64_t> until;          ///< interrupt the run once so many epochs are done; it can be resumed
  double state_seconds = 10;                  ///< time between two states, of which a kill costs at most one
  std::string program;                        ///< name and version of the program, for run.json
  std::string flags;                          ///< that it was compiled with, for run.json
  std::function<void(LogRow const&)> on_log;  ///< after each logged epoch
  std::function<bool(std::int64_t epochs, std::span<LogRow const> rows)>
      go_on;  ///< after every epoch; false interrupts
};

/// How a run ended, and its log.
struct TrainingRunResult {
  TrainingEnd end = TrainingEnd::finished;
  std::int64_t epochs = 0;  ///< done, those of earlier calls included
  std::vector<LogRow> rows;
};

/// The training and test set of a run, pairs in the order of the data: index i stands for the element `order[i]`.
struct SplitComposition {
  GroupComposition train;
  GroupComposition test;
};

/// The published split of all pairs, labelled with the index of their product.
inline SplitComposition split_composition(CayleyTable const& table, std::vector<Element> const& order,
                                          double frac_train, std::uint64_t seed) {
  const auto n = static_cast<Index>(order.size());
  std::vector<Element> index(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) index[order[i]] = static_cast<Element>(i);
  const auto labelled = [&](std::vector<std::uint32_t> const& places) {
    GroupComposition set;
    set.examples.reserve(places.size());
    set.labels.reserve(places.size());
    for (std::uint32_t place : places) {
      const Pair pair{place / static_cast<std::uint32_t>(n), place % static_cast<std::uint32_t>(n)};
      set.examples.push_back(pair);
      set.labels.push_back(index[table.compose(order[pair.a], order[pair.b])]);
    }
    return set;
  };
  const TrainTestSplit split = random_split(n * n, frac_train, seed);
  return {labelled(split.train), labelled(split.test)};
}

/// The weights of a model under their names, with the configuration as strings in the metadata.
template <class Model>
TensorFile weights_file(Model const& model, RunConfig const& config) {
  TensorFile file;
  for (auto const& parameter : model.parameters()) file.add(parameter.name(), parameter.host());
  const Json json = config_json(config);
  for (auto const& item : json.items()) {
    file.metadata()[item.key()] =
        item.value().is_string() ? item.value().template get<std::string>() : item.value().dump();
  }
  return file;
}

namespace detail {

/// f(model) of the untrained model that a configuration names.
template <class F>
auto with_model(RunConfig const& config, Index order, Cpu const& backend, F const& f) {
  if (config.model == "BilinearNet") return f(Bilinear<Cpu, float>(backend, {order, config.embed_dim, order}));
  return f(OneLayerMlp<Cpu, float>(backend, {order, config.embed_dim, config.hidden_dim, order, config.hidden_bias}));
}

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

inline Json run_info(TrainingRunOptions const& options, RunConfig const& config, Index order, Index train_pairs) {
  const Index hidden = config.model == "BilinearNet" ? config.embed_dim : config.hidden_dim;
  Json json;
  json["program"] = options.program;
  json["compiler"] = compiler_name();
  json["flags"] = options.flags;
  json["cpu"] = processor_name();
  json["backend"] = "Cpu";
  json["scalar"] = "float32";
  json["threads"] = options.threads;
  json["lanes"] = lane_count(train_pairs);
  json["chunk_rows"] = pair_chunk_rows<Cpu, float>(Cpu{}, hidden, order);
  return json;
}

/// Trains in a directory that has been set up, from its latest state if there is one.
inline TrainingRunResult train_in(RunDirectory& directory, RunConfig const& config, Index order, SplitComposition data,
                                  TrainingRunOptions const& options) {
  require(options.threads >= 1, "threads: expected at least 1, found ", options.threads);
  const Cpu backend = options.threads > 1 ? Cpu(options.threads) : Cpu();
  return with_model(config, order, backend, [&](auto model) {
    using Model = decltype(model);
    TorchGenerator generator(config.seed);
    draw_initial_weights(model, generator);
    Trainer<Model> trainer(std::move(model), std::move(data.train), data.test, config.training, generator);
    if (const auto state = directory.latest_state<float>()) trainer.restore(*state);
    directory.rewind_to(trainer.epochs());

    TrainingRunResult result;
    result.rows = directory.log();
    using Clock = std::chrono::steady_clock;
    auto last_state = Clock::now();
    TrainingPlan<Model> plan{
        config.num_epochs, config.logged_epochs(), config.checkpoint_epochs(), config.stop, result.rows, {}, {}, {}};
    plan.on_log = [&](LogRow const& row) {
      directory.append(row);
      result.rows.push_back(row);
      if (options.on_log) options.on_log(row);
    };
    plan.on_checkpoint = [&](std::int64_t epoch, Model const& trained) {
      directory.write_checkpoint(epoch, weights_file(trained, config));
    };
    plan.keep_going = [&] {
      const auto now = Clock::now();
      if (std::chrono::duration<double>(now - last_state).count() >= options.state_seconds) {
        directory.write_state(trainer.state());
        last_state = Clock::now();
      }
      const bool reached = options.until && trainer.epochs() >= *options.until;
      return !reached && (!options.go_on || options.go_on(trainer.epochs(), result.rows));
    };
    const bool nothing_to_do = options.until && trainer.epochs() >= *options.until;
    result.end = nothing_to_do ? TrainingEnd::interrupted : train(trainer, plan);
    result.epochs = trainer.epochs();
    directory.write_state(trainer.state());
    if (result.end != TrainingEnd::interrupted) directory.write_model(weights_file(trainer.model(), config));
    return result;
  });
}

}  // namespace detail

/// Begins the run of a configuration in a new directory. `origin`: the directory that the file of a `TableGroup` is
/// relative to, and how messages name the configuration. `elements`: a file with the element order of the data, default
/// the library's own order.
/// Errors: `Error` naming the file and what is wrong with it, before anything is written; when the directory holds a
///         run.
inline TrainingRunResult start_run(RunConfig config, std::filesystem::path const& origin, std::string const& where,
                                   std::filesystem::path const& directory,
                                   std::optional<std::filesystem::path> const& elements,
                                   TrainingRunOptions const& options) {
  require(config.model != "Transformer", where, ": key \"model\": transformers can be explained, but not trained yet");
  const StudyTable group = study_table(config, origin, where);
  const std::vector<Element> order = elements ? read_element_order(*elements, group) : own_element_order(group);
  SplitComposition data = split_composition(group.table, order, config.frac_train, config.seed);
  require(!data.train.examples.empty(), where, ": key \"frac_train\": ", config.frac_train, " of ",
          data.test.examples.size(), " pairs leaves none to train on");
  std::optional<TableGroup> table;
  if (config.group == "TableGroup") {
    table = read_table_group(origin / config.group_parameter.get<std::string>());
    config.group_parameter = "group.json";
  }
  const auto train_pairs = static_cast<Index>(data.train.examples.size());
  RunDirectory run = RunDirectory::create(directory, config_json(config), element_order_json(order, group),
                                          detail::run_info(options, config, group.table.order(), train_pairs));
  if (table) write_table_group(directory / "group.json", *table);
  return detail::train_in(run, config, group.table.order(), std::move(data), options);
}

/// Goes on with a run from its latest state, or from its beginning if it has none; the result has the same bits as
/// that of a run that was never interrupted. A run that has ended is left as it is.
/// Errors: `Error` naming the file and what is wrong with it; when another process has the run.
inline TrainingRunResult resume_run(std::filesystem::path const& directory, TrainingRunOptions const& options) {
  RunDirectory run = RunDirectory::open(directory);
  const RunConfig config = read_config(run.config_path());
  const StudyTable group = study_table(config, directory, run.config_path().string());
  const std::vector<Element> order = std::filesystem::exists(directory / "elements.json")
                                         ? read_element_order(directory / "elements.json", group)
                                         : own_element_order(group);
  if (run.has_model()) {
    const std::vector<LogRow> rows = run.log();
    return {TrainingEnd::finished, rows.empty() ? config.num_epochs : rows.back().epoch + 1, rows};
  }
  return detail::train_in(run, config, group.table.order(),
                          split_composition(group.table, order, config.frac_train, config.seed), options);
}

}  // namespace cayley
