/// Fourier transform along one axis of a matrix.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/product.hpp>
#include <cayley/fourier/basis.hpp>
#include <type_traits>

namespace cayley {

/// The axis of a matrix that runs over the group: `rows` for a function in each column, `columns` for one in
/// each row.
enum class Axis { rows, columns };

namespace detail {

template <class Scalar>
void require_group_axis(FourierBasis<Scalar> const& basis, Index rows, Index cols, Axis axis, char const* what) {
  require((axis == Axis::rows ? rows : cols) == basis.order(), what, ": expected ", basis.order(),
          axis == Axis::rows ? " rows" : " columns", ", found a (", rows, ", ", cols, ") matrix");
}

}  // namespace detail

/// Coefficients of functions on the group: sum over g of basis(g, k) f(g).
/// Shape: as `f`, the group axis running over basis functions in the result.
/// Errors: `Error` when the axis is not as long as the group.
template <class Scalar>
Matrix<Scalar> transform(FourierBasis<Scalar> const& basis, ConstMatrixRef<std::type_identity_t<Scalar>> f,
                         Axis axis = Axis::rows) {
  detail::require_group_axis(basis, f.rows(), f.cols(), axis, "Fourier transform");
  if (axis == Axis::rows) return transposed_times<Scalar>(basis.matrix(), f);
  return times<Scalar>(f, basis.matrix());
}

/// The functions with given coefficients; the inverse of `transform`.
template <class Scalar>
Matrix<Scalar> inverse_transform(FourierBasis<Scalar> const& basis,
                                 ConstMatrixRef<std::type_identity_t<Scalar>> coefficients, Axis axis = Axis::rows) {
  detail::require_group_axis(basis, coefficients.rows(), coefficients.cols(), axis, "inverse Fourier transform");
  if (axis == Axis::rows) return times<Scalar>(basis.matrix(), coefficients);
  return times_transposed<Scalar>(coefficients, basis.matrix());
}

}  // namespace cayley
