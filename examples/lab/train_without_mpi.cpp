#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>

#include "ranks.hpp"

namespace lab {

Ranks::Ranks() {
  cayley::require(ranks_started() <= 1, "started in ", ranks_started(),
                  " processes, but this program was built without MPI; configure it with CAYLEY_WITH_MPI=ON");
}

Ranks::~Ranks() = default;

int Ranks::rank() {
  return 0;
}

int Ranks::count() {
  return 1;
}

void Ranks::give_up(std::string const& message) {
  fmt::print(stderr, "cayley-lab: {}\n", message);
  std::fflush(nullptr);
  std::_Exit(1);
}

}  // namespace lab
