#include <boost/test/unit_test.hpp>
#include <cayley/backend/token_tables.hpp>

#ifdef EIGEN_WORLD_VERSION
#error "backend/token_tables.hpp must not include Eigen"
#endif

#include <algorithm>
#include <cayley/backend/cpu.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <conformance/backend_conformance.hpp>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(token_tables_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

static_assert(std::is_trivially_copyable_v<TokenTableShape> && std::is_trivially_copyable_v<TokenAttention<float>>);
static_assert(std::is_trivially_copyable_v<MixTokenTables<float>> &&
              std::is_trivially_copyable_v<TokenAttentionBackward<float>> &&
              std::is_trivially_copyable_v<TokenTableGradient<double>>);
static_assert(std::is_trivially_copyable_v<EmbedTokens<float>> &&
              std::is_trivially_copyable_v<EmbeddingGradient<float>>);
static_assert(std::is_trivially_copyable_v<RestOfTables<float>> && std::is_trivially_copyable_v<RestGradient<float>>);

using Backends = std::tuple<Cpu, ArchetypeBackend>;
using Scalars = std::tuple<float, double>;

std::size_t at(Index row, Index col, Index stride) {
  return static_cast<std::size_t>(row * stride + col);
}

/// Random numbers in rows of `cols`, with NaN in the gaps between them.
template <class Scalar>
std::vector<Scalar> with_gaps(Index rows, Index cols, Index stride, unsigned seed) {
  auto values = random_values<Scalar>(rows * stride, seed);
  for (Index row = 0; row < rows; ++row) {
    for (Index c = cols; c < stride; ++c) values[at(row, c, stride)] = std::numeric_limits<Scalar>::quiet_NaN();
  }
  return values;
}

struct HostSegments {
  std::vector<std::uint32_t> target, begin{0}, position;
};

/// Gradients of a table and of its scores.
template <class Scalar>
struct TableGradients {
  std::vector<Scalar> table, scores;
};

/// What the functors read and write, on the host. Tables and rows have gaps of NaN, which nothing may read.
template <class Scalar>
struct Mixture {
  Index rows, positions, heads, cols, table_rows;
  std::vector<std::uint32_t> index;  // (rows, positions)
  Index stride = cols + 3, out_stride = cols + 2, score_stride = heads + 2;
  std::vector<Scalar> scores = with_gaps<Scalar>(table_rows, heads, score_stride, 1);  // (table rows, score_stride)
  std::vector<Scalar> table = with_gaps<Scalar>(table_rows * heads, cols, stride, 2);  // (table rows, heads, stride)
  std::vector<Scalar> rest = random_values<Scalar>(cols, 3);                           // (cols)
  std::vector<Scalar> gradient = with_gaps<Scalar>(rows, cols, out_stride, 4);         // of the mixed rows

  Index weight_count() const { return (positions - 1) * heads; }

  TokenTableShape shape(std::uint32_t const* reads) const {
    return {positions, heads, stride, cols, score_stride, reads};
  }

  Index read_by(Index row, Index p) const { return static_cast<Index>(index[at(row, p, positions)]); }

  template <class B>
  std::vector<Scalar> weights(B const& backend) const {
    const auto reads = to_device(backend, index);
    const auto score = to_device(backend, scores);
    BufferOf<B, Scalar> out(rows * weight_count());
    backend.for_each_row(rows, TokenAttention<Scalar>{shape(reads.data()), score.data(), out.data()});
    return to_host(backend, out);
  }

  template <class B>
  std::vector<Scalar> mixed(B const& backend, std::vector<Scalar> const& weights) const {
    const auto reads = to_device(backend, index);
    const auto parts = to_device(backend, table), start = to_device(backend, rest), mix = to_device(backend, weights);
    auto out = to_device(backend, std::vector<Scalar>(static_cast<std::size_t>(rows * out_stride), Scalar(77)));
    backend.for_each_row(rows, MixTokenTables<Scalar>{shape(reads.data()), parts.data(), mix.data(), start.data(),
                                                      out.data(), out_stride});
    return to_host(backend, out);
  }

  template <class B>
  std::vector<Scalar> score_gradient(B const& backend, std::vector<Scalar> const& weights) const {
    const auto reads = to_device(backend, index);
    const auto parts = to_device(backend, table), from = to_device(backend, gradient),
               mix = to_device(backend, weights);
    // One number more than there are, to see that it stays.
    auto out = to_device(backend, std::vector<Scalar>(static_cast<std::size_t>(rows * weight_count() + 1), Scalar(77)));
    backend.for_each_row(rows, TokenAttentionBackward<Scalar>{shape(reads.data()), parts.data(), mix.data(),
                                                              from.data(), out_stride, out.data()});
    return to_host(backend, out);
  }

