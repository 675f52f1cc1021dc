#include <cayley/backend/thrust_tbb.hpp>

#include "train_on.hpp"

namespace lab {
namespace {

struct Make {
  static cayley::Thrust<cayley::Tbb> make(Place const& place) {
    return cayley::Thrust<cayley::Tbb>({place.threads, place.memory_budget});
  }
};

}  // namespace

LabBackend thrust_tbb_backend() {
  return lab_backend<Make>();
}

}  // namespace lab
