/// A training run in a directory: begun, interrupted, gone on with.
#pragma once

#include <algorithm>
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
#include <cayley/nn/transformer.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/run_loop.hpp>
#include <cayley/study/sequence_run.hpp>
#include <cayley/study/study_group.hpp>
#include <cayley/study/transformer_file.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/task/modular_arithmetic.hpp>
#include <cayley/task/split.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cayley/train/trainer.hpp>
#include <chrono>
#include <concepts>
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

/// The training and test set of a run, pairs in the order of the data: index i stands for the element `order[i]`.
struct SplitComposition {
  GroupComposition train;
  GroupComposition test;
};

/// All pairs of a run's task in the order of the data, labelled.
/// Errors: `Error` when a task of modular arithmetic has elements in another order than 0 .. n-1.
inline LabelledExamples<Pair> run_examples(RunConfig const& config, CayleyTable const& table,
                                           std::vector<Element> const& order) {
  if (config.task != "composition") {
    require(std::is_sorted(order.begin(), order.end()), "task ", config.task,
            ": expected the elements in order 0 .. n-1");
    return modular_arithmetic(config.task, table.order(), config.seed);
  }
  std::vector<Element> index(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) index[order[i]] = static_cast<Element>(i);
  LabelledExamples<Pair> all{all_pairs(table.order()), {}};
  all.labels.reserve(all.examples.size());
  for (Pair const& pair : all.examples) all.labels.push_back(index[table.compose(order[pair.a], order[pair.b])]);
  return all;
}

/// The published split of all pairs of a run.
inline SplitComposition split_composition(RunConfig const& config, CayleyTable const& table,
                                          std::vector<Element> const& order) {
  const LabelledExamples<Pair> all = run_examples(config, table, order);
  const TrainTestSplit split = split_examples(config.split, all.size(), config.frac_train, config.seed);
  return {all.subset(split.train), all.subset(split.test)};
}

namespace detail {

/// The sizes of a run's transformer.
inline TransformerShape run_transformer_shape(RunConfig const& config, Index order) {
  TransformerShape shape = config.transformer;
  shape.d_vocab = order + 1;
  shape.d_vocab_out = config.equals_logit ? order + 1 : order;
  shape.n_ctx = 3;
  return shape;
}

/// f(model, data set of the model) of the initial model that a configuration names.
template <class B, class F>
auto with_model(RunConfig const& config, Index order, B const& backend, TorchGenerator& generator, F const& f) {
  if (config.model == "Transformer") {
    Transformer<B, float> model(backend, run_transformer_shape(config, order));
    draw_initial_weights(model, generator, config.transformer_init);
    const auto last_token = static_cast<std::uint32_t>(order);
    return f(std::move(model),
             [last_token](LabelledExamples<Pair> const& pairs) { return pair_sequences(pairs, last_token); });
  }
  const auto as_it_is = [](LabelledExamples<Pair> const& pairs) { return pairs; };
  if (config.model == "BilinearNet") {
    Bilinear<B, float> model(backend, {order, config.embed_dim, order});
    draw_initial_weights(model, generator);
    return f(std::move(model), as_it_is);
  }
  OneLayerMlp<B, float> model(backend, {order, config.embed_dim, config.hidden_dim, order, config.hidden_bias});
  draw_initial_weights(model, generator);
  return f(std::move(model), as_it_is);
}

template <class B>
Json run_info(TrainingRunOptions const& options, RunConfig const& config, B const& backend, Index order,
              Index train_pairs) {
  Json json = program_info(options, backend);
  json["lanes"] = HasTasks<B> ? lane_count(train_pairs) : 1;
  if (config.model == "Transformer") {
    using Model = Transformer<B, float>;
    const TransformerShape shape = run_transformer_shape(config, order);
    const bool folds = Model::folds(shape);
    json["step"] = folds ? "folded" : "general";
    json["chunk_rows"] = folds ? FoldedTransformerPass<B, float>::chunk_rows(backend, shape)
                               : GeneralTransformerPass<B, float>::chunk_rows(backend, shape, 3);
  } else {
    const Index hidden = config.model == "BilinearNet" ? config.embed_dim : config.hidden_dim;
    json["chunk_rows"] = pair_chunk_rows<B, float>(backend, hidden, order);
  }
  return json;
}

/// Trains in a directory that has been set up, from its latest state if there is one.
template <class B>
TrainingRunResult train_in(std::optional<RunDirectory>& directory, RunConfig const& config, B const& backend,
                           Index order, SplitComposition data, TrainingRunOptions const& options) {
  TorchGenerator generator(config.seed);
  return with_model(config, order, backend, generator, [&](auto model, auto const& data_of) {
    Trainer<decltype(model)> trainer(std::move(model), data_of(data.train), data_of(data.test), config.training,
                                     generator);
    return train_in_directory(directory, config, trainer, {}, options);
  });
}

}  // namespace detail