  /// Gradients of the table and of its scores, added to what is there before or instead of it.
  template <class B>
  TableGradients<Scalar> table_gradients(B const& backend, std::vector<Scalar> const& weights,
                                         std::vector<Scalar> const& of_scores, bool adds,
                                         TableGradients<Scalar> const& before) const {
    const auto reads = to_device(backend, index);
    const auto mix = to_device(backend, weights), from = to_device(backend, gradient);
    const auto score_gradient = to_device(backend, of_scores);
    auto table_gradient = to_device(backend, before.table), score_sum = to_device(backend, before.scores);
    const HostSegments host = segments();
    const auto target = to_device(backend, host.target), begin = to_device(backend, host.begin);
    const auto position = to_device(backend, host.position);
    backend.for_each_row(target.size() * heads,
                         TokenTableGradient<Scalar>{shape(reads.data()),
                                                    {target.data(), begin.data(), position.data(), target.size()},
                                                    adds,
                                                    mix.data(),
                                                    from.data(),
                                                    out_stride,
                                                    score_gradient.data(),
                                                    table_gradient.data(),
                                                    score_sum.data()});
    return {to_host(backend, table_gradient), to_host(backend, score_sum)};
  }

  /// The reads by their table row, the last row first.
  HostSegments segments() const {
    HostSegments s;
    for (Index target = table_rows - 1; target >= 0; --target) {
      for (Index row = 0; row < rows; ++row) {
        for (Index p = 0; p < positions - 1; ++p) {
          if (read_by(row, p) == target) s.position.push_back(static_cast<std::uint32_t>(row * (positions - 1) + p));
        }
      }
      s.target.push_back(static_cast<std::uint32_t>(target));
      s.begin.push_back(static_cast<std::uint32_t>(s.position.size()));
    }
    return s;
  }

  /// The sum of `gradient` times the mixed rows: its derivatives are what the gradients must be.
  template <class B>
  Scalar loss(B const& backend) const {
    const auto out = mixed(backend, weights(backend));
    Scalar sum = 0;
    for (Index row = 0; row < rows; ++row) {
      for (Index c = 0; c < cols; ++c) sum += gradient[at(row, c, out_stride)] * out[at(row, c, out_stride)];
    }
    return sum;
  }

  /// The derivative of the loss by one of `scores` or `table`.
  template <class B>
  Scalar slope(B const& backend, Scalar& number) const {
    const Scalar before = number, step = Scalar(1e-5);
    number = before + step;
    const Scalar above = loss(backend);
    number = before - step;
    const Scalar below = loss(backend);
    number = before;
    return (above - below) / (2 * step);
  }
};

// The last position of a sequence reads no table: its index is far out.

/// Seven sequences. Table rows 0 .. 2 are read by position 0, 3 .. 5 by 1 and 6 .. 7 by 2; nobody reads row 8.
Mixture<double> shared_tables() {
  std::vector<std::uint32_t> index;
  for (std::uint32_t r = 0; r < 7; ++r)
    index.insert(index.end(), {r * r % 3, 3 + (r + 1) % 3, 6 + r / 2 % 2, 1u << 30});
  return {7, 4, 2, 5, 9, index};
}

/// Four sequences; each position of each but the last reads a table row of its own, in no order.
Mixture<double> own_tables() {
  std::vector<std::uint32_t> index;
  for (std::uint32_t i = 0; i < 16; ++i) index.push_back(i % 4 == 3 ? 1u << 30 : (i - i / 4) * 5 % 12);
  return {4, 4, 2, 5, 12, index};
}

