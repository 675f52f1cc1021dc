// One training step of the published sequence studies: loss, gradient and AdamW on one batch. The argument is the number
// of threads. `induction`: two layers of attention, 128 sequences of 85 positions. `digits`: one layer with an MLP, d_model
// 512, 64 sequences of 18, six of them read. `trigram`: one layer of attention, 256 sequences of 42, the last position
// read. Each is trained the way that `Transformer::examples` chooses; `trigram_general` through every position.
#include <benchmark/benchmark.h>

#include <cayley/backend/cpu.hpp>
#include <cayley/core/random.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/task/digit_addition.hpp>
#include <cayley/task/induction.hpp>
#include <cayley/task/sequence_task.hpp>
#include <cayley/task/skip_trigram.hpp>
#include <cayley/train/optimizer.hpp>

namespace {

using namespace cayley;

template <SequenceTask Task>
void steps(benchmark::State& state, Task const& task, TransformerShape shape, TransformerInit init, Index sequences,
           bool through_every_position = false) {
  using Model = Transformer<Cpu, float>;
  shape.d_vocab = task.d_vocab();
  shape.d_vocab_out = task.d_vocab_out();
  shape.n_ctx = task.n_ctx();
  Model model(Cpu(static_cast<int>(state.range(0))), shape);
  TorchGenerator generator(1);
  draw_initial_weights(model, generator, init);
  const TokenSequences data = SequenceBatches<Task>(task, 1).next(sequences);
  const Model::Examples batch = through_every_position ? model.general_examples(data) : model.examples(data);
  Model::Workspace workspace(model);
  Model::Gradients gradients = model.zero_gradients();
  Optimizer<Cpu, float> optimizer({}, model);
  for (auto _ : state) {
    model.loss_and_gradient(batch, workspace, gradients);
    optimizer.step(model, gradients);
  }
}

TransformerShape attention_shape(Index layers, Index d_model, Index heads, Index d_head) {
  TransformerShape shape;
  shape.n_layers = layers;
  shape.d_model = d_model;
  shape.n_heads = heads;
  shape.d_head = d_head;
  shape.attn_only = true;
  shape.has_biases = false;
  return shape;
}

void induction(benchmark::State& state) {
  TransformerShape shape = attention_shape(2, 48, 4, 12);
  shape.doubled_residual = true;
  steps(state, Induction{}, shape, TransformerInit::induction, 128);
}

void digits(benchmark::State& state) {
  TransformerShape shape = attention_shape(1, 512, 4, 128);
  shape.attn_only = false;
  shape.d_mlp = 2048;
  shape.has_biases = shape.mlp_biases_alone = true;
  steps(state, DigitAddition{}, shape, TransformerInit::sequences, 64);
}

void trigram(benchmark::State& state) {
  steps(state, SkipTrigram{}, attention_shape(1, 32, 1, 8), TransformerInit::sequences, 256);
}
void trigram_general(benchmark::State& state) {
  steps(state, SkipTrigram{}, attention_shape(1, 32, 1, 8), TransformerInit::sequences, 256, true);
}

BENCHMARK(induction)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(digits)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(trigram)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(trigram_general)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
