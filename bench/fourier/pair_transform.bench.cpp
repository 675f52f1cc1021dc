#include <benchmark/benchmark.h>

#include <cayley/fourier/pair_transform.hpp>

using namespace cayley;

namespace {

/// 128 functions of a pair of elements of C_113, such as the neurons of a network that adds modulo 113.
template <class Scalar>
void transform_128_functions_of_pairs(benchmark::State& state) {
  const FourierBasis<Scalar> basis(Cyclic<113>{});
  const Index n = basis.order(), functions = 128;
  const Matrix<Scalar> f = Matrix<Scalar>::Random(n * n, functions);  // (order^2, functions)
  for (auto _ : state) benchmark::DoNotOptimize(transform_pairs(basis, f).data());
  const auto operations = 4.0 * static_cast<double>(n * n * n * functions);
  state.counters["GFLOP/s"] = benchmark::Counter(1e-9 * operations, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_TEMPLATE(transform_128_functions_of_pairs, float)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(transform_128_functions_of_pairs, double)->Unit(benchmark::kMillisecond);

}  // namespace
