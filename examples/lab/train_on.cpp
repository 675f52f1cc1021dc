#include "train_on.hpp"

#include <cstdlib>
#include <thread>

#include "ranks.hpp"

namespace lab {
namespace {

struct MakeCpu {
  static cayley::Cpu make(Place const& place) {
    const auto cores = static_cast<int>(std::thread::hardware_concurrency());
    const int threads = place.threads > 0 ? place.threads : std::max(1, cores);
    return threads > 1 ? cayley::Cpu(threads) : cayley::Cpu();
  }
};

}  // namespace

LabBackend cpu_backend() {
  return lab_backend<MakeCpu>();
}

std::vector<std::string> const& backend_names() {
  static const std::vector<std::string> names{"cpu", "thrust-cpp", "thrust-omp", "thrust-tbb", "cuda"};
  return names;
}

std::vector<LabBackend> const& backends() {
  static const std::vector<LabBackend> all{
      cpu_backend(),
#ifdef CAYLEY_LAB_THRUST_CPP
      thrust_cpp_backend(),
#endif
#ifdef CAYLEY_LAB_THRUST_OMP
      thrust_omp_backend(),
#endif
#ifdef CAYLEY_LAB_THRUST_TBB
      thrust_tbb_backend(),
#endif
#ifdef CAYLEY_LAB_CUDA
      cuda_backend(),
#endif
  };
  return all;
}

int ranks_started() {
  int most = 1;
  for (char const* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    char const* text = std::getenv(name);
    if (text != nullptr) most = std::max(most, std::atoi(text));
  }
  return most;
}

LabBackend const& backend_named(std::string const& name) {
#ifdef CAYLEY_LAB_MPI
  if (Ranks::count() > 1) {
    static const LabBackend in_ranks = mpi_backend();
    cayley::require(name == in_ranks.name, "backend ", name, " in ", Ranks::count(), " processes: only ", in_ranks.name,
                    " trains in several");
    return in_ranks;
  }
#endif
  std::string known;
  for (LabBackend const& backend : backends()) {
    if (backend.name == name) return backend;
    known += (known.empty() ? "" : ", ") + std::string(backend.name);
  }
  cayley::fail("backend ", name, ": this program was built without it; it has ", known);
}

}  // namespace lab
