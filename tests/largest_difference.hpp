// How far two matrices are apart.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cmath>

namespace cayley::testing {

/// The largest absolute difference of two entries; infinite where the shapes differ.
inline double largest_difference(Matrix<double> const& x, Matrix<double> const& y) {
  return x.rows() == y.rows() && x.cols() == y.cols() ? (x - y).cwiseAbs().maxCoeff() : HUGE_VAL;
}

}  // namespace cayley::testing
