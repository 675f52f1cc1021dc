/// Losses with parts of a network's logits alone, over all pairs of a group.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/interpret/irrep_terms.hpp>
#include <cayley/interpret/neuron_clusters.hpp>
#include <cayley/interpret/product_spectrum.hpp>
#include <cayley/interpret/split_losses.hpp>
#include <span>
#include <vector>

namespace cayley {

/// Losses over all pairs of a network whose clustered neurons keep but the terms of their irrep.
struct ClusterLosses {
  double with_unassigned;              ///< all clusters, and the unassigned neurons as they are
  double without_unassigned;           ///< all clusters alone
  std::vector<double> without_irreps;  ///< the first, less one cluster, by cluster
};

/// Logits of each cluster projected on 1, R(a), R(b), R(a) x R(b), summed and corrected as in `bias_corrected`.
/// Shape: hidden (order^2, neurons), unembedding (neurons, order), logits (order^2, order): the network's own.
/// Memory: order^3 numbers for each cluster.
/// Ref: Nanda et al. 2023, "Neuron Clusters".
inline ClusterLosses cluster_losses(FourierBasis<double> const& basis, CayleyTable const& table,
                                    NeuronClusters const& clusters, Matrix<double> const& hidden,
                                    Matrix<double> const& unembedding, Matrix<double> const& logits) {
  const auto columns = [&](std::vector<Index> const& neurons) -> Matrix<double> { return hidden(Eigen::all, neurons); };
  const auto rows = [&](std::vector<Index> const& neurons) -> Matrix<double> {
    return unembedding(neurons, Eigen::all);
  };
  std::vector<Matrix<double>> parts;
  Matrix<double> clustered = Matrix<double>::Zero(logits.rows(), logits.cols());
  for (std::size_t c = 0; c < clusters.irreps.size(); ++c) {
    const Matrix<double> terms =
        irrep_term_coefficients(basis, clusters.irreps[c], columns(clusters.neurons[c]));  // (terms^2, neurons)
    parts.push_back(from_irrep_terms(basis, clusters.irreps[c], times<double>(terms, rows(clusters.neurons[c]))));
    clustered += parts.back();
  }
  Matrix<double> whole = clustered;
  if (!clusters.unassigned.empty()) whole += times<double>(columns(clusters.unassigned), rows(clusters.unassigned));
  const TrainingSet none(static_cast<std::size_t>(logits.rows()), 0);
  const auto loss = [&](Matrix<double> const& part) {
    return split_losses(table, none, bias_corrected(part, logits)).all;
  };
  ClusterLosses result{loss(whole), loss(clustered), {}};
  for (Matrix<double> const& part : parts) result.without_irreps.push_back(loss(whole - part));
  return result;
}

/// Training loss of the logits less their part on rho(ab), for each of some irreps by itself; not corrected.
/// Shape: logits (order^2, order).
/// Ref: Nanda et al. 2023, "Excluded loss".
inline std::vector<double> excluded_losses(FourierBasis<double> const& basis, CayleyTable const& table,
                                           TrainingSet const& train, std::span<const Index> irreps,
                                           Matrix<double> const& logits) {
  const Matrix<double> mean = mean_by_product(table, logits);
  std::vector<double> losses;
  for (Index irrep : irreps) {
    const Matrix<double> excluded = logits - spread_over_pairs(table, project(basis, irrep, mean));
    losses.push_back(split_losses(table, train, excluded).train);
  }
  return losses;
}

/// Losses of the logits' part on rho(ab) of some irreps together, corrected as in `bias_corrected`: the trig loss.
/// Shape: logits (order^2, order).
/// Ref: Nanda et al. 2023, "Restricted loss".
inline SplitLosses product_restricted_losses(FourierBasis<double> const& basis, CayleyTable const& table,
                                             TrainingSet const& train, std::span<const Index> irreps,
                                             Matrix<double> const& logits) {
  const Matrix<double> part = spread_over_pairs(table, project_by_product(basis, table, irreps, logits));
  return split_losses(table, train, bias_corrected(part, logits));
}

}  // namespace cayley
