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
///        begins at (table row * heads + h) * stride, its score lies at table row * score_stride + h. Weights of a
///        sequence are stored [p, h], without the last position.
struct TokenTableShape {
  Index positions;  ///< with the last one
  Index heads;
  Index stride;  ///< numbers from one table row and head to the next
  Index cols;    ///< of them that count
  Index score_stride;
  std::uint32_t const* index;

  CAYLEY_HOST_DEVICE Index weights() const { return (positions - 1) * heads; }
  /// Where the part begins that weight k of a sequence multiplies.
  CAYLEY_HOST_DEVICE Index part(Index row, Index k) const {
    return (static_cast<Index>(index[row * positions + quotient(k, heads)]) * heads + remainder(k, heads)) * stride;
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

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    std::uint32_t const* tokens = shape.index + row * shape.positions;
    Scalar* out = weights + row * shape.weights();
    for (Index h = lanes.rank(); h < shape.heads; h += lanes.size()) {
      const auto score = [&](Index p) { return scores[static_cast<Index>(tokens[p]) * shape.score_stride + h]; };
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
    std::uint32_t const* tokens = shape.index + row * shape.positions;
    Scalar* to = out + row * out_stride;
    for (Index c = lanes.rank(); c < shape.cols; c += lanes.size()) {
      Scalar const* weight = weights + row * shape.weights();
      Scalar sum = rest[c];
      for (Index p = 0; p + 1 < shape.positions; ++p) {
        Scalar const* part = table + static_cast<Index>(tokens[p]) * shape.heads * shape.stride + c;
        for (Index h = 0; h < shape.heads; ++h, part += shape.stride) sum += *weight++ * *part;
      }
      to[c] = sum;
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
      const Scalar sum = sum_over<Scalar>(lanes, shape.cols, [&](Index c) { return g[c] * part[c]; });
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

/// The gradients of table rows and of their scores: table_gradient[target, h] = sum over the segment of
/// weights[row, p, h] gradient[row], score_sum[target, h] = sum of score_gradient[row, p, h]; or added to what is there.
/// Position p of sequence r is read number r (positions - 1) + p. One call a segment and head, heads innermost.
/// Shape: gradient (rows, cols), table_gradient laid out as the table, score_sum as the scores.
template <class Scalar>
struct TokenTableGradient {
  TokenTableShape shape;
  Segments segments;  ///< the reads by their table row; some may be empty
  bool adds;
  Scalar const* weights;
  Scalar const* gradient;
  Index gradient_stride;
  Scalar const* score_gradient;
  Scalar* table_gradient;
  Scalar* score_sum;

  /// Entries of `gradient` that come before the row behind read number `read`.
  CAYLEY_HOST_DEVICE Index gradient_of(std::uint32_t read) const {
    return quotient(read, shape.positions - 1) * gradient_stride;
  }

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    const Index segment = quotient(row, shape.heads), h = remainder(row, shape.heads);
    const auto target = static_cast<Index>(segments.target[segment]);
    const std::uint32_t begin = segments.begin[segment], end = segments.begin[segment + 1];
    Scalar* to = table_gradient + (target * shape.heads + h) * shape.stride;
    if (!adds) {
      for (Index c = lanes.rank(); c < shape.cols; c += lanes.size()) to[c] = Scalar(0);
    }
    for (std::uint32_t k = begin; k < end; ++k) {
      const std::uint32_t read = segments.position[k];
      const Scalar weight = weights[static_cast<Index>(read) * shape.heads + h];
      Scalar const* from = gradient + gradient_of(read);
      for (Index c = lanes.rank(); c < shape.cols; c += lanes.size()) to[c] += weight * from[c];
    }
    Scalar sum = 0;
    for (Index k = begin + lanes.rank(); k < end; k += lanes.size()) {
      sum += score_gradient[static_cast<Index>(segments.position[k]) * shape.heads + h];
    }
    sum = lanes.sum(sum);
    Scalar* score = score_sum + target * shape.score_stride + h;
    if (lanes.rank() == 0) *score = adds ? *score + sum : sum;
  }
};

/// The embeddings that the tables are made of: row p tokens + t is x = embedding[t] + positions[p] less z, the same of
/// the last token at the last position; the row behind them is z. What z brings to the residual stream goes
/// to residual = residual_factor z + residual_bias.
/// Shape: embedding (tokens, cols), positions (length, cols), out ((length - 1) tokens + 1, cols), all without gaps;
///        residual and residual_bias (cols). `positions` and `residual_bias` may be null.
template <class Scalar>
struct EmbedTokens {
  Scalar const* embedding;
  Scalar const* positions;
  Index length;
  Index tokens;
  Index last_token;
  Index cols;
  Scalar* out;
  Scalar* residual;
  Scalar residual_factor;
  Scalar const* residual_bias;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    const Index last = length - 1, p = quotient(row, tokens), t = remainder(row, tokens);
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) {
      const Scalar z = at(last, last_token, c);
      out[row * cols + c] = row == last * tokens ? z : at(p, t, c) - z;
      if (row == last * tokens) {
        residual[c] = residual_factor * z + (residual_bias != nullptr ? residual_bias[c] : Scalar(0));
      }
    }
  }

  CAYLEY_HOST_DEVICE Scalar at(Index p, Index t, Index c) const {
    return embedding[t * cols + c] + (positions != nullptr ? positions[p * cols + c] : Scalar(0));
  }
};

/// The gradients of `embedding` and `positions` through `EmbedTokens`, which they overwrite. One call a column.
/// Shape: gradient as `out` there, residual_gradient (cols), embedding_gradient (tokens, cols), position_gradient
///        (n_ctx, cols), whose rows past `length` become zero, or null.
template <class Scalar>
struct EmbeddingGradient {
  Scalar const* gradient;
  Scalar const* residual_gradient;
  Scalar residual_factor;
  Index length;
  Index tokens;
  Index last_token;
  Index cols;
  Scalar* embedding_gradient;
  Scalar* position_gradient;
  Index n_ctx;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index c, Lanes const& lanes) const {
    Scalar* to = embedding_gradient + c;
    for (Index t = lanes.rank(); t < tokens; t += lanes.size()) to[t * cols] = Scalar(0);
    Scalar taken = 0;  // from every other token
    for (Index p = 0; p + 1 < length; ++p) {
      Scalar const* from = gradient + p * tokens * cols + c;
      Scalar sum = 0;
      for (Index t = lanes.rank(); t < tokens; t += lanes.size()) {
        to[t * cols] += from[t * cols];
        sum += from[t * cols];
      }
      sum = lanes.sum(sum);
      taken += sum;
      if (lanes.rank() == 0) set_position(p, c, sum);
    }
    lanes.sync();
    if (lanes.rank() != 0) return;
    const Scalar z = gradient[(length - 1) * tokens * cols + c] - taken + residual_factor * residual_gradient[c];
    to[last_token * cols] += z;
    set_position(length - 1, c, z);
    for (Index p = length; p < n_ctx; ++p) set_position(p, c, Scalar(0));
  }

