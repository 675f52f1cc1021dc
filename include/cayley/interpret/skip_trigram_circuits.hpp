/// How a layer of attention learns skip trigrams: it attends to the marked token, which tells the answer.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/interpret/order_statistics.hpp>
#include <cayley/interpret/reader_circuits.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/task/skip_trigram.hpp>
#include <utility>
#include <vector>

namespace cayley {

/// The circuits of a model for `SkipTrigram` as tables, a row for each key. Scores are those of the query `end`, less
/// the score of `end` itself, before division by sqrt(d_head); mean over positions.
struct SkipTrigramCircuits {
  struct Head {
    double QK_begin;           ///< score of `begin`
    Vector<double> QK_noise;   ///< (keys): score of each kind of noise
    Vector<double> QK_marked;  ///< (keys): score of the marked token of each key
    Matrix<double> OV_noise;   ///< (keys, keys): logits of noise attended to
    Matrix<double> OV_marked;  ///< (keys, keys): logits of the marked token attended to
    double diagonal_rows;      ///< of OV_marked, 0 .. 1: rows whose largest entry is their key

    /// Score of each marked token less the mean score of noise: what the attention to a trigram rests on.
    /// Shape: (keys).
    Vector<double> advantage() const { return QK_marked.array() - QK_noise.mean(); }
  };
  std::vector<Head> heads;
  RowVector<double> direct;  ///< (keys): logits without attention
};

/// Errors: `Error` when the model does not fit the task; as `reader_circuits`.
template <class B, class Scalar>
SkipTrigramCircuits skip_trigram_circuits(Transformer<B, Scalar> const& model, SkipTrigram const& task) {
  task.check();
  TransformerShape const& shape = model.shape();
  require(shape.d_vocab == task.d_vocab() && shape.d_vocab_out == task.d_vocab_out() && shape.n_ctx >= task.n_ctx(),
          "skip trigram: expected a model of ", task.d_vocab(), " tokens, ", task.d_vocab_out(), " classes and ",
          task.n_ctx(), " positions, found ", shape.d_vocab, ", ", shape.d_vocab_out, " and ", shape.n_ctx);
  const ReaderCircuits circuits = reader_circuits(model, SkipTrigram::end, task.n_ctx());
  SkipTrigramCircuits result{{}, circuits.direct};
  const Index keys = task.keys;
  for (ReaderCircuits::Head const& head : circuits.heads) {
    SkipTrigramCircuits::Head tables{head.QK[SkipTrigram::begin],        head.QK.segment(2, keys),
                                     head.QK.segment(2 + keys, keys),    head.OV.middleRows(2, keys),
                                     head.OV.middleRows(2 + keys, keys), 0};
    tables.diagonal_rows = share_of_diagonal_rows(tables.OV_marked);
    result.heads.push_back(std::move(tables));
  }
  return result;
}

}  // namespace cayley
