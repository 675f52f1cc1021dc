// One measurement of how cost and memory grow with a group, for compare.py, which runs this program once for each.
//
// Usage: scaling basis|transform|epoch|explain cyclic|dihedral|symmetric N
// basis: irreps and Fourier basis. transform: 128 functions along one axis, in float. epoch: a full-batch step of the
// published network (256, 128) on 40 % of the pairs, in float. explain: every metric of such a network, in double. One
// thread each. Prints as JSON the order of the group, milliseconds, and the megabytes by which the process grew.
#include <cayley/backend/cpu.hpp>
#include <cayley/core/random.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/fourier/transform.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cayley/interpret/representation_metrics.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/task/split.hpp>
#include <cayley/train/trainer.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

using namespace cayley;

/// Of this program alone: what getrusage tells begins with the memory of the process that started it.
double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

double megabytes_before = 0;

/// The least time of a call, over at least three and half a second.
template <class Call>
void report(Index order, Call const& call) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  double least = 0;
  for (int i = 0; i < 3 || Clock::now() - start < std::chrono::milliseconds(500); ++i) {
    const auto before = Clock::now();
    call();
    const double milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - before).count();
    least = i == 0 ? milliseconds : std::min(least, milliseconds);
  }
  std::printf("{\"order\": %lld, \"milliseconds\": %.6g, \"megabytes\": %.6g}\n", static_cast<long long>(order), least,
              peak_megabytes() - megabytes_before);
}

// What is computed goes here, so that the compiler must compute it.
volatile double result_of_call;

OneLayerMlp<Cpu, float> published_network(Index order) {
  OneLayerMlp<Cpu, float> model(Cpu{1}, {order, 256, 128, order, false});
  TorchGenerator generator(1);
  draw_initial_weights(model, generator);
  return model;
}

template <FiniteGroup G>
int measure(std::string const& what, G const& g) {
  const auto n = static_cast<Index>(g.order());
  if (what == "basis") {
    report(n, [&] { result_of_call = FourierBasis<double>(g).matrix()(0, 0); });
  } else if (what == "transform") {
    const FourierBasis<float> basis(g);
    const Matrix<float> functions = Matrix<float>::Random(n, 128);
    report(n, [&] { result_of_call = transform(basis, functions, Axis::rows)(0, 0); });
  } else if (what == "epoch") {
    auto model = published_network(n);
    const auto data = group_composition(g);
    const auto split = random_split(n * n, 0.4, 1);
    TorchGenerator generator(1);
    Trainer<OneLayerMlp<Cpu, float>> trainer(std::move(model), data.subset(split.train), data.subset({}), {},
                                             generator);
    report(n, [&] { trainer.run_epoch(); });
  } else if (what == "explain") {
    const CayleyTable table = cayley_table(g);
    const FourierBasis<double> basis(g);
    const PairNetwork network = pair_network(published_network(n));
    TrainingSet train(static_cast<std::size_t>(n * n), 0);
    for (Index i : random_split(n * n, 0.4, 1).train) train[static_cast<std::size_t>(i)] = 1;
    report(n, [&] { result_of_call = representation_metrics(network, table, basis, train).all_loss; });
  } else {
    std::fprintf(stderr, "scaling: basis, transform, epoch or explain, not %s\n", what.c_str());
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: scaling basis|transform|epoch|explain cyclic|dihedral|symmetric N\n", stderr);
    return 2;
  }
  const std::string what = argv[1], family = argv[2];
  const int n = std::atoi(argv[3]);
  megabytes_before = peak_megabytes();
  if (family == "cyclic") return measure(what, Cyclic<>{n});
  if (family == "dihedral") return measure(what, Dihedral<>{n});
  if (family == "symmetric" && n == 3) return measure(what, Symmetric<3>{});
  if (family == "symmetric" && n == 4) return measure(what, Symmetric<4>{});
  if (family == "symmetric" && n == 5) return measure(what, Symmetric<5>{});
  if (family == "symmetric" && n == 6) return measure(what, Symmetric<6>{});
  std::fputs("scaling: cyclic N, dihedral N, or symmetric 3 .. 6\n", stderr);
  return 2;
}
