/// Isotypic projection and power: how much of a function belongs to each irrep.
#pragma once

#include <cayley/core/product.hpp>
#include <cayley/fourier/transform.hpp>
#include <type_traits>

namespace cayley {

/// The orthogonal projection of each column of `f` onto the span of an irrep's matrix elements,
/// (P f)(g) = d/(order nu) sum over h of chi(g h^-1) f(h).
/// Shape: (order, columns) -> (order, columns).
/// Range: 0 <= irrep < number of irreps.
template <class Scalar>
Matrix<Scalar> project(FourierBasis<Scalar> const& basis, Index irrep, ConstMatrixRef<std::type_identity_t<Scalar>> f) {
  detail::require_group_axis(basis, f.rows(), f.cols(), Axis::rows, "isotypic projection");
  const auto functions = basis.functions(irrep);
  return times<Scalar>(functions, transposed_times<Scalar>(functions, f));
}

/// Squared norm of the projection of each column of `f` onto each irrep.
/// Shape: (order, columns) -> (irreps, columns).
template <class Scalar>
Matrix<Scalar> isotypic_power_by_column(FourierBasis<Scalar> const& basis,
                                        ConstMatrixRef<std::type_identity_t<Scalar>> f) {
  const Matrix<Scalar> coefficients = transform(basis, f);  // (order, columns)
  Matrix<Scalar> power(basis.irreps().size(), f.cols());
  for (Index i = 0; i < power.rows(); ++i) {
    power.row(i) = coefficients.middleRows(basis.block(i).begin, basis.block(i).size).colwise().squaredNorm();
  }
  return power;
}

/// Squared norm of the projection of `f` onto each irrep, all columns together; the sum is the squared norm of `f`.
/// Shape: (order, columns) -> (irreps).
template <class Scalar>
Vector<Scalar> isotypic_power(FourierBasis<Scalar> const& basis, ConstMatrixRef<std::type_identity_t<Scalar>> f) {
  return isotypic_power_by_column(basis, f).rowwise().sum();
}

}  // namespace cayley
