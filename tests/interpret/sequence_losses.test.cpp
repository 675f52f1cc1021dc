#include <cayley/interpret/sequence_losses.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/study/transformer_file.hpp>
#include <cayley/task/digit_addition.hpp>
#include <cmath>
#include <nn/toy_transformers.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "reference.hpp"
#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(sequence_losses_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(losses_of_logits_are_means_by_part_and_scale) {
  const TokenSequences data{2, {0, 1, 2, 3}, {0, 1, 3}, {1, 0, 1}, {2, 0, 2}, 3};
  Matrix<double> logits(3, 2);
  logits << 0, std::log(3.0),  // -log(3/4)
      5, 5,                    // ln 2, a tie that the first class wins
      40, 0;                   // 40, nearly
  const SequenceLosses losses = sequence_losses(data, logits);
  const double first = std::log(4.0 / 3), second = std::log(2.0), third = 40 + std::log1p(std::exp(-40.0));
  BOOST_TEST(std::abs(losses.loss - (first + second + third)) < 1e-13);
  BOOST_TEST(losses.accuracy == 2.0 / 3);
  BOOST_TEST_REQUIRE(losses.part_losses.size() == 3u);
  BOOST_TEST(std::abs(losses.part_losses[0] - 3 * second) < 1e-14);
  BOOST_TEST(std::isnan(losses.part_losses[1]));
  BOOST_TEST(std::abs(losses.part_losses[2] - 1.5 * (first + third)) < 1e-13);
  BOOST_TEST(losses.part_accuracies[0] == 1);
  BOOST_TEST(std::isnan(losses.part_accuracies[1]));
  BOOST_TEST(losses.part_accuracies[2] == 0.5);
}

BOOST_AUTO_TEST_CASE(small_and_large_losses_keep_their_digits) {
  const TokenSequences data{1, {0, 0}, {0, 1}, {0, 1}, {0, 1}, 1};
  Matrix<double> logits(2, 2);
  logits << 60, 0, 5000, 0;
  const SequenceLosses losses = sequence_losses(data, logits);
  BOOST_TEST(losses.part_losses[0] == std::exp(-60.0), boost::test_tools::tolerance(1e-14));
  BOOST_TEST(losses.part_losses[1] == 5000);
}

