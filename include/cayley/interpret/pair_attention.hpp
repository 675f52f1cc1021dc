/// The attention of a one-layer transformer's last position to the tokens of a pair.
#pragma once

#include <algorithm>
#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/interpret/pair_transformer.hpp>
#include <cayley/task/group_composition.hpp>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace cayley {

/// Attention folded into tables: the last token is the same for every pair, so that each head has a table of scores
/// and one of values, already through W_O, for each of the first two positions.
class PairAttention {
 public:
  /// What one head adds to the residual stream, and with which weights.
  struct Head {
    Matrix<double> scores;         ///< (order, 2): of a at position 0 and of b at position 1
    Matrix<double> values[2];      ///< (order, d_model), of the token at each of these positions
    double last_score = 0;         ///< of the last position to itself
    RowVector<double> last_value;  ///< (d_model)
  };

  explicit PairAttention(PairTransformer const& weights) : rest_(weights.last + weights.b_O) {
    for (PairTransformer::Head const& w : weights.heads) {
      const double scale = 1 / std::sqrt(static_cast<double>(w.W_Q.cols()));
      const RowVector<double> query = scale * (times<double>(weights.last, w.W_Q) + w.b_Q);  // (d_head)
      const auto keys = [&](Matrix<double> const& x) -> Matrix<double> {
        return times<double>(x, w.W_K).rowwise() + w.b_K;
      };
      const auto values = [&](Matrix<double> const& x) {
        return times<double>(times<double>(x, w.W_V).rowwise() + w.b_V, w.W_O);
      };
      Head head;
      head.scores.resize(weights.order(), 2);
      for (Index p = 0; p < 2; ++p) {
        const Matrix<double> x = weights.W_E.rowwise() + weights.W_pos.row(p);  // (order, d_model)
        head.scores.col(p) = times_transposed<double>(keys(x), query);
        head.values[p] = values(x);
      }
      head.last_score = times_transposed<double>(keys(weights.last), query)(0, 0);
      head.last_value = values(weights.last).row(0);
      heads_.push_back(std::move(head));
    }
  }

  std::vector<Head> const& heads() const { return heads_; }

  /// How the last position divides its attention.
  /// Shape: pairs -> (pairs, heads * 3), the positions 0, 1, 2 of each head side by side.
  /// Range: 0 .. 1, the three of a head sum to 1.
  Matrix<double> patterns(std::span<const Pair> pairs) const {
    Matrix<double> result(static_cast<Index>(pairs.size()), 3 * static_cast<Index>(heads_.size()));
    for (Index i = 0; i < result.rows(); ++i) {
      const Pair pair = pairs[static_cast<std::size_t>(i)];
      double* out = result.row(i).data();
      for (Head const& head : heads_) {
        const double a = head.scores(pair.a, 0), b = head.scores(pair.b, 1), last = head.last_score;
        const double largest = std::max({a, b, last});
        const double of_a = std::exp(a - largest), of_b = std::exp(b - largest), of_last = std::exp(last - largest);
        const double total = of_a + of_b + of_last;
        for (const double weight : {of_a, of_b, of_last}) *out++ = weight / total;
      }
    }
    return result;
  }

  /// The residual stream behind the attention at the last position, given the `patterns` of the same pairs.
  /// Shape: pairs -> (pairs, d_model).
  Matrix<double> residual(std::span<const Pair> pairs, Matrix<double> const& patterns) const {
    Matrix<double> result(static_cast<Index>(pairs.size()), rest_.size());
    for (Index i = 0; i < result.rows(); ++i) {
      const Pair pair = pairs[static_cast<std::size_t>(i)];
      result.row(i) = rest_;
      double const* weight = patterns.row(i).data();
      for (Head const& head : heads_) {
        result.row(i) += weight[0] * head.values[0].row(pair.a) + weight[1] * head.values[1].row(pair.b) +
                         weight[2] * head.last_value;
        weight += 3;
      }
    }
    return result;
  }
  Matrix<double> residual(std::span<const Pair> pairs) const { return residual(pairs, patterns(pairs)); }

 private:
  std::vector<Head> heads_;
  RowVector<double> rest_;  // (d_model): the last position of the residual stream, and the bias b_O
};

}  // namespace cayley
