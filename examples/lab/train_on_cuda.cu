#include <cayley/backend/thrust_cuda.cuh>

#include "train_on.hpp"

namespace lab {
namespace {

struct Make {
  static cayley::Thrust<cayley::Cuda> make(Place const& place) {
    return cayley::Thrust<cayley::Cuda>({place.threads, place.memory_budget});
  }
};

}  // namespace

LabBackend cuda_backend() {
  return lab_backend<Make>();
}

}  // namespace lab