BOOST_AUTO_TEST_CASE_TEMPLATE(weights_are_a_softmax_with_score_0_at_the_last_position, B, Backends) {
  const auto m = shared_tables();
  const auto weights = m.weights(B{});
  for (Index row = 0; row < m.rows; ++row) {
    for (Index h = 0; h < m.heads; ++h) {
      const auto exponential = [&](Index p) { return std::exp(m.scores[at(m.read_by(row, p), h, m.score_stride)]); };
      const double total = exponential(0) + exponential(1) + exponential(2) + 1;
      for (Index p = 0; p < m.positions - 1; ++p) {
        BOOST_TEST(std::abs(weights[at(row, p * m.heads + h, m.weight_count())] - exponential(p) / total) < 1e-15);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(weights_of_large_scores_are_finite, B, Backends) {
  Mixture<float> m{2, 3, 1, 1, 4, {0, 1, 9, 2, 3, 9}};
  const float scores[]{1000.0f, 999.0f, -1000.0f, -999.0f};
  for (Index row = 0; row < 4; ++row) m.scores[at(row, 0, m.score_stride)] = scores[row];
  const auto weights = m.weights(B{});
  const float first = 1 / (1 + std::exp(-1.0f));
  const float expected[]{first, 1 - first, 0, 0};
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(std::abs(weights[i] - expected[i]) < 1e-6f);
}

// Nothing is mixed into the rest where the last position is the only one.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_sequence_may_have_its_last_position_alone, B, Backends) {
  const Mixture<double> m{2, 1, 2, 3, 1, {9, 9}};
  const auto weights = m.weights(B{});
  BOOST_TEST(weights.empty());
  const auto out = m.mixed(B{}, weights);
  for (Index row = 0; row < m.rows; ++row) {
    for (Index c = 0; c < m.cols; ++c) BOOST_TEST(out[at(row, c, m.out_stride)] == m.rest[at(0, c, 0)]);
  }
  BOOST_TEST(m.score_gradient(B{}, weights).back() == 77.0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_mixed_by_their_weights, B, Backends) {
  const auto m = shared_tables();
  const auto weights = random_values<double>(m.rows * m.weight_count(), 5);
  const auto out = m.mixed(B{}, weights);
  for (Index row = 0; row < m.rows; ++row) {
    for (Index c = 0; c < m.cols; ++c) {
      double expected = m.rest[at(0, c, 0)];
      for (Index p = 0; p < m.positions - 1; ++p) {
        for (Index h = 0; h < m.heads; ++h) {
          expected += weights[at(row, p * m.heads + h, m.weight_count())] *
                      m.table[at(m.read_by(row, p) * m.heads + h, c, m.stride)];
        }
      }
      BOOST_TEST(std::abs(out[at(row, c, m.out_stride)] - expected) < 1e-14);
    }
    for (Index c = m.cols; c < m.out_stride; ++c) BOOST_TEST(out[at(row, c, m.out_stride)] == 77.0);
  }
}

// A score that one position of one sequence reads has that position's gradient.
BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_of_scores_are_slopes, B, Backends) {
  const B backend{};
  auto m = own_tables();
  const auto found = m.score_gradient(backend, m.weights(backend));
  for (Index row = 0; row < m.rows; ++row) {
    for (Index p = 0; p < m.positions - 1; ++p) {
      for (Index h = 0; h < m.heads; ++h) {
        const double slope = m.slope(backend, m.scores[at(m.read_by(row, p), h, m.score_stride)]);
        BOOST_TEST(std::abs(found[at(row, p * m.heads + h, m.weight_count())] - slope) < 1e-9);
      }
    }
  }
  BOOST_TEST(found.back() == 77.0);
}

// A table row that nobody reads has gradient 0, and its segment is empty. Gaps stay as they are.
BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_of_tables_are_slopes, B, Backends) {
  const B backend{};
  for (auto m : {shared_tables(), own_tables()}) {
    const TableGradients<double> before{random_values<double>(m.table_rows * m.heads * m.stride, 6),
                                        random_values<double>(m.table_rows * m.score_stride, 7)};
    const auto weights = m.weights(backend);
    const auto of_scores = m.score_gradient(backend, weights);
    const auto added = m.table_gradients(backend, weights, of_scores, true, before);
    const auto written = m.table_gradients(backend, weights, of_scores, false, before);
    const auto check = [&](double was, double sum, double total, bool is_gap, double& number) {
      const double slope = is_gap ? 0.0 : m.slope(backend, number);
      BOOST_TEST(std::abs(sum - was - slope) < 1e-9);
      BOOST_TEST(std::abs(total - (is_gap ? was : slope)) < 1e-9);
    };
    for (Index row = 0; row < m.table_rows; ++row) {
      for (Index h = 0; h < m.score_stride; ++h) {
        const std::size_t i = at(row, h, m.score_stride);
        check(before.scores[i], added.scores[i], written.scores[i], h >= m.heads, m.scores[i]);
      }
    }
    for (Index part = 0; part < m.table_rows * m.heads; ++part) {
      for (Index c = 0; c < m.stride; ++c) {
        const std::size_t i = at(part, c, m.stride);
        check(before.table[i], added.table[i], written.table[i], c >= m.cols, m.table[i]);
      }
    }
  }
}

/// Largest difference; NaN where one is NaN.
template <class Scalar>
Scalar distance(std::vector<Scalar> const& x, std::vector<Scalar> const& y) {
  BOOST_TEST_REQUIRE(x.size() == y.size());
  Scalar worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) worst = std::abs(x[i] - y[i]) <= worst ? worst : std::abs(x[i] - y[i]);
  return worst;
}

// The vector instructions of `Cpu` against the functors themselves: both sides of whole packets, of four parts at a
// time, and of four heads and four sequences at a time.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_cpu_computes_what_the_functors_say, Scalar, Scalars) {
  for (const auto& [positions, heads] :
       {std::pair<Index, Index>{1, 2}, {2, 1}, {3, 1}, {3, 2}, {5, 1}, {6, 1}, {3, 4}, {2, 5}, {2, 9}, {5, 3}}) {
    for (const Index cols : {1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 64, 67, 130}) {
      constexpr Index rows = 14;  // segments of 5 and 9, of 3, of 14
      std::vector<std::uint32_t> index;
      for (Index row = 0; row < rows; ++row) {
        for (Index p = 0; p < positions; ++p) {
          index.push_back(static_cast<std::uint32_t>(p % 3 == 0 ? (row < 5 ? 0 : 1) : p % 3 == 1 ? 2 + row % 5 : 7));
        }
      }
      const Mixture<Scalar> m{rows, positions, heads, cols, 8, index};
      const ArchetypeBackend functors;
      const Cpu cpu;
      const auto weights = m.weights(functors);
      const Scalar tolerance = 32 * std::numeric_limits<Scalar>::epsilon();
      BOOST_TEST(distance(m.weights(cpu), weights) <= tolerance);
      BOOST_TEST(distance(m.mixed(cpu, weights), m.mixed(functors, weights)) <= tolerance);
      const auto of_scores = m.score_gradient(functors, weights);
      BOOST_TEST(distance(m.score_gradient(cpu, weights), of_scores) <= tolerance * static_cast<Scalar>(cols));
      const TableGradients<Scalar> before{random_values<Scalar>(m.table_rows * heads * m.stride, 6),
                                          random_values<Scalar>(m.table_rows * m.score_stride, 7)};
      for (const bool adds : {false, true}) {
        const auto found = m.table_gradients(cpu, weights, of_scores, adds, before);
        const auto expected = m.table_gradients(functors, weights, of_scores, adds, before);
        BOOST_TEST(distance(found.table, expected.table) <= tolerance);
        BOOST_TEST(distance(found.scores, expected.scores) <= tolerance * static_cast<Scalar>(cols));
      }
    }
  }
}

