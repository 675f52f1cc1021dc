#include <benchmark/benchmark.h>

#include <cayley/group/cayley_table.hpp>
#include <cayley/group/symmetric.hpp>

using namespace cayley;

namespace {

template <class G>
void table_of_all_products(benchmark::State& state) {
  const G g;
  for (auto _ : state) benchmark::DoNotOptimize(cayley_table(g));
  state.SetItemsProcessed(state.iterations() * g.order() * g.order());
}
BENCHMARK_TEMPLATE(table_of_all_products, Symmetric<5>)->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(table_of_all_products, Symmetric<6>)->Unit(benchmark::kMicrosecond);

/// What a product costs once the table is there.
void product_from_the_table(benchmark::State& state) {
  const CayleyTable table = cayley_table(Symmetric<5>{});
  Element a = 1, b = 0;
  for (auto _ : state) {
    a = table.compose(a, b);
    b = b + 1 == 120 ? 0 : b + 1;
    benchmark::DoNotOptimize(a);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(product_from_the_table);

}  // namespace
