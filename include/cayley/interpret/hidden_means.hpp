/// First pass over all pairs: means of the hidden layer by left operand, right operand and product.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <vector>

namespace cayley {

/// Means of hidden activations h(a, b), not centred.
/// Shape: by_* are (order, hidden size), overall and centred_power (hidden size).
struct HiddenMeans {
  Matrix<double> by_left;           ///< row g: mean over the pairs with a = g
  Matrix<double> by_right;          ///< row g: mean over the pairs with b = g
  Matrix<double> by_product;        ///< M: row g: mean over the pairs with ab = g
  RowVector<double> overall;        ///< mean over all pairs
  RowVector<double> centred_power;  ///< sum over pairs of the squared deviation from `overall`
};

/// Cost: order^2 * hidden size operations and rows of one left operand in memory.
inline HiddenMeans hidden_means(PairNetwork const& network, CayleyTable const& table) {
  const Index n = network.order(), width = network.hidden_size();
  HiddenMeans means{Matrix<double>::Zero(n, width), Matrix<double>::Zero(n, width), Matrix<double>::Zero(n, width),
                    RowVector<double>::Zero(width), RowVector<double>::Zero(width)};
  Matrix<double> hidden(n, width);
  std::vector<Pair> pairs(static_cast<std::size_t>(n));
  for (Element a : elements(table)) {
    for (Element b : elements(table)) pairs[b] = {a, b};
    network.hidden(pairs, hidden);
    const auto products = table.row(a);
    for (Element b : elements(table)) means.by_product.row(products[b]) += hidden.row(b);
    means.by_right += hidden;
    means.by_left.row(a) = hidden.colwise().mean();
    // Squares about the mean of this left operand now, about the overall mean below.
    means.centred_power += (hidden.rowwise() - means.by_left.row(a)).colwise().squaredNorm();
  }
  means.by_product /= static_cast<double>(n);
  means.by_right /= static_cast<double>(n);
  means.overall = means.by_left.colwise().mean();
  means.centred_power += static_cast<double>(n) * (means.by_left.rowwise() - means.overall).colwise().squaredNorm();
  return means;
}

}  // namespace cayley
