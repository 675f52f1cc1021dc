/// How a layer of attention finds the largest of n numbers: it attends to large numbers and copies them.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/interpret/attention_weights.hpp>
#include <cayley/interpret/order_statistics.hpp>
#include <cayley/interpret/reader_circuits.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/task/max_of_n.hpp>
#include <utility>
#include <vector>

namespace cayley {

/// The circuits of a model for `MaxOfN`. Scores are those of the query `=`, less the score of `=` itself, before
/// division by sqrt(d_head).
struct MaxCircuits {
  struct Head {
    Vector<double> QK;            ///< (vocabulary): score of a number, mean over positions
    Vector<double> QK_positions;  ///< (n): what a position adds to it
    Matrix<double> OV;            ///< (vocabulary, vocabulary): logits of a number attended to, mean over positions
    Matrix<double> OV_positions;  ///< (n, vocabulary): irrelevant, what a position adds to them
    RowVector<double> OV_equals;  ///< (vocabulary): logits of `=` attended to
    double increasing_steps;      ///< of QK, 0 .. 1
    double rank_correlation;      ///< of QK with the number, -1 .. 1
    double diagonal_rows;         ///< of OV, 0 .. 1: rows whose largest entry is their number

    /// Logits of a number attended to, less its own.
    /// Shape: (vocabulary, vocabulary).
    Matrix<double> centred_OV() const { return centred_at_diagonal(OV); }
  };
  std::vector<Head> heads;
  RowVector<double> direct;  ///< (vocabulary): irrelevant, the logits of the residual stream of `=` without attention
};

namespace detail {

template <class B, class Scalar>
void require_max_model(Transformer<B, Scalar> const& model, MaxOfN const& task) {
  task.check();
  TransformerShape const& shape = model.shape();
  require(shape.d_vocab == task.d_vocab() && shape.d_vocab_out == task.d_vocab_out() && shape.n_ctx >= task.n_ctx(),
          "max of n: expected a model of ", task.d_vocab(), " tokens, ", task.d_vocab_out(), " classes and ",
          task.n_ctx(), " positions, found ", shape.d_vocab, ", ", shape.d_vocab_out, " and ", shape.n_ctx);
}

}  // namespace detail

/// Errors: `Error` when the model does not fit the task; as `reader_circuits`.
/// Ref: Gross et al., Compact Proofs of Model Performance via Mechanistic Interpretability (2024), and the notebook
///      max_of_2_grokking.
template <class B, class Scalar>
MaxCircuits max_circuits(Transformer<B, Scalar> const& model, MaxOfN const& task) {
  detail::require_max_model(model, task);
  ReaderCircuits circuits = reader_circuits(model, task.equals(), task.n_ctx());
  MaxCircuits result{{}, std::move(circuits.direct)};
  for (ReaderCircuits::Head& head : circuits.heads) {
    MaxCircuits::Head numbers{head.QK.head(task.vocabulary),
                              std::move(head.QK_positions),
                              head.OV.topRows(task.vocabulary),
                              std::move(head.OV_positions),
                              std::move(head.OV_reader),
                              0,
                              0,
                              0};
    numbers.increasing_steps = share_of_increasing_steps(numbers.QK);
    numbers.rank_correlation = rank_correlation_with_index(numbers.QK);
    numbers.diagonal_rows = share_of_diagonal_rows(numbers.OV);
    result.heads.push_back(std::move(numbers));
  }
  return result;
}

/// The curve of the notebook's animation: the score of each number, W_pos being replaced by one constant in every
/// coordinate, the mean of its first column over the numbers' positions. Differs from `MaxCircuits::Head::QK` by a
/// constant alone.
/// Shape: (vocabulary).
/// Errors: as `max_circuits` for the model; as `AttentionWeights::head`.
/// Ref: the notebook max_of_2_grokking, "overlap".
template <class B, class Scalar>
Vector<double> attention_overlap(Transformer<B, Scalar> const& model, MaxOfN const& task, Index head = 0) {
  detail::require_max_model(model, task);
  const AttentionWeights weights = attention_weights(model);
  auto const& w = weights.head({0, head});
  const RowVector<double> last = weights.W_E.row(task.vocabulary) + weights.W_pos.row(task.n);  // (d_model)
  const RowVector<double> query = times<double>(last, w.W_Q) + w.b_Q;                           // (d_head)
  const RowVector<double> key = times_transposed<double>(query, w.W_K);                         // (d_model)
  const double shift = weights.W_pos.col(0).head(task.n).mean() * key.sum();
  return times_transposed<double>(weights.W_E.topRows(task.vocabulary), key).array() + shift;
}

}  // namespace cayley
