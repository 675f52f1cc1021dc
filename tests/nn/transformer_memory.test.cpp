#include <cayley/nn/transformer_memory.hpp>

#include <boost/test/unit_test.hpp>
#include <nn/toy_transformers.hpp>

BOOST_AUTO_TEST_SUITE(transformer_memory_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

}  // namespace

BOOST_AUTO_TEST_CASE(heads_lie_side_by_side_and_transposed) {
  TransformerShape shape = toy_shape();
  shape.n_layers = 2;
  const auto model = toy_transformer<double>(shape);
  const auto places = detail::each_transformer_parameter(shape, [](auto&&...) {});
  detail::TransformerWeights<Cpu, double> weights({}, shape);
  weights.read(shape, places, model.parameters(), true);
  const auto host = [&](std::size_t place) { return model.parameters()[place].host(); };
  auto const& layer = weights.layers[1];
  const Matrix<double> w_k = host(places.blocks[1].w_k), packed = layer.w_k.host(), transposed = layer.wt_k.host();
  for (Index h = 0; h < 2; ++h) {
    BOOST_TEST((packed.middleCols(3 * h, 3) == w_k.middleRows(8 * h, 8)));
    BOOST_TEST((transposed.middleRows(3 * h, 3) == w_k.middleRows(8 * h, 8).transpose()));
  }
  BOOST_TEST((layer.wt_o.host() == host(places.blocks[1].w_o).transpose()));
  BOOST_TEST((layer.wt_in.host() == host(places.blocks[1].w_in).transpose()));
  BOOST_TEST((layer.wt_out.host() == host(places.blocks[1].w_out).transpose()));
  BOOST_TEST((weights.wt_u.host() == host(places.w_u).transpose()));
}

BOOST_AUTO_TEST_CASE(only_what_is_needed_is_kept) {
  TransformerShape shape = toy_shape();
  shape.n_layers = 2;
  const detail::TransformerMemory<Cpu, float> forward({}, shape, 3, 12, 4, false, false);
  BOOST_TEST(forward.layers[0].post.rows() == 12);
  BOOST_TEST(forward.layers[1].post.rows() == 4);
  BOOST_TEST(forward.layers[1].k.rows() == 12);
  BOOST_TEST(forward.layers[1].pattern.rows() == 8);
  BOOST_TEST(forward.logits.rows() == 4);
  BOOST_TEST(forward.layers[0].d_out.rows() == 0);
  BOOST_TEST(forward.d_embed.rows() == 0);
  BOOST_TEST(forward.ln_final.centred.rows() == 0);
  const detail::TransformerMemory<Cpu, float> backward({}, shape, 3, 12, 4, true, false);
  BOOST_TEST(backward.layers[0].d_k.rows() == 12);
  BOOST_TEST(backward.layers[1].d_q.rows() == 4);
  BOOST_TEST(!backward.keeps_pre);  // a ReLU's output will do
  shape.act_fn = ActFn::gelu;
  BOOST_TEST((detail::TransformerMemory<Cpu, float>({}, shape, 3, 12, 4, true, false).keeps_pre));
}

BOOST_AUTO_TEST_SUITE_END()
