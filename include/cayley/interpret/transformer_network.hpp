/// A one-layer transformer on pairs of group elements, as explanations see it.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/interpret/pair_attention.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cayley/interpret/pair_transformer.hpp>
#include <cayley/task/group_composition.hpp>
#include <memory>
#include <span>

namespace cayley {

/// hidden = the MLP's activations at the last position of the tokens (a, b, order), and U = W_out W_U; the residual
/// stream's own way to the logits is `direct`. Ex = Ey = the rows of W_E that belong to elements. The sum of squared
/// weights is left at 0, as in the published metrics of transformers.
inline PairNetwork pair_network(PairTransformer const& weights) {
  PairNetwork network;
  network.left_embedding = weights.W_E;
  network.right_embedding = weights.W_E;
  network.unembedding = times<double>(weights.W_out, weights.W_U);
  const auto attention = std::make_shared<PairAttention const>(weights);
  network.hidden = [attention, w_in = weights.W_in, b_in = weights.b_in](std::span<const Pair> pairs,
                                                                         MatrixRef<double> out) {
    out = (times<double>(attention->residual(pairs), w_in).rowwise() + b_in).cwiseMax(0);
  };
  network.direct = [attention, w_u = weights.W_U, b_out = weights.b_out, b_u = weights.b_U](std::span<const Pair> pairs,
                                                                                            MatrixRef<double> out) {
    const Matrix<double> residual = attention->residual(pairs).rowwise() + b_out;
    out = times<double>(residual, w_u).rowwise() + b_u;
  };
  return network;
}

/// The same of a trained transformer.
/// Errors: as `pair_transformer`.
template <class B, class Scalar>
PairNetwork pair_network(Transformer<B, Scalar> const& model) {
  return pair_network(pair_transformer(model));
}

}  // namespace cayley
