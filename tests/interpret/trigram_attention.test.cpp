#include <cayley/interpret/trigram_attention.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/interpret/sequence_losses.hpp>
#include <cmath>
#include <nn/toy_transformers.hpp>
#include <vector>

#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(trigram_attention_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

const SkipTrigram task{5, 3};

Transformer<Cpu, double> model_of(Index layers = 1) {
  return toy_transformer<double>({.n_layers = layers,
                                  .d_model = 6,
                                  .n_heads = 2,
                                  .d_head = 3,
                                  .d_vocab = 8,
                                  .d_vocab_out = 3,
                                  .n_ctx = 7,
                                  .attn_only = true});
}

TokenSequences some_sequences(Index count = 6) {
  TorchGenerator generator(5);
  return task.draw(count, generator);
}

}  // namespace

BOOST_AUTO_TEST_CASE(attention_is_the_mean_at_the_marked_tokens_of_a_trigram) {
  const auto model = model_of();
  const TokenSequences data = some_sequences(20);
  const TrigramAttention found = trigram_attention(model, task, data);
  BOOST_TEST((found.attention.rows() == 3 && found.attention.cols() == 2));
  for (std::uint32_t key = 0; key < 3; ++key) {
    std::vector<AttentionPlace> places;
    for (AttentionPlace const& place : marked_token_places(task, data)) {
      if (data.labels[place.sequence] == key) places.push_back(place);
    }
    const Matrix<double> expected = mean_attention_at(model, {data.tokens, data.length}, places);
    for (Index h = 0; h < 2; ++h) {
      BOOST_TEST(found.attention(key, h) == expected(0, h), boost::test_tools::tolerance(1e-13));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_gradient_is_that_of_the_loss_in_the_attention) {
  const auto model = model_of(2);
  const TokenSequences data = some_sequences();
  for (Index layer = 0; layer < 2; ++layer) {
    const TrigramAttention found = trigram_attention(model, task, data, layer);
    Matrix<double> expected = Matrix<double>::Zero(3, 2);
    Vector<double> counts = Vector<double>::Zero(3);
    const double step = 1e-5;
    for (AttentionPlace const& place : marked_token_places(task, data)) {
      ++counts[data.labels[place.sequence]];
      for (Index h = 0; h < 2; ++h) {
        const auto loss_with = [&](double more) {
          Hooks<Cpu, double> hooks;
          hooks.add(detail::in_block(layer, "attn.hook_pattern"), [&](MatrixRef<double>& pattern) {
            pattern((place.sequence * 2 + h) * 7 + place.query, place.key) += more;
          });
          return sequence_losses(model, data, hooks).loss;
        };
        expected(data.labels[place.sequence], h) += (loss_with(step) - loss_with(-step)) / (2 * step);
      }
    }
    expected.array().colwise() /= counts.array();
    for (Index i = 0; i < 6; ++i) {
      BOOST_TEST((std::isnan(expected.data()[i]) ? std::isnan(found.gradient.data()[i])
                                                 : std::abs(expected.data()[i] - found.gradient.data()[i]) < 1e-9));
    }
    BOOST_TEST(found.gradient.cwiseAbs().maxCoeff() > 1e-4);
  }
}

BOOST_AUTO_TEST_CASE(a_trigram_that_does_not_occur_is_nan) {
  SkipTrigram forced = task;
  forced.forced_key = 1;
  TorchGenerator generator(3);
  const TrigramAttention found = trigram_attention(model_of(), task, forced.draw(4, generator));
  for (Index key : {0, 2}) {
    BOOST_TEST(std::isnan(found.attention(key, 0)));
    BOOST_TEST(std::isnan(found.gradient(key, 1)));
  }
  BOOST_TEST(std::isfinite(found.gradient(1, 1)));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_named) {
  TokenSequences data = some_sequences();
  BOOST_TEST(thrown_message([&] { trigram_attention(model_of(), task, data, 1); }) ==
             "skip trigram: expected a layer of 0 .. 0, found 1");
  data.parts[2] = 3;
  BOOST_TEST(thrown_message([&] { trigram_attention(model_of(), task, data); }) ==
             "skip trigram: expected parts below 3, found 3");
  data.parts.clear();
  BOOST_TEST(thrown_message([&] { trigram_attention(model_of(), task, data); }) ==
             "skip trigram: expected a part for each of 6 sequences, found 0");
}

BOOST_AUTO_TEST_SUITE_END()
