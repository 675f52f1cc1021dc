/// Attention from the last position to the marked token of skip trigrams, and what the loss would gain by more of it.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/interpret/head_scores.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/task/skip_trigram.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace cayley {

/// By trigram and head of a layer, means over the sequences of each trigram; NaN for a trigram without one.
/// Shape: (keys, heads).
struct TrigramAttention {
  Matrix<double> attention;  ///< 0 .. 1
  /// Of the loss, a mean over all sequences, in one sequence's attention to its marked token: negative where more
  /// attention helps.
  Matrix<double> gradient;
};

/// Errors: as `SkipTrigram::marked_places` and `Transformer::unfolded_loss_and_gradient`; `Error` unless each sequence
///         has a part, its key, and the layer is there.
/// Cost: one forward and one backward pass, all sequences at once in memory.
template <class B, class Scalar>
TrigramAttention trigram_attention(Transformer<B, Scalar> const& model, SkipTrigram const& task,
                                   TokenSequences const& data, Index layer = 0) {
  const std::vector<AttentionPlace> places = marked_token_places(task, data);
  require(data.parts.size() == places.size(), "skip trigram: expected a part for each of ", places.size(),
          " sequences, found ", data.parts.size());
  for (std::uint32_t part : data.parts) {
    require(part < task.keys, "skip trigram: expected parts below ", task.keys, ", found ", part);
  }
  require(layer >= 0 && layer < model.shape().n_layers, "skip trigram: expected a layer of 0 .. ",
          model.shape().n_layers - 1, ", found ", layer);
  const Index heads = model.shape().n_heads;
  Vector<double> counts = Vector<double>::Zero(task.keys);
  for (std::uint32_t part : data.parts) ++counts[part];

  const auto mean_into = [&](Matrix<double>& means) {
    return [&](HookedTensor<B, Scalar>& tensor) {
      const Matrix<Scalar> values = tensor.host();  // (sequences heads queries, keys)
      means = Matrix<double>::Zero(task.keys, heads);
      for (AttentionPlace const& place : places) {
        for (Index h = 0; h < heads; ++h) {
          const Index row = (static_cast<Index>(place.sequence) * heads + h) * data.length + place.query;
          means(data.parts[place.sequence], h) += static_cast<double>(values(row, place.key));
        }
      }
      means.array().colwise() /= counts.array();
    };
  };
  TrigramAttention result;
  const std::string name = detail::in_block(layer, "attn.hook_pattern");
  Hooks<B, Scalar> hooks, gradient_hooks;
  hooks.add(name, mean_into(result.attention));
  gradient_hooks.add(name, mean_into(result.gradient));
  model.unfolded_loss_and_gradient(data, hooks, gradient_hooks);
  return result;
}

}  // namespace cayley
