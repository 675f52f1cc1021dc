/// Neurons by the irrep that they compute in, and the key irreps of a network.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cayley/interpret/spectra.hpp>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace cayley {

/// Neurons by irrep.
struct NeuronClusters {
  std::vector<Index> irreps;                ///< with a neuron at least, in order: the key irreps
  std::vector<std::vector<Index>> neurons;  ///< by entry of `irreps`
  std::vector<Index> unassigned;            ///< explained by no irrep

  /// All neurons, cluster after cluster, the unassigned ones last.
  std::vector<Index> in_order() const {
    std::vector<Index> all;
    for (auto const& cluster : neurons) all.insert(all.end(), cluster.begin(), cluster.end());
    all.insert(all.end(), unassigned.begin(), unassigned.end());
    return all;
  }
};

/// Each neuron with the irrep that explains it best, if it explains at least `threshold` of its centred activation.
/// With threshold 0 every neuron is assigned.
/// Ref: Nanda et al. 2023, "Neuron Clusters"; `neurons` comes from `explained_neurons`.
inline NeuronClusters neuron_clusters(std::span<const ExplainedNeuron> neurons, double threshold = 0.85) {
  std::map<Index, std::vector<Index>> members;
  NeuronClusters result;
  for (std::size_t k = 0; k < neurons.size(); ++k) {
    const bool assigned = neurons[k].irrep != 0 && neurons[k].centred_fraction >= threshold;
    (assigned ? members[neurons[k].irrep] : result.unassigned).push_back(static_cast<Index>(k));
  }
  for (auto& [irrep, cluster] : members) {
    result.irreps.push_back(irrep);
    result.neurons.push_back(std::move(cluster));
  }
  return result;
}

/// The irreps that hold more than `threshold` of the embedding's power outside the trivial irrep, in order.
/// Shape: embedding (order, d_model).
inline std::vector<Index> key_irreps_by_embedding(FourierBasis<double> const& basis,
                                                  ConstMatrixRef<double> const& embedding, double threshold = 0.05) {
  const Vector<double> power = isotypic_power(basis, embedding);
  const double whole = power.sum() - power[0];
  std::vector<Index> key;
  for (Index i = 1; i < power.size(); ++i) {
    if (power[i] > threshold * whole) key.push_back(i);
  }
  return key;
}

/// How often each column is positive: of pre-activations or of activations behind a ReLU, how often a neuron fires.
/// Shape: (pairs, columns) -> (columns).
/// Range: 0 .. 1.
inline RowVector<double> fraction_positive(ConstMatrixRef<double> const& f) {
  RowVector<double> count = RowVector<double>::Zero(f.cols());
  for (Index row = 0; row < f.rows(); ++row) count.array() += (f.row(row).array() > 0).cast<double>();
  return count / static_cast<double>(f.rows());
}

/// Neurons that fire for at least this share of the pairs, so that a ReLU leaves them nearly linear.
/// Shape: `fraction_positive` of the neurons.
inline std::vector<Index> always_firing_neurons(RowVector<double> const& fraction_positive, double share = 1) {
  std::vector<Index> neurons;
  for (Index k = 0; k < fraction_positive.size(); ++k) {
    if (fraction_positive[k] >= share) neurons.push_back(k);
  }
  return neurons;
}

}  // namespace cayley