/// Begins the run of a configuration in a new directory, on a backend. `origin`: the directory that the file of a
/// `TableGroup` is relative to, and how messages name the configuration. `elements`: a file with the element order of the
/// data, default the library's own order.
/// Errors: `Error` naming the file and what is wrong with it, before anything is written; when the directory holds a
///         run.
template <class B>
  requires Backend<B> TrainingRunResult start_run(B const& backend, RunConfig config,
                                                  std::filesystem::path const& origin, std::string const& where,
                                                  std::filesystem::path const& directory,
                                                  std::optional<std::filesystem::path> const& elements,
                                                  TrainingRunOptions const& options) {
    if (config.is_sequence_task()) {
      require(!elements, where, ": task ", config.task, " has no elements to be put in order");
      return start_sequence_run(backend, config, directory, options);
    }
    const StudyTable group = study_table(config, origin, where);
    const std::vector<Element> order = elements ? read_element_order(*elements, group) : own_element_order(group);
    SplitComposition data = split_composition(config, group.table, order);
    require(!data.train.examples.empty(), where, ": key \"frac_train\": ", config.frac_train, " of ",
            data.test.examples.size(), " pairs leaves none to train on");
    std::optional<TableGroup> table;
    if (config.group == "TableGroup") {
      table = read_table_group(origin / config.group_parameter.get<std::string>());
      config.group_parameter = "group.json";
    }
    const auto train_pairs = static_cast<Index>(data.train.examples.size());
    std::optional<RunDirectory> run;
    on_root(backend, [&] {
      run = RunDirectory::create(directory, config_json(config), element_order_json(order, group),
                                 detail::run_info(options, config, backend, group.table.order(), train_pairs));
      if (table) write_table_group(directory / "group.json", *table);
    });
    return detail::train_in(run, config, backend, group.table.order(), std::move(data), options);
  }

/// The same on `Cpu` with the threads of the options.
inline TrainingRunResult start_run(RunConfig const& config, std::filesystem::path const& origin,
                                   std::string const& where, std::filesystem::path const& directory,
                                   std::optional<std::filesystem::path> const& elements,
                                   TrainingRunOptions const& options) {
  return start_run(detail::run_backend(options), config, origin, where, directory, elements, options);
}

/// Goes on with a run from its latest state, or from its beginning if it has none; the result has the same bits as
/// that of a run that was never interrupted. A run that has ended is left as it is.
/// Errors: `Error` naming the file and what is wrong with it; when the run was begun on another backend, see
///         `recorded_backend`; when another process has the run.
template <class B>
  requires Backend<B> TrainingRunResult resume_run(B const& backend, std::filesystem::path const& directory,
                                                   TrainingRunOptions const& options) {
    std::optional<RunDirectory> run;
    bool has_ended = false;
    on_root(backend, [&] {
      run = RunDirectory::open(directory);
      detail::require_recorded_backend(*run, backend);
      has_ended = run->has_model();
    });
    share_from_root(backend, has_ended);
    const RunConfig config = read_config(directory / "cfg.json");
    if (config.is_sequence_task()) return resume_sequence_run(backend, run, config, has_ended, options);
    if (has_ended) return detail::ended_run(backend, run, config);
    const StudyTable group = study_table(config, directory, (directory / "cfg.json").string());
    const std::vector<Element> order = std::filesystem::exists(directory / "elements.json")
                                           ? read_element_order(directory / "elements.json", group)
                                           : own_element_order(group);
    return detail::train_in(run, config, backend, group.table.order(), split_composition(config, group.table, order),
                            options);
  }

/// The same on `Cpu` with the threads of the options.
inline TrainingRunResult resume_run(std::filesystem::path const& directory, TrainingRunOptions const& options) {
  return resume_run(detail::run_backend(options), directory, options);
}

}  // namespace cayley
