// Run by mpirun: each rank fills its share of eight lanes; returns 1 if it does not see those of the others.
#include <array>
#include <cayley/backend/ranks.hpp>
#include <cayley/mpi.hpp>
#include <cstddef>
#include <cstdio>

int main() {
  const cayley::MpiSession session;
  const cayley::MpiCpu backend;
  std::array<float, 8> lanes{};
  const cayley::Part mine = cayley::lanes_of_rank(backend, 8);
  for (cayley::Index i = mine.first; i < mine.first + mine.count; ++i) lanes[static_cast<std::size_t>(i)] = 1;
  cayley::gather_lanes(backend, lanes.data(), 8, [](cayley::Index lane) { return lane; });
  float sum = 0;
  for (float lane : lanes) sum += lane;
  std::printf("rank %d of %d: %g\n", backend.rank(), backend.ranks(), static_cast<double>(sum));
  return backend.ranks() == 2 && sum == 8 ? 0 : 1;
}
