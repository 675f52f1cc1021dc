/// Singular values of a matrix of weights.
#pragma once

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cayley/core/matrix.hpp>

namespace cayley {

/// All singular values, in decreasing order: how many directions an embedding uses.
/// Shape: (rows, columns) -> (min(rows, columns)).
/// Method: the largest eigenvalues of [[0, m], [m^T, 0]], which are the singular values and their negatives.
/// Accuracy: within a few rounding errors of the largest; roots of the Gram matrix's eigenvalues lose half the digits.
template <class Scalar>
Vector<Scalar> singular_values(Matrix<Scalar> const& m) {
  using ByColumns = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  const Index rows = m.rows(), size = rows + m.cols();
  ByColumns symmetric = ByColumns::Zero(size, size);
  symmetric.bottomLeftCorner(m.cols(), rows) = m.transpose();  // the solver reads the lower half
  const Eigen::SelfAdjointEigenSolver<ByColumns> solver(symmetric, Eigen::EigenvaluesOnly);
  return solver.eigenvalues().tail(std::min(rows, m.cols())).reverse().cwiseMax(Scalar(0));
}

}  // namespace cayley
