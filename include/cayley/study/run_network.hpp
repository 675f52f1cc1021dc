/// The network and the training set of a run directory, in the library's element order.
#pragma once

#include <cayley/backend/cpu.hpp>
#include <cayley/core/error.hpp>
#include <cayley/interpret/losses.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cayley/interpret/transformer_network.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/study_group.hpp>
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

/// A one-layer transformer in TransformerLens layout; its sizes are those of its tensors. The constants of the causal
/// mask, `mask` and `IGNORE`, are not looked at.
inline PairNetwork transformer_run_network(TensorFile const& file, StudyGroup const& group,
                                           std::vector<Element> const& order) {
  const Index n = group.table.order();
  const auto shape_of = [&](std::string const& name, std::size_t indices) -> Shape const& {
    Shape const& found = file.shape(name);
    require(found.size() == indices, file.source(), ": tensor \"", name, "\": expected ", indices,
            " indices, found shape ", shape_text(found));
    return found;
  };
  TransformerShape shape;
  Shape const& w_q = shape_of("blocks.0.attn.W_Q", 3);
  shape.n_heads = w_q[0];
  shape.d_model = w_q[1];
  shape.d_head = w_q[2];
  shape.d_mlp = shape_of("blocks.0.mlp.W_in", 2)[1];
  shape.d_vocab = n + 1;
  shape.d_vocab_out = n;
  shape.n_ctx = shape_of("pos_embed.W_pos", 2)[0];
  shape.has_biases = file.contains("blocks.0.mlp.b_in");
  const Transformer<Cpu, double> sizes(Cpu{}, shape);
  NamedMatrices<double> weights;
  for (auto const& parameter : sizes.parameters()) {
    std::string const& name = parameter.name();
    Shape const& found = file.shape(name);
    Shape expected{parameter.rows(), parameter.cols()};
    if (found.size() == 3) expected = {shape.n_heads, parameter.rows() / shape.n_heads, parameter.cols()};
    if (found.size() == 1 && parameter.rows() == 1) expected = {parameter.cols()};
    require(found == expected, file.source(), ": tensor \"", name, "\": expected shape ", shape_text(expected), " for ",
            group.name(), " (order ", n, ") and the sizes of W_Q, found ", shape_text(found));
    const Matrix<double> values = file.matrix<double>(name, expected);
    weights[name] = Eigen::Map<Matrix<double> const>(values.data(), parameter.rows(), parameter.cols());
  }
  weights["embed.W_E"] = rows_by_element(weights["embed.W_E"], order);
  weights["unembed.W_U"] = columns_by_element(weights["unembed.W_U"], order);
  if (shape.has_biases) weights["unembed.b_U"] = columns_by_element(weights["unembed.b_U"], order);
  return pair_network(Transformer<Cpu, double>::from_parameters(Cpu{}, shape, weights));
}

}  // namespace detail

/// The network in a file of weights with published tensor names (W_x, W_y, W, W_U, b_hidden; the early W_E_a, W_E_b are
/// taken for W_x, W_y; transformers as TransformerLens names them). `order`: which element each row of the data stands for.
/// Errors: `Error` naming the file and the tensor whose shape does not fit the group and the configuration, or the
///         configuration's model when there is no such model.
inline PairNetwork run_network(TensorFile const& file, RunConfig const& config, StudyGroup const& group,
                               std::vector<Element> const& order) {
  if (config.model == "Transformer") return detail::transformer_run_network(file, group, order);
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

/// The published training set of a run: its split is drawn over pairs in the order of the data.
inline TrainingSet run_training_set(RunConfig const& config, std::vector<Element> const& order) {
  const std::size_t n = order.size();
  TrainingSet train(n * n, 0);
  for (std::uint32_t pair : random_split(static_cast<Index>(n * n), config.frac_train, config.seed).train) {
    train[order[pair / n] * n + order[pair % n]] = 1;
  }
  return train;
}

}  // namespace cayley
