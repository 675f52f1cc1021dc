#include <cayley/interpret/max_behaviour.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/nn/activation_cache.hpp>
#include <cmath>
#include <nn/toy_transformers.hpp>

#include "interpret/toy_sequence_models.hpp"

BOOST_AUTO_TEST_SUITE(max_behaviour_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(a_model_that_attends_and_copies_is_always_right) {
  for (Index n : {1, 2, 3}) {
    const MaxOfN task{6, n};
    const MaxBehaviour found = max_behaviour(toy_max_model(task), task);
    BOOST_TEST(found.sequences == static_cast<Index>(std::lround(std::pow(6, n))));
    BOOST_TEST(found.accuracy == 1);
    BOOST_TEST(found.attends_to_largest == 1);
    BOOST_TEST(found.copies_attended == 1);
    BOOST_TEST(std::abs(found.attention_to_largest - 1) < 1e-12);
    BOOST_TEST(found.loss < 1e-10);
  }
}

BOOST_AUTO_TEST_CASE(a_model_that_attends_to_the_smallest_copies_it) {
  const MaxOfN task{6, 2};
  auto model = toy_max_model(task, -toy_sharpness);
  // `=` is scored lower still.
  Matrix<double> w_q = Matrix<double>::Zero(7, 7);
  for (Index t = 0; t < 7; ++t) w_q(6, t) = -toy_sharpness * static_cast<double>(t);
  model.set_parameter("blocks.0.attn.W_Q", w_q);
  const MaxBehaviour found = max_behaviour(model, task);
  BOOST_TEST(found.accuracy == 6.0 / 36, boost::test_tools::tolerance(1e-14));  // the pairs (a, a)
  BOOST_TEST(found.attends_to_largest == 6.0 / 36, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(std::abs(found.attention_to_largest - 6.0 / 36) < 1e-12);
  BOOST_TEST(found.copies_attended == 1);
}

BOOST_AUTO_TEST_CASE(equals_is_no_number) {
  const MaxOfN task{6, 2};
  auto model = toy_max_model(task);
  Matrix<double> w_q = Matrix<double>::Zero(7, 7);
  w_q(6, 6) = toy_sharpness;  // `=` attends to itself
  model.set_parameter("blocks.0.attn.W_Q", w_q);
  const MaxBehaviour found = max_behaviour(model, task);
  BOOST_TEST(found.attends_to_largest == 0);
  BOOST_TEST(found.copies_attended == 0);
  BOOST_TEST(found.attention_to_largest < 1e-12);
  BOOST_TEST(found.loss == std::log(6.0), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(two_heads_look_together) {
  const MaxOfN task{6, 2};
  const auto model = toy_transformer<double>(
      {.d_model = 8, .n_heads = 2, .d_head = 3, .d_vocab = 7, .d_vocab_out = 6, .n_ctx = 3, .attn_only = true});
  const TokenSequences data{3, {4, 2, 6, 5, 5, 6}, {2, 5}, {4, 5}, {}, 1};
  ActivationCache<double> cache;
  Hooks<Cpu, double> hooks;
  cache.record(hooks, {"blocks.0.attn.hook_pattern"});
  const Matrix<double> logits = model.forward({data.tokens, 3}, hooks).host();
  auto const& pattern = cache["blocks.0.attn.hook_pattern"];
  const RowVector<double> first = (pattern.row(2) + pattern.row(5)) / 2,
                          second = (pattern.row(8) + pattern.row(11)) / 2;
  const MaxBehaviour found = max_behaviour(model, task, data);
  BOOST_TEST(found.attention_to_largest == (first[0] + second[0] + second[1]) / 2, boost::test_tools::tolerance(1e-13));
  const std::uint32_t numbers[2][3] = {{4, 2, 6}, {5, 5, 6}};
  double attends = 0, copies = 0;
  for (Index s : {0, 1}) {
    Index at = 0, answer = 0;
    (s == 0 ? first : second).maxCoeff(&at);
    logits.row(3 * s + 2).maxCoeff(&answer);
    attends += numbers[s][at] == data.labels[static_cast<std::size_t>(s)] ? 0.5 : 0;
    copies += static_cast<Index>(numbers[s][at]) == answer ? 0.5 : 0;
  }
  BOOST_TEST(found.attends_to_largest == attends);
  BOOST_TEST(found.copies_attended == copies);
  BOOST_TEST(found.loss == sequence_losses(model, data).loss, boost::test_tools::tolerance(1e-13));
}

BOOST_AUTO_TEST_CASE(sequences_must_fit_the_task) {
  const MaxOfN task{6, 2};
  const auto model = toy_max_model(task);
  BOOST_CHECK_THROW(max_behaviour(model, task, MaxOfN{6, 1}.all()), Error);
  BOOST_CHECK_THROW(max_behaviour(model, task, TokenSequences{3, {}, {}, {}, {}, 1}), Error);
  BOOST_CHECK_THROW(max_behaviour(model, MaxOfN{5, 2}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
