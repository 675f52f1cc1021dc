#include <cayley/interpret/pair_attention.hpp>

#include <boost/test/unit_test.hpp>

#include "interpret/toy_transformer.hpp"
#include "largest_difference.hpp"

BOOST_AUTO_TEST_SUITE(pair_attention_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(folded_attention_is_that_of_the_forward_pass) {
  for (const bool has_biases : {false, true}) {
    const auto model = toy_transformer(6, has_biases);
    const PairAttention attention(pair_transformer(model));
    const auto pairs = all_pairs(6);
    const Matrix<double> patterns = attention.patterns(pairs);
    BOOST_TEST(largest_difference(patterns, at_last_position(model, 6, "blocks.0.attn.hook_pattern")) < 1e-12);
    const Matrix<double> residual = at_last_position(model, 6, "blocks.0.hook_resid_mid");
    BOOST_TEST(largest_difference(attention.residual(pairs), residual) < 1e-12);
    BOOST_TEST(largest_difference(attention.residual(pairs, patterns), residual) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(scores_beyond_the_range_of_exponentials_give_a_hard_choice) {
  PairTransformer weights = pair_transformer(toy_transformer(6));
  for (auto& head : weights.heads) head.W_Q *= 1e6;
  const Matrix<double> patterns = PairAttention(weights).patterns(all_pairs(6));
  BOOST_TEST(patterns.allFinite());
  BOOST_TEST(patterns.rowwise().sum().isConstant(2, 1e-12));
}

BOOST_AUTO_TEST_SUITE_END()
