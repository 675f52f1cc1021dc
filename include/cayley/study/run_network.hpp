/// The network and the training set of a run directory, in the library's element order.
#pragma once

#include <cayley/backend/cpu.hpp>
#include <cayley/core/error.hpp>
#include <cayley/interpret/losses.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/study_group.hpp>
#include <cayley/task/split.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// The network in a file of weights with published tensor names (W_x, W_y, W, W_U, b_hidden; the early W_E_a, W_E_b are
/// taken for W_x, W_y). `order`: which element each row of the data stands for.
/// Errors: `Error` naming the file and the tensor whose shape does not fit the group and the configuration, or the
///         configuration's model when there is no such model.
inline PairNetwork run_network(TensorFile const& file, RunConfig const& config, StudyGroup const& group,
                               std::vector<Element> const& order) {
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
  const auto by_element = [&](Matrix<double>& rows) {
    Matrix<double> result(rows.rows(), rows.cols());
    for (std::size_t i = 0; i < order.size(); ++i) result.row(order[i]) = rows.row(static_cast<Index>(i));
    rows = std::move(result);
  };
  by_element(read("W_x", n, config.embed_dim));
  by_element(read("W_y", n, config.embed_dim));
  const bool mlp = config.model == "OneLayerMLP";
  if (mlp) read("W", 2 * config.embed_dim, config.hidden_dim);
  if (mlp && file.contains("b_hidden")) {
    const bool flat = file.shape("b_hidden").size() == 1;  // as PyTorch stores a bias
    const Shape shape = flat ? Shape{config.hidden_dim} : Shape{1, config.hidden_dim};
    weights["b_hidden"] = file.matrix<double>("b_hidden", shape);
  }
  Matrix<double>& unembedding = read("W_U", mlp ? config.hidden_dim : config.embed_dim, n);
  Matrix<double> by_class = unembedding.transpose();
  by_element(by_class);
  unembedding = by_class.transpose();
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
