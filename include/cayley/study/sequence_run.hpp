/// Training runs of the tasks on sequences of tokens.
#pragma once

#include <cayley/backend/concept.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/random.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/run_loop.hpp>
#include <cayley/study/sequence_config.hpp>
#include <cayley/task/sequence_task.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cayley/train/trainer.hpp>
#include <concepts>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// The data of a run on sequences: a training set, or a source without end and the state of its generator.
struct SequenceData {
  TokenSequences train, test;
  DataSource<TokenSequences> source;
  std::string source_state;
};

/// The data that a configuration names. Drawn by one generator: those thrown away, the test set, then the training data.
/// Errors: `Error` when there are more tokens than 2^32.
template <SequenceTask Task>
SequenceData sequence_data(Task const& task, RunConfig const& config) {
  SequenceConfig const& sizes = config.sequences;
  SequenceData data;
  if constexpr (std::same_as<Task, MaxOfN>) {
    if (sizes.force_adjacent) {
      const TokenSequences all = task.all();
      const TrainTestSplit split = task.force_adjacent();
      data.train = all.subset(split.train);
      data.test = all.subset(split.test);
      return data;
    }
  }
  SequenceBatches<Task> batches(task, sizes.seed.value_or(config.seed));
  if (sizes.discarded > 0) batches.next(sizes.discarded);
  if (sizes.test > 0) data.test = batches.next(sizes.test);
  if (sizes.train > 0) {
    data.train = batches.next(sizes.train);
  } else {
    data.source = sequence_source(task);
    data.source_state = batches.state();
  }
  return data;
}

/// The sizes of a run's transformer on a task.
template <SequenceTask Task>
TransformerShape sequence_transformer_shape(Task const& task, RunConfig const& config) {
  TransformerShape shape = config.transformer;
  shape.d_vocab = task.d_vocab();
  shape.d_vocab_out = task.d_vocab_out();
  shape.n_ctx = task.n_ctx();
  return shape;
}

/// Names of the parts of a task's loss.
template <SequenceTask Task>
std::vector<std::string> part_names(Task const& task) {
  std::vector<std::string> names;
  const auto add = [&](char const* name, Index count) {
    for (Index i = 0; i < count; ++i) names.push_back(std::string(name).append(std::to_string(i)));
  };
  if constexpr (std::same_as<Task, DigitAddition>) add("digit_", task.digits + 1);
  if constexpr (std::same_as<Task, SkipTrigram>) add("trigram_", task.keys);
  return names;
}

namespace detail {

template <class B>
TrainingRunResult train_sequences(B const& backend, std::optional<RunDirectory>& directory, RunConfig const& config,
                                  TrainingRunOptions const& options) {
  return with_sequence_task(config.task, config.sequences, [&](auto const& task) {
    using Model = Transformer<B, float>;
    Model model(backend, sequence_transformer_shape(task, config));
    TorchGenerator generator(config.seed);
    draw_initial_weights(model, generator, config.transformer_init);
    SequenceData data = sequence_data(task, config);
    auto trainer = data.source
                       ? Trainer<Model>(std::move(model), std::move(data.source), std::move(data.source_state),
                                        data.test, config.training)
                       : Trainer<Model>(std::move(model), std::move(data.train), data.test, config.training, generator);
    return train_in_directory(directory, config, trainer, part_names(task), options);
  });
}

}  // namespace detail

/// Begins the run of a configuration in a new directory.
/// Errors: `Error` before anything is written when the data cannot be drawn; when the directory holds a run.
template <class B>
TrainingRunResult start_sequence_run(B const& backend, RunConfig const& config, std::filesystem::path const& directory,
                                     TrainingRunOptions const& options) {
  require(config.sequences.train > 0 || config.sequences.force_adjacent || config.training.batch_size > 0,
          "key \"batch_size\": expected at least 1 for data without end (sequences.train is 0), found 0");
  const bool folds = with_sequence_task(config.task, config.sequences, [&](auto const& task) {
    RunConfig sample = config;  // one sequence says how a step goes
    sample.sequences.train = 1;
    sample.sequences.test = sample.sequences.discarded = 0;
    sample.sequences.force_adjacent = false;
    return Transformer<B, float>::folds(sequence_transformer_shape(task, config)) &&
           has_constant_reader(sequence_data(task, sample).train);
  });
  Json info = detail::program_info(options, backend);
  info["step"] = folds ? "folded" : "general";
  std::optional<RunDirectory> run;
  on_root(backend, [&] { run = RunDirectory::create(directory, config_json(config), Json(), info); });
  return detail::train_sequences(backend, run, config, options);
}

/// Goes on with a run, see `resume_run`.
template <class B>
TrainingRunResult resume_sequence_run(B const& backend, std::optional<RunDirectory>& run, RunConfig const& config,
                                      bool has_ended, TrainingRunOptions const& options) {
  if (has_ended) {
    with_sequence_task(config.task, config.sequences, [&](auto const& task) {
      if (run) detail::name_columns(*run, part_names(task));
    });
    return detail::ended_run(backend, run, config);
  }
  return detail::train_sequences(backend, run, config, options);
}

}  // namespace cayley
