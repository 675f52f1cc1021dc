#include <cayley/backend/attention.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/core/matrix.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <cstdint>
#include <limits>
#include <nn/toy_models.hpp>
#include <tuple>
#include <type_traits>
#include <vector>

BOOST_AUTO_TEST_SUITE(attention_test)

namespace {

using namespace cayley;
using namespace cayley::testing;
using Backends = std::tuple<Cpu, ArchetypeBackend>;

static_assert(std::is_trivially_copyable_v<AttentionShape> && std::is_trivially_copyable_v<AttentionScores<float>>);
static_assert(std::is_trivially_copyable_v<SoftmaxRows<float>> && std::is_trivially_copyable_v<AttentionValues<float>>);
static_assert(std::is_trivially_copyable_v<SoftmaxRowsBackward<double>> &&
              std::is_trivially_copyable_v<AttentionValuesBackward<double>>);

constexpr Index sequences = 2, heads = 3, length = 4, head_dim = 5;

/// Queries of three sequences: the first asks everywhere, the second nowhere, the third at positions 1 and 3.
struct SomeQueries {
  std::vector<std::uint32_t> rows{0, 1, 2, 3, 9, 11}, begin{0, 4, 4, 6};

  AttentionShape shape() const { return {heads, length, head_dim, rows.data(), begin.data()}; }
  Index count() const { return static_cast<Index>(rows.size()); }
  /// The rows of those that ask.
  Matrix<double> of(Matrix<double> const& all) const {
    Matrix<double> some(count(), all.cols());
    for (Index i = 0; i < count(); ++i) some.row(i) = all.row(rows[static_cast<std::size_t>(i)]);
    return some;
  }
};

/// The row of scores of all queries for position i of sequence s.
Index score_row(Index s, Index h, Index i) {
  return (s * heads + h) * length + i;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(scores_pattern_and_values, B, Backends) {
  const B backend;
  const Matrix<double> q = random_matrix<double>(sequences * length, heads * head_dim, 1);
  const Matrix<double> k = random_matrix<double>(sequences * length, heads * head_dim, 2);
  const Matrix<double> v = random_matrix<double>(sequences * length, heads * head_dim, 3);
  for (const bool is_causal : {false, true}) {
    Matrix<double> pattern(sequences * heads * length, length), z(sequences * length, heads * head_dim);
    const AttentionShape shape{heads, length, head_dim};
    backend.for_each_row(pattern.rows(),
                         AttentionScores<double>{shape, q.data(), k.data(), pattern.data(), 0.5, is_causal, -INFINITY});
    const Matrix<double> scores = pattern;
    backend.for_each_row(pattern.rows(), SoftmaxRows<double>{pattern.data(), length});
    backend.for_each_row(pattern.rows(), AttentionValues<double>{shape, pattern.data(), v.data(), z.data(), is_causal});
    for (Index s = 0; s < sequences; ++s) {
      for (Index h = 0; h < heads; ++h) {
        const auto head = [&](Matrix<double> const& m) { return m.block(s * length, h * head_dim, length, head_dim); };
        for (Index i = 0; i < length; ++i) {
          const Index row = (s * heads + h) * length + i, visible = is_causal ? i + 1 : length;
          double total = 0;
          RowVector<double> expected = RowVector<double>::Zero(head_dim);
          for (Index j = 0; j < length; ++j) {
            const double score = head(q).row(i).dot(head(k).row(j)) / 2;
            if (j >= visible) {
              BOOST_TEST(scores(row, j) == -INFINITY);
              BOOST_TEST(pattern(row, j) == 0.0);
              continue;
            }
            BOOST_TEST(std::abs(scores(row, j) - score) < 1e-14);
            total += std::exp(score);
            expected += std::exp(score) * head(v).row(j);
          }
          BOOST_TEST((head(z).row(i) - expected / total).cwiseAbs().maxCoeff() < 1e-14);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(softmax_of_large_scores_is_finite_and_never_subnormal, B, Backends) {
  Matrix<float> x(1, 4);
  x << 1000.f, 999.f, 930.f, -INFINITY;
  B{}.for_each_row(1, SoftmaxRows<float>{x.data(), 4});
  BOOST_TEST(std::abs(x(0, 0) - 1 / (1 + std::exp(-1.f))) < 1e-6f);
  BOOST_TEST(x(0, 2) == 0.f);
  BOOST_TEST(x(0, 3) == 0.f);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_of_softmax_are_slopes, B, Backends) {
  constexpr Index rows = 3, cols = 7;
  constexpr double step = 1e-5;
  const B backend;
  const auto softmax = [&](Matrix<double> x) {
    backend.for_each_row(rows, SoftmaxRows<double>{x.data(), cols});
    return x;
  };
  const Matrix<double> x = random_matrix<double>(rows, cols, 1), factor = random_matrix<double>(rows, cols, 2);
  const Matrix<double> y = softmax(x);
  Matrix<double> gradient = factor;
  backend.for_each_row(rows, SoftmaxRowsBackward<double>{y.data(), gradient.data(), cols});
  for (Index c = 0; c < cols; ++c) {
    Matrix<double> above = x, below = x;
    above.col(c).array() += step;
    below.col(c).array() -= step;
    const Matrix<double> slope = (softmax(above) - softmax(below)).cwiseProduct(factor).rowwise().sum() / (2 * step);
    BOOST_TEST((gradient.col(c) - slope).cwiseAbs().maxCoeff() < 1e-9);
  }
}

// Which query, position and head a row of scores is of; the header's first lines, written out.
BOOST_AUTO_TEST_CASE(rows_of_scores_are_in_the_order_of_the_header) {
  const AttentionShape all{heads, length, head_dim};
  for (Index s = 0; s < sequences; ++s) {
    BOOST_TEST(all.begin(s) == s * length);
    for (Index h = 0; h < heads; ++h) {
      for (Index i = 0; i < length; ++i) {
        const Index row = score_row(s, h, i);
        BOOST_TEST(all.head(row) == h);
        BOOST_TEST(all.query(row) == s * length + i);
        BOOST_TEST(all.position_row(row) == s * length + i);
        BOOST_TEST(all.score_row(s * length + i, h) == row);
      }
    }
  }
  const SomeQueries some;
  const AttentionShape shape = some.shape();
  for (Index s = 0; s <= 3; ++s) BOOST_TEST(shape.begin(s) == some.begin[static_cast<std::size_t>(s)]);
  for (Index query = 0; query < some.count(); ++query) {
    for (Index h = 0; h < heads; ++h) {
      const Index row = query * heads + h;
      BOOST_TEST(shape.head(row) == h);
      BOOST_TEST(shape.query(row) == query);
      BOOST_TEST(shape.position_row(row) == some.rows[static_cast<std::size_t>(query)]);
      BOOST_TEST(shape.score_row(query, h) == row);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(some_queries_are_answered_as_among_all, B, Backends) {
  const B backend;
  const SomeQueries some;
  const Index rows = 3 * length, cols = heads * head_dim;
  const Matrix<double> q = random_matrix<double>(rows, cols, 1), k = random_matrix<double>(rows, cols, 2);
  const Matrix<double> v = random_matrix<double>(rows, cols, 3), asked = some.of(q);
  for (const bool is_causal : {false, true}) {
    const auto answers = [&](AttentionShape const& shape, Matrix<double> const& queries, Matrix<double>& pattern) {
      pattern.resize(queries.rows() * heads, length);
      Matrix<double> z(queries.rows(), cols);
      backend.for_each_row(pattern.rows(), AttentionScores<double>{shape, queries.data(), k.data(), pattern.data(), 0.5,
                                                                   is_causal, -INFINITY});
      backend.for_each_row(pattern.rows(), SoftmaxRows<double>{pattern.data(), length});
      backend.for_each_row(pattern.rows(),
                           AttentionValues<double>{shape, pattern.data(), v.data(), z.data(), is_causal});
      return z;
    };
    Matrix<double> all_patterns, patterns;
    const Matrix<double> all = answers({heads, length, head_dim}, q, all_patterns);
    const Matrix<double> z = answers(some.shape(), asked, patterns);
    BOOST_TEST((z - some.of(all)).cwiseAbs().maxCoeff() < 1e-14);
    for (Index query = 0; query < some.count(); ++query) {
      const auto at = static_cast<Index>(some.rows[static_cast<std::size_t>(query)]);
      for (Index h = 0; h < heads; ++h) {
        const auto expected = all_patterns.row(score_row(at / length, h, at % length));
        BOOST_TEST((patterns.row(query * heads + h) - expected).cwiseAbs().maxCoeff() < 1e-14);
      }
    }
  }
}

// out[j] = sum over the queries i that see j of weights[i, j] in[i], for all queries and for some.
BOOST_AUTO_TEST_CASE_TEMPLATE(values_backward_is_the_transpose, B, Backends) {
  const B backend;
  const SomeQueries some;
  const Index rows = 3 * length, cols = heads * head_dim;
  const AttentionShape every{heads, length, head_dim};
  for (const bool is_causal : {false, true}) {
    for (const bool all : {false, true}) {
      const AttentionShape shape = all ? every : some.shape();
      const Index queries = all ? rows : some.count();
      Matrix<double> weights = random_matrix<double>(queries * heads, length, 4);
      const Matrix<double> in = random_matrix<double>(queries, cols, 5);
      Matrix<double> expected = Matrix<double>::Zero(rows, cols);
      for (Index i = 0; i < queries; ++i) {
        const Index position = all ? i : static_cast<Index>(some.rows[static_cast<std::size_t>(i)]);
        for (Index h = 0; h < heads; ++h) {
          auto weight = weights.row(all ? score_row(i / length, h, i % length) : i * heads + h);
          for (Index j = 0; j < length; ++j) {
            if (is_causal && j > position % length) {
              weight(j) = 0;  // what a mask leaves
            }
            expected.block(position / length * length + j, h * head_dim, 1, head_dim) +=
                weight(j) * in.block(i, h * head_dim, 1, head_dim);
          }
        }
      }
      Matrix<double> out = Matrix<double>::Constant(rows, cols, std::nan(""));  // overwritten
      backend.for_each_row(rows * heads,
                           AttentionValuesBackward<double>{shape, weights.data(), in.data(), out.data(), is_causal});
      BOOST_TEST(((out - expected).array().abs() < 1e-14).all(), "causal " << is_causal << " all " << all);
    }
  }
}

// The functors themselves, whatever a backend makes of them, do not look behind the mask.
BOOST_AUTO_TEST_CASE(hidden_keys_are_not_read) {
  const AttentionShape shape{1, 3, 1};
  const double nan = std::nan("");
  const double weights[]{1, nan, nan, 2, 3, nan, 4, 5, 6}, in[]{1, 10, 100};
  double z[3], out[3];
  const AttentionValues<double> values{shape, weights, in, z, true};
  const AttentionValuesBackward<double> backward{shape, weights, in, out, true};
  for (Index row = 0; row < 3; ++row) {
    values(row, OneLane{});
    backward(row, OneLane{});
  }
  const double expected_z[]{1, 32, 654}, expected_out[]{421, 530, 600};
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(z[i] == expected_z[i]);
    BOOST_TEST(out[i] == expected_out[i]);
  }
}

// The whole of attention against finite differences along random directions, for all queries and for some.
BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_of_attention_are_slopes, B, Backends) {
  constexpr double scale = 0.7, step = 1e-5;
  const B backend;
  const SomeQueries some;
  const Index rows = 3 * length, cols = heads * head_dim;
  const AttentionShape every{heads, length, head_dim};
  for (const bool is_causal : {false, true}) {
    for (const bool all : {false, true}) {
      const AttentionShape shape = all ? every : some.shape();
      const Index queries = all ? rows : some.count(), score_rows = queries * heads;
      const Matrix<double> q = random_matrix<double>(queries, cols, 1), k = random_matrix<double>(rows, cols, 2);
      const Matrix<double> v = random_matrix<double>(rows, cols, 3), d_z = random_matrix<double>(queries, cols, 4);
      Matrix<double> pattern(score_rows, length);
      const auto loss = [&](Matrix<double> const& x, Matrix<double> const& y, Matrix<double> const& w) {
        Matrix<double> z(queries, cols);
        backend.for_each_row(score_rows, AttentionScores<double>{shape, x.data(), y.data(), pattern.data(), scale,
                                                                 is_causal, -INFINITY});
        backend.for_each_row(score_rows, SoftmaxRows<double>{pattern.data(), length});
        backend.for_each_row(score_rows, AttentionValues<double>{shape, pattern.data(), w.data(), z.data(), is_causal});
        return z.cwiseProduct(d_z).sum();
      };
      loss(q, k, v);
      Matrix<double> d_scores = Matrix<double>::Constant(score_rows, length, std::nan(""));
      Matrix<double> d_q(queries, cols), d_k(rows, cols), d_v(rows, cols);
      backend.for_each_row(score_rows,
                           AttentionScores<double>{shape, d_z.data(), v.data(), d_scores.data(), 1.0, is_causal, 0.0});
      backend.for_each_row(score_rows, SoftmaxRowsBackward<double>{pattern.data(), d_scores.data(), length});
      backend.for_each_row(rows * heads,
                           AttentionValuesBackward<double>{shape, pattern.data(), d_z.data(), d_v.data(), is_causal});
      backend.for_each_row(rows * heads,
                           AttentionValuesBackward<double>{shape, d_scores.data(), q.data(), d_k.data(), is_causal});
      backend.for_each_row(score_rows,
                           AttentionValues<double>{shape, d_scores.data(), k.data(), d_q.data(), is_causal});
      for (unsigned seed = 10; seed < 13; ++seed) {
        const Matrix<double> to_q = step * random_matrix<double>(queries, cols, seed);
        const Matrix<double> to_k = step * random_matrix<double>(rows, cols, seed + 10);
        const Matrix<double> to_v = step * random_matrix<double>(rows, cols, seed + 20);
        const auto check = [&](double difference, Matrix<double> const& gradient, Matrix<double> const& to) {
          BOOST_TEST(std::abs(difference / 2 - gradient.cwiseProduct(to).sum()) < 1e-8 * step,
                     "causal " << is_causal << " all " << all);
        };
        check(loss(q + to_q, k, v) - loss(q - to_q, k, v), scale * d_q, to_q);
        check(loss(q, k + to_k, v) - loss(q, k - to_k, v), scale * d_k, to_k);
        check(loss(q, k, v + to_v) - loss(q, k, v - to_v), d_v, to_v);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
