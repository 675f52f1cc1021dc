/// Matrix products as ordinary functions.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/core/packet_product.hpp>
#include <type_traits>

namespace cayley {

namespace detail {

template <class Scalar>
StridedOperand<Scalar> operand(ConstMatrixRef<Scalar> const& m) {
  return {m.data(), m.outerStride(), 1};
}
template <class Scalar>
StridedOperand<Scalar> transposed_operand(ConstMatrixRef<Scalar> const& m) {
  return {m.data(), 1, m.outerStride()};
}

/// out = a b, for operands that are entered as they lie or transposed.
template <class Scalar>
void multiply_operands(Index rows, Index cols, Index depth, StridedOperand<Scalar> a, StridedOperand<Scalar> b,
                       Matrix<Scalar>& out) {
  out.resize(rows, cols);
  packet_product<Scalar>(rows, cols, depth, a, b, out.data(), cols, Scalar(1), Scalar(0));
}

}  // namespace detail

/// out = a b.
/// Shape: (m, k), (k, n) -> (m, n). `out` overlaps neither operand.
template <class Scalar>
void multiply(ConstMatrixRef<std::type_identity_t<Scalar>> const& a,
              ConstMatrixRef<std::type_identity_t<Scalar>> const& b, Matrix<Scalar>& out) {
  eigen_assert(a.cols() == b.rows());
  detail::multiply_operands(a.rows(), b.cols(), a.cols(), detail::operand<Scalar>(a), detail::operand<Scalar>(b), out);
}

/// out = a b^T.
/// Shape: (m, k), (n, k) -> (m, n). `out` overlaps neither operand.
template <class Scalar>
void multiply_transposed(ConstMatrixRef<std::type_identity_t<Scalar>> const& a,
                         ConstMatrixRef<std::type_identity_t<Scalar>> const& b, Matrix<Scalar>& out) {
  eigen_assert(a.cols() == b.cols());
  detail::multiply_operands(a.rows(), b.rows(), a.cols(), detail::operand<Scalar>(a),
                            detail::transposed_operand<Scalar>(b), out);
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
  eigen_assert(a.rows() == b.rows());
  Matrix<Scalar> out;
  detail::multiply_operands(a.cols(), b.cols(), a.rows(), detail::transposed_operand<Scalar>(a),
                            detail::operand<Scalar>(b), out);
  return out;
}

}  // namespace cayley
