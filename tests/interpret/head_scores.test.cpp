#include <cayley/interpret/head_scores.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/nn/activation_cache.hpp>
#include <cayley/study/transformer_file.hpp>
#include <cmath>
#include <cstdint>
#include <nn/toy_transformers.hpp>
#include <string>
#include <vector>

#include "interpret/toy_sequence_models.hpp"
#include "reference.hpp"
#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(head_scores_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(places_of_each_task) {
  const std::vector<std::uint32_t> tokens{1, 2, 3, 4, 5, 6};
  const std::vector<AttentionPlace> previous{{0, 1, 0}, {0, 2, 1}, {1, 1, 0}, {1, 2, 1}};
  BOOST_TEST((previous_token_places({tokens, 3}) == previous));
  const std::vector<AttentionPlace> induction{{0, 8, 3}, {0, 9, 4}, {1, 7, 4}, {1, 8, 5}};
  BOOST_TEST((induction_places(toy_induction, toy_induction_sequences()) == induction));
  const SkipTrigram task{4, 3};
  const TokenSequences data{6, {0, 2, 6, 3, 4, 1, 0, 2, 2, 3, 5, 1}, {5, 11}, {1, 0}, {1, 0}, 1};
  const std::vector<AttentionPlace> marked{{0, 5, 2}, {1, 5, 4}};
  BOOST_TEST((marked_token_places(task, data) == marked));
}

BOOST_AUTO_TEST_CASE(mean_attention_is_read_from_the_patterns) {
  TransformerShape shape = toy_shape();
  shape.n_layers = 2;
  const auto model = toy_transformer<double>(shape);
  const std::vector<std::uint32_t> tokens{0, 1, 6, 3, 5, 2, 4, 4};
  const std::vector<AttentionPlace> places{{1, 3, 0}, {0, 2, 2}, {1, 1, 1}, {0, 2, 2}};
  ActivationCache<double> cache;
  Hooks<Cpu, double> hooks;
  cache.record(hooks, {"blocks.0.attn.hook_pattern", "blocks.1.attn.hook_pattern"});
  model.forward({tokens, 4}, hooks);
  const Matrix<double> found = mean_attention_at(model, {tokens, 4}, places);
  for (Index layer = 0; layer < 2; ++layer) {
    auto const& pattern = cache["blocks." + std::to_string(layer) + ".attn.hook_pattern"];
    for (Index h = 0; h < 2; ++h) {
      const Index first = h * 4, second = (2 + h) * 4;
      const double sum = pattern(second + 3, 0) + 2 * pattern(first + 2, 2) + pattern(second + 1, 1);
      BOOST_TEST(found(layer, h) == sum / 4, boost::test_tools::tolerance(1e-14));
    }
  }
  BOOST_TEST(std::isnan(mean_attention_at(model, {tokens, 4}, {})(1, 1)));
  const std::vector<AttentionPlace> outside{{0, 1, 0}, {2, 1, 0}};
  BOOST_TEST(thrown_message([&] {
               mean_attention_at(model, {tokens, 4}, outside);
             }) == "attention: expected places in 2 sequences of 4, found query 1 and key 0 of sequence 2");
}

BOOST_AUTO_TEST_CASE(pieces_of_a_large_batch_change_nothing) {
  const auto model = toy_transformer<double>(toy_shape());
  const std::vector<std::uint32_t> tokens{0, 1, 6, 3};
  std::vector<std::uint32_t> often;
  for (int i = 0; i < 5000; ++i) often.insert(often.end(), tokens.begin(), tokens.end());
  const Matrix<double> once = previous_token_scores(model, {tokens, 4});
  BOOST_TEST((previous_token_scores(model, {often, 4}) - once).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_CASE(heads_of_a_known_circuit) {
  const auto model = toy_induction_model();
  const TokenSequences data = toy_induction_sequences();
  const Matrix<double> previous = previous_token_scores(model, {data.tokens, data.length});
  const Matrix<double> induction = induction_scores(model, toy_induction, data);
  BOOST_TEST(previous(0, 0) > 1 - 1e-12);
  BOOST_TEST(induction(1, 0) > 1 - 1e-12);
  // A head that does nothing attends to all t + 1 positions alike.
  double uniform = 0;
  for (Index t = 1; t < 13; ++t) uniform += 1 / static_cast<double>(t + 1) / 12;
  BOOST_TEST(previous(0, 1) == uniform, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(previous(1, 1) == uniform, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(induction(0, 1) == (1.0 / 9 + 1.0 / 10 + 1.0 / 8 + 1.0 / 9) / 4, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(induction(0, 0) < 1e-12);
}

BOOST_AUTO_TEST_CASE(published_induction_heads_look_where_published,
                     *boost::unit_test::precondition(reference_is_set)) {
  const auto [shape, weights] =
      read_transformer<float>(read_safetensors(reference_file("sequence/induction_heads.safetensors")));
  const auto model = Transformer<Cpu, float>::from_parameters(Cpu{}, shape, weights);
  const TokenSequences data = published_induction().next(128);
  const Matrix<double> previous = previous_token_scores(model, {data.tokens, data.length});
  const Matrix<double> induction = induction_scores(model, Induction{}, data);
  BOOST_TEST_MESSAGE("previous token\n" << previous << "\ninduction\n" << induction);
  const double published_previous[4] = {0.050, 0.057, 0.290, 0.052};
  const double published_induction_scores[4] = {0.065, 0.647, 0.666, 0.649};
  for (Index h = 0; h < 4; ++h) {
    BOOST_TEST(std::abs(previous(0, h) - published_previous[h]) < 0.002);
    BOOST_TEST(std::abs(induction(1, h) - published_induction_scores[h]) < 0.02);
  }
  BOOST_TEST(previous.row(1).maxCoeff() < 0.04);
  BOOST_TEST(induction.row(0).maxCoeff() < 0.02);
}

BOOST_AUTO_TEST_SUITE_END()
