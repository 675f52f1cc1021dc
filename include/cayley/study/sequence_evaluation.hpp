/// Runs on sequences of tokens read back: the transformer, data to measure it on, and when its losses fell.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/backend/cpu.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/random.hpp>
#include <cayley/interpret/phase_changes.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/io/tensor_file.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/sequence_config.hpp>
#include <cayley/study/transformer_file.hpp>
#include <cayley/task/sequence_task.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// The directory of a run on sequences, read and checked.
template <class Scalar>
struct StoredSequenceRun {
  std::filesystem::path directory;
  RunConfig config;
  std::optional<std::int64_t> checkpoint;  ///< the epoch of the weights; none where they are those at the end
  Transformer<Cpu, Scalar> model;
};

/// The transformer in a file of weights, for the task of a run. Its sizes are those of the file.
/// Errors: `Error` as `read_transformer`, and naming the tensor that does not fit the task.
template <class Scalar>
Transformer<Cpu, Scalar> sequence_transformer(TensorFile const& file, RunConfig const& config) {
  const TransformerWeights<Scalar> stored = read_transformer<Scalar>(file);
  TransformerShape const& shape = stored.shape;
  const auto expect = [&](bool fits, char const* tensor, Index expected, char const* what, Index found) {
    const std::string in_shape = file.contains(tensor) ? " in shape " + shape_text(file.shape(tensor)) : "";
    require(fits, file.source(), ": tensor \"", tensor, "\": expected ", expected, " ", what, " for task ", config.task,
            " as in cfg.json, found ", found, in_shape);
  };
  with_sequence_task(config.task, config.sequences, [&](auto const& task) {
    expect(shape.d_vocab == task.d_vocab(), "embed.W_E", task.d_vocab(), "tokens", shape.d_vocab);
    expect(shape.d_vocab_out == task.d_vocab_out(), "unembed.W_U", task.d_vocab_out(), "classes", shape.d_vocab_out);
    expect(shape.n_ctx >= task.n_ctx(), "pos_embed.W_pos", task.n_ctx(), "positions at least", shape.n_ctx);
  });
  return Transformer<Cpu, Scalar>::from_parameters(Cpu{}, shape, stored.weights);
}

/// Reads the directory of a run on sequences: `cfg.json` and `model.safetensors`, or the latest checkpoint where the run
/// has not ended.
/// Errors: `Error` naming the file and what is wrong with it; when the task of `cfg.json` is one with a group.
template <class Scalar = double>
StoredSequenceRun<Scalar> read_sequence_run(std::filesystem::path const& directory) {
  require(std::filesystem::is_directory(directory), directory.string(), ": expected a run directory, found ",
          std::filesystem::exists(directory) ? "a file" : "nothing");
  const std::filesystem::path config_file = directory / "cfg.json";
  RunConfig config = read_config(config_file);
  require(config.is_sequence_task(), config_file.string(), ": key \"task\": expected a task on sequences, found ",
          config.task);
  const StoredWeights weights = latest_weights(directory);
  auto model = sequence_transformer<Scalar>(read_safetensors(weights.file), config);
  return {directory, std::move(config), weights.checkpoint, std::move(model)};
}

/// What a network on sequences is measured on.
struct SequenceEvaluation {
  TokenSequences data;
  std::optional<std::uint64_t> seed;  ///< of the generator that drew them; none where they are all inputs of the task
};

/// Max of n is measured on all inputs where there are at most so many.
inline constexpr Index most_evaluated_inputs = 65536;

/// The seed of evaluation data: another one than that of the run's data by construction, as generators take 32 bits.
inline std::uint64_t evaluation_seed(RunConfig const& config) {
  return (config.sequences.seed.value_or(config.seed) + 0x9e3779b9u) & 0xffffffffu;
}

