#include <cayley/backend/thrust_omp.hpp>

#include "train_on.hpp"

namespace lab {
namespace {

struct Make {
  static cayley::Thrust<cayley::Omp> make(Place const& place) {
    return cayley::Thrust<cayley::Omp>({place.threads, place.memory_budget});
  }
};

}  // namespace

LabBackend thrust_omp_backend() {
  return lab_backend<Make>();
}

}  // namespace lab
