/// Small random networks on small groups, and the brute-force sums that the analyses shorten.
#pragma once

#include <cayley/backend/cpu.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/interpret/losses.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace cayley::testing {

inline Matrix<double> random_matrix(Index rows, Index cols, unsigned seed, double scale = 1) {
  std::mt19937 random(seed);
  Matrix<double> m(rows, cols);
  for (Index i = 0; i < m.size(); ++i) m.data()[i] = scale * (static_cast<double>(random()) / 0x1p31 - 1);
  return m;
}

/// A one-layer MLP with random weights; `scale` is that of the logits.
inline PairNetwork toy_mlp(Index order, double scale = 3, bool bias = false) {
  NamedMatrices<double> weights{{"W_x", random_matrix(order, 5, 1)},
                                {"W_y", random_matrix(order, 5, 2)},
                                {"W", random_matrix(10, 7, 3)},
                                {"W_U", random_matrix(7, order, 4, scale)}};
  if (bias) weights["b_hidden"] = random_matrix(1, 7, 5);
  return pair_network(OneLayerMlp<Cpu, double>::from_parameters(Cpu{}, weights));
}

/// Every third pair is for training.
inline TrainingSet every_third_pair(Index order) {
  TrainingSet train(static_cast<std::size_t>(order * order), 0);
  for (std::size_t i = 0; i < train.size(); i += 3) train[i] = 1;
  return train;
}

/// The logits of all pairs. Shape: (order^2, order).
inline Matrix<double> all_logits(PairNetwork const& network) {
  return network.hidden_of_all() * network.unembedding;
}

/// Mean cross-entropy over the pairs of a set, in long double from the definition.
inline double naive_loss(Matrix<double> const& logits, CayleyTable const& table, TrainingSet const* only = nullptr) {
  long double sum = 0;
  Index count = 0;
  for (Index row = 0; row < logits.rows(); ++row) {
    if (only != nullptr && (*only)[static_cast<std::size_t>(row)] == 0) continue;
    const Element label = table.products()[static_cast<std::size_t>(row)];
    long double others = 0;
    for (Index c = 0; c < logits.cols(); ++c) {
      if (c != static_cast<Index>(label))
        others += std::exp(static_cast<long double>(logits(row, c)) - logits(row, label));
    }
    sum += std::log1p(others);
    ++count;
  }
  return static_cast<double>(sum / static_cast<long double>(count));
}

/// (P_R f)(g) = d/(order nu) sum over h of chi(g h^-1) f(h), column by column.
inline Matrix<double> naive_projection(Irreps const& irreps, CayleyTable const& table, Index r,
                                       Matrix<double> const& f) {
  const auto n = static_cast<double>(table.order());
  Matrix<double> result = Matrix<double>::Zero(f.rows(), f.cols());
  for (Element g : elements(table)) {
    for (Element h : elements(table)) {
      result.row(g) += irreps.character(irreps[r], table.compose(g, table.inverse(h))) * f.row(h);
    }
  }
  return result * static_cast<double>(irreps[r].dimension()) / (n * static_cast<double>(irreps[r].nu()));
}

}  // namespace cayley::testing