/// Embeddings of five tokens at the positions of a sequence of three, token 1 last.
struct Embedding {
  static constexpr Index tokens = 5, length = 3, last_token = 1, cols = 4, n_ctx = 5, rows = 2 * tokens + 1;
  static constexpr double factor = 2;
  std::vector<double> embedding = random_values<double>(tokens * cols, 8);
  std::vector<double> positions = random_values<double>(n_ctx * cols, 9);
  std::vector<double> bias = random_values<double>(cols, 10);
  bool has_positions = true, has_bias = true;

  double position(Index p, Index c) const { return has_positions ? positions[at(p, c, cols)] : 0.0; }
  double z(Index c) const { return embedding[at(last_token, c, cols)] + position(length - 1, c); }

  /// The rows of `out`, then those of `residual`, by a loop.
  std::vector<double> expected() const {
    std::vector<double> result;
    for (Index p = 0; p + 1 < length; ++p) {
      for (Index t = 0; t < tokens; ++t) {
        for (Index c = 0; c < cols; ++c) result.push_back(embedding[at(t, c, cols)] + position(p, c) - z(c));
      }
    }
    for (Index c = 0; c < cols; ++c) result.push_back(z(c));
    for (Index c = 0; c < cols; ++c) result.push_back(factor * z(c) + (has_bias ? bias[at(0, c, cols)] : 0.0));
    return result;
  }

  template <class B>
  std::vector<double> found(B const& backend) const {
    const auto from = to_device(backend, embedding), at_positions = to_device(backend, positions);
    const auto add = to_device(backend, bias);
    BufferOf<B, double> out((rows + 1) * cols);
    backend.for_each_row(rows, EmbedTokens<double>{from.data(), has_positions ? at_positions.data() : nullptr, length,
                                                   tokens, last_token, cols, out.data(), out.data() + rows * cols,
                                                   factor, has_bias ? add.data() : nullptr});
    return to_host(backend, out);
  }
};

BOOST_AUTO_TEST_CASE_TEMPLATE(tokens_are_embedded_less_the_last_one, B, Backends) {
  for (const bool has_positions : {false, true}) {
    for (const bool has_bias : {false, true}) {
      Embedding e;
      e.has_positions = has_positions;
      e.has_bias = has_bias;
      BOOST_TEST(distance(e.found(B{}), e.expected()) < 1e-15);
    }
  }
}