/// 100 `blocks` sums in which each pair of digits stands in each column exactly `blocks` times: in each block, a random
/// order of all pairs for each column.
/// Errors: as `DigitAddition::sums`.
inline TokenSequences balanced_sums(DigitAddition const& task, Index blocks, TorchGenerator& generator) {
  task.check();
  const auto digits = static_cast<std::size_t>(task.digits), sums = static_cast<std::size_t>(100 * blocks);
  std::vector<std::uint32_t> x(sums * digits), y(sums * digits);
  for (std::size_t first = 0; first < sums; first += 100) {
    for (std::size_t column = 0; column < digits; ++column) {
      const std::vector<std::uint32_t> pairs = generator.randperm(100);
      for (std::size_t s = 0; s < pairs.size(); ++s) {
        x[(first + s) * digits + column] = pairs[s] / 10;
        y[(first + s) * digits + column] = pairs[s] % 10;
      }
    }
  }
  return task.sums(x, y);
}

/// The data that a run is measured on, the same on every call: for max of n all inputs where there are at most
/// `most_evaluated_inputs`, else 4096 fresh ones; 500 `balanced_sums`; 1000 fresh skip trigrams, fewer where they are
/// longer than 183 tokens, so that all their attention fits in memory; 256 fresh sequences for induction. Fresh ones
/// come from a generator of their own, of the seed `evaluation_seed`; where a task has few sequences, some of them may
/// have been trained on.
/// Errors: as the task's `draw`.
template <SequenceTask Task>
SequenceEvaluation sequence_evaluation(Task const& task, RunConfig const& config) {
  if constexpr (std::same_as<Task, MaxOfN>) {
    const double inputs = std::pow(static_cast<double>(task.vocabulary), static_cast<double>(task.n));
    if (inputs <= static_cast<double>(most_evaluated_inputs)) return {task.all(), std::nullopt};
  }
  const std::uint64_t seed = evaluation_seed(config);
  typename Task::Generator generator(seed);
  if constexpr (std::same_as<Task, DigitAddition>) {
    return {balanced_sums(task, 5, generator), seed};
  } else {
    Index count = std::same_as<Task, MaxOfN> ? 4096 : 256;
    if (std::same_as<Task, SkipTrigram>)
      count = std::clamp<Index>((Index{1} << 25) / (task.n_ctx() * task.n_ctx()), 16, 1000);
    return {task.draw(count, generator), seed};
  }
}

/// Losses that count as thresholds of phase changes, in nats.
inline constexpr std::array<double, 4> phase_thresholds{1, 0.5, 0.1, 0.01};

/// When a loss in a run's log fell below each of `phase_thresholds` for good.
struct LoggedPhases {
  std::string column;
  std::array<std::optional<double>, phase_thresholds.size()> epochs;
};

/// The phase changes of every loss in a log: `train_loss`, `test_loss` where there is a test set, and the parts
/// `train_loss_..`. Losses are smoothed first, by a mean over the last rows/50 rows, at least 1 and at most 10; rows in
/// which a part is missing (`nan`) count for nothing.
inline std::vector<LoggedPhases> logged_phases(CsvTable const& log) {
  const std::vector<double> epochs = log.column("epoch");
  const Index window = std::clamp<Index>(static_cast<Index>(epochs.size()) / 50, 1, 10);
  std::vector<LoggedPhases> result;
  for (std::string const& column : log.columns) {
    const bool is_loss = column == "test_loss" || std::string_view(column).starts_with("train_loss");
    if (!is_loss || column == "train_loss_average") continue;
    const std::vector<double> values = log.column(column);
    std::vector<double> steps, losses;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i])) continue;
      steps.push_back(epochs[i]);
      losses.push_back(values[i]);
    }
    if (steps.empty()) continue;
    losses = moving_mean(losses, window);
    LoggedPhases phases{column, {}};
    for (std::size_t i = 0; i < phase_thresholds.size(); ++i) {
      phases.epochs[i] = phase_change(steps, losses, phase_thresholds[i]);
    }
    result.push_back(std::move(phases));
  }
  return result;
}

/// The same of the log in a run's directory, which may still grow; nothing where there is none.
/// Errors: as `parse_csv`.
inline std::vector<LoggedPhases> logged_phases(std::filesystem::path const& directory) {
  const std::filesystem::path file = directory / "log.csv";
  if (!std::filesystem::exists(file)) return {};
  return logged_phases(read_growing_csv(file));
}

}  // namespace cayley
