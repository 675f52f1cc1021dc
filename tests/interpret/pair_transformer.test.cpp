#include <cayley/interpret/pair_transformer.hpp>

#include <boost/test/unit_test.hpp>

#include "interpret/toy_transformer.hpp"

BOOST_AUTO_TEST_SUITE(pair_transformer_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(weights_are_taken_apart_by_head) {
  const auto model = toy_transformer(6);
  const PairTransformer weights = pair_transformer(model);
  const auto parameter = [&](char const* name) { return detail::host_parameter(model, name); };
  BOOST_TEST(weights.order() == 6);
  BOOST_TEST(weights.d_model() == 8);
  BOOST_TEST_REQUIRE(weights.head_count() == 2);
  const Matrix<double> w_k = parameter("blocks.0.attn.W_K"), w_o = parameter("blocks.0.attn.W_O");
  BOOST_TEST((weights.heads[1].W_K == w_k.bottomRows(8)));
  BOOST_TEST((weights.heads[1].W_O == w_o.bottomRows(3)));
  BOOST_TEST((weights.heads[1].b_V == parameter("blocks.0.attn.b_V").row(1)));
  BOOST_TEST((weights.last == parameter("embed.W_E").row(6) + parameter("pos_embed.W_pos").row(2)));
}

BOOST_AUTO_TEST_CASE(a_class_of_the_last_token_is_left_out) {
  const auto model = toy_transformer(6, true, true);
  const PairTransformer weights = pair_transformer(model);
  BOOST_TEST(weights.order() == 6);
  BOOST_TEST((weights.W_U == detail::host_parameter(model, "unembed.W_U").leftCols(6)));
  BOOST_TEST((weights.b_U == detail::host_parameter(model, "unembed.b_U").leftCols(6)));
}

BOOST_AUTO_TEST_CASE(biases_that_are_not_there_are_zero) {
  const PairTransformer weights = pair_transformer(toy_transformer(6, false));
  BOOST_TEST((weights.b_in == RowVector<double>::Zero(10)));
  BOOST_TEST((weights.heads[0].b_Q == RowVector<double>::Zero(3)));
  BOOST_TEST((weights.b_U == RowVector<double>::Zero(6)));
}

BOOST_AUTO_TEST_CASE(transformers_that_do_not_fit_pairs_are_refused) {
  const TransformerShape fits = toy_transformer(6).shape();
  const auto refused = [&](auto change, std::string const& text) {
    TransformerShape shape = fits;
    change(shape);
    BOOST_CHECK_EXCEPTION(pair_transformer(Transformer<Cpu, double>(Cpu{}, shape)), Error, [&](Error const& error) {
      return std::string(error.what()).find(text) != std::string::npos;
    });
  };
  refused([](TransformerShape& s) { s.attn_only = true; }, "one layer");
  refused([](TransformerShape& s) { s.n_layers = 2; }, "one layer");
  refused([](TransformerShape& s) { s.act_fn = ActFn::gelu; }, "ReLU");
  refused([](TransformerShape& s) { s.has_layer_norm = true; }, "layer norm");
  refused([](TransformerShape& s) { s.positions = Positions::none; }, "learned positions");
  refused([](TransformerShape& s) { s.d_vocab = 9; }, "9 tokens and 6 classes");
  refused([](TransformerShape& s) { s.d_vocab_out = 8; }, "7 tokens and 8 classes");
}

BOOST_AUTO_TEST_SUITE_END()
