/// Functions of a pair seen as functions of its product: how much of them lies on rho(ab) of each irrep.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cayley/group/cayley_table.hpp>
#include <span>

namespace cayley {

namespace detail {

inline void require_all_pairs(Index order, Index rows, char const* what) {
  require(rows == order * order, what, ": expected a row for each of ", order * order, " pairs, found ", rows);
}

}  // namespace detail

/// The mean of a function of (a, b) over the pairs of each product.
/// Shape: (order^2, columns) -> (order, columns), the pair (a, b) in row a order + b, the product in row ab.
/// Errors: `Error` when there is not a row for each pair.
inline Matrix<double> mean_by_product(CayleyTable const& table, ConstMatrixRef<double> const& f) {
  detail::require_all_pairs(table.order(), f.rows(), "mean by product");
  Matrix<double> mean = Matrix<double>::Zero(table.order(), f.cols());
  const auto products = table.products();
  for (Index row = 0; row < f.rows(); ++row) mean.row(products[static_cast<std::size_t>(row)]) += f.row(row);
  return mean / static_cast<double>(table.order());
}

/// The function of pairs (a, b) -> f(ab).
/// Shape: (order, columns) -> (order^2, columns).
/// Errors: `Error` when there is not a row for each element.
inline Matrix<double> spread_over_pairs(CayleyTable const& table, ConstMatrixRef<double> const& f) {
  require(f.rows() == table.order(), "functions of a product: expected ", table.order(), " rows, found ", f.rows());
  const auto products = table.products();
  Matrix<double> result(table.order() * table.order(), f.cols());
  for (Index row = 0; row < result.rows(); ++row) result.row(row) = f.row(products[static_cast<std::size_t>(row)]);
  return result;
}

/// The orthogonal projection of each column on the functions rho_ij(ab) of some irreps, as a function of the product;
/// on C_n those of `freq_k` are cos and sin of 2 pi k (a + b)/n.
/// Shape: (order^2, columns) -> (order, columns).
/// Cost: order^2 columns operations, and order columns for each function.
inline Matrix<double> project_by_product(FourierBasis<double> const& basis, CayleyTable const& table,
                                         std::span<const Index> irreps, ConstMatrixRef<double> const& f) {
  const Matrix<double> mean = mean_by_product(table, f);
  Matrix<double> projection = Matrix<double>::Zero(mean.rows(), mean.cols());
  for (Index irrep : irreps) projection += project(basis, irrep, mean);
  return projection;
}

/// Squared norms over all pairs of the parts of functions of pairs that lie on rho(ab).
struct ProductSpectrum {
  /// By irrep and column; the first row, the trivial irrep's, is that of the mean.
  /// Shape: (irreps, columns).
  Matrix<double> irrep_power;
  /// Of each column less its mean.
  /// Shape: (columns).
  RowVector<double> centred_power;

  /// The part of each centred column on rho(ab) of some non-trivial irreps together; 0 for a column without power.
  /// Shape: (columns).
  /// Range: 0 .. 1.
  RowVector<double> share(std::span<const Index> irreps) const {
    RowVector<double> power = RowVector<double>::Zero(centred_power.size());
    for (Index irrep : irreps) power += irrep_power.row(irrep);
    return (centred_power.array() > 0).select(power.array() / centred_power.array(), 0.0);
  }
  /// The mean of `share` over columns: the trig ratio of Nanda et al. (2023).
  double mean_share(std::span<const Index> irreps) const { return share(irreps).mean(); }
};

/// How much of functions of pairs depends on the product, by irrep.
/// Shape: f (order^2, columns), the pair (a, b) in row a order + b.
/// Cost: 5 order^2 columns operations.
/// Errors: `Error` when there is not a row for each pair.
inline ProductSpectrum product_spectrum(FourierBasis<double> const& basis, CayleyTable const& table,
                                        ConstMatrixRef<double> const& f) {
  const Matrix<double> mean = mean_by_product(table, f);
  const RowVector<double> overall = mean.colwise().mean();
  ProductSpectrum result;
  result.irrep_power = static_cast<double>(table.order()) * isotypic_power_by_column(basis, mean);
  result.centred_power = RowVector<double>::Zero(f.cols());
  for (Index row = 0; row < f.rows(); ++row) result.centred_power += (f.row(row) - overall).cwiseAbs2();
  return result;
}

}  // namespace cayley
