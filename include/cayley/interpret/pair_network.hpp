/// A trained network on pairs of group elements, as explanations see it.
#pragma once

#include <cayley/backend/concept.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/task/group_composition.hpp>
#include <functional>
#include <span>
#include <utility>

namespace cayley {

/// Weights and activations in double: logits(a, b) = hidden(a, b) * unembedding + direct(a, b).
/// The embeddings are what the pair's operands add before the nonlinearity (Ex, Ey of the metrics'
/// definitions).
struct PairNetwork {
  Matrix<double> left_embedding;   ///< Ex: (order, hidden size)
  Matrix<double> right_embedding;  ///< Ey: (order, hidden size)
  Matrix<double> unembedding;      ///< U: (hidden size, order)
  double sum_of_squared_weights = 0;
  /// Writes the activations that the unembedding reads.
  /// Shape: pairs -> (pairs, hidden size).
  std::function<void(std::span<const Pair>, MatrixRef<double>)> hidden;
  /// Writes what reaches the logits past the hidden layer; empty where nothing does.
  /// Shape: pairs -> (pairs, order).
  std::function<void(std::span<const Pair>, MatrixRef<double>)> direct{};

  Index order() const { return unembedding.cols(); }
  Index hidden_size() const { return unembedding.rows(); }

  /// Hidden activations of some pairs.
  /// Shape: (pairs, hidden size).
  Matrix<double> hidden_of(std::span<const Pair> pairs) const {
    Matrix<double> result(static_cast<Index>(pairs.size()), hidden_size());
    hidden(pairs, result);
    return result;
  }
  /// Logits of some pairs.
  /// Shape: (pairs, order).
  Matrix<double> logits_of(std::span<const Pair> pairs) const {
    Matrix<double> result = times<double>(hidden_of(pairs), unembedding);
    if (direct) {
      Matrix<double> past(result.rows(), result.cols());
      direct(pairs, past);
      result += past;
    }
    return result;
  }
  /// Hidden activations of all pairs.
  /// Shape: (order^2, hidden size), the pair (a, b) in row a order + b.
  Matrix<double> hidden_of_all() const { return hidden_of(all_pairs(order())); }
};

namespace detail {

template <class Model>
Matrix<double> host_parameter(Model const& model, std::string_view name) {
  for (auto const& parameter : model.parameters()) {
    if (parameter.name() == name) return parameter.host().template cast<double>();
  }
  fail("the model has no parameter ", name);
}

template <class Model>
double sum_of_squares(Model const& model) {
  double sum = 0;
  for (auto const& parameter : model.parameters()) sum += parameter.host().template cast<double>().squaredNorm();
  return sum;
}

inline void require_square_task(Matrix<double> const& left, Matrix<double> const& unembedding) {
  require(left.rows() == unembedding.cols(), "a network on group composition has as many classes as elements, found ",
          unembedding.cols(), " classes and ", left.rows(), " elements");
}

}  // namespace detail

/// hidden = relu(Ex[a] + Ey[b] + bias), with Ex = W_x W_top and Ey = W_y W_bottom.
template <class B, class Scalar>
PairNetwork pair_network(OneLayerMlp<B, Scalar> const& model) {
  const Matrix<double> w_x = detail::host_parameter(model, "W_x"), w_y = detail::host_parameter(model, "W_y");
  const Matrix<double> w = detail::host_parameter(model, "W");
  PairNetwork network;
  network.left_embedding = times<double>(w_x, w.topRows(w_x.cols()));
  network.right_embedding = times<double>(w_y, w.bottomRows(w_y.cols()));
  network.unembedding = detail::host_parameter(model, "W_U");
  network.sum_of_squared_weights = detail::sum_of_squares(model);
  detail::require_square_task(w_x, network.unembedding);
  Matrix<double> right = network.right_embedding;
  if (model.shape().has_bias) right.rowwise() += detail::host_parameter(model, "b_hidden").row(0);
  network.hidden = [left = network.left_embedding, right](std::span<const Pair> pairs, MatrixRef<double> out) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      out.row(static_cast<Index>(i)) = (left.row(pairs[i].a) + right.row(pairs[i].b)).cwiseMax(0);
    }
  };
  return network;
}

/// hidden = Ex[a] * Ey[b] entry by entry (the hook point `product`), with Ex = W_x and Ey = W_y.
template <class B, class Scalar>
PairNetwork pair_network(Bilinear<B, Scalar> const& model) {
  PairNetwork network;
  network.left_embedding = detail::host_parameter(model, "W_x");
  network.right_embedding = detail::host_parameter(model, "W_y");
  network.unembedding = detail::host_parameter(model, "W_U");
  network.sum_of_squared_weights = detail::sum_of_squares(model);
  detail::require_square_task(network.left_embedding, network.unembedding);
  network.hidden = [left = network.left_embedding, right = network.right_embedding](std::span<const Pair> pairs,
                                                                                    MatrixRef<double> out) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      out.row(static_cast<Index>(i)) = left.row(pairs[i].a).cwiseProduct(right.row(pairs[i].b));
    }
  };
  return network;
}

}  // namespace cayley
