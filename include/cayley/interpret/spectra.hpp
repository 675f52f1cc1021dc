/// Fourier spectra of weights and activations: which basis functions a network uses.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/product.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cayley/fourier/pair_transform.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <span>
#include <vector>

namespace cayley {

/// Squared norm of a table of weights along each basis function.
/// Shape: (order, columns) -> (order).
inline Vector<double> weight_spectrum(FourierBasis<double> const& basis, ConstMatrixRef<double> const& weights) {
  return transform(basis, weights).rowwise().squaredNorm();
}

/// The spectrum of the unembedding over classes, of some neurons alone.
/// Shape: (order).
inline Vector<double> unembedding_spectrum(PairNetwork const& network, FourierBasis<double> const& basis,
                                           std::span<const Index> neurons) {
  Matrix<double> columns(network.order(), static_cast<Index>(neurons.size()));
  for (std::size_t k = 0; k < neurons.size(); ++k) {
    columns.col(static_cast<Index>(k)) = network.unembedding.row(neurons[k]).transpose();
  }
  return weight_spectrum(basis, columns);
}

/// The power of functions of a pair by irrep of both elements.
struct PairPower {
  /// By irrep R and column: squared norm in the span of {1, R of a} x {1, R of b}.
  /// Shape: (irreps, columns).
  Matrix<double> irrep_power;
  /// Squared norm of each column.
  /// Shape: (columns).
  RowVector<double> power;
  /// Squared norm of the constant part of each column.
  /// Shape: (columns).
  RowVector<double> constant_power;
};

/// The two-dimensional spectrum of activations over pairs.
struct PairSpectrum : PairPower {
  /// Mean over columns of the squared coefficients, by basis function of a and of b.
  /// Shape: (order, order).
  Matrix<double> mean_power;
};

/// The power by irrep alone, some columns at a time.
/// Shape: activations (order^2, columns), the pair (a, b) in row a order + b.
/// Cost: 2 order^3 columns operations, half of what `pair_spectrum` takes, and the memory of 32 columns.
/// Errors: `Error` when there is not a row for each pair.
inline PairPower pair_power(FourierBasis<double> const& basis, ConstMatrixRef<double> const& activations) {
  const Index n = basis.order(), columns = activations.cols();
  require(activations.rows() == n * n, "power over pairs: expected ", n * n, " rows, found ", activations.rows());
  PairPower result;
  result.irrep_power = Matrix<double>::Zero(basis.irreps().size(), columns);
  result.power = activations.colwise().squaredNorm();
  const auto constant = basis.block(0);
  constexpr Index piece = 32;
  for (Index first = 0; first < columns; first += piece) {
    const Index width = std::min(piece, columns - first);
    Matrix<double> f = activations.middleCols(first, width);
    const Eigen::Map<Matrix<double>> by_a(f.data(), n, n * width);
    const Matrix<double> in_a = transposed_times<double>(basis.matrix(), by_a);  // (order, order width)
    for (Index r = 0; r < basis.irreps().size(); ++r) {
      const auto block = basis.block(r);
      const auto add_row = [&](Index i) {
        const Eigen::Map<Matrix<double> const> by_b(in_a.row(i).data(), n, width);
        const auto power_in = [&](auto const& functions) -> RowVector<double> {
          return transposed_times<double>(functions, by_b).colwise().squaredNorm();
        };
        auto power = result.irrep_power.row(r).segment(first, width);
        if (r != 0) power += power_in(basis.matrix().middleCols(constant.begin, constant.size));
        power += power_in(basis.matrix().middleCols(block.begin, block.size));
      };
      if (r != 0) add_row(constant.begin);
      for (Index i = block.begin; i < block.begin + block.size; ++i) add_row(i);
    }
  }
  result.constant_power = result.irrep_power.row(0);
  return result;
}

/// The spectrum of functions of pairs.
/// Shape: activations (order^2, columns), the pair (a, b) in row a order + b.
/// Cost: 4 order^3 columns operations.
inline PairSpectrum pair_spectrum(FourierBasis<double> const& basis, ConstMatrixRef<double> const& activations) {
  const Index n = basis.order(), columns = activations.cols();
  const Matrix<double> squares = transform_pairs(basis, activations).array().square();
  PairSpectrum result;
  const Vector<double> mean = squares.rowwise().mean();
  result.mean_power = Eigen::Map<const Matrix<double>>(mean.data(), n, n);
  result.power = squares.colwise().sum();
  const auto constant = basis.block(0);
  result.constant_power = squares.row(constant.begin * n + constant.begin);
  result.irrep_power = Matrix<double>::Zero(basis.irreps().size(), columns);
  for (Index r = 0; r < basis.irreps().size(); ++r) {
    const auto block = basis.block(r);
    const auto add_row = [&](Index i) {
      if (r != 0) result.irrep_power.row(r) += squares.row(i * n + constant.begin);
      result.irrep_power.row(r) += squares.middleRows(i * n + block.begin, block.size).colwise().sum();
    };
    if (r != 0) add_row(constant.begin);
    for (Index i = block.begin; i < block.begin + block.size; ++i) add_row(i);
  }
  return result;
}

/// A neuron's irrep by its two-dimensional spectrum and the fraction of its activation that it explains.
/// Range: 0 .. 1.
struct ExplainedNeuron {
  Index irrep;
  double fraction;          ///< of the activation as it is
  double centred_fraction;  ///< of the activation minus its mean
};

/// The non-trivial irrep that explains most of each column, by 1, R(a), R(b) and R(a) x R(b). The constant counts
/// towards the uncentred fraction of every irrep.
/// Ref: notebook on early group networks (2022), "Neuron Clustering", by irrep instead of by frequency of the cyclic
/// group.
inline std::vector<ExplainedNeuron> explained_neurons(PairPower const& spectrum) {
  std::vector<ExplainedNeuron> result;
  for (Index k = 0; k < spectrum.power.size(); ++k) {
    ExplainedNeuron neuron{0, 0, 0};
    if (spectrum.irrep_power.rows() > 1) {
      const double best = spectrum.irrep_power.col(k).tail(spectrum.irrep_power.rows() - 1).maxCoeff(&neuron.irrep);
      ++neuron.irrep;
      const double whole = spectrum.power[k], constant = spectrum.constant_power[k];
      if (whole > 0) neuron.fraction = best / whole;
      if (whole > constant) neuron.centred_fraction = (best - constant) / (whole - constant);
    }
    result.push_back(neuron);
  }
  return result;
}

/// The logits along one basis function of the class, transformed over pairs: coefficient of basis(a,i) basis(b,j)
/// basis(c,k).
/// Shape: (order, order).
/// Range: 0 <= k < order.
inline Matrix<double> logit_direction_spectrum(PairNetwork const& network, FourierBasis<double> const& basis, Index k) {
  const Index n = basis.order();
  require(k >= 0 && k < n, "logit direction: basis function ", k, ", expected 0 .. ", n - 1);
  const Matrix<double> direction = times<double>(network.unembedding, basis.matrix().col(k));  // (hidden size, 1)
  Matrix<double> component(n, n);
  std::vector<Pair> pairs(static_cast<std::size_t>(n));
  for (Element a : ElementRange(n)) {
    for (Element b : ElementRange(n)) pairs[b] = {a, b};
    component.row(a) = times<double>(network.hidden_of(pairs), direction).transpose();
  }
  return transform(basis, transform(basis, component), Axis::columns);
}

}  // namespace cayley
