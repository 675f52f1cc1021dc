/// Whether a network treats its two operands alike.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/interpret/product_spectrum.hpp>

namespace cayley {

/// Cosine of two rows of a matrix: of the embeddings of two positions, say. NaN where a row is zero.
/// Range: -1 .. 1.
inline double row_cosine(ConstMatrixRef<double> const& m, Index i, Index j) {
  return m.row(i).dot(m.row(j)) / (m.row(i).norm() * m.row(j).norm());
}

/// Correlation of f(a, b) and f(b, a) over all pairs, by column: 1 for a symmetric function, -1 for a centred
/// antisymmetric one, 0 for a constant.
/// Shape: (order^2, columns), the pair (a, b) in row a order + b -> (columns).
/// Range: -1 .. 1.
/// Errors: `Error` when there is not a row for each pair.
inline RowVector<double> exchange_similarity(Index order, ConstMatrixRef<double> const& f) {
  detail::require_all_pairs(order, f.rows(), "exchange of operands");
  const RowVector<double> mean = f.colwise().mean();
  RowVector<double> product = RowVector<double>::Zero(f.cols()), power = product;
  for (Index a = 0; a < order; ++a) {
    for (Index b = 0; b < order; ++b) {
      const auto here = (f.row(a * order + b) - mean).array();
      product.array() += here * (f.row(b * order + a) - mean).array();
      power.array() += here.square();
    }
  }
  return (power.array() > 0).select(product.array() / power.array(), 0.0);
}

}  // namespace cayley
