/// Fourier transform on G x G, for functions of a pair of elements.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/product.hpp>
#include <cayley/fourier/transform.hpp>
#include <type_traits>

namespace cayley {

namespace detail {

/// Applies `step` to both group axes of a function of pairs; see `transform_pairs`.
template <class Scalar, class Step>
Matrix<Scalar> along_both_axes(FourierBasis<Scalar> const& basis, ConstMatrixRef<Scalar> f, Step step) {
  const Index n = basis.order(), columns = f.cols();
  require(f.rows() == n * n, "Fourier transform of pairs: expected ", n * n, " rows, found ", f.rows());
  Matrix<Scalar> result = f;
  // The first element: all the rest of the array is one long row for each value of it.
  Eigen::Map<Matrix<Scalar>> by_first(result.data(), n, n * columns);
  by_first = step(by_first);
  for (Index i = 0; i < n; ++i) {
    auto slice = result.middleRows(i * n, n);  // (order, columns)
    slice = step(slice);
  }
  return result;
}

}  // namespace detail

/// Coefficients of functions of a pair: sum over a, b of basis(a, i) basis(b, j) f((a, b), column).
/// Shape: (order^2, columns) -> (order^2, columns); the pair (a, b) is row a order + b, the term (i, j) likewise.
/// Errors: `Error` when the number of rows is not order^2.
/// Cost: 4 order^3 columns operations.
template <class Scalar>
Matrix<Scalar> transform_pairs(FourierBasis<Scalar> const& basis, ConstMatrixRef<std::type_identity_t<Scalar>> f) {
  return detail::along_both_axes<Scalar>(
      basis, f, [&](ConstMatrixRef<Scalar> const& m) { return transposed_times<Scalar>(basis.matrix(), m); });
}

/// The inverse of `transform_pairs`.
template <class Scalar>
Matrix<Scalar> inverse_transform_pairs(FourierBasis<Scalar> const& basis,
                                       ConstMatrixRef<std::type_identity_t<Scalar>> coefficients) {
  return detail::along_both_axes<Scalar>(
      basis, coefficients, [&](ConstMatrixRef<Scalar> const& m) { return times<Scalar>(basis.matrix(), m); });
}

}  // namespace cayley