// `EmbedTokens` is linear: its gradient is the transpose, so that both give the same dot product.
BOOST_AUTO_TEST_CASE_TEMPLATE(embedding_gradients_are_the_transpose, B, Backends) {
  using E = Embedding;
  const B backend{};
  for (const bool has_positions : {false, true}) {
    E e;
    e.has_positions = has_positions;
    e.has_bias = false;
    const auto gradient = random_values<double>((E::rows + 1) * E::cols, 11);
    const auto from = to_device(backend, gradient);
    auto of_embedding = to_device(backend, std::vector<double>(e.embedding.size(), 77));
    auto of_positions = to_device(backend, std::vector<double>(e.positions.size(), 77));
    backend.for_each_row(E::cols,
                         EmbeddingGradient<double>{from.data(), from.data() + E::rows * E::cols, E::factor, E::length,
                                                   E::tokens, E::last_token, E::cols, of_embedding.data(),
                                                   has_positions ? of_positions.data() : nullptr, E::n_ctx});
    const auto d_embedding = to_host(backend, of_embedding), d_positions = to_host(backend, of_positions);
    const auto slope = [&](double& number) {
      const auto weighted = [&] {
        const auto out = e.expected();
        double sum = 0;
        for (std::size_t i = 0; i < out.size(); ++i) sum += gradient[i] * out[i];
        return sum;
      };
      const double before = number, sum = weighted();
      number += 1;
      const double difference = weighted() - sum;
      number = before;
      return difference;
    };
    for (std::size_t i = 0; i < d_embedding.size(); ++i) {
      BOOST_TEST(std::abs(d_embedding[i] - slope(e.embedding[i])) < 1e-12);
    }
    for (std::size_t i = 0; i < d_positions.size(); ++i) {
      BOOST_TEST(std::abs(d_positions[i] - (has_positions ? slope(e.positions[i]) : 77.0)) < 1e-12);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_rest_is_the_sum_of_its_terms, B, Backends) {
  const B backend{};
  constexpr Index hidden = 3, classes = 2, heads = 2, cols = 7;
  const auto residual = random_values<double>(cols, 12), last = random_values<double>(heads * cols, 13);
  const auto behind = random_values<double>(cols - hidden, 14), hidden_bias = random_values<double>(hidden, 15);
  const auto logit_bias = random_values<double>(classes, 16);
  const auto from = to_device(backend, residual), of_last = to_device(backend, last);
  const auto of_bias = to_device(backend, behind), first = to_device(backend, hidden_bias);
  const auto second = to_device(backend, logit_bias);
  for (const bool has_biases : {false, true}) {
    BufferOf<B, double> out(cols);
    backend.for_each(cols, RestOfTables<double>{hidden, classes, heads, cols, from.data(), of_last.data(),
                                                of_bias.data(), has_biases ? first.data() : nullptr,
                                                has_biases ? second.data() : nullptr, out.data()});
    const auto found = to_host(backend, out);
    for (std::size_t c = 0; c < 7; ++c) {
      double expected = residual[c] + last[c] + last[7 + c] + (c < 3 ? 0.0 : behind[c - 3]);
      if (has_biases && c < 3) expected += hidden_bias[c];
      if (has_biases && c >= 3 && c < 5) expected += logit_bias[c - 3];
      BOOST_TEST(std::abs(found[c] - expected) < 1e-15);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(every_term_of_the_rest_has_its_gradient, B, Backends) {
  const B backend{};
  constexpr Index hidden = 3, heads = 2, cols = 7, stride = 9, rows = 5;
  const auto values = with_gaps<double>(rows, cols, stride, 17);
  const auto from = to_device(backend, values);
  BufferOf<B, double> residual(cols), last(heads * cols), behind(cols - hidden);
  backend.for_each_row(cols, RestGradient<double>{from.data(), stride, rows, hidden, heads, cols, residual.data(),
                                                  last.data(), behind.data()});
  std::vector<double> sums(7);
  for (Index row = 0; row < rows; ++row) {
    for (Index c = 0; c < cols; ++c) sums[at(0, c, 0)] += values[at(row, c, stride)];
  }
  std::vector<double> of_heads = sums;
  of_heads.insert(of_heads.end(), sums.begin(), sums.end());
  BOOST_TEST(distance(to_host(backend, residual), sums) < 1e-15);
  BOOST_TEST(distance(to_host(backend, last), of_heads) < 1e-15);
  BOOST_TEST(distance(to_host(backend, behind), {sums.begin() + hidden, sums.end()}) < 1e-15);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
