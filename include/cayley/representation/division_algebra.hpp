/// Complex and quaternionic matrices hidden in irreps of those types, and their tensor products.
#pragma once

#include <Eigen/Core>
#include <cayley/core/matrix.hpp>
#include <cayley/representation/irrep.hpp>
#include <complex>

namespace cayley {

using ComplexMatrix = Matrix<std::complex<double>>;

/// The complex matrix of an adapted real matrix of complex type.
/// Shape: (d, d) -> (d/2, d/2).
inline ComplexMatrix complex_from_adapted(Matrix<double> const& real) {
  ComplexMatrix z(real.rows() / 2, real.cols() / 2);
  for (Index i = 0; i < z.rows(); ++i) {
    for (Index j = 0; j < z.cols(); ++j) z(i, j) = {real(2 * i, 2 * j), real(2 * i + 1, 2 * j)};
  }
  return z;
}

/// The adapted real matrix of a complex one: blocks [[a,-b],[b,a]] for a + bi.
/// Shape: (m, m) -> (2m, 2m).
inline Matrix<double> adapted_from_complex(ComplexMatrix const& z) {
  Matrix<double> real(2 * z.rows(), 2 * z.cols());
  for (Index i = 0; i < z.rows(); ++i) {
    for (Index j = 0; j < z.cols(); ++j) {
      const double a = z(i, j).real(), b = z(i, j).imag();
      real(2 * i, 2 * j) = a, real(2 * i, 2 * j + 1) = -b;
      real(2 * i + 1, 2 * j) = b, real(2 * i + 1, 2 * j + 1) = a;
    }
  }
  return real;
}

/// The complex matrix of an adapted real matrix of quaternionic type: a + bi + cj + dk becomes [[a+bi, c+di], [-c+di,
/// a-bi]].
/// Shape: (d, d) -> (d/2, d/2).
inline ComplexMatrix complex_from_quaternionic(Matrix<double> const& real) {
  ComplexMatrix z(real.rows() / 2, real.cols() / 2);
  for (Index i = 0; i < real.rows() / 4; ++i) {
    for (Index j = 0; j < real.cols() / 4; ++j) {
      const double a = real(4 * i, 4 * j), b = real(4 * i + 1, 4 * j);
      const double c = real(4 * i + 2, 4 * j), d = real(4 * i + 3, 4 * j);
      z(2 * i, 2 * j) = {a, b}, z(2 * i, 2 * j + 1) = {c, d};
      z(2 * i + 1, 2 * j) = {-c, d}, z(2 * i + 1, 2 * j + 1) = {a, -b};
    }
  }
  return z;
}

/// x -> q x on (1, i, j, k) coordinates.
inline Eigen::Matrix4d left_multiplication(Eigen::Vector4d const& q) {
  Eigen::Matrix4d m;
  m << q[0], -q[1], -q[2], -q[3],  //
      q[1], q[0], -q[3], q[2],     //
      q[2], q[3], q[0], -q[1],     //
      q[3], -q[2], q[1], q[0];
  return m;
}

/// x -> x q on (1, i, j, k) coordinates.
inline Eigen::Matrix4d right_multiplication(Eigen::Vector4d const& q) {
  Eigen::Matrix4d m;
  m << q[0], -q[1], -q[2], -q[3],  //
      q[1], q[0], q[3], -q[2],     //
      q[2], -q[3], q[0], q[1],     //
      q[3], q[2], -q[1], q[0];
  return m;
}

/// Kronecker product: entry ((i,k), (j,l)) is x(i,j) y(k,l), the index of y running fastest.
template <class Scalar>
Matrix<Scalar> kronecker(Matrix<Scalar> const& x, Matrix<Scalar> const& y) {
  Matrix<Scalar> result(x.rows() * y.rows(), x.cols() * y.cols());
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j) {
      result.block(i * y.rows(), j * y.cols(), y.rows(), y.cols()) = x(i, j) * y;
    }
  }
  return result;
}

/// X -> A X B* for quaternionic matrices A, B on quaternionic matrices X, as a real matrix: the irrep of real type
/// inside the tensor product of two irreps of quaternionic type.
/// Shape: (p, p), (q, q) -> (pq/4, pq/4).
inline Matrix<double> quaternionic_sandwich(Matrix<double> const& a, Matrix<double> const& b) {
  const Index m = a.rows() / 4, n = b.rows() / 4;
  Matrix<double> result(4 * m * n, 4 * m * n);
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < m; ++j) {
      const Eigen::Matrix4d left = left_multiplication(a.block<4, 1>(4 * i, 4 * j));
      for (Index k = 0; k < n; ++k) {
        for (Index l = 0; l < n; ++l) {
          Eigen::Vector4d conjugate = -b.block<4, 1>(4 * k, 4 * l);
          conjugate[0] = -conjugate[0];
          result.block<4, 4>(4 * (i * n + k), 4 * (j * n + l)) = left * right_multiplication(conjugate);
        }
      }
    }
  }
  return result;
}

}  // namespace cayley
