/// What a model for the largest of n numbers does, measured over inputs: where it looks and what it answers.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/interpret/max_circuits.hpp>
#include <cayley/interpret/sequence_losses.hpp>
#include <cayley/interpret/sequence_pieces.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/task/max_of_n.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cstddef>
#include <cstdint>

namespace cayley {

/// Means over sequences. Attention is that of `=` in the last layer, mean over heads.
struct MaxBehaviour {
  Index sequences = 0;
  double loss = 0;
  double accuracy = 0;
  double attends_to_largest = 0;    ///< share whose most attended position holds the largest number
  double attention_to_largest = 0;  ///< attention to the positions that hold the largest number, together
  double copies_attended = 0;       ///< share whose answer is the number at the most attended position
};

/// Errors: `Error` when the model or the sequences do not fit the task, or there are none.
template <class B, class Scalar>
MaxBehaviour max_behaviour(Transformer<B, Scalar> const& model, MaxOfN const& task, TokenSequences const& data) {
  detail::require_max_model(model, task);
  require(
      data.length == task.n_ctx() && data.labels.size() == static_cast<std::size_t>(data.sequences()) && !data.empty(),
      "max of n: expected sequences of ", task.n_ctx(), " tokens with a target each, found ", data.sequences(),
      " sequences of ", data.length, " and ", data.labels.size(), " targets");
  const Index length = data.length, heads = model.shape().n_heads;
  Matrix<double> logits(data.sequences(), model.shape().d_vocab_out), attention(data.sequences(), length);
  for_each_piece({data.tokens, length}, [&](Index first, TokenBatch piece) {
    Hooks<B, Scalar> hooks;
    hooks.add(detail::in_block(model.shape().n_layers - 1, "attn.hook_pattern"), [&](HookedTensor<B, Scalar>& tensor) {
      const Matrix<double> pattern = tensor.host().template cast<double>();  // (sequences heads queries, keys)
      for (Index s = 0; s < piece.sequences(); ++s) {
        attention.row(first + s).setZero();
        for (Index h = 0; h < heads; ++h) attention.row(first + s) += pattern.row((s * heads + h + 1) * length - 1);
      }
    });
    const Matrix<double> all = model.forward(piece, hooks).host().template cast<double>();
    for (Index s = 0; s < piece.sequences(); ++s) logits.row(first + s) = all.row((s + 1) * length - 1);
  });

  const SequenceLosses losses = sequence_losses(data, logits);
  MaxBehaviour result{data.sequences(), losses.loss, losses.accuracy};
  for (Index s = 0; s < data.sequences(); ++s) {
    std::uint32_t const* tokens = data.tokens.data() + s * length;
    const std::uint32_t largest = data.labels[static_cast<std::size_t>(s)];
    Index attended = 0, answer = 0;
    attention.row(s).maxCoeff(&attended);
    logits.row(s).maxCoeff(&answer);
    for (Index p = 0; p < task.n; ++p) {
      if (tokens[p] == largest) result.attention_to_largest += attention(s, p) / static_cast<double>(heads);
    }
    result.attends_to_largest += tokens[attended] == largest ? 1 : 0;
    result.copies_attended += static_cast<Index>(tokens[attended]) == answer ? 1 : 0;
  }
  for (double* mean : {&result.attends_to_largest, &result.attention_to_largest, &result.copies_attended}) {
    *mean /= static_cast<double>(data.sequences());
  }
  return result;
}

/// Over all vocabulary^n inputs.
/// Errors: as above and as `MaxOfN::all`.
template <class B, class Scalar>
MaxBehaviour max_behaviour(Transformer<B, Scalar> const& model, MaxOfN const& task) {
  return max_behaviour(model, task, task.all());
}

}  // namespace cayley
