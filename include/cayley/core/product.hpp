/// Matrix products as three ordinary functions.
#pragma once

#include <cayley/core/matrix.hpp>
#include <type_traits>

namespace cayley {

// Eigen compiles its blocked product anew for every pair of expression types, a second or more each with AVX-512.
// Through these functions a program pays for three of them a scalar type.

/// a b. Shape: (m, k), (k, n) -> (m, n).
template <class Scalar>
Matrix<Scalar> times(ConstMatrixRef<Scalar> const& a, ConstMatrixRef<Scalar> const& b) {
  return a * b;
}

/// a^T b. Shape: (k, m), (k, n) -> (m, n).
template <class Scalar>
Matrix<Scalar> transposed_times(ConstMatrixRef<Scalar> const& a, ConstMatrixRef<Scalar> const& b) {
  return a.transpose() * b;
}

/// a b^T. Shape: (m, k), (n, k) -> (m, n).
template <class Scalar>
Matrix<Scalar> times_transposed(ConstMatrixRef<Scalar> const& a, ConstMatrixRef<Scalar> const& b) {
  return a * b.transpose();
}

}  // namespace cayley
