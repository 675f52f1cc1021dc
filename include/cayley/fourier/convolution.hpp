/// Convolution on a group, and the Fourier matrices that turn it into a matrix product.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/representation/irrep.hpp>

namespace cayley {

/// (f * h)(g) = sum over x of f(x) h(x^-1 g).
/// Shape: (order), (order) -> (order).
/// Errors: `Error` when a function has not one value for each element.
template <class Scalar>
Vector<Scalar> convolve(CayleyTable const& table, Vector<Scalar> const& f, Vector<Scalar> const& h) {
  require(f.size() == table.order() && h.size() == table.order(), "convolution: functions with ", f.size(), " and ",
          h.size(), " values on a group of order ", table.order());
  Vector<Scalar> result = Vector<Scalar>::Zero(table.order());
  for (Element x : elements(table)) {
    const auto row = table.row(table.inverse(x));
    for (Element g : elements(table)) result[g] += f[x] * h[row[g]];
  }
  return result;
}

/// The Fourier matrix of a function at an irrep: sum over g of f(g) rho(g). Of a convolution it is the product of the
/// Fourier matrices of the factors, in their order.
/// Shape: (order) -> (dimension, dimension); `f` has a value for each element of the irrep's group.
/// Ref: Diaconis 1988, Group Representations in Probability and Statistics, chapter 2, lemma 1.
template <class Scalar>
Matrix<Scalar> fourier_matrix(Irrep const& irrep, Vector<Scalar> const& f) {
  Matrix<Scalar> result = Matrix<Scalar>::Zero(irrep.dimension(), irrep.dimension());
  for (Element g : ElementRange(f.size())) result += f[g] * irrep.matrix(g).template cast<Scalar>();
  return result;
}

}  // namespace cayley
