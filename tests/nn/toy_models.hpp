/// Small networks with random weights, and what they compute, one pair at a time.
#pragma once

#include <algorithm>
#include <cayley/backend/cpu.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/pair.hpp>
#include <cayley/nn/parameter.hpp>
#include <conformance/archetype_backend.hpp>
#include <random>
#include <tuple>
#include <vector>

namespace cayley::testing {

/// Where a model is tested: on a backend, in a scalar type.
template <class B, class Scalar>
struct Place {
  using Backend = B;
  using ScalarType = Scalar;
};
using Places =
    std::tuple<Place<Cpu, float>, Place<Cpu, double>, Place<ArchetypeBackend, float>, Place<ArchetypeBackend, double>>;

/// Entries uniform in [-1, 1]; the same numbers, rounded, for every scalar type.
template <class Scalar>
Matrix<Scalar> random_matrix(Index rows, Index cols, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  Matrix<Scalar> matrix(rows, cols);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < cols; ++j) matrix(i, j) = static_cast<Scalar>(uniform(random));
  }
  return matrix;
}

/// A one-layer MLP: order 5, embed_dim 6, hidden_dim 8, 7 classes.
template <class Scalar>
NamedMatrices<Scalar> toy_mlp_weights(bool has_bias) {
  NamedMatrices<Scalar> weights{{"W_x", random_matrix<Scalar>(5, 6, 1)},
                                {"W_y", random_matrix<Scalar>(5, 6, 2)},
                                {"W", random_matrix<Scalar>(12, 8, 3)},
                                {"W_U", random_matrix<Scalar>(8, 7, 4)}};
  if (has_bias) weights["b_hidden"] = random_matrix<Scalar>(1, 8, 5);
  return weights;
}

/// A bilinear network: order 5, embed_dim 6, 7 classes.
template <class Scalar>
NamedMatrices<Scalar> toy_bilinear_weights() {
  return {{"W_x", random_matrix<Scalar>(5, 6, 1)},
          {"W_y", random_matrix<Scalar>(5, 6, 2)},
          {"W_U", random_matrix<Scalar>(6, 7, 4)}};
}

/// All pairs of five elements, then some of them once more: (30) pairs.
inline std::vector<Pair> toy_pairs() {
  std::vector<Pair> pairs;
  for (Element a = 0; a < 5; ++a) {
    for (Element b = 0; b < 5; ++b) pairs.push_back({a, b});
  }
  for (Element a = 0; a < 5; ++a) pairs.push_back({4 - a, (2 * a) % 5});
  return pairs;
}

/// A label below 7 for each of the toy pairs.
inline std::vector<Element> toy_labels() {
  std::vector<Element> labels;
  for (Pair const& pair : toy_pairs()) labels.push_back((3 * pair.a + pair.b + pair.a * pair.b) % 7);
  return labels;
}

/// Hidden activations of the MLP in double, a loop for each neuron. Shape: (pairs, hidden_dim).
template <class Scalar>
Matrix<double> naive_hidden(NamedMatrices<Scalar> const& weights, std::vector<Pair> const& pairs) {
  auto const& w_x = weights.at("W_x");
  auto const& w_y = weights.at("W_y");
  auto const& w = weights.at("W");
  Matrix<double> hidden(static_cast<Index>(pairs.size()), w.cols());
  for (Index i = 0; i < hidden.rows(); ++i) {
    const Pair pair = pairs[static_cast<std::size_t>(i)];
    for (Index j = 0; j < w.cols(); ++j) {
      double sum = weights.contains("b_hidden") ? static_cast<double>(weights.at("b_hidden")(0, j)) : 0;
      for (Index d = 0; d < w_x.cols(); ++d) {
        sum += static_cast<double>(w_x(pair.a, d)) * static_cast<double>(w(d, j));
        sum += static_cast<double>(w_y(pair.b, d)) * static_cast<double>(w(w_x.cols() + d, j));
      }
      hidden(i, j) = std::max(sum, 0.0);
    }
  }
  return hidden;
}

/// Logits from the last layer's input in double, a loop for each class. Shape: (pairs, classes).
template <class Scalar>
Matrix<double> naive_unembed(Matrix<double> const& last, Matrix<Scalar> const& w_u) {
  Matrix<double> logits = Matrix<double>::Zero(last.rows(), w_u.cols());
  for (Index i = 0; i < last.rows(); ++i) {
    for (Index c = 0; c < w_u.cols(); ++c) {
      for (Index j = 0; j < last.cols(); ++j) logits(i, c) += last(i, j) * static_cast<double>(w_u(j, c));
    }
  }
  return logits;
}

/// Largest difference, relative to the largest expected entry.
template <class Found>
double relative_error(Found const& found, Matrix<double> const& expected) {
  if (found.rows() != expected.rows() || found.cols() != expected.cols()) return 1;
  return (found.template cast<double>() - expected).cwiseAbs().maxCoeff() / expected.cwiseAbs().maxCoeff();
}

/// Agreement asked of sums in this scalar type.
template <class Scalar>
constexpr double tolerance = sizeof(Scalar) == sizeof(double) ? 1e-12 : 1e-4;

}  // namespace cayley::testing
