// One training step of the published modular-addition transformer, p = 113 with 30 % of the pairs: loss, gradient and
// AdamW. The argument is the number of threads. `folded` trains by way of tables, as `Transformer::examples` chooses;
// `general` computes every position, as a model that does not fold is trained.
#include <benchmark/benchmark.h>

#include <cayley/backend/cpu.hpp>
#include <cayley/core/random.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/task/modular_arithmetic.hpp>
#include <cayley/task/split.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cayley/train/optimizer.hpp>

namespace {

using namespace cayley;

constexpr Index p = 113;

TransformerShape modular_shape() {
  return {.n_layers = 1,
          .d_model = 128,
          .n_heads = 4,
          .d_head = 32,
          .d_mlp = 512,
          .d_vocab = p + 1,
          .d_vocab_out = p + 1,
          .n_ctx = 3,
          .has_biases = true,
          .mlp_biases_alone = true};
}

enum class Way { folded, general };

void steps(benchmark::State& state, Way way) {
  using Model = Transformer<Cpu, float>;
  Model model(Cpu(static_cast<int>(state.range(0))), modular_shape());
  TorchGenerator generator(0);
  draw_initial_weights(model, generator, TransformerInit::modular_addition);
  const TokenSequences train = pair_sequences(modular_sum(p), p).subset(shuffled_split(p * p, 0.3, 0).train);
  const Model::Examples batch = way == Way::folded ? model.examples(train) : model.general_examples(train);
  if (batch.is_folded() != (way == Way::folded)) return state.SkipWithError("this batch is trained the other way");
  Model::Workspace workspace(model);
  Model::Gradients gradients = model.zero_gradients();
  Optimizer<Cpu, float> optimizer({}, model);
  for (auto _ : state) {
    model.loss_and_gradient(batch, workspace, gradients);
    optimizer.step(model, gradients);
  }
}

void folded(benchmark::State& state) {
  steps(state, Way::folded);
}
void general(benchmark::State& state) {
  steps(state, Way::general);
}

BENCHMARK(folded)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(general)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
