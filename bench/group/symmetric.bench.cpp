#include <benchmark/benchmark.h>

#include <cayley/group/symmetric.hpp>

using namespace cayley;

namespace {

/// Each product waits for the one before it.
template <int N>
void product_of_permutations(benchmark::State& state) {
  const Symmetric<N> g;
  const auto order = static_cast<Element>(g.order());
  Element a = 1, b = 0;
  for (auto _ : state) {
    a = g.compose(a, b);
    b = b + 1 == order ? 0 : b + 1;
    benchmark::DoNotOptimize(a);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_TEMPLATE(product_of_permutations, 5);
BENCHMARK_TEMPLATE(product_of_permutations, 8);

template <int N>
void inverse_of_permutations(benchmark::State& state) {
  const Symmetric<N> g;
  const auto order = static_cast<Element>(g.order());
  Element a = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(g.inverse(a));
    a = a + 1 == order ? 0 : a + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_TEMPLATE(inverse_of_permutations, 5);
BENCHMARK_TEMPLATE(inverse_of_permutations, 8);

}  // namespace
