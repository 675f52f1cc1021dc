// The backends that cayley-lab trains on, each instantiated in a translation unit of its own.
#pragma once

#include <cayley/study/training_run.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lab {

// How a backend is to be made; 0 stands for its own choice.
struct Place {
  int threads = 0;
  cayley::Index memory_budget = 0;  // bytes
};

// What to train, and where to.
struct NewRun {
  cayley::RunConfig config;
  std::filesystem::path origin;  // that paths in the configuration are relative to
  std::string where;             // how messages name the configuration
  std::filesystem::path directory;
  std::optional<std::filesystem::path> elements;
};

struct LabBackend {
  std::string_view name;
  bool has_memory_budget = false;
  cayley::TrainingRunResult (*start)(Place const&, NewRun const&, cayley::TrainingRunOptions const&) = nullptr;
  cayley::TrainingRunResult (*resume)(Place const&, std::filesystem::path const&,
                                      cayley::TrainingRunOptions const&) = nullptr;
};

template <class B>
concept HasMemoryBudget = requires(B const& backend) {
  backend.memory_budget();
};

// `Make::make(place)` is the backend.
template <class Make>
LabBackend lab_backend() {
  using B = decltype(Make::make(Place{}));
  LabBackend backend;
  backend.name = B::name;
  backend.has_memory_budget = HasMemoryBudget<B>;
  backend.start = [](Place const& place, NewRun const& run, cayley::TrainingRunOptions const& options) {
    return cayley::start_run(Make::make(place), run.config, run.origin, run.where, run.directory, run.elements,
                             options);
  };
  backend.resume = [](Place const& place, std::filesystem::path const& directory,
                      cayley::TrainingRunOptions const& options) {
    return cayley::resume_run(Make::make(place), directory, options);
  };
  return backend;
}

LabBackend cpu_backend();
LabBackend thrust_cpp_backend();
LabBackend thrust_omp_backend();
LabBackend thrust_tbb_backend();
LabBackend cuda_backend();

// All names of --backend; those of them that this program was built with; and one of these.
std::vector<std::string> const& backend_names();
std::vector<LabBackend> const& backends();
// Throws `cayley::Error` when the program was built without it.
LabBackend const& backend_named(std::string const& name);

}  // namespace lab
