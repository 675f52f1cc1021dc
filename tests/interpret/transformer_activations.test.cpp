#include <cayley/interpret/transformer_activations.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/interpret/transformer_network.hpp>

#include "interpret/toy_transformer.hpp"
#include "largest_difference.hpp"

BOOST_AUTO_TEST_SUITE(transformer_activations_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(activations_are_those_of_the_forward_pass) {
  for (const bool has_biases : {false, true}) {
    const auto model = toy_transformer(6, has_biases);
    const TransformerActivations found = transformer_activations(pair_transformer(model));
    BOOST_TEST(largest_difference(found.attention, at_last_position(model, 6, "blocks.0.attn.hook_pattern")) < 1e-12);
    BOOST_TEST(largest_difference(found.pre, at_last_position(model, 6, "blocks.0.mlp.hook_pre")) < 1e-11);
    BOOST_TEST(largest_difference(found.hidden, at_last_position(model, 6, "blocks.0.mlp.hook_post")) < 1e-11);
    BOOST_TEST(largest_difference(found.logits, at_last_position(model, 6, "")) < 1e-11);
  }
}

BOOST_AUTO_TEST_CASE(some_pairs_are_rows_of_all_pairs) {
  const PairTransformer weights = pair_transformer(toy_transformer(6, true, true));
  const std::vector<Pair> pairs{{4, 1}, {0, 5}};
  const TransformerActivations some = transformer_activations(weights, pairs), all = transformer_activations(weights);
  BOOST_TEST(all.logits.cols() == 6);
  BOOST_TEST(largest_difference(some.logits.row(0), all.logits.row(25)) < 1e-12);
  BOOST_TEST(largest_difference(some.logits.row(1), all.logits.row(5)) < 1e-12);
  BOOST_TEST(largest_difference(all.logits, pair_network(weights).logits_of(all_pairs(6))) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
