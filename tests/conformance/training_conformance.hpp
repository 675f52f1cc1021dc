/// The upper rungs of the ladder of tests/conformance/backend_conformance.hpp: whole steps, and whole training runs, beside
/// the oracle, which is `Cpu` in double.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/core/random.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/nn/attention_pooling.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/task/split.hpp>
#include <cayley/train/trainer.hpp>
#include <cmath>
#include <nn/toy_models.hpp>
#include <nn/toy_transformers.hpp>
#include <slow_build.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cayley::testing {

/// The same model elsewhere: weights rounded to another scalar, or copied to another backend.
template <class To, class From>
To with_weights_of(From const& from, To to) {
  for (auto const& parameter : from.parameters()) {
    to.set_parameter(parameter.name(), parameter.host().template cast<typename To::ScalarType>());
  }
  return to;
}

/// Loss and gradients of a batch on the host, in double.
struct Step {
  double loss = 0;
  std::vector<Matrix<double>> gradients;
};
template <class Model, class Data>
Step one_step(Model const& model, Data const& data) {
  const auto examples = model.examples(data, BatchUse::gradient);
  typename Model::Workspace workspace(model);
  auto gradients = model.zero_gradients();
  for (auto& gradient : gradients) {  // must be overwritten
    gradient.assign(Matrix<typename Model::ScalarType>::Constant(gradient.rows(), gradient.cols(), 7));
  }
  model.loss_and_gradient(examples, workspace, gradients);
  Step step{workspace.losses().mean(), {}};
  for (auto const& gradient : gradients) step.gradients.push_back(gradient.host().template cast<double>());
  return step;
}

inline void expect_same_step(Step const& found, Step const& expected, double tolerance, std::string const& name) {
  BOOST_TEST(std::abs(found.loss - expected.loss) <= tolerance * expected.loss,
             name << ": loss " << found.loss << " beside " << expected.loss);
  double largest = 0;
  for (auto const& gradient : expected.gradients) largest = std::max(largest, gradient.cwiseAbs().maxCoeff());
  for (std::size_t p = 0; p < expected.gradients.size(); ++p) {
    const double difference = (found.gradients[p] - expected.gradients[p]).cwiseAbs().maxCoeff();
    BOOST_TEST(difference <= tolerance * largest,
               name << ": gradient " << p << " differs by " << difference << " of " << largest);
  }
}

/// 10: a step of every model is that of the oracle, to 1e-12 of the largest gradient in double and 1e-5 in float.
template <class B, class Scalar>
void check_10_steps(B const& backend) {
  const double tolerance = sizeof(Scalar) == 8 ? 1e-12 : 1e-5;
  const auto compare = [&](auto const& oracle, auto&& model, auto const& data, std::string const& name) {
    expect_same_step(one_step(model, data), one_step(oracle, data), tolerance, name);
  };
  const LabelledExamples<Pair> pairs{toy_pairs(), toy_labels()};
  for (const bool has_bias : {false, true}) {
    const auto oracle = OneLayerMlp<Cpu, double>::from_parameters({}, toy_mlp_weights<double>(has_bias));
    compare(oracle, with_weights_of(oracle, OneLayerMlp<B, Scalar>(backend, oracle.shape())), pairs, "OneLayerMlp");
  }
  {
    const auto oracle = Bilinear<Cpu, double>::from_parameters({}, toy_bilinear_weights<double>());
    compare(oracle, with_weights_of(oracle, Bilinear<B, Scalar>(backend, oracle.shape())), pairs, "Bilinear");
  }
  for (auto const& [name, shape] : toy_shapes()) {
    const auto oracle = toy_transformer<double>(shape);
    const auto model = with_weights_of(oracle, Transformer<B, Scalar>(backend, shape));
    compare(oracle, model, toy_sequences(), name + ", general");
    compare(oracle, model, toy_pair_sequences(), name + ", read at the last position");
  }
}

/// The published S5 network: all of its training set in each step.
template <class B, class Scalar>
Trainer<OneLayerMlp<B, Scalar>> s5_trainer(B const& backend) {
  const OneLayerMlpShape shape{120, 256, 128, 120, false};
  TorchGenerator generator(1);
  OneLayerMlp<Cpu, float> first({}, shape);
  draw_initial_weights(first, generator);
  const auto data = group_composition(Symmetric<5>{});
  const auto split = random_split(120 * 120, 0.4, 1);
  return {with_weights_of(first, OneLayerMlp<B, Scalar>(backend, shape)), data.subset(split.train),
          data.subset(split.test), TrainerOptions{}, generator};
}

