/// Matrix products as ordinary functions.
#pragma once

#include <cayley/core/matrix.hpp>
#include <type_traits>

namespace cayley {

// Eigen compiles its blocked product anew for every combination of expression types, a second or more each
// with AVX-512. Through these functions a program pays for three combinations a scalar type.

/// out = a b.
/// Shape: (m, k), (k, n) -> (m, n). `out` overlaps neither operand.
template <class Scalar>
void multiply(ConstMatrixRef<std::type_identity_t<Scalar>> const& a,
              ConstMatrixRef<std::type_identity_t<Scalar>> const& b, Matrix<Scalar>& out) {
  out.noalias() = a * b;
}

/// out = a b^T.
/// Shape: (m, k), (n, k) -> (m, n). `out` overlaps neither operand.
template <class Scalar>
void multiply_transposed(ConstMatrixRef<std::type_identity_t<Scalar>> const& a,
                         ConstMatrixRef<std::type_identity_t<Scalar>> const& b, Matrix<Scalar>& out) {
  out.noalias() = a * b.transpose();
}

/// a b.
/// Shape: (m, k), (k, n) -> (m, n).
template <class Scalar>
Matrix<Scalar> times(ConstMatrixRef<Scalar> const& a, ConstMatrixRef<Scalar> const& b) {
  Matrix<Scalar> out;
  multiply<Scalar>(a, b, out);
  return out;
}

/// a b^T.
/// Shape: (m, k), (n, k) -> (m, n).
template <class Scalar>
Matrix<Scalar> times_transposed(ConstMatrixRef<Scalar> const& a, ConstMatrixRef<Scalar> const& b) {
  Matrix<Scalar> out;
  multiply_transposed<Scalar>(a, b, out);
  return out;
}

/// a^T b.
/// Shape: (k, m), (k, n) -> (m, n).
template <class Scalar>
Matrix<Scalar> transposed_times(ConstMatrixRef<Scalar> const& a, ConstMatrixRef<Scalar> const& b) {
  Matrix<Scalar> out;
  out.noalias() = a.transpose() * b;
  return out;
}

}  // namespace cayley
