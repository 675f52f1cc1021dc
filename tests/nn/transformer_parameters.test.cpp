#include <cayley/nn/transformer_parameters.hpp>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(transformer_parameters_test)

using namespace cayley;

BOOST_AUTO_TEST_CASE(places_are_where_the_names_stand) {
  for (const bool biases : {false, true}) {
    for (const bool norms : {false, true}) {
      TransformerShape shape{.n_layers = 2,
                             .d_model = 8,
                             .n_heads = 2,
                             .d_head = 3,
                             .d_mlp = 10,
                             .d_vocab = 7,
                             .d_vocab_out = 5,
                             .n_ctx = 4,
                             .has_biases = biases,
                             .has_layer_norm = norms};
      std::vector<std::string> names;
      std::vector<Index> rows, cols;
      const auto places =
          detail::each_transformer_parameter(shape, [&](std::string name, ParameterSide r, ParameterSide c) {
            names.push_back(std::move(name));
            rows.push_back(r.size);
            cols.push_back(c.size);
          });
      const auto check = [&](std::size_t place, std::string const& name, Index r, Index c) {
        BOOST_TEST(names[place] == name);
        BOOST_TEST(rows[place] == r);
        BOOST_TEST(cols[place] == c);
      };
      check(places.w_e, "embed.W_E", 7, 8);
      check(places.w_pos, "pos_embed.W_pos", 4, 8);
      check(places.blocks[1].w_k, "blocks.1.attn.W_K", 16, 3);
      check(places.blocks[0].w_o, "blocks.0.attn.W_O", 6, 8);
      check(places.blocks[1].w_in, "blocks.1.mlp.W_in", 8, 10);
      check(places.blocks[1].w_out, "blocks.1.mlp.W_out", 10, 8);
      check(places.w_u, "unembed.W_U", 8, 5);
      if (biases) {
        check(places.blocks[1].b_v, "blocks.1.attn.b_V", 2, 3);
        check(places.blocks[0].b_in, "blocks.0.mlp.b_in", 1, 10);
        check(places.b_u, "unembed.b_U", 1, 5);
      } else {
        BOOST_TEST(places.blocks[1].b_v == 0u);
        BOOST_TEST(places.b_u == 0u);
      }
      if (norms) check(places.blocks[1].ln2.b, "blocks.1.ln2.b", 1, 8);
      if (norms) check(places.ln_final.w, "ln_final.w", 1, 8);
      BOOST_TEST(names.size() == 3u + 12 + (biases ? 13 : 0) + (norms ? 10 : 0) - 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(hook_points_stand_in_the_order_of_the_forward_pass) {
  TransformerShape shape;
  shape.attn_only = true;
  shape.positions = Positions::none;
  BOOST_TEST(
      detail::transformer_hook_points(shape) ==
          (std::vector<std::string>{"hook_embed", "blocks.0.hook_resid_pre", "blocks.0.attn.hook_q",
                                    "blocks.0.attn.hook_k", "blocks.0.attn.hook_v", "blocks.0.attn.hook_attn_scores",
                                    "blocks.0.attn.hook_pattern", "blocks.0.attn.hook_z", "blocks.0.attn.hook_result",
                                    "blocks.0.hook_attn_out", "blocks.0.hook_resid_post"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
