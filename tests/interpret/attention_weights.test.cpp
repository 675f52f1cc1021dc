#include <cayley/interpret/attention_weights.hpp>

#include <boost/test/unit_test.hpp>
#include <nn/toy_transformers.hpp>
#include <string>

#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(attention_weights_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(weights_are_those_of_the_heads) {
  TransformerShape shape = toy_shape();
  shape.n_layers = 2;
  const auto model = toy_transformer<double>(shape);
  const AttentionWeights weights = attention_weights(model);
  const auto read = [&](std::string const& name) { return detail::host_parameter(model, name); };
  BOOST_TEST((weights.W_E == read("embed.W_E")));
  BOOST_TEST((weights.W_pos == read("pos_embed.W_pos")));
  BOOST_TEST((weights.W_U == read("unembed.W_U")));
  BOOST_TEST((weights.b_U == read("unembed.b_U").row(0)));
  BOOST_TEST_REQUIRE(weights.layers.size() == 2u);
  auto const& head = weights.head({1, 1});
  BOOST_TEST((head.W_Q == read("blocks.1.attn.W_Q").bottomRows(8)));
  BOOST_TEST((head.W_K == read("blocks.1.attn.W_K").bottomRows(8)));
  BOOST_TEST((head.W_V == read("blocks.1.attn.W_V").bottomRows(8)));
  BOOST_TEST((head.W_O == read("blocks.1.attn.W_O").bottomRows(3)));
  BOOST_TEST((head.b_Q == read("blocks.1.attn.b_Q").row(1)));
  BOOST_TEST((head.b_K == read("blocks.1.attn.b_K").row(1)));
  BOOST_TEST((head.b_V == read("blocks.1.attn.b_V").row(1)));
  BOOST_TEST((weights.layers[1].b_O == read("blocks.1.attn.b_O").row(0)));
  BOOST_TEST(thrown_message([&] { weights.head({2, 0}); }) == "attention weights: expected a layer of 0 .. 1, found 2");
  BOOST_TEST(thrown_message([&] {
               weights.head({1, -1});
             }) == "attention weights: expected a head of 0 .. 1, found -1");
}

BOOST_AUTO_TEST_CASE(what_a_model_lacks_is_zero) {
  TransformerShape shape = toy_shape();
  shape.has_biases = false;
  shape.positions = Positions::none;
  const AttentionWeights bare = attention_weights(toy_transformer<float>(shape));
  BOOST_TEST((bare.W_pos == Matrix<double>::Zero(4, 8)));
  BOOST_TEST((bare.head({0, 1}).b_V == RowVector<double>::Zero(3)));
  BOOST_TEST((bare.layers[0].b_O == RowVector<double>::Zero(8)));
  BOOST_TEST((bare.b_U == RowVector<double>::Zero(5)));
  shape.positions = Positions::sinusoidal;
  BOOST_TEST((attention_weights(toy_transformer<float>(shape)).W_pos == detail::sinusoidal_positions<double>(4, 8)));
  shape.has_layer_norm = true;
  BOOST_CHECK_THROW(attention_weights(toy_transformer<float>(shape)), Error);
}

BOOST_AUTO_TEST_CASE(a_doubled_residual_multiplies_what_it_carries) {
  TransformerShape shape = toy_shape();
  shape.n_layers = 3;
  const AttentionWeights single = attention_weights(toy_transformer<double>(shape));
  BOOST_TEST(single.before(2) == 1);
  BOOST_TEST(single.to_logits(0) == 1);
  shape.doubled_residual = true;
  const AttentionWeights doubled = attention_weights(toy_transformer<double>(shape));
  BOOST_TEST(doubled.before(0) == 1);
  BOOST_TEST(doubled.before(2) == 4);
  BOOST_TEST(doubled.between(0, 1) == 1);
  BOOST_TEST(doubled.between(0, 2) == 2);
  BOOST_TEST(doubled.to_logits(0) == 4);
  BOOST_TEST(doubled.to_logits(2) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
