/// Ablations of the hidden layer: the loss without what each irrep explains.
#pragma once

#include <cayley/core/product.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cayley/interpret/hidden_means.hpp>
#include <cayley/interpret/losses.hpp>
#include <vector>

namespace cayley {

/// Losses over all pairs after taking P_R m away from the hidden layer, m its mean by product, left or right
/// operand. For the trivial irrep the three are the same: the overall mean is taken away.
struct AblationLosses {
  double xy, x, y;
};

struct Ablations {
  double baseline;                     ///< loss over all pairs of the network itself
  std::vector<AblationLosses> irreps;  ///< by irrep

  double relative_change(double loss) const { return (loss - baseline) / baseline; }
};

/// loss of (h(a,b) - (P_R m)(z)) U for z = ab, a, b and every irrep R; h is not centred.
/// Ref: notebook of Chughtai et al. 2023 on S5, "only rho(ab) is important".
/// Cost: three corrections for each irrep in one pass of `pair_losses`.
inline Ablations ablations(PairNetwork const& network, CayleyTable const& table, FourierBasis<double> const& basis,
                           HiddenMeans const& means, TrainingSet const& train) {
  using By = LogitCorrection::By;
  std::vector<LogitCorrection> corrections;
  for (Index i = 0; i < basis.irreps().size(); ++i) {
    const auto add = [&](By by, Matrix<double> const& m) {
      corrections.push_back({by, PairSet::all, times<double>(project(basis, i, m), network.unembedding)});
    };
    add(By::product, means.by_product);
    add(By::left, means.by_left);
    add(By::right, means.by_right);
  }
  const PairLosses losses = pair_losses(network, table, train, corrections);
  Ablations result{losses.all_loss, {}};
  for (std::size_t k = 0; k < losses.corrected.size(); k += 3) {
    result.irreps.push_back({losses.corrected[k], losses.corrected[k + 1], losses.corrected[k + 2]});
  }
  return result;
}

}  // namespace cayley
