/// How much of each neuron's activation the irrep of its cluster explains.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cayley/interpret/neuron_clusters.hpp>
#include <cayley/interpret/spectra.hpp>

namespace cayley {

/// Shares of the neurons' centred activations.
/// Shape: each is (neurons).
/// Range: 0 .. 1; 0 for a neuron without power.
struct ExplainedFractions {
  RowVector<double> all;        ///< by R(a), R(b) and R(a) x R(b)
  RowVector<double> quadratic;  ///< by R(a) x R(b) alone
};

/// Squared norms of the parts in R(a) x R(b).
/// Shape: (irreps, columns); `spectrum` is the power of f, (order^2, columns).
inline Matrix<double> quadratic_power(FourierBasis<double> const& basis, PairPower const& spectrum,
                                      ConstMatrixRef<double> const& f) {
  const Index n = basis.order();
  Matrix<double> by_left(n, f.cols()), by_right = Matrix<double>::Zero(n, f.cols());
  for (Index a = 0; a < n; ++a) {
    by_left.row(a) = f.middleRows(a * n, n).colwise().sum();
    by_right += f.middleRows(a * n, n);
  }
  Matrix<double> power = spectrum.irrep_power;
  power.rowwise() -= spectrum.constant_power;
  const auto linear = [&](Matrix<double> const& sums) -> Matrix<double> {
    return isotypic_power_by_column(basis, sums) / static_cast<double>(n);
  };
  power -= linear(by_left) + linear(by_right);
  power.row(0) = spectrum.constant_power;
  return power.cwiseMax(0);
}

/// What the irreps of given clusters explain; an unassigned neuron counts with R(a) x R(b) of every non-trivial irrep,
/// in both fractions. The clusters may be those of a later network, to see them form.
/// Shape: f (order^2, neurons), activations before or after the nonlinearity.
/// Ref: Nanda et al. 2023, development of neuron activations.
inline ExplainedFractions explained_fractions(FourierBasis<double> const& basis, NeuronClusters const& clusters,
                                              ConstMatrixRef<double> const& f) {
  const PairPower spectrum = pair_power(basis, f);
  const Matrix<double> quadratic = quadratic_power(basis, spectrum, f);
  const RowVector<double> whole = spectrum.power - spectrum.constant_power;
  ExplainedFractions result{RowVector<double>::Zero(f.cols()), RowVector<double>::Zero(f.cols())};
  const auto share = [&](double part, Index k) { return whole[k] > 0 ? part / whole[k] : 0; };
  for (std::size_t c = 0; c < clusters.irreps.size(); ++c) {
    const Index irrep = clusters.irreps[c];
    for (Index k : clusters.neurons[c]) {
      result.all[k] = share(spectrum.irrep_power(irrep, k) - spectrum.constant_power[k], k);
      result.quadratic[k] = share(quadratic(irrep, k), k);
    }
  }
  for (Index k : clusters.unassigned) {
    result.all[k] = result.quadratic[k] = share(quadratic.col(k).tail(quadratic.rows() - 1).sum(), k);
  }
  return result;
}

}  // namespace cayley