BOOST_AUTO_TEST_CASE(a_models_losses_are_those_of_its_training_step) {
  for (auto const& [name, shape] : toy_shapes()) {
    BOOST_TEST_CONTEXT(name) {
      const auto model = toy_transformer<double>(shape);
      const TokenSequences data = toy_sequences();
      const SequenceLosses losses = sequence_losses(model, data);
      const BatchLoss expected = model.unfolded_loss_and_gradient(data).loss;
      BOOST_TEST(losses.loss == expected.mean(), boost::test_tools::tolerance(1e-12));
      BOOST_TEST(losses.accuracy == expected.accuracy());
      BOOST_TEST(losses.part_losses.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(pieces_of_the_data_change_nothing) {
  const auto model = toy_transformer<double>(toy_shape());
  TokenSequences once = toy_sequences(), often{3, {}, {}, {}, {}, once.loss_scale};
  once.parts = {0, 1, 0, 1, 1};
  for (std::size_t i = 0; i < 4000; ++i) {
    for (std::uint32_t row : once.target_rows) {
      often.target_rows.push_back(row + static_cast<std::uint32_t>(often.tokens.size()));
    }
    often.tokens.insert(often.tokens.end(), once.tokens.begin(), once.tokens.end());
    often.labels.insert(often.labels.end(), once.labels.begin(), once.labels.end());
    often.parts.insert(often.parts.end(), once.parts.begin(), once.parts.end());
  }
  const SequenceLosses expected = sequence_losses(model, once);
  int passes = 0;
  Hooks<Cpu, double> hooks;
  hooks.add("hook_embed", [&](MatrixRef<double>&) { ++passes; });
  const SequenceLosses found = sequence_losses(model, often, hooks);
  BOOST_TEST(passes > 1);
  BOOST_TEST(found.loss == expected.loss, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(found.accuracy == expected.accuracy, boost::test_tools::tolerance(1e-12));
  for (std::size_t part : {0u, 1u}) {
    BOOST_TEST(found.part_losses[part] == expected.part_losses[part], boost::test_tools::tolerance(1e-12));
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_named) {
  const auto model = toy_transformer<double>(toy_shape());
  TokenSequences data = toy_sequences();
  BOOST_TEST(thrown_message([&] { sequence_losses(data, Matrix<double>::Zero(4, 5)); }) ==
             "losses: expected logits of 5 targets, found 4");
  data.parts = {0};
  BOOST_CHECK_THROW(sequence_losses(model, data), Error);
  data.parts.clear();
  data.labels[1] = 5;
  BOOST_TEST(thrown_message([&] { sequence_losses(model, data); }) == "label 1 is 5: expected a class below 5");
  data.labels[1] = 4;
  data.tokens[4] = 7;
  BOOST_CHECK_THROW(sequence_losses(model, data), Error);
  Hooks<Cpu, double> hooks;
  hooks.add("hook_embde", [](MatrixRef<double>&) {});
  BOOST_CHECK_THROW(sequence_losses(model, toy_sequences(), hooks), Error);
  BOOST_TEST(std::isnan(sequence_losses(model, TokenSequences{}).loss));
}

BOOST_AUTO_TEST_CASE(published_addition_has_its_published_losses, *boost::unit_test::precondition(reference_is_set)) {
  const auto [shape, weights] =
      read_transformer<float>(read_safetensors(reference_file("sequence/digit_addition.safetensors")));
  const auto model = Transformer<Cpu, float>::from_parameters(Cpu{}, shape, weights);
  const TensorFile io = read_safetensors(reference_file("sequence/digit_addition_io.safetensors"));
  const auto tokens = io.values<std::uint32_t>("tokens", {64, 18});
  std::vector<std::uint32_t> x, y;
  for (auto sequence = tokens.begin(); sequence != tokens.end(); sequence += 18) {
    x.insert(x.end(), sequence, sequence + 5);
    y.insert(y.end(), sequence + 6, sequence + 11);
  }
  const SequenceLosses losses = sequence_losses(model, DigitAddition{}.sums(x, y));
  BOOST_TEST(losses.loss == std::stod(io.metadata().at("loss")), boost::test_tools::tolerance(1e-4));
  std::istringstream published(io.metadata().at("per_digit_loss"));  // "[1.0, 2.0]"
  BOOST_TEST_REQUIRE(losses.part_losses.size() == 6u);
  for (double loss : losses.part_losses) {
    char separator = 0;
    double expected = 0;
    published >> separator >> expected;
    BOOST_TEST(loss == expected, boost::test_tools::tolerance(1e-4));
    BOOST_TEST_MESSAGE("digit: " << loss << ", published " << expected);
  }
}

BOOST_AUTO_TEST_CASE(published_induction_has_its_published_loss, *boost::unit_test::precondition(reference_is_set)) {
  const auto [shape, weights] =
      read_transformer<float>(read_safetensors(reference_file("sequence/induction_heads.safetensors")));
  const auto model = Transformer<Cpu, float>::from_parameters(Cpu{}, shape, weights);
  const TensorFile io = read_safetensors(reference_file("sequence/induction_heads_io.safetensors"));
  TokenSequences data{85, io.values<std::uint32_t>("tokens", {8, 85}), {}, {}, {}, 85.0 / 84};
  const auto mask = io.values<double>("mask", {8, 85});
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) continue;
    data.target_rows.push_back(static_cast<std::uint32_t>(i));
    data.labels.push_back(data.tokens[i + 1]);
  }
  const double loss = sequence_losses(model, data).loss;
  BOOST_TEST(loss == std::stod(io.metadata().at("masked_loss")), boost::test_tools::tolerance(1e-5));
  BOOST_TEST_MESSAGE("masked loss " << loss);
}

BOOST_AUTO_TEST_SUITE_END()
