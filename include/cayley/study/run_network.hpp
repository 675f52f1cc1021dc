/// The network and the training set of a run directory, in the library's element order.
#pragma once

#include <cayley/backend/cpu.hpp>
#include <cayley/core/error.hpp>
#include <cayley/interpret/losses.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cayley/interpret/transformer_network.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/study_group.hpp>
#include <cayley/study/transformer_file.hpp>
#include <cayley/task/split.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// The rows of data, each moved to the element that it stands for; rows past the elements stay.
inline Matrix<double> rows_by_element(Matrix<double> const& rows, std::vector<Element> const& order) {
  Matrix<double> result = rows;
  for (std::size_t i = 0; i < order.size(); ++i) result.row(order[i]) = rows.row(static_cast<Index>(i));
  return result;
}
inline Matrix<double> columns_by_element(Matrix<double> const& columns, std::vector<Element> const& order) {
  Matrix<double> result = columns;
  for (std::size_t i = 0; i < order.size(); ++i) result.col(order[i]) = columns.col(static_cast<Index>(i));
  return result;
}

}  // namespace detail

/// The transformer in a file of weights: a token for each element and one for "=", a class for each element and, in some
/// studies, one for "=". `order`: which element each row of the data stands for.
/// Errors: `Error` as `read_transformer`, and naming the tensor whose shape does not fit the group.
inline Transformer<Cpu, double> run_transformer(TensorFile const& file, StudyGroup const& group,
                                                std::vector<Element> const& order) {
  const Index n = group.table.order();
  auto [shape, weights] = read_transformer<double>(file);
  require(shape.d_vocab == n + 1, file.source(), ": tensor \"embed.W_E\": expected ", n + 1, " tokens for ",
          group.name(), " (order ", n, "), found ", shape.d_vocab, " in shape ", shape_text(file.shape("embed.W_E")));
  require(shape.d_vocab_out == n || shape.d_vocab_out == n + 1, file.source(), ": tensor \"unembed.W_U\": expected ", n,
          " or ", n + 1, " classes for ", group.name(), " (order ", n, "), found shape ",
          shape_text(file.shape("unembed.W_U")));
  weights["embed.W_E"] = detail::rows_by_element(weights["embed.W_E"], order);
  weights["unembed.W_U"] = detail::columns_by_element(weights["unembed.W_U"], order);
  if (shape.has_attention_biases()) weights["unembed.b_U"] = detail::columns_by_element(weights["unembed.b_U"], order);
  return Transformer<Cpu, double>::from_parameters(Cpu{}, shape, weights);
}

/// The network in a file of weights with published tensor names (W_x, W_y, W, W_U, b_hidden; the early W_E_a, W_E_b are
/// taken for W_x, W_y; transformers as `read_transformer` takes them). `order`: which element each row of the data
/// stands for.
/// Errors: `Error` naming the file and the tensor whose shape does not fit the group and the configuration, or the
///         configuration's model when there is no such model.
inline PairNetwork run_network(TensorFile const& file, RunConfig const& config, StudyGroup const& group,
                               std::vector<Element> const& order) {
  if (config.model == "Transformer") return pair_network(run_transformer(file, group, order));
  const Index n = group.table.order();
  NamedMatrices<double> weights;
  const auto read = [&](std::string const& name, Index rows, Index columns) -> Matrix<double>& {
    const std::string early = name == "W_x" ? "W_E_a" : name == "W_y" ? "W_E_b" : name;
    std::string const& stored = !file.contains(name) && file.contains(early) ? early : name;
    Shape const& found = file.shape(stored);
    require(found == Shape{rows, columns}, file.source(), ": tensor \"", stored, "\": expected shape ",
            shape_text({rows, columns}), " for ", group.name(), " (order ", n, ") and the sizes in cfg.json, found ",
            shape_text(found));
    return weights[name] = file.matrix<double>(stored, rows, columns);
  };
  for (char const* name : {"W_x", "W_y"}) {
    Matrix<double>& embedding = read(name, n, config.embed_dim);
    embedding = detail::rows_by_element(embedding, order);
  }
  const bool mlp = config.model == "OneLayerMLP";
  if (mlp) read("W", 2 * config.embed_dim, config.hidden_dim);
  if (mlp && file.contains("b_hidden")) {
    const bool flat = file.shape("b_hidden").size() == 1;  // as PyTorch stores a bias
    const Shape shape = flat ? Shape{config.hidden_dim} : Shape{1, config.hidden_dim};
    weights["b_hidden"] = file.matrix<double>("b_hidden", shape);
  }
  Matrix<double>& unembedding = read("W_U", mlp ? config.hidden_dim : config.embed_dim, n);
  unembedding = detail::columns_by_element(unembedding, order);
  if (mlp) return pair_network(OneLayerMlp<Cpu, double>::from_parameters(Cpu{}, weights));
  return pair_network(Bilinear<Cpu, double>::from_parameters(Cpu{}, weights));
}

/// The configuration of a transformer of which there is nothing but its weights: addition modulo the number of its tokens
/// but "=", the logit of which, where there is one, counts for nothing.
/// Errors: `Error` naming the file when it holds no transformer.
inline RunConfig modular_config(TensorFile const& file) {
  RunConfig config;
  config.task = "add";
  config.group = "CyclicGroup";
  config.model = "Transformer";
  config.transformer = read_transformer<float>(file).shape;
  config.equals_logit = config.transformer.d_vocab_out == config.transformer.d_vocab;
  config.group_parameter = config.transformer.d_vocab - 1;
  config.frac_train = 1;
  return config;
}

/// A training set as the file `split.safetensors` stores it: the tensor is_train is not 0 for training pairs, the pair
/// (x, y) at x n + y.
/// Errors: `Error` naming the file and the tensor when it is missing or of another shape or type.
inline TrainingSet stored_training_set(TensorFile const& file, Index order) {
  const auto mask = file.values<std::int64_t>("is_train", {order * order});
  TrainingSet train;
  for (const std::int64_t value : mask) train.push_back(value != 0 ? 1 : 0);
  return train;
}

/// The published training set of a run: its split is drawn over pairs in the order of the data.
/// Errors: `Error` for a task other than composition, to which addition belongs.
inline TrainingSet run_training_set(RunConfig const& config, std::vector<Element> const& order) {
  require(config.task == "composition" || config.task == "add", "task ", config.task,
          ": explained are networks that compose, tasks composition and add");
  const std::size_t n = order.size();
  TrainingSet train(n * n, 0);
  const auto count = static_cast<Index>(n * n);
  for (std::uint32_t pair : split_examples(config.split, count, config.frac_train, config.seed).train) {
    train[order[pair / n] * n + order[pair % n]] = 1;
  }
  return train;
}

}  // namespace cayley
