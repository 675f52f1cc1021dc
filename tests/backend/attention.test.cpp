#include <cayley/backend/attention.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/core/matrix.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <nn/toy_models.hpp>
#include <tuple>

namespace {

using namespace cayley;
using namespace cayley::testing;
using Backends = std::tuple<Cpu, ArchetypeBackend>;

constexpr Index sequences = 2, heads = 3, length = 4, head_dim = 5;

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
                         AttentionScores<double>{shape, q.data(), k.data(), pattern.data(), 0.5, is_causal});
    const Matrix<double> scores = pattern;
    backend.for_each_row(pattern.rows(), SoftmaxRows<double>{pattern.data(), length});
    backend.for_each_row(pattern.rows(), AttentionValues<double>{shape, pattern.data(), v.data(), z.data()});
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

BOOST_AUTO_TEST_CASE(softmax_of_large_scores_is_finite) {
  Matrix<float> x(1, 3);
  x << 1000.f, 999.f, -INFINITY;
  Cpu{}.for_each_row(1, SoftmaxRows<float>{x.data(), 3});
  BOOST_TEST(std::abs(x(0, 0) - 1 / (1 + std::exp(-1.f))) < 1e-6f);
  BOOST_TEST(x(0, 2) == 0.f);
}
