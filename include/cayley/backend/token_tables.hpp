/// Attention from one position whose token never changes, with everything behind it folded into tables.
///
/// For each position of a sequence but the last, and each head, a table has a row per token: what changes if the head
/// turns all of its attention from the last position to that token. A head's attention sums to 1, so that a sequence
/// mixes a row for each position but the last, by its attention weights. Includes no Eigen.
#pragma once

#include <cayley/backend/exponential.hpp>
#include <cayley/backend/host_device.hpp>
#include <cayley/backend/lane_group.hpp>
#include <cayley/backend/segment_sum.hpp>
#include <cmath>
#include <cstdint>

namespace cayley {

/// Sizes, and which table rows a sequence reads.
/// Index: position p of sequence r reads table row index[r positions + p], the last position none; the part of head h
///        begins at (table row * heads + h) * stride. Weights of a sequence are stored [p, h], without the last position.
struct TokenTableShape {
  Index positions;  ///< with the last one
  Index heads;
  Index stride;  ///< numbers from one table row and head to the next
  Index cols;    ///< of them that count
  std::uint32_t const* index;

  CAYLEY_HOST_DEVICE Index weights() const { return (positions - 1) * heads; }
  /// Where the part begins that weight k of a sequence multiplies.
  CAYLEY_HOST_DEVICE Index part(Index row, Index k) const {
    return (static_cast<Index>(index[row * positions + k / heads]) * heads + k % heads) * stride;
  }
};

/// weights[row, p, h] = softmax over p of scores[table row, h], where the last position, whose weight is not stored, has
/// score 0.
/// Shape: scores (table rows, heads), weights (rows, (positions - 1) heads).
template <class Scalar>
struct TokenAttention {
  TokenTableShape shape;
  Scalar const* scores;
  Scalar* weights;

  CAYLEY_HOST_DEVICE void operator()(Index row) const {
    std::uint32_t const* tokens = shape.index + row * shape.positions;
    Scalar* out = weights + row * shape.weights();
    for (Index h = 0; h < shape.heads; ++h) {
      const auto score = [&](Index p) { return scores[static_cast<Index>(tokens[p]) * shape.heads + h]; };
      const Index others = shape.positions - 1;
      Scalar largest = 0;
      for (Index p = 0; p < others; ++p) largest = score(p) > largest ? score(p) : largest;
      Scalar sum = exp_nonpositive(-largest);
      for (Index p = 0; p < others; ++p) {
        const Scalar e = exp_nonpositive(score(p) - largest);
        out[p * shape.heads + h] = e;
        sum += e;
      }
      for (Index p = 0; p < others; ++p) out[p * shape.heads + h] /= sum;
    }
  }
};

/// out[row] = rest + sum over p and h of weights[row, p, h] times the table's part.
/// Shape: rest (cols), out (rows, cols).
template <class Scalar>
struct MixTokenTables {
  TokenTableShape shape;
  Scalar const* table;
  Scalar const* weights;
  Scalar const* rest;
  Scalar* out;
  Index out_stride;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* weight = weights + row * shape.weights();
    Scalar* to = out + row * out_stride;
    for (Index c = lanes.rank(); c < shape.cols; c += lanes.size()) to[c] = rest[c];
    for (Index k = 0; k < shape.weights(); ++k) {
      Scalar const* from = table + shape.part(row, k);
      for (Index c = lanes.rank(); c < shape.cols; c += lanes.size()) to[c] += weight[k] * from[c];
    }
  }
};

/// The gradient of the scores that `TokenAttention` turned into weights, through `MixTokenTables`.
/// Shape: gradient (rows, cols) of the mixed rows, score_gradient as the weights.
template <class Scalar>
struct TokenAttentionBackward {
  TokenTableShape shape;
  Scalar const* table;
  Scalar const* weights;
  Scalar const* gradient;
  Index gradient_stride;
  Scalar* score_gradient;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* g = gradient + row * gradient_stride;
    for (Index k = 0; k < shape.weights(); ++k) {
      Scalar const* part = table + shape.part(row, k);
      Scalar sum = 0;
      for (Index c = lanes.rank(); c < shape.cols; c += lanes.size()) sum += g[c] * part[c];
      sum = lanes.sum(sum);
      if (lanes.rank() == 0) score_gradient[row * shape.weights() + k] = sum;
    }
    lanes.sync();
    if (lanes.rank() == 0) through_softmax(row);
  }

  /// From gradients of the weights to those of the scores, in place.
  CAYLEY_HOST_DEVICE void through_softmax(Index row) const {
    Scalar const* weight = weights + row * shape.weights();
    Scalar* out = score_gradient + row * shape.weights();
    for (Index h = 0; h < shape.heads; ++h) {
      Scalar mean = 0;
      for (Index k = h; k < shape.weights(); k += shape.heads) mean += weight[k] * out[k];
      for (Index k = h; k < shape.weights(); k += shape.heads) out[k] = weight[k] * (out[k] - mean);
    }
  }
};

/// The gradient of the table rows of one position, not the last, and of their scores: table_gradient[target, h] += sum over the
/// segment of weights[row, p, h] gradient[row]; score_sum[target, h] += sum of score_gradient[row, p, h].
/// One call a segment.
/// Shape: gradient (rows, cols), table_gradient laid out as the table, score_sum (table rows, heads).
template <class Scalar>
struct TokenTableGradient {
  TokenTableShape shape;
  Index position;
  Segments segments;  ///< the sequences by the table row that this position reads
  Scalar const* weights;
  Scalar const* gradient;
  Index gradient_stride;
  Scalar const* score_gradient;
  Scalar* table_gradient;
  Scalar* score_sum;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index segment, Lanes const& lanes) const {
    const auto target = static_cast<Index>(segments.target[segment]);
    for (std::uint32_t k = segments.begin[segment]; k < segments.begin[segment + 1]; ++k) {
      const auto row = static_cast<Index>(segments.position[k]);
      Scalar const* from = gradient + row * gradient_stride;
      const Index first = row * shape.weights() + position * shape.heads;
      for (Index h = 0; h < shape.heads; ++h) {
        const Scalar weight = weights[first + h];
        Scalar* to = table_gradient + (target * shape.heads + h) * shape.stride;
        for (Index c = lanes.rank(); c < shape.cols; c += lanes.size()) to[c] += weight * from[c];
        if (lanes.rank() == 0) score_sum[target * shape.heads + h] += score_gradient[first + h];
      }
    }
  }
};

}  // namespace cayley
