#include <cayley/backend/cpu_attention.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <nn/toy_models.hpp>
#include <tuple>
#include <vector>

BOOST_AUTO_TEST_SUITE(cpu_attention_test)

namespace {

using namespace cayley;
using namespace cayley::testing;
using Scalars = std::tuple<float, double>;

constexpr Index sequences = 3, heads = 2, length = 37, head_dim = 5;  // more than two tiles of queries

/// Scores, pattern, values and their gradients on one backend, side by side.
template <class Scalar, class B>
std::vector<Matrix<Scalar>> attention(B const& backend, AttentionShape const& shape, Index queries, bool is_causal) {
  const Index stride = shape.stride(), rows = sequences * length;
  const auto q = random_matrix<Scalar>(queries, stride, 1), k = random_matrix<Scalar>(rows, stride, 2);
  const auto v = random_matrix<Scalar>(rows, stride, 3), d_z = random_matrix<Scalar>(queries, stride, 4);
  Matrix<Scalar> scores(queries * heads, length), z(queries, stride), d_pattern = scores, d_k(rows, stride), d_v = d_k;
  const Index score_rows = queries * heads;
  backend.for_each_row(score_rows, AttentionScores<Scalar>{shape, q.data(), k.data(), scores.data(), Scalar(0.5),
                                                           is_causal, -Scalar(INFINITY)});
  Matrix<Scalar> pattern = scores;
  backend.for_each_row(score_rows, SoftmaxRows<Scalar>{pattern.data(), length});
  backend.for_each_row(score_rows, AttentionValues<Scalar>{shape, pattern.data(), v.data(), z.data(), is_causal});
  backend.for_each_row(score_rows, AttentionScores<Scalar>{shape, d_z.data(), v.data(), d_pattern.data(), Scalar(1),
                                                           is_causal, Scalar(0)});
  Matrix<Scalar> d_scores = d_pattern;
  backend.for_each_row(score_rows, SoftmaxRowsBackward<Scalar>{pattern.data(), d_scores.data(), length});
  backend.for_each_row(rows * heads,
                       AttentionValuesBackward<Scalar>{shape, pattern.data(), d_z.data(), d_v.data(), is_causal});
  backend.for_each_row(rows * heads,
                       AttentionValuesBackward<Scalar>{shape, d_scores.data(), q.data(), d_k.data(), is_causal});
  return {scores, pattern, z, d_pattern, d_scores, d_v, d_k};
}

template <class Scalar>
void check_same(AttentionShape const& shape, Index queries, bool is_causal) {
  const auto found = attention<Scalar>(Cpu{}, shape, queries, is_causal);
  const auto expected = attention<Scalar>(ArchetypeBackend{}, shape, queries, is_causal);
  const double tolerance = std::is_same_v<Scalar, float> ? 1e-5 : 1e-13;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    BOOST_TEST_REQUIRE(found[i].size() == expected[i].size());
    for (Index j = 0; j < expected[i].size(); ++j) {
      const auto value = static_cast<double>(found[i].data()[j]),
                 reference = static_cast<double>(expected[i].data()[j]);
      const bool close =
          value == reference || std::abs(value - reference) <= tolerance * std::max(1.0, std::abs(reference));
      BOOST_TEST_REQUIRE(close, "part " << i << " entry " << j << ": " << value << ", expected " << reference);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(all_queries_are_as_the_functors_say, Scalar, Scalars) {
  for (const bool is_causal : {false, true})
    check_same<Scalar>({heads, length, head_dim}, sequences * length, is_causal);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(some_queries_are_as_the_functors_say, Scalar, Scalars) {
  std::vector<std::uint32_t> queries, begin{0};
  for (std::uint32_t s = 0; s < sequences; ++s) {
    for (std::uint32_t i = 0; i < length; ++i) {
      if (s != 1 && (i * 7 + s) % 3 != 0) queries.push_back(s * static_cast<std::uint32_t>(length) + i);
    }
    begin.push_back(static_cast<std::uint32_t>(queries.size()));  // none in sequence 1
  }
  const AttentionShape shape{heads, length, head_dim, queries.data(), begin.data()};
  for (const bool is_causal : {false, true}) check_same<Scalar>(shape, static_cast<Index>(queries.size()), is_causal);
}

BOOST_AUTO_TEST_SUITE_END()
