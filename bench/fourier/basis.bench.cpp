#include <benchmark/benchmark.h>

#include <cayley/fourier/basis.hpp>

using namespace cayley;

namespace {

/// Classes, characters and rules; matrices are computed when asked for.
template <class G>
void irreps_of_a_group(benchmark::State& state) {
  const G g;
  for (auto _ : state) benchmark::DoNotOptimize(irreps(g).size());
}
BENCHMARK_TEMPLATE(irreps_of_a_group, Cyclic<113>)->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(irreps_of_a_group, Symmetric<5>)->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(irreps_of_a_group, Symmetric<6>)->Unit(benchmark::kMicrosecond);

/// The irreps and the matrices of all elements.
template <class G, class Scalar>
void basis_of_a_group(benchmark::State& state) {
  const G g;
  for (auto _ : state) benchmark::DoNotOptimize(FourierBasis<Scalar>(g).matrix().data());
  state.SetItemsProcessed(state.iterations() * g.order() * g.order());
}
BENCHMARK_TEMPLATE(basis_of_a_group, Cyclic<113>, float)->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(basis_of_a_group, Symmetric<5>, float)->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(basis_of_a_group, Symmetric<5>, double)->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(basis_of_a_group, Symmetric<6>, float)->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(basis_of_a_group, Symmetric<6>, double)->Unit(benchmark::kMicrosecond);

}  // namespace
