/// Which irrep each neuron works in, before and after the nonlinearity.
#pragma once

#include <cayley/fourier/isotypic.hpp>
#include <cayley/interpret/hidden_means.hpp>
#include <span>
#include <vector>

namespace cayley {

/// Squared norms by irrep and neuron.
/// Shape: each matrix is (irreps, neurons).
struct NeuronPower {
  Matrix<double> left;       ///< of P_R applied to the neuron's column of Ex
  Matrix<double> right;      ///< of P_R applied to the neuron's column of Ey
  Matrix<double> hidden_x;   ///< over all pairs, of the part of the centred activation that is P_R of a function of a
  Matrix<double> hidden_y;   ///< the same of b
  Matrix<double> hidden_xy;  ///< the same of ab
  RowVector<double> hidden;  ///< over all pairs, of the centred activation

  Index neurons() const { return left.cols(); }
};

/// Ref: notebook of Chughtai et al. 2023 on S5, "Hidden Layer Neurons".
inline NeuronPower neuron_power(PairNetwork const& network, FourierBasis<double> const& basis,
                                HiddenMeans const& means) {
  const auto n = static_cast<double>(basis.order());
  const auto centred = [&](Matrix<double> const& m) -> Matrix<double> {
    return n * isotypic_power_by_column(basis, m.rowwise() - means.overall);
  };
  return {isotypic_power_by_column(basis, network.left_embedding),
          isotypic_power_by_column(basis, network.right_embedding),
          centred(means.by_left),
          centred(means.by_right),
          centred(means.by_product),
          means.centred_power};
}

/// Neurons that both operands leave alone: the squared norms of their columns of Ex and Ey are below
/// `threshold`.
/// Shape: `left` and `right` are (irreps, neurons), as in `NeuronPower`. The default threshold is the published one, for
/// networks of the published scale.
inline std::vector<Index> dead_neurons(Matrix<double> const& left, Matrix<double> const& right, double threshold = 1) {
  std::vector<Index> dead;
  for (Index k = 0; k < left.cols(); ++k) {
    if (left.col(k).sum() < threshold && right.col(k).sum() < threshold) dead.push_back(k);
  }
  return dead;
}

/// Neurons whose centred activations have a squared norm below `threshold` over all pairs; the default is the
/// published one.
inline std::vector<Index> silent_neurons(NeuronPower const& power, double threshold = 110) {
  std::vector<Index> silent;
  for (Index k = 0; k < power.neurons(); ++k) {
    if (power.hidden[k] < threshold) silent.push_back(k);
  }
  return silent;
}

/// Neurons with more than `threshold` of power in an irrep, in both embeddings.
inline std::vector<Index> neurons_of_irrep(NeuronPower const& power, Index irrep, double threshold = 1) {
  std::vector<Index> members;
  for (Index k = 0; k < power.neurons(); ++k) {
    if (power.left(irrep, k) > threshold && power.right(irrep, k) > threshold) members.push_back(k);
  }
  return members;
}

/// The irrep of each neuron and the share of the neuron's power that it holds, 0 .. 1.
struct NeuronIrrep {
  Index irrep;
  double share;
};

/// The non-trivial irrep with the largest share of each column of a power matrix (`NeuronPower::left`, say).
/// Shape: (irreps, neurons) -> (neurons). The share of a neuron without power is 0.
inline std::vector<NeuronIrrep> main_irreps(Matrix<double> const& power) {
  std::vector<NeuronIrrep> result;
  for (Index k = 0; k < power.cols(); ++k) {
    NeuronIrrep best{0, 0};
    if (power.rows() > 1) {
      Index row = 0;
      const double largest = power.col(k).tail(power.rows() - 1).maxCoeff(&row);
      const double total = power.col(k).sum();
      best = {row + 1, total > 0 ? largest / total : 0};
    }
    result.push_back(best);
  }
  return result;
}

/// Shares of the centred activations of some neurons, 0 .. 1.
struct ClusterVariance {
  double x, y, xy;  ///< explained by functions of a, of b, of ab in one irrep
  double trivial;   ///< explained by the trivial irrep: zero, as the activations are centred
  double all;       ///< explained by functions of a, b or ab in any irrep

  double sum() const { return x + y + xy + trivial; }
};

/// How much of a cluster's activations one irrep explains.
inline ClusterVariance cluster_variance(NeuronPower const& power, Index irrep, std::span<const Index> neurons) {
  ClusterVariance result{};
  double whole = 0;
  for (Index k : neurons) {
    whole += power.hidden[k];
    result.x += power.hidden_x(irrep, k);
    result.y += power.hidden_y(irrep, k);
    result.xy += power.hidden_xy(irrep, k);
    result.trivial += power.hidden_x(0, k);
    result.all += power.hidden_x.col(k).sum() + power.hidden_y.col(k).sum() + power.hidden_xy.col(k).sum();
  }
  for (double* part : {&result.x, &result.y, &result.xy, &result.trivial, &result.all}) *part /= whole;
  return result;
}

}  // namespace cayley
