#include <cayley/interpret/attention_circuits.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/interpret/pair_attention.hpp>

#include "interpret/toy_transformer.hpp"
#include "largest_difference.hpp"

BOOST_AUTO_TEST_SUITE(attention_circuits_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(scores_are_those_of_token_and_position) {
  for (const bool has_biases : {false, true}) {
    const PairTransformer weights = pair_transformer(toy_transformer(6, has_biases));
    const PairAttention attention(weights);
    const auto circuits = head_circuits(weights);
    BOOST_TEST_REQUIRE(circuits.size() == 2u);
    for (std::size_t h = 0; h < 2; ++h) {
      auto const& head = attention.heads()[h];
      for (Index p = 0; p < 2; ++p) {
        const Vector<double> scores = circuits[h].W_attn.array() + circuits[h].position_scores[p];
        BOOST_TEST(largest_difference(scores, head.scores.col(p)) < 1e-12);
      }
      BOOST_TEST(circuits[h].position_scores[2] == head.last_score, boost::test_tools::tolerance(1e-12));
    }
  }
}

BOOST_AUTO_TEST_CASE(circuits_are_products_of_weights) {
  const PairTransformer weights = pair_transformer(toy_transformer(6, false));
  const auto circuits = head_circuits(weights);
  auto const& head = weights.heads[1];
  BOOST_TEST(largest_difference(circuits[1].QK, head.W_Q * head.W_K.transpose()) < 1e-12);
  BOOST_TEST(largest_difference(circuits[1].OV, head.W_V * head.W_O) < 1e-12);
  BOOST_TEST(largest_difference(circuits[1].W_neur, weights.W_E * head.W_V * head.W_O * weights.W_in) < 1e-11);
  // Without biases: the published formula, from the last position's residual stream to the tokens.
  const Vector<double> published = weights.W_E * (weights.last * circuits[1].QK).transpose() / std::sqrt(3.0);
  BOOST_TEST(largest_difference(circuits[1].W_attn, published) < 1e-12);
}

BOOST_AUTO_TEST_CASE(mean_attention_by_head_and_position) {
  Matrix<double> patterns(2, 6);
  patterns << 0.5, 0.25, 0.25, 1, 0, 0,  //
      0.25, 0.5, 0.25, 0, 0, 1;
  Matrix<double> expected(2, 3);
  expected << 0.375, 0.375, 0.25,  //
      0.5, 0, 0.5;
  const Matrix<double> mean = mean_attention(patterns);
  BOOST_TEST((mean == expected));
  BOOST_TEST((attention_difference(mean) == (Vector<double>(2) << 0, 0.5).finished()));
  BOOST_CHECK_THROW(mean_attention(Matrix<double>::Zero(2, 4)), Error);
}

BOOST_AUTO_TEST_SUITE_END()
