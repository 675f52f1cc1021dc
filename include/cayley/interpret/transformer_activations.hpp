/// Everything that a one-layer transformer computes for pairs of group elements at its last position.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/interpret/pair_attention.hpp>
#include <cayley/interpret/pair_transformer.hpp>
#include <cayley/task/group_composition.hpp>
#include <span>

namespace cayley {

/// Activations of some pairs, a row each.
struct TransformerActivations {
  Matrix<double> attention;  ///< (pairs, heads * 3), as `PairAttention::patterns`
  Matrix<double> pre;        ///< (pairs, d_mlp): before the ReLU
  Matrix<double> hidden;     ///< (pairs, d_mlp): after the ReLU
  Matrix<double> logits;     ///< (pairs, order)
};

/// Activations of some pairs at once, for analyses that need several of them; `pair_network` gives them piece by piece.
inline TransformerActivations transformer_activations(PairTransformer const& weights, std::span<const Pair> pairs) {
  const PairAttention attention(weights);
  TransformerActivations result;
  result.attention = attention.patterns(pairs);
  const Matrix<double> residual = attention.residual(pairs, result.attention);  // (pairs, d_model)
  result.pre = times<double>(residual, weights.W_in).rowwise() + weights.b_in;
  result.hidden = result.pre.cwiseMax(0);
  const RowVector<double> bias = times<double>(weights.b_out, weights.W_U) + weights.b_U;  // (order)
  result.logits = times<double>(result.hidden, times<double>(weights.W_out, weights.W_U));
  result.logits += times<double>(residual, weights.W_U);
  result.logits.rowwise() += bias;
  return result;
}

/// Activations of all pairs.
/// Shape: the pair (a, b) is row a order + b.
inline TransformerActivations transformer_activations(PairTransformer const& weights) {
  return transformer_activations(weights, all_pairs(weights.order()));
}

}  // namespace cayley
