/// How orderly curves and tables of scores are: rank correlation, increasing steps, rows led by their diagonal.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace cayley {

/// Ranks from 0, smallest first; equal values share the mean of their ranks.
inline Vector<double> ranks(Vector<double> const& values) {
  std::vector<Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(), [&](Index i, Index j) { return values[i] < values[j]; });
  Vector<double> result(values.size());
  for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    for (std::size_t i = first; i < end; ++i) result[order[i]] = static_cast<double>(first + end - 1) / 2;
  }
  return result;
}

/// Spearman's rank correlation: the correlation of the ranks. NaN where one side is constant.
/// Range: -1 .. 1; 1 for any increasing relation.
/// Errors: `Error` when the sizes differ. The values are finite.
/// Ref: Spearman, The Proof and Measurement of Association between Two Things (1904).
inline double rank_correlation(Vector<double> const& x, Vector<double> const& y) {
  require(x.size() == y.size(), "rank correlation: expected as many values on both sides, found ", x.size(), " and ",
          y.size());
  const Vector<double> rank_x = ranks(x), rank_y = ranks(y);
  const Vector<double> centred_x = rank_x.array() - rank_x.mean(), centred_y = rank_y.array() - rank_y.mean();
  return centred_x.dot(centred_y) / std::sqrt(centred_x.squaredNorm() * centred_y.squaredNorm());
}

/// Rank correlation of a curve with its index.
inline double rank_correlation_with_index(Vector<double> const& curve) {
  return rank_correlation(curve, Vector<double>::LinSpaced(curve.size(), 0, static_cast<double>(curve.size() - 1)));
}

/// Share of steps from one entry of a curve to the next that go up; NaN for fewer than two entries.
/// Range: 0 .. 1.
inline double share_of_increasing_steps(Vector<double> const& curve) {
  Index up = 0;
  for (Index i = 1; i < curve.size(); ++i) up += curve[i] > curve[i - 1] ? 1 : 0;
  return curve.size() < 2 ? NAN : static_cast<double>(up) / static_cast<double>(curve.size() - 1);
}

/// Share of rows whose first largest entry is on the diagonal; NaN without rows.
/// Range: 0 .. 1.
/// Errors: `Error` when there are more rows than columns.
inline double share_of_diagonal_rows(ConstMatrixRef<double> const& table) {
  require(table.rows() <= table.cols(), "diagonal: expected at least as many columns as rows, found ", table.rows(),
          " rows and ", table.cols(), " columns");
  Index on_diagonal = 0;
  for (Index row = 0; row < table.rows(); ++row) {
    Index largest = 0;
    table.row(row).maxCoeff(&largest);
    on_diagonal += largest == row ? 1 : 0;
  }
  return static_cast<double>(on_diagonal) / static_cast<double>(table.rows());
}

/// A table less its diagonal, row by row: what each entry has over the one that it competes with.
/// Shape: (rows, columns), no fewer columns than rows.
inline Matrix<double> centred_at_diagonal(ConstMatrixRef<double> const& table) {
  const Vector<double> diagonal = table.diagonal();
  return table.colwise() - diagonal;
}

}  // namespace cayley
