#include <cayley/interpret/digit_spectra.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/interpret/sequence_losses.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/nn/activation_cache.hpp>
#include <cayley/study/transformer_file.hpp>
#include <cayley/task/digit_addition.hpp>
#include <cmath>
#include <nn/toy_transformers.hpp>
#include <numbers>
#include <string>
#include <vector>

#include "reference.hpp"
#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(digit_spectra_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

const DigitAddition task{1};
constexpr Index digit_positions = 6;

/// Neuron 0 is relu(cos(4 pi d/10)) of the digit at its own position, neuron 1 always 3.
Transformer<Cpu, double> known_model() {
  TransformerShape shape{
      .d_model = 2, .n_heads = 1, .d_head = 1, .d_mlp = 2, .d_vocab = 12, .d_vocab_out = 10, .n_ctx = digit_positions};
  Transformer<Cpu, double> model(Cpu{}, shape);
  Matrix<double> w_e = Matrix<double>::Zero(12, 2), w_u = Matrix<double>::Zero(2, 10);
  for (Index d = 0; d < 10; ++d) {
    w_e(d, 0) = std::cos(4 * std::numbers::pi * static_cast<double>(d) / 10);
    w_u(0, d) = std::sin(2 * std::numbers::pi * static_cast<double>(d) / 10);
    w_u(1, d) = d % 2 == 0 ? 2 : -2;
  }
  Matrix<double> w_in = Matrix<double>::Zero(2, 2);
  w_in(0, 0) = 1;
  model.set_parameter("embed.W_E", w_e);
  model.set_parameter("unembed.W_U", w_u);
  model.set_parameter("blocks.0.mlp.W_in", w_in);
  model.set_parameter("blocks.0.mlp.b_in", (Matrix<double>(1, 2) << 0, 3).finished());
  return model;
}

TokenSequences all_sums() {
  std::vector<std::uint32_t> x, y;
  for (std::uint32_t i = 0; i < 100; ++i) {
    x.push_back(i / 10);
    y.push_back(i % 10);
  }
  return task.sums(x, y);
}

}  // namespace

BOOST_AUTO_TEST_CASE(weights_have_the_spectra_that_were_written) {
  const auto names = digit_basis().names();
  BOOST_TEST(names.size() == 10u);
  const DigitWeightSpectra spectra = digit_weight_spectra(known_model());
  for (Index k = 0; k < 10; ++k) {
    std::string const& name = names[static_cast<std::size_t>(k)];
    BOOST_TEST(std::abs(spectra.embedding[k] - (name == "cos 2" ? 5 : 0)) < 1e-12, name);
    BOOST_TEST(std::abs(spectra.unembedding[k] - (name == "sin 1" ? 5 : name == "+-1" ? 40 : 0)) < 1e-12, name);
  }
  BOOST_CHECK_THROW(digit_weight_spectra(toy_transformer<double>(toy_shape())), Error);
}

