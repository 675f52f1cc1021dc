/// How clusters of neurons write the logits: the unembedding of the hidden layer in the Fourier basis of classes.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cayley/fourier/pair_transform.hpp>
#include <cayley/interpret/neuron_clusters.hpp>
#include <vector>

namespace cayley {

/// W_logit in the Fourier basis of the classes, the neurons in the order of their clusters.
struct ClusteredUnembedding {
  std::vector<Index> neurons;  ///< the neuron of each row
  std::vector<Index> ends;     ///< the row after the last one of each cluster, the unassigned neurons' last
  /// The columns of an irrep's block are the directions that its neurons write: on C_n, u_cos k and u_sin k.
  /// Shape: (neurons, order), a column per basis function.
  Matrix<double> coefficients;
  /// Squared norm by cluster and irrep of the classes: nearly diagonal where each cluster writes its own irrep.
  /// Shape: (clusters + 1, irreps), the unassigned neurons in the last row.
  Matrix<double> power;
};

/// Shape: unembedding (neurons, order).
/// Ref: Nanda et al. 2023, "W_L in the Fourier basis".
inline ClusteredUnembedding clustered_unembedding(FourierBasis<double> const& basis, NeuronClusters const& clusters,
                                                  Matrix<double> const& unembedding) {
  ClusteredUnembedding result;
  result.neurons = clusters.in_order();
  Index end = 0;
  for (auto const& cluster : clusters.neurons) result.ends.push_back(end += static_cast<Index>(cluster.size()));
  result.ends.push_back(end + static_cast<Index>(clusters.unassigned.size()));
  const Matrix<double> rows = unembedding(result.neurons, Eigen::all);
  result.coefficients = transform(basis, rows, Axis::columns);
  result.power.resize(static_cast<Index>(result.ends.size()), basis.irreps().size());
  Index begin = 0;
  for (Index c = 0; c < result.power.rows(); ++c) {
    const Index rows_end = result.ends[static_cast<std::size_t>(c)];
    for (Index r = 0; r < result.power.cols(); ++r) {
      const auto block = basis.block(r);
      result.power(c, r) = result.coefficients.block(begin, block.begin, rows_end - begin, block.size).squaredNorm();
    }
    begin = rows_end;
  }
  return result;
}

/// The hidden layer along the directions of one irrep of the classes, transformed over pairs; on C_n the components
/// that compute cos k and sin k of a + b.
/// Shape: hidden (order^2, neurons), unembedding (neurons, order) -> (order^2, isotypic dimension), the term (i, j) in
/// row i order + j.
inline Matrix<double> direction_spectra(FourierBasis<double> const& basis, Index irrep, Matrix<double> const& hidden,
                                        Matrix<double> const& unembedding) {
  return transform_pairs(basis, times<double>(hidden, times<double>(unembedding, basis.functions(irrep))));
}

}  // namespace cayley
