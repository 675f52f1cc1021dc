/// The circuit of a one-dimensional irrep, sigma(g) = +-1: blocky neurons, read and written along the
/// signature.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/core/error.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cmath>
#include <span>
#include <vector>

namespace cayley {

/// A column of weights as a multiple of the signature.
struct SignFit {
  double coefficient;  ///< mean of sigma(g) w(g)
  double share;        ///< share of the squared norm of w that it explains, 0 .. 1
};

/// One neuron of the circuit. Blocks are the pairs with given (sigma(a), sigma(b)), in the order ++, +-, -+,
/// --.
struct SignNeuron {
  Index neuron;
  SignFit left, right, unembedding;  ///< of its columns of Ex, Ey and its row of U
  std::array<double, 4> block_mean;  ///< mean activation by block
  std::array<double, 4>
      block_theory;    ///< relu of the fitted embeddings: what an MLP without bias would do if they were exact
  double block_share;  ///< share of the variance of its activations between blocks, 0 .. 1
};

/// The circuit as a whole.
struct SignCircuit {
  std::vector<SignNeuron> neurons;
  /// Mean over the pairs of each block of what the neurons add to the logits along sigma(c): the sum of
  /// activation times unembedding coefficient. The circuit multiplies signs when this is positive for ++ and
  /// --, negative else.
  std::array<double, 4> logit_by_block;
};

/// Ref: notebook of Chughtai et al. 2023 on S5, "Full Circuit Analysis: Sign rep".
/// Errors: `Error` when the irrep is not one-dimensional.
inline SignCircuit sign_circuit(PairNetwork const& network, FourierBasis<double> const& basis, Index irrep,
                                std::span<const Index> neurons) {
  const Index n = basis.order();
  Irrep const& sign = basis.irreps()[irrep];
  require(sign.dimension() == 1, "sign circuit: ", sign.label(), " has dimension ", sign.dimension(), ", expected 1");
  const Vector<double> sigma = basis.functions(irrep).col(0) * std::sqrt(static_cast<double>(n));
  const auto fit = [&](auto const& weights) {
    const double coefficient = weights.dot(sigma) / static_cast<double>(n);
    const double norm = weights.squaredNorm();
    return SignFit{coefficient, norm > 0 ? coefficient * coefficient * static_cast<double>(n) / norm : 0};
  };
  const auto block_of = [&](Pair pair) {
    return (sigma[pair.a] < 0 ? std::size_t{2} : 0) + (sigma[pair.b] < 0 ? std::size_t{1} : 0);
  };

  static constexpr std::array<std::array<double, 2>, 4> signs{{{1, 1}, {1, -1}, {-1, 1}, {-1, -1}}};

  const auto count = neurons.size();
  std::vector<std::array<double, 4>> sums(count, {0, 0, 0, 0});
  std::vector<double> squares(count, 0);
  std::array<double, 4> pairs_in_block{0, 0, 0, 0};
  std::vector<Pair> pairs(static_cast<std::size_t>(n));
  for (Element a : ElementRange(n)) {
    for (Element b : ElementRange(n)) pairs[b] = {a, b};
    const Matrix<double> hidden = network.hidden_of(pairs);
    for (Element b : ElementRange(n)) {
      const std::size_t block = block_of(pairs[b]);
      ++pairs_in_block[block];
      for (std::size_t k = 0; k < count; ++k) {
        const double h = hidden(b, neurons[k]);
        sums[k][block] += h;
        squares[k] += h * h;
      }
    }
  }
  SignCircuit circuit{{}, {0, 0, 0, 0}};
  const auto all_pairs_count = static_cast<double>(n * n);
  for (std::size_t k = 0; k < count; ++k) {
    SignNeuron neuron{};
    neuron.neuron = neurons[k];
    neuron.left = fit(network.left_embedding.col(neurons[k]));
    neuron.right = fit(network.right_embedding.col(neurons[k]));
    neuron.unembedding = fit(network.unembedding.row(neurons[k]).transpose());
    double between = 0, mean = 0;
    for (std::size_t block = 0; block < 4; ++block) {
      neuron.block_mean[block] = sums[k][block] / pairs_in_block[block];
      neuron.block_theory[block] =
          std::max(0.0, neuron.left.coefficient * signs[block][0] + neuron.right.coefficient * signs[block][1]);
      between += sums[k][block] * neuron.block_mean[block];
      mean += sums[k][block] / all_pairs_count;
      circuit.logit_by_block[block] += neuron.block_mean[block] * neuron.unembedding.coefficient;
    }
    const double variance = squares[k] - all_pairs_count * mean * mean;
    neuron.block_share = variance > 0 ? (between - all_pairs_count * mean * mean) / variance : 0;
    circuit.neurons.push_back(neuron);
  }
  return circuit;
}

}  // namespace cayley
