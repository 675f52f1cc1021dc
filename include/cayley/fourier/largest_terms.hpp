/// The largest terms of a two-dimensional Fourier transform.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <numeric>
#include <string>
#include <vector>

namespace cayley {

/// One term of a transform on G x G.
struct FourierTerm {
  Index first;              ///< basis function of the first element
  Index second;             ///< basis function of the second element
  std::string name;         ///< "cos 3 * sin 3"
  double power;             ///< squared coefficient
  double share;             ///< power over the sum of all powers
  double cumulative_share;  ///< of this and all larger terms
};

/// The `count` terms of largest power, largest first; equal powers in row-major order.
/// Shape: `power` is (order, order), squared coefficients by basis function; `names` has one entry each.
/// Errors: `Error` when the names do not match the matrix.
inline std::vector<FourierTerm> largest_terms(Matrix<double> const& power, std::vector<std::string> const& names,
                                              Index count) {
  const auto n = static_cast<Index>(names.size());
  require(power.rows() == n && power.cols() == n, "largest terms: ", n, " names for a (", power.rows(), ", ",
          power.cols(), ") matrix");
  std::vector<Index> order(static_cast<std::size_t>(power.size()));
  std::iota(order.begin(), order.end(), Index{0});
  count = std::clamp(count, Index{0}, static_cast<Index>(power.size()));
  std::partial_sort(order.begin(), order.begin() + count, order.end(), [&](Index x, Index y) {
    const double px = power.data()[x], py = power.data()[y];
    return px != py ? px > py : x < y;
  });
  const double total = power.sum();
  double cumulative = 0;
  std::vector<FourierTerm> terms;
  for (Index k = 0; k < count; ++k) {
    const Index at = order[static_cast<std::size_t>(k)], i = at / n, j = at % n;
    const double share = total > 0 ? power(i, j) / total : 0;
    cumulative += share;
    terms.push_back({i, j, names[static_cast<std::size_t>(i)] + " * " + names[static_cast<std::size_t>(j)], power(i, j),
                     share, cumulative});
  }
  return terms;
}

}  // namespace cayley
