/// How close two results must be, by scalar type.
#pragma once

#include <algorithm>
#include <cayley/core/matrix.hpp>
#include <cmath>
#include <limits>
#include <type_traits>

namespace cayley::testing {

/// The largest error allowed in an entry, for functions of norm 1 on groups of order up to 720.
template <class Scalar>
constexpr double tolerance = std::is_same_v<Scalar, float> ? 1e-5 : 1e-12;

/// The largest difference of two entries; infinite where the shapes differ or an entry is not a number.
template <class A, class B>
double distance(Eigen::MatrixBase<A> const& a, Eigen::MatrixBase<B> const& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return std::numeric_limits<double>::infinity();
  const Matrix<double> difference = a.template cast<double>() - b.template cast<double>();
  double largest = 0;
  for (Index i = 0; i < difference.size(); ++i) {
    const double x = std::abs(difference.data()[i]);
    if (!std::isfinite(x)) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, x);
  }
  return largest;
}

}  // namespace cayley::testing
