/// Attention of short sequences: scores, pattern and weighted values of all heads, without tiny matrix products.
/// Includes no Eigen.
///
/// Queries, keys, values and outputs have a row per position of each sequence, the heads side by side: the vector of
/// head h at position i of sequence b is at row b length + i, column h head_dim. Scores and patterns have a row for each
/// sequence, head and query in this order, and a column for each key.
#pragma once

#include <cayley/backend/exponential.hpp>
#include <cayley/backend/host_device.hpp>
#include <cayley/backend/lane_group.hpp>
#include <cmath>
#include <cstdint>

namespace cayley {

/// Sizes that the functors share, and which queries are asked.
///
/// All positions ask, or only some of them: then `queries` names their rows in ascending order, queries and outputs have
/// a row for each of those alone, and scores and patterns have a row for each query and head in this order.
struct AttentionShape {
  Index heads;
  Index length;                            ///< positions of a sequence
  Index head_dim;                          ///< of queries, keys, values and outputs
  std::uint32_t const* queries = nullptr;  ///< rows of the positions that ask; null: all
  std::uint32_t const* query_begin =
      nullptr;  ///< where the queries of each sequence begin, and where the last ones end

  CAYLEY_HOST_DEVICE Index stride() const { return heads * head_dim; }

  /// Of a row of the scores: its head, its row among the queries and its position's row.
  CAYLEY_HOST_DEVICE Index head(Index row) const {
    return remainder(queries == nullptr ? quotient(row, length) : row, heads);
  }
  CAYLEY_HOST_DEVICE Index query(Index row) const {
    return queries == nullptr ? quotient(row, length * heads) * length + remainder(row, length) : quotient(row, heads);
  }
  CAYLEY_HOST_DEVICE Index position_row(Index row) const {
    return queries == nullptr ? query(row) : static_cast<Index>(queries[query(row)]);
  }

  /// Queries begin .. end - 1 belong to a sequence.
  CAYLEY_HOST_DEVICE Index begin(Index sequence) const {
    return queries == nullptr ? sequence * length : static_cast<Index>(query_begin[sequence]);
  }
  /// The row of the scores of a query and a head.
  CAYLEY_HOST_DEVICE Index score_row(Index query, Index head) const {
    return queries == nullptr ? (quotient(query, length) * heads + head) * length + remainder(query, length)
                              : query * heads + head;
  }
};

/// scores[b, h, i, j] = scale q[b, i, h] . k[b, j, h], for j <= i alone where attention is causal, else `masked`.
/// One call for each row of the scores.
template <class Scalar>
struct AttentionScores {
  AttentionShape shape;
  Scalar const* q;
  Scalar const* k;
  Scalar* scores;
  Scalar scale;
  bool is_causal;
  Scalar masked;  ///< minus infinity for scores, 0 for gradients of patterns

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    const Index column = shape.head(row) * shape.head_dim, at = shape.position_row(row),
                position = remainder(at, shape.length);
    Scalar const* query = q + shape.query(row) * shape.stride() + column;
    Scalar const* keys = k + (at - position) * shape.stride() + column;
    Scalar* out = scores + row * shape.length;
    for (Index j = lanes.rank(); j < shape.length; j += lanes.size()) {
      if (is_causal && j > position) {
        out[j] = masked;
        continue;
      }
      Scalar sum = 0;
      for (Index c = 0; c < shape.head_dim; ++c) sum += query[c] * keys[j * shape.stride() + c];
      out[j] = scale * sum;
    }
  }
};

/// Softmax of every row, in place; minus infinity becomes 0.
/// Shape: values (rows, cols) without gaps; a row has a finite entry.
template <class Scalar>
struct SoftmaxRows {
  Scalar* values;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* x = values + row * cols;
    const Scalar largest = max_over(lanes, cols, -Scalar(INFINITY), [&](Index c) { return x[c]; });
    const Scalar sum = sum_over<Scalar>(lanes, cols, [&](Index c) {
      x[c] = exp_nonpositive(x[c] - largest);
      return x[c];
    });
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) x[c] /= sum;
  }
};

/// The gradient of `SoftmaxRows`, in place: gradient = y (gradient - sum of y gradient), y the softmax.
/// Shape: softmax and gradient (rows, cols) without gaps.
template <class Scalar>
struct SoftmaxRowsBackward {
  Scalar const* softmax;
  Scalar* gradient;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* y = softmax + row * cols;
    Scalar* to = gradient + row * cols;
    const Scalar sum = sum_over<Scalar>(lanes, cols, [&](Index c) { return y[c] * to[c]; });
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = y[c] * (to[c] - sum);
  }
};

/// z[b, i, h] = sum over j of pattern[b, h, i, j] v[b, j, h], over j <= i alone where attention is causal. One call for
/// each row of the pattern.
template <class Scalar>
struct AttentionValues {
  AttentionShape shape;
  Scalar const* pattern;
  Scalar const* v;
  Scalar* z;
  bool is_causal;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    const Index column = shape.head(row) * shape.head_dim, at = shape.position_row(row),
                position = remainder(at, shape.length);
    const Index keys = is_causal ? position + 1 : shape.length;
    Scalar const* weights = pattern + row * shape.length;
    Scalar const* values = v + (at - position) * shape.stride() + column;
    Scalar* out = z + shape.query(row) * shape.stride() + column;
    for (Index c = lanes.rank(); c < shape.head_dim; c += lanes.size()) out[c] = weights[0] * values[c];
    for (Index j = 1; j < keys; ++j) {
      Scalar const* value = values + j * shape.stride();
      for (Index c = lanes.rank(); c < shape.head_dim; c += lanes.size()) out[c] += weights[j] * value[c];
    }
  }
};

/// The transpose of `AttentionValues`, for gradients of keys and values: out[b, j, h] = sum over i of
/// weights[b, h, i, j] in[b, i, h], over i >= j alone where attention is causal. One call for each row of `out` and head,
/// in this order.
template <class Scalar>
struct AttentionValuesBackward {
  AttentionShape shape;
  Scalar const* weights;
  Scalar const* in;
  Scalar* out;
  bool is_causal;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row_and_head, Lanes const& lanes) const {
    const Index row = quotient(row_and_head, shape.heads), head = remainder(row_and_head, shape.heads),
                column = head * shape.head_dim;
    const Index sequence = quotient(row, shape.length), key = remainder(row, shape.length);
    Scalar* to = out + row * shape.stride() + column;
    for (Index c = lanes.rank(); c < shape.head_dim; c += lanes.size()) to[c] = Scalar(0);
    const Index begin = shape.begin(sequence), end = shape.begin(sequence + 1);
    const Index first_score_row = shape.score_row(begin, head), step = shape.queries == nullptr ? 1 : shape.heads;
    for (Index i = begin; i < end; ++i) {
      const Index score_row = first_score_row + (i - begin) * step;
      const Index position_row = shape.queries == nullptr ? i : static_cast<Index>(shape.queries[i]);
      if (is_causal && position_row < row) continue;
      const Scalar weight = weights[score_row * shape.length + key];
      Scalar const* from = in + i * shape.stride() + column;
      for (Index c = lanes.rank(); c < shape.head_dim; c += lanes.size()) to[c] += weight * from[c];
    }
  }
};

}  // namespace cayley
