#include <cayley/interpret/skip_trigram_circuits.hpp>

#include <boost/test/unit_test.hpp>
#include <nn/toy_transformers.hpp>

#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(skip_trigram_circuits_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

const SkipTrigram task{5, 3};

/// Tokens are their own coordinates. `end` scores the marked token of key k by 2 + k and noise by 1; marked tokens
/// write 7 to their key.
Transformer<Cpu, double> known_model() {
  Transformer<Cpu, double> model(Cpu{}, {.d_model = 8,
                                         .n_heads = 1,
                                         .d_head = 8,
                                         .d_vocab = 8,
                                         .d_vocab_out = 3,
                                         .n_ctx = 7,
                                         .attn_only = true,
                                         .has_biases = false});
  const Matrix<double> identity = Matrix<double>::Identity(8, 8);
  Matrix<double> w_q = Matrix<double>::Zero(8, 8), w_u = Matrix<double>::Zero(8, 3);
  w_q.row(1) << -1, 0, 1, 1, 1, 2, 3, 4;
  w_u.bottomRows(3) = 7 * Matrix<double>::Identity(3, 3);
  model.set_parameter("embed.W_E", identity);
  for (char const* name : {"attn.W_K", "attn.W_V", "attn.W_O"}) {
    model.set_parameter(detail::in_block(0, name), identity);
  }
  model.set_parameter("blocks.0.attn.W_Q", w_q);
  model.set_parameter("unembed.W_U", w_u);
  return model;
}

}  // namespace

BOOST_AUTO_TEST_CASE(tables_of_a_known_circuit) {
  const SkipTrigramCircuits circuits = skip_trigram_circuits(known_model(), task);
  BOOST_TEST_REQUIRE(circuits.heads.size() == 1u);
  auto const& head = circuits.heads.front();
  BOOST_TEST(head.QK_begin == -1);
  BOOST_TEST((head.QK_noise == Vector<double>::Ones(3)));
  BOOST_TEST((head.QK_marked == Vector<double>::LinSpaced(3, 2, 4)));
  BOOST_TEST((head.advantage() == Vector<double>::LinSpaced(3, 1, 3)));
  BOOST_TEST((head.OV_noise == Matrix<double>::Zero(3, 3)));
  BOOST_TEST((head.OV_marked == 7 * Matrix<double>::Identity(3, 3)));
  BOOST_TEST(head.diagonal_rows == 1);
  BOOST_TEST((circuits.direct == RowVector<double>::Zero(3)));
}

BOOST_AUTO_TEST_CASE(tables_are_rows_of_the_readers_circuits) {
  const auto model = toy_transformer<double>(
      {.d_model = 6, .n_heads = 2, .d_head = 3, .d_vocab = 8, .d_vocab_out = 3, .n_ctx = 7, .attn_only = true});
  const SkipTrigramCircuits found = skip_trigram_circuits(model, task);
  const ReaderCircuits all = reader_circuits(model, 1, 7);
  BOOST_TEST((found.direct == all.direct));
  for (std::size_t h : {0u, 1u}) {
    BOOST_TEST((found.heads[h].QK_marked == all.heads[h].QK.tail(3)));
    BOOST_TEST((found.heads[h].QK_noise == all.heads[h].QK.segment(2, 3)));
    BOOST_TEST((found.heads[h].OV_marked == all.heads[h].OV.bottomRows(3)));
    BOOST_TEST((found.heads[h].OV_noise == all.heads[h].OV.middleRows(2, 3)));
  }
}

BOOST_AUTO_TEST_CASE(other_models_are_refused) {
  BOOST_TEST(thrown_message([] {
               skip_trigram_circuits(known_model(), SkipTrigram{5, 4});
             }) == "skip trigram: expected a model of 10 tokens, 4 classes and 7 positions, found 8, 3 and 7");
  BOOST_CHECK_THROW(skip_trigram_circuits(known_model(), SkipTrigram{6, 3}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
