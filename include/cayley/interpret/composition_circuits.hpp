/// Attention heads as tables over tokens and positions, alone and one through another.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/interpret/attention_weights.hpp>
#include <cstddef>

namespace cayley {

/// Which embedding a circuit reads.
enum class Embedding { tokens, positions };

namespace detail {

inline Matrix<double> const& rows_of(AttentionWeights const& weights, Embedding embedding) {
  return embedding == Embedding::tokens ? weights.W_E : weights.W_pos;
}

}  // namespace detail

/// The score that a head gives to each key, seen from each query, when both enter its layer as embeddings alone:
/// W_E W_Q W_K^T W_E^T, before division by sqrt(d_head) and without biases. `Embedding::positions` puts W_pos for W_E.
/// Shape: (queries, keys), d_vocab or n_ctx each.
/// Normalisation: a doubled residual counts; scores of layer l are 4^l times the product.
/// Errors: as `AttentionWeights::head`.
/// Ref: Elhage et al., A Mathematical Framework for Transformer Circuits (2021), "QK circuit".
inline Matrix<double> qk_circuit(AttentionWeights const& weights, HeadPlace place, Embedding query = Embedding::tokens,
                                 Embedding key = Embedding::tokens) {
  auto const& head = weights.head(place);
  const double scale = weights.before(place.layer) * weights.before(place.layer);
  const Matrix<double> queries = scale * times<double>(detail::rows_of(weights, query), head.W_Q);  // (queries, d_head)
  return times_transposed<double>(queries, times<double>(detail::rows_of(weights, key), head.W_K));
}

/// What a head adds to the logits where it attends to a token (or position) whose embedding alone enters its layer: W_E
/// W_V W_O W_U, without biases.
/// Shape: (d_vocab or n_ctx, d_vocab_out).
/// Normalisation: a doubled residual counts; of L layers, the logits of layer l are 2^(L-1) times the product.
/// Errors: as `AttentionWeights::head`.
/// Ref: Elhage et al. 2021, "OV circuit".
inline Matrix<double> ov_circuit(AttentionWeights const& weights, HeadPlace place,
                                 Embedding source = Embedding::tokens) {
  auto const& head = weights.head(place);
  const double scale = weights.before(place.layer) * weights.to_logits(place.layer);
  const Matrix<double> values = scale * times<double>(detail::rows_of(weights, source), head.W_V);  // (rows, d_head)
  return times<double>(values, times<double>(head.W_O, weights.W_U));
}

/// The score of head `later` from each query to a key to whose place head `earlier` has moved a token: W_E W_Q1 W_K1^T
/// W_O0^T W_V0^T W_E^T, before division by sqrt(d_head). Where `earlier` attends to the token before, a large diagonal
/// makes an induction head: it looks for what came behind the present token.
/// Shape: (queries, moved tokens), d_vocab or n_ctx each.
/// Normalisation: a doubled residual counts, for layers 0 and 1 twice the product.
/// Errors: as `AttentionWeights::head`; `Error` unless `earlier` is in an earlier layer.
/// Ref: Elhage et al. 2021, "K-composition".
inline Matrix<double> k_composition_circuit(AttentionWeights const& weights, HeadPlace earlier, HeadPlace later,
                                            Embedding query = Embedding::tokens, Embedding moved = Embedding::tokens) {
  auto const &from = weights.head(earlier), &to = weights.head(later);
  require(earlier.layer < later.layer, "composition: expected an earlier layer than ", later.layer, ", found ",
          earlier.layer);
  const double scale =
      weights.before(later.layer) * weights.before(earlier.layer) * weights.between(earlier.layer, later.layer);
  const Matrix<double> queries = scale * times<double>(detail::rows_of(weights, query), to.W_Q);  // (queries, d_head)
  const Matrix<double> values = times<double>(detail::rows_of(weights, moved), from.W_V);         // (moved, d_head)
  return times_transposed<double>(queries, times<double>(values, times<double>(from.W_O, to.W_K)));
}

/// How much of what an earlier head writes a later one reads, |A B| / (|A| |B|) in Frobenius norms of its circuit A and
/// the earlier OV = W_V W_O; with QK = W_Q W_K^T.
/// Shape: (heads of the later layer, heads of the earlier layer).
/// Range: 0 .. 1; circuits that have nothing to do with each other have about 1/sqrt(d_model), the root of the mean
///        square over rotations of one of them. NaN for a circuit that is zero.
/// Ref: Elhage et al. 2021, "Path expansion of multiple attention layers".
struct CompositionScores {
  Matrix<double> Q;  ///< |OV QK|: through the later head's queries
  Matrix<double> K;  ///< |QK OV^T|: through its keys
  Matrix<double> V;  ///< |OV OV'|: through its values
};

/// Errors: as `AttentionWeights::head`; `Error` unless `earlier` is the earlier layer.
inline CompositionScores composition_scores(AttentionWeights const& weights, Index earlier = 0, Index later = 1) {
  require(earlier < later, "composition: expected an earlier layer than ", later, ", found ", earlier);
  weights.head({earlier, 0});
  weights.head({later, 0});
  auto const& from = weights.layers[static_cast<std::size_t>(earlier)].heads;
  auto const& to = weights.layers[static_cast<std::size_t>(later)].heads;
  const Matrix<double> empty(static_cast<Index>(to.size()), static_cast<Index>(from.size()));
  CompositionScores scores{empty, empty, empty};
  for (Index i = 0; i < empty.rows(); ++i) {
    auto const& reader = to[static_cast<std::size_t>(i)];
    const Matrix<double> qk = times_transposed<double>(reader.W_Q, reader.W_K);  // (d_model, d_model)
    const Matrix<double> ov = times<double>(reader.W_V, reader.W_O);             // (d_model, d_model)
    for (Index j = 0; j < empty.cols(); ++j) {
      auto const& writer = from[static_cast<std::size_t>(j)];
      const Matrix<double> written = times<double>(writer.W_V, writer.W_O);  // (d_model, d_model)
      scores.Q(i, j) = times<double>(written, qk).norm() / (written.norm() * qk.norm());
      scores.K(i, j) = times_transposed<double>(qk, written).norm() / (qk.norm() * written.norm());
      scores.V(i, j) = times<double>(written, ov).norm() / (written.norm() * ov.norm());
    }
  }
  return scores;
}

}  // namespace cayley