BOOST_AUTO_TEST_CASE(neurons_as_functions_of_a_digit) {
  const auto model = known_model();
  const TokenSequences data = all_sums();
  const TokenBatch batch{data.tokens, data.length};
  const auto first = tokens_at(batch, 0), second = tokens_at(batch, 2);
  BOOST_TEST(second[37] == 7u);
  const DigitSpectra own = digit_spectra(model, batch, "blocks.0.mlp.hook_pre", 2, second);
  const FourierBasis<double> basis = digit_basis();
  for (Index r = 0; r < basis.irreps().size(); ++r) {
    const bool second_harmonic = basis.names()[static_cast<std::size_t>(basis.block(r).begin)] == "cos 2";
    BOOST_TEST(std::abs(own.power(r, 0) - (second_harmonic ? 5 : 0)) < 1e-12);
    BOOST_TEST(std::abs(own.power(r, 1) - (r == 0 ? 90 : 0)) < 1e-12);
  }
  BOOST_TEST(std::abs(own.spectrum.sum() - 95) < 1e-11);
  BOOST_TEST(own.means(5, 0) == 1, boost::test_tools::tolerance(1e-12));
  // The digit at another position says nothing.
  const DigitSpectra other = digit_spectra(model, batch, "blocks.0.mlp.hook_pre", 2, first);
  BOOST_TEST(other.power.col(0).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_CASE(means_by_class_are_means) {
  const auto model = toy_transformer<double>(toy_shape());
  const std::vector<std::uint32_t> tokens{0, 1, 6, 3, 5, 2, 4, 4, 1}, classes{2, 0, 2};
  ActivationCache<double> cache;
  Hooks<Cpu, double> hooks;
  cache.record(hooks, {"blocks.0.mlp.hook_post"});
  model.forward({tokens, 3}, hooks);
  auto const& post = cache["blocks.0.mlp.hook_post"];
  const auto found = mean_activation_by_class(model, {tokens, 3}, "blocks.0.mlp.hook_post", 1, classes, 3);
  BOOST_TEST((found.row(0) - post.row(4)).cwiseAbs().maxCoeff() == 0);
  BOOST_TEST((found.row(2) - (post.row(1) + post.row(7)) / 2).cwiseAbs().maxCoeff() < 1e-15);
  BOOST_TEST(std::isnan(found(1, 0)));
  const auto with = [&](char const* hook, Index position, std::vector<std::uint32_t> const& of, Index count) {
    return thrown_message([&] { mean_activation_by_class(model, {tokens, 3}, hook, position, of, count); });
  };
  BOOST_TEST(with("hook_embed", 3, classes, 3) == "mean activation: expected a position of 0 .. 2, found 3");
  BOOST_TEST(with("hook_embed", 0, {0, 1}, 3) == "mean activation: expected a class for each of 3 sequences, found 2");
  BOOST_TEST(with("hook_embed", 0, classes, 2) == "mean activation: expected classes below 2, found 2");
  BOOST_TEST(with("blocks.0.attn.hook_pattern", 0, classes, 3) ==
             "mean activation: expected a row of blocks.0.attn.hook_pattern for each of 9 positions, found 18");
  BOOST_CHECK_THROW(digit_spectra(model, {tokens, 3}, "hook_embed", 0, classes), Error);
}

BOOST_AUTO_TEST_CASE(spectra_of_the_published_network, *boost::unit_test::precondition(reference_is_set)) {
  const auto [shape, weights] =
      read_transformer<float>(read_safetensors(reference_file("sequence/digit_addition.safetensors")));
  const auto model = Transformer<Cpu, float>::from_parameters(Cpu{}, shape, weights);
  const auto names = digit_basis().names();
  const auto text = [&](Vector<double> const& spectrum) {
    std::string result;
    for (Index k = 0; k < 10; ++k) {
      result += " " + names[static_cast<std::size_t>(k)] + ": " + std::to_string(spectrum[k] / spectrum.sum());
    }
    return result;
  };
  const DigitWeightSpectra spectra = digit_weight_spectra(model);
  BOOST_TEST_MESSAGE("embedding " << text(spectra.embedding));
  BOOST_TEST_MESSAGE("unembedding " << text(spectra.unembedding));
  const Matrix<double> w_e = weights.at("embed.W_E").template cast<double>().topRows(10);
  BOOST_TEST(spectra.embedding.sum() == w_e.squaredNorm(), boost::test_tools::tolerance(1e-12));
  TorchGenerator generator(1);
  const TokenSequences data = DigitAddition{}.draw(1000, generator);
  const TokenBatch batch{data.tokens, data.length};
  // Neurons where the tens digit of the sum is predicted: they follow its own digits, by their first two harmonics,
  // then the next digits, which carry, and hardly the ones before.
  double varying[3] = {0, 0, 0};
  for (Index digit : {2, 3, 4}) {
    const DigitSpectra neurons = digit_spectra(model, batch, "blocks.0.mlp.hook_post", 15, tokens_at(batch, digit));
    varying[digit - 2] = neurons.spectrum.sum() - neurons.power.row(0).sum();
    BOOST_TEST_MESSAGE("neurons by digit " << digit << ", varying " << varying[digit - 2] << ":"
                                           << text(neurons.spectrum));
    if (digit != 3) continue;
    double harmonics = 0;
    for (Index k = 0; k < 10; ++k) {
      std::string const& name = names[static_cast<std::size_t>(k)];
      if (name.ends_with(" 1") || name.ends_with(" 2")) harmonics += neurons.spectrum[k];
    }
    BOOST_TEST(harmonics > 0.8 * varying[1]);
  }
  BOOST_TEST(varying[1] > 2 * varying[2]);
  BOOST_TEST(varying[2] > 4 * varying[0]);
}

BOOST_AUTO_TEST_SUITE_END()
