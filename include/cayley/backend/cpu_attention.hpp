/// The functors of attention on a CPU: a small matrix product for each sequence and head, without what a causal mask
/// hides.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cayley/backend/attention.hpp>
#include <cayley/backend/exponential.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/packet_product.hpp>
#include <span>

namespace cayley::detail {

/// The queries of a sequence and a head.
struct AttentionBlock {
  Index column;              ///< of the head in queries, keys, values and outputs
  Index first_query, count;  ///< rows of queries and outputs
  Index first_key;           ///< row of keys and values
  Index scores, score_step;  ///< where the scores begin, and from one query to the next
};

/// Calls f(block) for each sequence and head among the first `rows` rows of scores.
template <class F>
void each_attention_block(AttentionShape const& shape, Index rows, F const& f) {
  const Index length = shape.length, heads = shape.heads;
  const auto each_head = [&](Index first_query, Index count, Index first_key, bool all) {
    for (Index h = 0; h < heads; ++h) {
      f(AttentionBlock{h * shape.head_dim, first_query, count, first_key, shape.score_row(first_query, h) * length,
                       all ? length : heads * length});
    }
  };
  const Index queries = rows / heads;
  if (shape.queries == nullptr) {
    for (Index first = 0; first < queries; first += length) each_head(first, length, first, true);
    return;
  }
  for (Index first = 0, end = 0; first < queries; first = end) {
    const Index sequence = static_cast<Index>(shape.queries[first]) / length;
    while (end < queries && static_cast<Index>(shape.queries[end]) / length == sequence) ++end;
    each_head(first, end - first, sequence * length, false);
  }
}

/// The position of a query within its sequence.
inline Index query_position(AttentionShape const& shape, Index query) {
  return (shape.queries == nullptr ? query : static_cast<Index>(shape.queries[query])) % shape.length;
}

/// Calls f(first, count, keys) for tiles of the queries of a block; they see the first `keys` keys.
template <class F>
void each_query_tile(AttentionShape const& shape, AttentionBlock const& block, bool is_causal, F const& f) {
  constexpr Index tile = 16;
  for (Index i = 0; i < block.count; i += tile) {
    const Index count = std::min(tile, block.count - i);
    const Index last = query_position(shape, block.first_query + i + count - 1);
    f(i, count, is_causal ? last + 1 : shape.length);
  }
}

template <class Scalar>
void cpu_attention(Index rows, AttentionScores<Scalar> const& f) {
  const Index stride = f.shape.stride(), length = f.shape.length;
  each_attention_block(f.shape, rows, [&](AttentionBlock const& block) {
    Scalar const* q = f.q + block.first_query * stride + block.column;
    Scalar const* k = f.k + block.first_key * stride + block.column;
    Scalar* scores = f.scores + block.scores;
    each_query_tile(f.shape, block, f.is_causal, [&](Index first, Index count, Index keys) {
      packet_product<Scalar>(count, keys, f.shape.head_dim, {q + first * stride, stride, 1}, {k, 1, stride},
                             scores + first * block.score_step, block.score_step, f.scale, Scalar(0));
    });
    for (Index i = 0; f.is_causal && i < block.count; ++i) {
      Scalar* row = scores + i * block.score_step;
      std::fill(row + query_position(f.shape, block.first_query + i) + 1, row + length, f.masked);
    }
  });
}

template <class Scalar>
void cpu_attention(Index rows, AttentionValues<Scalar> const& f) {
  const Index stride = f.shape.stride();
  each_attention_block(f.shape, rows, [&](AttentionBlock const& block) {
    Scalar const* v = f.v + block.first_key * stride + block.column;
    each_query_tile(f.shape, block, f.is_causal, [&](Index first, Index count, Index keys) {
      packet_product<Scalar>(count, f.shape.head_dim, keys,
                             {f.pattern + block.scores + first * block.score_step, block.score_step, 1}, {v, stride, 1},
                             f.z + (block.first_query + first) * stride + block.column, stride, Scalar(1), Scalar(0));
    });
  });
}

template <class Scalar>
void cpu_attention(Index rows_and_heads, AttentionValuesBackward<Scalar> const& f) {
  constexpr Index tile = 16;
  AttentionShape const& shape = f.shape;
  const Index stride = shape.stride(), length = shape.length, sequences = rows_and_heads / (shape.heads * length);
  for (Index s = 0; s < sequences; ++s) {
    const Index begin = shape.begin(s), end = shape.begin(s + 1);
    for (Index h = 0; h < shape.heads; ++h) {
      const Index step = shape.queries == nullptr ? length : shape.heads * length, column = h * shape.head_dim;
      Scalar const* weights = f.weights + (begin < end ? shape.score_row(begin, h) * length : 0);
      Index query = begin;  // the first that sees a tile
      for (Index key = 0; key < length; key += tile) {
        while (f.is_causal && query < end && query_position(shape, query) < key) ++query;
        packet_product<Scalar>(std::min(tile, length - key), shape.head_dim, end - query,
                               {weights + (query - begin) * step + key, 1, step},
                               {f.in + query * stride + column, stride, 1},
                               f.out + (s * length + key) * stride + column, stride, Scalar(1), Scalar(0));
      }
    }
  }
}

template <class Scalar>
void cpu_attention(Index rows, SoftmaxRows<Scalar> const& f) {
  using Row = Eigen::Map<Eigen::Array<Scalar, 1, Eigen::Dynamic>>;
  for (Index r = 0; r < rows; ++r) {
    Row x(f.values + r * f.cols, f.cols);
    x -= x.maxCoeff();
    for (Scalar& value : std::span(x.data(), static_cast<std::size_t>(f.cols))) value = exp_nonpositive(value);
    x /= x.sum();
  }
}

template <class Scalar>
void cpu_attention(Index rows, SoftmaxRowsBackward<Scalar> const& f) {
  using Row = Eigen::Map<Eigen::Array<Scalar, 1, Eigen::Dynamic>>;
  using ConstRow = Eigen::Map<Eigen::Array<Scalar, 1, Eigen::Dynamic> const>;
  for (Index r = 0; r < rows; ++r) {
    const ConstRow y(f.softmax + r * f.cols, f.cols);
    Row gradient(f.gradient + r * f.cols, f.cols);
    const Scalar sum = (y * gradient).sum();
    gradient = y * (gradient - sum);
  }
}

}  // namespace cayley::detail
