/// The terms 1, R(a), R(b) and R(a) x R(b) of functions of a pair.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/fourier/basis.hpp>

namespace cayley {

/// The constant and the matrix elements of an irrep, orthonormal. On C_n: 1, cos k and sin k, whose products in a and
/// b are the nine terms of a frequency.
/// Shape: (order, terms), with 1 + d^2/nu terms; the trivial irrep has one.
inline Matrix<double> irrep_terms(FourierBasis<double> const& basis, Index irrep) {
  if (irrep == 0) return basis.functions(0);
  Matrix<double> terms(basis.order(), 1 + basis.block(irrep).size);
  terms << basis.functions(0), basis.functions(irrep);
  return terms;
}

/// Coefficients of functions of pairs at products of an irrep's terms in a and in b.
/// Shape: (order^2, columns) -> (terms^2, columns).
/// Cost: 2 order^2 terms columns operations.
/// Errors: `Error` when there is not a row for each pair.
inline Matrix<double> irrep_term_coefficients(FourierBasis<double> const& basis, Index irrep, Matrix<double> const& f) {
  const Index n = basis.order(), columns = f.cols();
  require(f.rows() == n * n, "terms of an irrep: expected a row for each of ", n * n, " pairs, found ", f.rows());
  const Matrix<double> terms = irrep_terms(basis, irrep);
  const Index count = terms.cols();
  const Eigen::Map<Matrix<double> const> by_first(f.data(), n, n * columns);
  const Matrix<double> first = transposed_times<double>(terms, by_first);  // (terms, order * columns)
  Matrix<double> result(count * count, columns);
  for (Index i = 0; i < count; ++i) {
    const Eigen::Map<Matrix<double> const> by_second(first.row(i).data(), n, columns);
    result.middleRows(i * count, count) = transposed_times<double>(terms, by_second);
  }
  return result;
}

/// The functions of pairs with given coefficients; undoes `irrep_term_coefficients` on the span of the terms.
/// Shape: (terms^2, columns) -> (order^2, columns).
/// Errors: `Error` when there is not a row for each product of two terms.
inline Matrix<double> from_irrep_terms(FourierBasis<double> const& basis, Index irrep,
                                       Matrix<double> const& coefficients) {
  const Index n = basis.order(), columns = coefficients.cols();
  const Matrix<double> terms = irrep_terms(basis, irrep);
  const Index count = terms.cols();
  require(coefficients.rows() == count * count, "terms of an irrep: expected ", count * count, " coefficients, found ",
          coefficients.rows());
  Matrix<double> second(count, n * columns);
  for (Index i = 0; i < count; ++i) {
    Eigen::Map<Matrix<double>> by_second(second.row(i).data(), n, columns);
    by_second = times<double>(terms, coefficients.middleRows(i * count, count));
  }
  const Matrix<double> result = times<double>(terms, second);  // (order, order * columns)
  return Eigen::Map<Matrix<double> const>(result.data(), n * n, columns);
}

}  // namespace cayley
