#include <cayley/nn/transformer_shape.hpp>

#include <boost/test/unit_test.hpp>
#include <string>

BOOST_AUTO_TEST_SUITE(transformer_shape_test)

using namespace cayley;

BOOST_AUTO_TEST_CASE(sizes_below_1_are_named) {
  TransformerShape shape{
      .d_model = 8, .n_heads = 2, .d_head = 4, .d_mlp = 16, .d_vocab = 6, .d_vocab_out = 5, .n_ctx = 3};
  BOOST_CHECK_NO_THROW(shape.check());
  shape.d_mlp = 0;
  BOOST_CHECK_EXCEPTION(shape.check(), Error, [](Error const& error) {
    return std::string(error.what()) == "Transformer: expected d_mlp of at least 1, found 0";
  });
  shape.attn_only = true;
  BOOST_CHECK_NO_THROW(shape.check());
  shape.n_ctx = -1;
  BOOST_CHECK_THROW(shape.check(), Error);
}

BOOST_AUTO_TEST_SUITE_END()
