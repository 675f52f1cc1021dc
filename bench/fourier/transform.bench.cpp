#include <benchmark/benchmark.h>

#include <cayley/fourier/transform.hpp>

using namespace cayley;

namespace {

/// A function on the group in each of 128 columns, or rows: the width of a published embedding.
template <class G, class Scalar>
void transform_128_functions(benchmark::State& state) {
  const FourierBasis<Scalar> basis(G{});
  const Axis axis = state.range(0) == 0 ? Axis::rows : Axis::columns;
  const Index n = basis.order(), functions = 128;
  const Matrix<Scalar> f =
      axis == Axis::rows ? Matrix<Scalar>::Random(n, functions) : Matrix<Scalar>::Random(functions, n);
  for (auto _ : state) benchmark::DoNotOptimize(transform(basis, f, axis));
  const auto operations = 2.0 * static_cast<double>(n * n * functions);
  state.counters["GFLOP/s"] = benchmark::Counter(1e-9 * operations, benchmark::Counter::kIsIterationInvariantRate);
}
#define CAYLEY_BENCHMARK_TRANSFORM(group, scalar)            \
  BENCHMARK_TEMPLATE(transform_128_functions, group, scalar) \
      ->ArgName("along_columns")                             \
      ->Arg(0)                                               \
      ->Arg(1)                                               \
      ->Unit(benchmark::kMicrosecond)
CAYLEY_BENCHMARK_TRANSFORM(Cyclic<113>, float);
CAYLEY_BENCHMARK_TRANSFORM(Cyclic<113>, double);
CAYLEY_BENCHMARK_TRANSFORM(Symmetric<5>, float);
CAYLEY_BENCHMARK_TRANSFORM(Symmetric<5>, double);
CAYLEY_BENCHMARK_TRANSFORM(Symmetric<6>, float);
CAYLEY_BENCHMARK_TRANSFORM(Symmetric<6>, double);

}  // namespace
