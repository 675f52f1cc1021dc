// Explaining one checkpoint of the published S5 configuration, from files to metrics, with nothing prepared: group,
// irreps, Fourier basis, split, network, all published metrics and the clusters of neurons. One thread.
#include <benchmark/benchmark.h>

#include <cayley/core/random.hpp>
#include <cayley/study/explain.hpp>

namespace {

/// A run directory with random weights: the time does not depend on what the network has learned.
class RandomRun {
 public:
  RandomRun(std::string const& group, int parameter, cayley::Index order, double frac_train)
      : folder_(std::filesystem::temp_directory_path() / ("cayley-bench-" + group + std::to_string(parameter))) {
    std::filesystem::create_directories(folder_);
    cayley::write_json(folder_ / "cfg.json", {{"layers", {{"embed_dim", 256}, {"hidden_dim", 128}}},
                                              {"model", "OneLayerMLP"},
                                              {"group", group},
                                              {"group_parameter", parameter},
                                              {"frac_train", frac_train},
                                              {"seed", 1},
                                              {"num_epochs", 1}});
    cayley::Json elements = cayley::Json::array();
    for (cayley::Index i = 0; i < order; ++i) elements.push_back(i);
    cayley::write_json(folder_ / "elements.json", elements);
    cayley::TorchGenerator random(1);
    const auto weights = [&](cayley::Index rows, cayley::Index cols) {
      cayley::Matrix<float> m(rows, cols);
      for (cayley::Index i = 0; i < m.size(); ++i)
        m.data()[i] = static_cast<float>(random.random32()) * 0x1p-33f - 0.25f;
      return m;
    };
    cayley::TensorFile file;
    file.add("W_x", weights(order, 256));
    file.add("W_y", weights(order, 256));
    file.add("W", weights(512, 128));
    file.add("W_U", weights(128, order));
    cayley::write_safetensors(folder_ / "model.safetensors", file);
  }
  RandomRun(RandomRun const&) = delete;
  RandomRun& operator=(RandomRun const&) = delete;
  ~RandomRun() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::filesystem::path const& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

void explain(benchmark::State& state, RandomRun const& run) {
  for (auto _ : state) benchmark::DoNotOptimize(cayley::explain(cayley::read_run(run.folder())).metrics.all_loss);
}

void explain_s5(benchmark::State& state) {
  explain(state, RandomRun("SymmetricGroup", 5, 120, 0.4));
}
void explain_c113(benchmark::State& state) {
  explain(state, RandomRun("CyclicGroup", 113, 113, 0.3));
}
void explain_a5(benchmark::State& state) {
  explain(state, RandomRun("AlternatingGroup", 5, 60, 0.5));
}

BENCHMARK(explain_s5)->Unit(benchmark::kMillisecond);
BENCHMARK(explain_c113)->Unit(benchmark::kMillisecond);
BENCHMARK(explain_a5)->Unit(benchmark::kMillisecond);

}  // namespace
