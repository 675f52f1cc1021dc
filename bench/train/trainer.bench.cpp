// One training epoch of the published configurations: full batch, forward, backward and AdamW. The argument is the
// number of threads. `peak` is the most a core can do; `operations` of an epoch are those of the folded step.
#include <benchmark/benchmark.h>

#include <cayley/backend/cpu.hpp>
#include <cayley/core/product.hpp>
#include <cayley/core/random.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/task/split.hpp>
#include <cayley/train/trainer.hpp>

namespace {

using namespace cayley;

/// Pairs of C_n: the time does not depend on which group of that order it is.
template <class Model>
void epochs(benchmark::State& state, Model model, Index order, double fraction, double operations) {
  TorchGenerator generator(1);
  draw_initial_weights(model, generator);
  const auto data = group_composition(Cyclic<>{order});
  const auto split = random_split(order * order, fraction, 1);
  Trainer<Model> trainer(std::move(model), data.subset(split.train), data.subset(split.test), {}, generator);
  for (auto _ : state) trainer.run_epoch();
  state.counters["operations"] = benchmark::Counter(operations, benchmark::Counter::kIsIterationInvariantRate);
}

void mlp(benchmark::State& state, Index order, double fraction) {
  const Index embed = 256, hidden = 128;
  const double rows = fraction * static_cast<double>(order * order);
  const double operations =
      6 * rows * static_cast<double>(hidden * order) + 12 * static_cast<double>(order * embed * hidden);
  epochs(state, OneLayerMlp<Cpu, float>(Cpu(static_cast<int>(state.range(0))), {order, embed, hidden, order, false}),
         order, fraction, operations);
}

void bilinear(benchmark::State& state, Index order, double fraction) {
  const Index embed = 256;
  const double operations = 6 * fraction * static_cast<double>(order * order * embed * order);
  epochs(state, Bilinear<Cpu, float>(Cpu(static_cast<int>(state.range(0))), {order, embed, order}), order, fraction,
         operations);
}

void epoch_s5(benchmark::State& state) {
  mlp(state, 120, 0.4);
}
void epoch_a5(benchmark::State& state) {
  mlp(state, 60, 0.5);
}
void epoch_d59(benchmark::State& state) {
  mlp(state, 118, 0.3);
}
void epoch_s6(benchmark::State& state) {
  mlp(state, 720, 0.25);
}
void epoch_s5_bilinear(benchmark::State& state) {
  bilinear(state, 120, 0.4);
}

/// Fused multiply-adds on registers, in 14 independent chains.
void peak(benchmark::State& state) {
  using Packet = Eigen::internal::packet_traits<float>::type;
  constexpr int chains = 14, steps = 1 << 16, width = Eigen::internal::packet_traits<float>::size;
  Packet sum[chains];
  for (int i = 0; i < chains; ++i) sum[i] = Eigen::internal::pset1<Packet>(static_cast<float>(i));
  const Packet factor = Eigen::internal::pset1<Packet>(0.999f), term = Eigen::internal::pset1<Packet>(0.001f);
  for (auto _ : state) {
    for (int step = 0; step < steps; ++step) {
#pragma GCC unroll 14
      for (int i = 0; i < chains; ++i) sum[i] = Eigen::internal::pmadd(sum[i], factor, term);
    }
    for (int i = 0; i < chains; ++i) benchmark::DoNotOptimize(sum[i]);
  }
  state.counters["operations"] =
      benchmark::Counter(2.0 * width * chains * steps, benchmark::Counter::kIsIterationInvariantRate);
}

/// A product of matrices that fill the second-level cache.
void product(benchmark::State& state) {
  const Matrix<float> a = Matrix<float>::Random(240, 240), b = Matrix<float>::Random(240, 240);
  Matrix<float> c;
  for (auto _ : state) {
    multiply<float>(a, b, c);
    benchmark::DoNotOptimize(c.data());
  }
  state.counters["operations"] =
      benchmark::Counter(2.0 * 240 * 240 * 240, benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(peak)->Unit(benchmark::kMillisecond);
BENCHMARK(product)->Unit(benchmark::kMillisecond);
BENCHMARK(epoch_s5)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(epoch_a5)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(epoch_d59)->ArgName("threads")->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(epoch_s6)->ArgName("threads")->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(epoch_s5_bilinear)->ArgName("threads")->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
