/// One layer of attention that is read at a constant last token, as tables over tokens and positions.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/interpret/attention_weights.hpp>
#include <cayley/nn/transformer.hpp>
#include <cstdint>
#include <utility>
#include <vector>

namespace cayley {

/// Everything that the logits at the last position are made of. With tokens t_p at the positions p before, whose
/// attention is a_p, and the attention a_last of the last position to itself,
///   scores (p) - score (last)   = QK[t_p] + QK_positions[p], to be divided by sqrt(d_head) for the softmax
///   logits                      = direct + sum over heads and p of a_p (OV[t_p] + OV_positions[p]) + a_last OV_reader.
/// Rows of tokens contain the mean of the positions, rows of positions what they have beyond it.
struct ReaderCircuits {
  struct Head {
    Vector<double> QK;            ///< (d_vocab)
    Vector<double> QK_positions;  ///< (length - 1), mean 0
    Matrix<double> OV;            ///< (d_vocab, d_vocab_out)
    Matrix<double> OV_positions;  ///< (length - 1, d_vocab_out), columns of mean 0
    RowVector<double> OV_reader;  ///< (d_vocab_out): of the last token at its position
  };
  /// Of the last position's residual stream without attention, and of the biases.
  /// Shape: (d_vocab_out).
  RowVector<double> direct;
  std::vector<Head> heads;
};

/// The circuits for sequences of `length` tokens that end in `reader`.
/// Errors: `Error` unless the transformer has one layer of attention, no MLP and no layer norm, and takes this token
///         and length, at least 2.
/// Ref: Elhage et al., A Mathematical Framework for Transformer Circuits (2021), one-layer attention-only transformers.
template <class B, class Scalar>
ReaderCircuits reader_circuits(Transformer<B, Scalar> const& model, std::uint32_t reader, Index length) {
  TransformerShape const& shape = model.shape();
  require(shape.n_layers == 1 && shape.attn_only && !shape.has_layer_norm,
          "reader circuits: expected a transformer of one layer, attention only, without layer norm");
  require(static_cast<Index>(reader) < shape.d_vocab, "reader circuits: expected a token below ", shape.d_vocab,
          ", found ", reader);
  require(length >= 2 && length <= shape.n_ctx, "reader circuits: expected a length of 2 .. ", shape.n_ctx, ", found ",
          length);
  const AttentionWeights weights = attention_weights(model);
  auto const& layer = weights.layers.front();
  const RowVector<double> last = weights.W_E.row(reader) + weights.W_pos.row(length - 1);  // (d_model)
  const RowVector<double> mean = weights.W_pos.topRows(length - 1).colwise().mean();       // (d_model)
  const Matrix<double> tokens = weights.W_E.rowwise() + mean;                              // (d_vocab, d_model)
  const Matrix<double> positions = weights.W_pos.topRows(length - 1).rowwise() - mean;     // (length - 1, d_model)

  ReaderCircuits result;
  RowVector<double> direct = weights.residual_factor * last + layer.b_O;  // (d_model)
  for (auto const& head : layer.heads) {
    const RowVector<double> query = times<double>(last, head.W_Q) + head.b_Q;                  // (d_head)
    const RowVector<double> key = times_transposed<double>(query, head.W_K);                   // (d_model)
    const Matrix<double> out = times<double>(head.W_V, times<double>(head.W_O, weights.W_U));  // (d_model, d_vocab_out)
    ReaderCircuits::Head circuits;
    circuits.QK = times_transposed<double>(tokens, key).array() - key.dot(last);
    circuits.QK_positions = times_transposed<double>(positions, key);
    circuits.OV = times<double>(tokens, out);
    circuits.OV_positions = times<double>(positions, out);
    circuits.OV_reader = times<double>(last, out);
    direct += times<double>(head.b_V, head.W_O);
    result.heads.push_back(std::move(circuits));
  }
  result.direct = times<double>(direct, weights.W_U) + weights.b_U;
  return result;
}

}  // namespace cayley
