#include <cayley/nn/older_layout.hpp>

#include <boost/test/unit_test.hpp>
#include <nn/toy_models.hpp>

BOOST_AUTO_TEST_SUITE(older_layout_test)

namespace {

using namespace cayley;
using cayley::testing::random_matrix;

BOOST_AUTO_TEST_CASE(each_block_is_transposed_in_its_place) {
  const Matrix<double> matrix = random_matrix<double>(12, 5, 1);
  const Matrix<double> result = transposed_blocks(matrix, 3);
  BOOST_TEST(result.rows() == 15);
  BOOST_TEST(result.cols() == 4);
  for (Index block = 0; block < 3; ++block) {
    for (Index i = 0; i < 4; ++i) {
      for (Index j = 0; j < 5; ++j) BOOST_TEST(result(block * 5 + j, i) == matrix(block * 4 + i, j));
    }
  }
  BOOST_TEST((transposed_blocks(result, 3) == matrix));
  BOOST_TEST((transposed_blocks(matrix, 1) == matrix.transpose()));
  BOOST_TEST((transposed_blocks(matrix, 0) == matrix));
  BOOST_CHECK_THROW(transposed_blocks(matrix, 5), Error);
}

BOOST_AUTO_TEST_CASE(parameters_that_the_older_layout_transposes) {
  const TransformerShape shape{.n_heads = 4};
  for (char const* name : {"attn.W_Q", "attn.W_K", "attn.W_V"}) {
    BOOST_TEST(older_layout_blocks(shape, "blocks.0." + std::string(name)) == 4);
  }
  for (char const* name : {"embed.W_E", "blocks.1.attn.W_O", "blocks.1.mlp.W_in", "blocks.0.mlp.W_out"}) {
    BOOST_TEST(older_layout_blocks(shape, name) == 1);
  }
  for (char const* name : {"pos_embed.W_pos", "unembed.W_U", "blocks.0.mlp.b_in", "blocks.0.mlp.b_out"}) {
    BOOST_TEST(older_layout_blocks(shape, name) == 0);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
