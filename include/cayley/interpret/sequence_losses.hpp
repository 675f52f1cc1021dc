/// Losses of a transformer on sequences of tokens, whole and by part.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/interpret/losses.hpp>
#include <cayley/interpret/sequence_pieces.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/sequence_examples.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cstddef>
#include <vector>

namespace cayley {

/// Mean cross-entropies times the data's `loss_scale`, and shares of targets whose first largest logit is the label. A
/// mean over no targets is NaN.
struct SequenceLosses {
  double loss, accuracy;
  /// By part of the loss (a digit of a sum, a trigram); empty where the data have no parts. For another partition, say
  /// by digit and carry, change `parts` of the data.
  std::vector<double> part_losses, part_accuracies;
};

/// The losses of given logits.
/// Shape: logits (targets, classes), a row for each target of the data.
/// Errors: `Error` when rows, labels or parts do not fit.
inline SequenceLosses sequence_losses(TokenSequences const& data, ConstMatrixRef<double> const& logits) {
  check_targets(data, logits.cols());
  const std::size_t targets = data.labels.size();
  require(logits.rows() == static_cast<Index>(targets), "losses: expected logits of ", targets, " targets, found ",
          logits.rows());
  struct Sums {
    double loss = 0, correct = 0, targets = 0;
    void add(double target_loss, bool is_correct) {
      loss += target_loss;
      correct += is_correct ? 1 : 0;
      ++targets;
    }
  };
  const auto most = std::max_element(data.parts.begin(), data.parts.end());
  Sums all;
  std::vector<Sums> parts(data.parts.empty() ? 0 : std::size_t{*most} + 1);
  for (std::size_t t = 0; t < targets; ++t) {
    const auto row = logits.row(static_cast<Index>(t));
    const double loss = cross_entropy(row, data.labels[t]);
    Index guess = 0;
    row.maxCoeff(&guess);
    const bool is_correct = guess == static_cast<Index>(data.labels[t]);
    all.add(loss, is_correct);
    if (!parts.empty()) parts[data.parts[t]].add(loss, is_correct);
  }
  SequenceLosses result{data.loss_scale * all.loss / all.targets, all.correct / all.targets, {}, {}};
  for (Sums const& part : parts) {
    result.part_losses.push_back(data.loss_scale * part.loss / part.targets);
    result.part_accuracies.push_back(part.correct / part.targets);
  }
  return result;
}

/// The logits at the targets, from whole forward passes over pieces of the data; hooks see one piece after the other.
/// Shape: (targets, d_vocab_out).
/// Errors: `Error` for tokens, targets or labels that do not fit, or unknown hook names.
template <class B, class Scalar>
Matrix<double> target_logits(Transformer<B, Scalar> const& model, TokenSequences const& data,
                             Hooks<B, Scalar> const& hooks = {}) {
  check_targets(data, model.shape().d_vocab_out);
  Matrix<double> result(static_cast<Index>(data.target_rows.size()), model.shape().d_vocab_out);
  std::size_t target = 0;
  if (data.empty()) return result;
  for_each_piece({data.tokens, data.length}, [&](Index first, TokenBatch piece) {
    const Matrix<Scalar> logits = model.forward(piece, hooks).host();  // (positions of the piece, d_vocab_out)
    const Index first_row = first * data.length;
    for (; target < data.target_rows.size() && data.target_rows[target] < first_row + logits.rows(); ++target) {
      const Index row = static_cast<Index>(data.target_rows[target]) - first_row;
      result.row(static_cast<Index>(target)) = logits.row(row).template cast<double>();
    }
  });
  return result;
}

/// The losses of a model, in double from its logits.
/// Errors: as `target_logits`.
template <class B, class Scalar>
SequenceLosses sequence_losses(Transformer<B, Scalar> const& model, TokenSequences const& data,
                               Hooks<B, Scalar> const& hooks = {}) {
  return sequence_losses(data, target_logits(model, data, hooks));
}

}  // namespace cayley
