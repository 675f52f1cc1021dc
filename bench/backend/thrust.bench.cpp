// The S5 epoch of bench/train/trainer.bench.cpp on Thrust's systems of the host; the argument is the number of threads.
#include <benchmark/benchmark.h>

#include <cayley/backend/cpu.hpp>
#include <cayley/core/random.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/task/split.hpp>
#include <cayley/thrust.hpp>
#include <cayley/train/trainer.hpp>

namespace {

using namespace cayley;

template <class B>
void epoch(benchmark::State& state, B const& backend) {
  OneLayerMlp<B, float> model(backend, {120, 256, 128, 120, false});
  TorchGenerator generator(1);
  draw_initial_weights(model, generator);
  const auto data = group_composition(Cyclic<120>{});
  const auto split = random_split(120 * 120, 0.4, 1);
  Trainer<OneLayerMlp<B, float>> trainer(std::move(model), data.subset(split.train), data.subset(split.test), {},
                                         generator);
  for (auto _ : state) trainer.run_epoch();
}

void epoch_cpu(benchmark::State& state) {
  epoch(state, Cpu(static_cast<int>(state.range(0))));
}
void epoch_thrust_cpp(benchmark::State& state) {
  epoch(state, Thrust<Cpp>(ThrustOptions{1, 0}));
}
BENCHMARK(epoch_cpu)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(epoch_thrust_cpp)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

#ifdef _OPENMP
void epoch_thrust_omp(benchmark::State& state) {
  epoch(state, Thrust<Omp>(ThrustOptions{static_cast<int>(state.range(0)), 0}));
}
BENCHMARK(epoch_thrust_omp)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
#endif
#if __has_include(<tbb/task_arena.h>)
void epoch_thrust_tbb(benchmark::State& state) {
  epoch(state, Thrust<Tbb>(ThrustOptions{static_cast<int>(state.range(0)), 0}));
}
BENCHMARK(epoch_thrust_tbb)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
#endif

}  // namespace
