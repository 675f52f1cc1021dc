#include <fmt/core.h>
#include <cayley/backend/mpi_cpu.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <thread>

#include "ranks.hpp"

namespace lab {
namespace {

struct MakeMpiCpu {
  // One thread unless told otherwise: mpirun starts a process for each core as a rule.
  static cayley::MpiCpu make(Place const& place) {
    return place.threads > 1 ? cayley::MpiCpu(place.threads) : cayley::MpiCpu();
  }
};

std::optional<cayley::MpiSession> session;

}  // namespace

Ranks::Ranks() {
  if (ranks_started() <= 1) return;
  session.emplace();
  if (rank() > 0 && std::freopen("/dev/null", "w", stdout) == nullptr) give_up("/dev/null cannot be opened");
}

Ranks::~Ranks() {
  session.reset();
}

int Ranks::rank() {
  return session ? cayley::MpiCpu().rank() : 0;
}

int Ranks::count() {
  return session ? cayley::MpiCpu().ranks() : 1;
}

void Ranks::give_up(std::string const& message) {
  // As a rule all have found the same: time for rank 0 to say it, after which nobody is left.
  if (rank() > 0) std::this_thread::sleep_for(std::chrono::seconds(3));
  fmt::print(stderr, "cayley-lab: {}{}\n", rank() > 0 ? fmt::format("rank {}: ", rank()) : "", message);
  std::fflush(nullptr);
  if (session) MPI_Abort(MPI_COMM_WORLD, 1);
  std::_Exit(1);
}

LabBackend mpi_backend() {
  return lab_backend<MakeMpiCpu>();
}

}  // namespace lab