/// The transformer of the modular-addition study on 30 % of the pairs.
template <class B, class Scalar>
Trainer<Transformer<B, Scalar>> p113_trainer(B const& backend) {
  const TransformerShape shape{.n_layers = 1,
                               .d_model = 128,
                               .n_heads = 4,
                               .d_head = 32,
                               .d_mlp = 512,
                               .d_vocab = 114,
                               .d_vocab_out = 114,
                               .n_ctx = 3,
                               .has_biases = true,
                               .mlp_biases_alone = true};
  TorchGenerator generator(0);
  Transformer<Cpu, float> first({}, shape);
  draw_initial_weights(first, generator, TransformerInit::modular_addition);
  const auto data = group_composition(Cyclic<113>{});
  const auto split = random_split(113 * 113, 0.3, 0);
  return {with_weights_of(first, Transformer<B, Scalar>(backend, shape)), pair_sequences(data.subset(split.train), 113),
          pair_sequences(data.subset(split.test), 113), TrainerOptions{}, generator};
}

/// Losses after some numbers of epochs.
template <class Trainer>
std::vector<LogRow> rows_after(Trainer trainer, std::vector<std::int64_t> const& epochs) {
  std::vector<LogRow> rows;
  for (const std::int64_t epoch : epochs) {
    while (trainer.epochs() < epoch) trainer.run_epoch();
    rows.push_back(trainer.evaluate());
  }
  return rows;
}

/// `test_factor`: how many times further apart losses on the test set may be, which no step keeps together.
inline void expect_same_losses(std::vector<LogRow> const& found, std::vector<LogRow> const& expected,
                               std::vector<double> const& tolerances, double test_factor) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    BOOST_TEST_CONTEXT("epoch " << expected[i].epoch) {
      BOOST_TEST(std::abs(found[i].train_loss / expected[i].train_loss - 1) <= tolerances[i]);
      BOOST_TEST(std::abs(found[i].test_loss / expected[i].test_loss - 1) <= test_factor * tolerances[i]);
    }
  }
}

/// 11: the losses of the S5 network are those of the oracle, to 1e-4 over 100 epochs and 1e-3 over 200.
template <class B>
void check_11_s5(B const& backend) {
  std::vector<std::int64_t> epochs{1, 10, 50, 100, 150, 200};
  if (slow_build) epochs = {1, 10};
  expect_same_losses(rows_after(s5_trainer<B, float>(backend), epochs), rows_after(s5_trainer<Cpu, double>({}), epochs),
                     {1e-4, 1e-4, 1e-4, 1e-4, 1e-3, 1e-3}, 1);
}

/// 12: the training losses of the p = 113 transformer are those of the oracle, to 1e-9 over 50 steps in double. In float
/// to 1e-4 over 30 steps, and to 5e-4 over 50: the first input of a ReLU that rounds to the other side of 0, on some
/// backends in the second step, takes losses 1e-4 apart by then.
template <class B>
void check_12_p113(B const& backend) {
  const std::vector<std::int64_t> epochs =
      slow_build ? std::vector<std::int64_t>{1} : std::vector<std::int64_t>{1, 10, 30, 50};
  static const std::vector<LogRow> expected = rows_after(p113_trainer<Cpu, double>({}), epochs);
  expect_same_losses(rows_after(p113_trainer<B, float>(backend), epochs), expected, {1e-4, 1e-4, 1e-4, 5e-4}, 5);
  expect_same_losses(rows_after(p113_trainer<B, double>(backend), epochs), expected, {1e-9, 1e-9, 1e-9, 1e-9}, 1);
}

/// The work of a step: none of the first one, in which memory is set up.
template <class B, class Trainer>
BackendCounts work_of_a_step(Trainer trainer) {
  trainer.run_epoch();
  const BackendCounts before = B::counts();
  trainer.run_epoch();
  return B::counts() - before;
}

/// 13: a step allocates nothing and never waits; that of the group network is at most 16 launches, that of the p = 113
/// transformer at most 32, on a backend with a budget for the whole batch.
template <class B>
  requires CountsWork<B>
void check_13_counts(B const& roomy) {
  const BackendCounts group = work_of_a_step<B>(s5_trainer<B, float>(roomy));
  BOOST_TEST(group.allocations == 0);
  BOOST_TEST(group.synchronizations == 0);
  BOOST_TEST(group.launches <= 16);
  const BackendCounts transformer = work_of_a_step<B>(p113_trainer<B, float>(roomy));
  BOOST_TEST(transformer.allocations == 0);
  BOOST_TEST(transformer.synchronizations == 0);
  BOOST_TEST(transformer.launches <= 32);
}

}  // namespace cayley::testing
