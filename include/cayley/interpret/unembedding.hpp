/// The unembedding by irrep: what each cluster of neurons writes, and the loss with parts of it.
#pragma once

#include <cayley/core/product.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cayley/interpret/losses.hpp>
#include <span>
#include <utility>

namespace cayley {

/// Share of the unembedding of some neurons that lies in an irrep, |U[neurons] P_R|^2 / |U[neurons]|^2.
/// Range: 0 .. 1; NaN for no neurons.
inline double unembedding_share(PairNetwork const& network, FourierBasis<double> const& basis, Index irrep,
                                std::span<const Index> neurons) {
  Matrix<double> rows(static_cast<Index>(neurons.size()), network.order());
  for (std::size_t k = 0; k < neurons.size(); ++k)
    rows.row(static_cast<Index>(k)) = network.unembedding.row(neurons[k]);
  return times<double>(rows, basis.functions(irrep)).squaredNorm() / rows.squaredNorm();
}

/// Losses over all pairs with parts of the unembedding.
struct UnembeddingLosses {
  double restricted;  ///< with U P, P the sum of the projections of some irreps
  double without;     ///< with U - U P
};

/// Ref: notebook of Chughtai et al. 2023 on S5, "Ablations", W_U.
inline UnembeddingLosses unembedding_losses(PairNetwork const& network, CayleyTable const& table,
                                            FourierBasis<double> const& basis, std::span<const Index> irreps) {
  Matrix<double> kept = Matrix<double>::Zero(network.order(), network.hidden_size());
  for (Index i : irreps) kept += project(basis, i, network.unembedding.transpose());
  const TrainingSet none(static_cast<std::size_t>(network.order() * network.order()), 0);
  const auto loss = [&](Matrix<double> unembedding) {
    PairNetwork changed = network;
    changed.unembedding = std::move(unembedding);
    return pair_losses(changed, table, none).all_loss;
  };
  return {loss(kept.transpose()), loss(network.unembedding - kept.transpose())};
}

}  // namespace cayley
