/// The attention heads of a one-layer transformer as products of weights, and where its last position looks.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/interpret/pair_transformer.hpp>
#include <cmath>
#include <utility>
#include <vector>

namespace cayley {

/// Effective weights of one head. Vectors are rows: the score of a key x seen from a query y is y QK x^T, before
/// division by sqrt(d_head) and without biases.
/// Ref: Elhage et al., A Mathematical Framework for Transformer Circuits (2021).
struct HeadCircuits {
  Matrix<double> QK;      ///< W_Q W_K^T: (d_model, d_model)
  Matrix<double> OV;      ///< W_V W_O: (d_model, d_model)
  Matrix<double> W_neur;  ///< W_E W_V W_O W_in, what a token adds to the MLP's input: (order, d_mlp)
  /// W_attn, the part of the last position's score that comes from a token at either of the first two positions.
  /// Shape: (order).
  Vector<double> W_attn;
  /// The rest of the score, by position: the score of token t at position p is W_attn[t] + position_scores[p], that of
  /// the last position position_scores[2].
  /// Shape: (3).
  RowVector<double> position_scores;
};

/// The effective weights of every head.
/// Ref: Nanda et al. 2023, effective weights W_neur and W_attn.
inline std::vector<HeadCircuits> head_circuits(PairTransformer const& weights) {
  std::vector<HeadCircuits> circuits;
  for (PairTransformer::Head const& head : weights.heads) {
    HeadCircuits circuit;
    circuit.QK = times_transposed<double>(head.W_Q, head.W_K);
    circuit.OV = times<double>(head.W_V, head.W_O);
    circuit.W_neur = times<double>(times<double>(weights.W_E, circuit.OV), weights.W_in);
    const double scale = 1 / std::sqrt(static_cast<double>(head.W_Q.cols()));
    const RowVector<double> query = scale * (times<double>(weights.last, head.W_Q) + head.b_Q);  // (d_head)
    const RowVector<double> key = times_transposed<double>(query, head.W_K);  // (d_model): score of a residual stream
    circuit.W_attn = times_transposed<double>(weights.W_E, key);
    circuit.position_scores = times_transposed<double>(key, weights.W_pos);
    circuit.position_scores[2] = key.dot(weights.last);
    circuit.position_scores.array() += query.dot(head.b_K);
    circuits.push_back(std::move(circuit));
  }
  return circuits;
}

/// Mean attention of the last position over pairs.
/// Shape: (pairs, heads * 3), as `PairAttention::patterns` -> (heads, 3).
/// Range: 0 .. 1, rows sum to 1.
/// Errors: `Error` when the columns are not three for each head.
inline Matrix<double> mean_attention(ConstMatrixRef<double> const& patterns) {
  require(patterns.cols() % 3 == 0, "mean attention: expected three columns for each head, found ", patterns.cols(),
          " columns");
  const RowVector<double> mean = patterns.colwise().mean();
  return Eigen::Map<Matrix<double> const>(mean.data(), patterns.cols() / 3, 3);
}

/// Mean attention to position 0 less that to position 1, by head: 0 for a head that treats both operands alike.
/// Shape: (heads, 3) -> (heads).
/// Range: -1 .. 1.
inline Vector<double> attention_difference(Matrix<double> const& mean_attention) {
  return mean_attention.col(0) - mean_attention.col(1);
}

}  // namespace cayley