  CAYLEY_HOST_DEVICE void set_position(Index p, Index c, Scalar value) const {
    if (position_gradient != nullptr) position_gradient[p * cols + c] = value;
  }
};

/// What reaches every sequence, hidden neurons first and then logits: from the residual stream at the last position, from
/// each head that attends there alone, from biases. One call a column.
/// Shape: residual and out (cols), last (heads, cols), hidden_bias (hidden), behind_hidden (cols - hidden), the part of
///        logits that a bias behind the hidden neurons brings, logit_bias (classes). The biases may be null.
template <class Scalar>
struct RestOfTables {
  Index hidden;
  Index classes;
  Index heads;
  Index cols;
  Scalar const* residual;
  Scalar const* last;
  Scalar const* behind_hidden;
  Scalar const* hidden_bias;
  Scalar const* logit_bias;
  Scalar* out;

  CAYLEY_HOST_DEVICE void operator()(Index c) const {
    Scalar sum = residual[c];
    for (Index h = 0; h < heads; ++h) sum += last[h * cols + c];
    const Index logit = c - hidden;
    if (logit >= 0) sum += behind_hidden[logit];
    if (logit >= 0 && logit < classes && logit_bias != nullptr) sum += logit_bias[logit];
    if (logit < 0 && hidden_bias != nullptr) sum += hidden_bias[c];
    out[c] = sum;
  }
};

/// The gradient of `RestOfTables`, the sum over rows of values[row, c], for each of its terms. One call a column.
/// Shape: values (rows, cols), residual (cols), last (heads, cols), behind_hidden (cols - hidden).
template <class Scalar>
struct RestGradient {
  Scalar const* values;
  Index stride;
  Index rows;
  Index hidden;
  Index heads;
  Index cols;
  Scalar* residual;
  Scalar* last;
  Scalar* behind_hidden;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index c, Lanes const& lanes) const {
    const Scalar sum = sum_over<Scalar>(lanes, rows, [&](Index row) { return values[row * stride + c]; });
    if (lanes.rank() != 0) return;
    residual[c] = sum;
    for (Index h = 0; h < heads; ++h) last[h * cols + c] = sum;
    if (c >= hidden) behind_hidden[c - hidden] = sum;
  }
};

}  // namespace cayley
