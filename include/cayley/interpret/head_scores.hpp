/// Where attention heads look: mean attention at places that a task knows of.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/interpret/sequence_pieces.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/token_batch.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/task/induction.hpp>
#include <cayley/task/skip_trigram.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cstdint>
#include <span>
#include <vector>

namespace cayley {

/// One entry of the attention patterns of a batch: from a query to a key, both numbered within their sequence.
struct AttentionPlace {
  std::uint32_t sequence, query, key;
  bool operator==(AttentionPlace const&) const = default;
};

/// From every position but the first to the one before.
inline std::vector<AttentionPlace> previous_token_places(TokenBatch batch) {
  std::vector<AttentionPlace> places;
  for (std::uint32_t s = 0; s < static_cast<std::uint32_t>(batch.sequences()); ++s) {
    for (std::uint32_t t = 1; t < static_cast<std::uint32_t>(batch.length); ++t) places.push_back({s, t, t - 1});
  }
  return places;
}

/// From each target of an induction task, a token of a later copy, to the token behind its occurrence in the first one.
/// Errors: as `Induction::starts`.
inline std::vector<AttentionPlace> induction_places(Induction const& task, TokenSequences const& data) {
  const Matrix<std::uint32_t> starts = task.starts(data);
  std::vector<AttentionPlace> places;
  for (Index s = 0; s < starts.rows(); ++s) {
    for (Index i = 1; i < starts.cols(); ++i) {
      for (std::uint32_t j = 0; j + 1 < static_cast<std::uint32_t>(task.copied); ++j) {
        places.push_back({static_cast<std::uint32_t>(s), starts(s, i) + j, starts(s, 0) + j + 1});
      }
    }
  }
  return places;
}

/// From the last position to the marked token of each sequence.
/// Errors: as `SkipTrigram::marked_places`.
inline std::vector<AttentionPlace> marked_token_places(SkipTrigram const& task, TokenSequences const& data) {
  const auto last = static_cast<std::uint32_t>(task.n_ctx() - 1);
  std::vector<AttentionPlace> places;
  for (std::uint32_t key : task.marked_places(data)) {
    places.push_back({static_cast<std::uint32_t>(places.size()), last, key});
  }
  return places;
}

/// Mean attention at these places, by layer and head; NaN without places.
/// Shape: (layers, heads).
/// Range: 0 .. 1.
/// Errors: `Error` for a place outside the batch, or tokens that do not fit.
template <class B, class Scalar>
Matrix<double> mean_attention_at(Transformer<B, Scalar> const& model, TokenBatch batch,
                                 std::span<AttentionPlace const> places) {
  TransformerShape const& shape = model.shape();
  Matrix<double> sums = Matrix<double>::Zero(shape.n_layers, shape.n_heads);
  for (AttentionPlace const& place : places) {
    const bool is_inside = place.sequence < batch.sequences() && place.query < batch.length && place.key < batch.length;
    require(is_inside, "attention: expected places in ", batch.sequences(), " sequences of ", batch.length,
            ", found query ", place.query, " and key ", place.key, " of sequence ", place.sequence);
  }
  for_each_piece(batch, [&](Index first, TokenBatch piece) {
    Hooks<B, Scalar> hooks;
    for (Index layer = 0; layer < shape.n_layers; ++layer) {
      hooks.add(detail::in_block(layer, "attn.hook_pattern"), [&, layer](HookedTensor<B, Scalar>& tensor) {
        const Matrix<Scalar> pattern = tensor.host();  // (sequences n_heads queries, keys)
        for (AttentionPlace const& place : places) {
          const Index sequence = static_cast<Index>(place.sequence) - first;
          if (sequence < 0 || sequence >= piece.sequences()) continue;
          for (Index h = 0; h < shape.n_heads; ++h) {
            const Index row = (sequence * shape.n_heads + h) * batch.length + place.query;
            sums(layer, h) += static_cast<double>(pattern(row, place.key));
          }
        }
      });
    }
    model.forward(piece, hooks);
  });
  return sums / static_cast<double>(places.size());
}

/// How much each head attends to the token before.
/// Shape: (layers, heads).
template <class B, class Scalar>
Matrix<double> previous_token_scores(Transformer<B, Scalar> const& model, TokenBatch batch) {
  return mean_attention_at(model, batch, previous_token_places(batch));
}

/// How much each head attends from a token of a later copy to the token behind its first occurrence.
/// Shape: (layers, heads).
/// Ref: Olsson et al., In-context Learning and Induction Heads (2022), prefix matching.
template <class B, class Scalar>
Matrix<double> induction_scores(Transformer<B, Scalar> const& model, Induction const& task,
                                TokenSequences const& data) {
  return mean_attention_at(model, {data.tokens, data.length}, induction_places(task, data));
}

}  // namespace cayley
