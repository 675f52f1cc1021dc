/// Attention of short sequences: scores, pattern and weighted values of all heads, without tiny matrix products.
/// Includes no Eigen.
///
/// Queries, keys, values and outputs have a row per position of each sequence, the heads side by side: the vector of
/// head h at position i of sequence b is at row b length + i, column h head_dim. Scores and patterns have a row for each
/// sequence, head and query in this order, and a column for each key.
#pragma once

#include <cayley/backend/host_device.hpp>
#include <cayley/backend/lane_group.hpp>
#include <cmath>

namespace cayley {

/// Sizes that the functors share, and where a row of scores lies.
struct AttentionShape {
  Index heads;
  Index length;    ///< positions of a sequence
  Index head_dim;  ///< of queries, keys, values and outputs

  /// Head, sequence and query of row (b heads + h) length + i of the scores.
  CAYLEY_HOST_DEVICE Index head(Index row) const { return row / length % heads; }
  CAYLEY_HOST_DEVICE Index query_row(Index row) const { return row / (length * heads) * length + row % length; }
  CAYLEY_HOST_DEVICE Index first_row(Index row) const { return row / (length * heads) * length; }
  CAYLEY_HOST_DEVICE Index stride() const { return heads * head_dim; }
};

/// scores[b, h, i, j] = scale q[b, i, h] . k[b, j, h]; minus infinity for j > i where attention is causal.
template <class Scalar>
struct AttentionScores {
  AttentionShape shape;
  Scalar const* q;
  Scalar const* k;
  Scalar* scores;
  Scalar scale;
  bool is_causal;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    const Index column = shape.head(row) * shape.head_dim;
    Scalar const* query = q + shape.query_row(row) * shape.stride() + column;
    Scalar const* keys = k + shape.first_row(row) * shape.stride() + column;
    Scalar* out = scores + row * shape.length;
    for (Index j = lanes.rank(); j < shape.length; j += lanes.size()) {
      Scalar sum = 0;
      for (Index c = 0; c < shape.head_dim; ++c) sum += query[c] * keys[j * shape.stride() + c];
      out[j] = is_causal && j > row % shape.length ? -Scalar(INFINITY) : scale * sum;
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
    Scalar largest = -Scalar(INFINITY), sum = 0;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) largest = x[c] > largest ? x[c] : largest;
    largest = lanes.max(largest);
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) {
      x[c] = std::exp(x[c] - largest);
      sum += x[c];
    }
    sum = lanes.sum(sum);
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) x[c] /= sum;
  }
};

/// z[b, i, h] = sum over j of pattern[b, h, i, j] v[b, j, h]. One call for each row of the pattern.
template <class Scalar>
struct AttentionValues {
  AttentionShape shape;
  Scalar const* pattern;
  Scalar const* v;
  Scalar* z;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    const Index column = shape.head(row) * shape.head_dim;
    Scalar const* weights = pattern + row * shape.length;
    Scalar const* values = v + shape.first_row(row) * shape.stride() + column;
    Scalar* out = z + shape.query_row(row) * shape.stride() + column;
    for (Index c = lanes.rank(); c < shape.head_dim; c += lanes.size()) {
      Scalar sum = 0;
      for (Index j = 0; j < shape.length; ++j) sum += weights[j] * values[j * shape.stride() + c];
      out[c] = sum;
    }
  }
};

}  // namespace cayley
