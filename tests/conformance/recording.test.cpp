#include <boost/test/unit_test.hpp>
#include <conformance/recording_backend.hpp>
#include <conformance/training_conformance.hpp>
#include <utility>

BOOST_AUTO_TEST_SUITE(recording_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

/// Calls everything, and records nothing.
struct Unrecorded : RecordingBackend {
  void replay() = delete;
};
static_assert(!RecordsWork<Unrecorded>);

const OneLayerMlpShape shape{5, 6, 8, 7, true};
const TransformerShape read_at_last{.n_layers = 1,
                                    .d_model = 8,
                                    .n_heads = 2,
                                    .d_head = 3,
                                    .d_mlp = 10,
                                    .d_vocab = 7,
                                    .d_vocab_out = 5,
                                    .n_ctx = 3,
                                    .has_biases = true,
                                    .mlp_biases_alone = true};

template <class B>
auto mlp_trainer() {
  const LabelledExamples<Pair> all{toy_pairs(), toy_labels()};
  OneLayerMlp<B, double> model(B{}, shape);
  model.set_parameters(toy_mlp_weights<double>(true));
  TrainerOptions options;
  options.schedule = Schedule{10};
  return Trainer(std::move(model), all, all, options, TorchGenerator(1));
}

template <class B>
auto transformer_trainer(OptimizerKind kind) {
  auto model = toy_transformer<double>(read_at_last, B{});
  TrainerOptions options;
  options.optimizer.kind = kind;
  options.schedule = Schedule{10};
  return Trainer(std::move(model), toy_pair_sequences(), toy_pair_sequences(), options, TorchGenerator(1));
}

template <class Trainer>
auto weights_after(Trainer trainer, int epochs) {
  for (int i = 0; i < epochs; ++i) trainer.run_epoch();
  return trainer.state().weights;
}

template <class Weights>
void expect_same(Weights const& found, Weights const& expected) {
  for (auto const& [name, matrix] : expected) BOOST_TEST((found.at(name) == matrix), name);
}

}  // namespace

BOOST_AUTO_TEST_CASE(recorded_steps_are_the_steps) {
  RecordingBackend::recorded = RecordingBackend::replayed = 0;
  const auto found = weights_after(mlp_trainer<RecordingBackend>(), 20);
  BOOST_TEST(RecordingBackend::recorded == 1);
  BOOST_TEST(RecordingBackend::replayed == 18);  // the first one sets up memory, the second one needs no more
  expect_same(found, weights_after(mlp_trainer<Unrecorded>(), 20));
  for (const OptimizerKind kind : {OptimizerKind::adam_w, OptimizerKind::adam, OptimizerKind::sgd}) {
    RecordingBackend::recorded = RecordingBackend::replayed = 0;
    expect_same(weights_after(transformer_trainer<RecordingBackend>(kind), 20),
                weights_after(transformer_trainer<Unrecorded>(kind), 20));
    BOOST_TEST(RecordingBackend::recorded == 1);
    BOOST_TEST(RecordingBackend::replayed == 18);
  }
}

// Whatever may move memory makes the next step be recorded anew: a larger batch, a copy, a state that is restored.
BOOST_AUTO_TEST_CASE(what_moves_memory_is_noticed) {
  auto trainer = mlp_trainer<RecordingBackend>();
  auto plain = mlp_trainer<Unrecorded>();
  const auto both = [&](auto const& change) {
    change(trainer);
    change(plain);
    for (int i = 0; i < 4; ++i) {
      trainer.run_epoch();
      plain.run_epoch();
    }
    expect_same(trainer.state().weights, plain.state().weights);
  };
  both([](auto& t) { t.run_epoch(); });
  both([](auto& t) { t.evaluate(); });
  both([](auto& t) {
    auto copy = t;
    copy.run_epoch();
    copy.run_epoch();
    t = copy;
  });
  both([](auto& t) {
    auto moved = std::move(t);
    moved.run_epoch();
    t = std::move(moved);
  });
  both([](auto& t) { t.restore(t.state()); });
}

BOOST_AUTO_TEST_SUITE_END()
