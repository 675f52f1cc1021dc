#include <cayley/backend/thrust_cpp.hpp>

#include "train_on.hpp"

namespace lab {
namespace {

struct Make {
  static cayley::Thrust<cayley::Cpp> make(Place const& place) {
    return cayley::Thrust<cayley::Cpp>({place.threads, place.memory_budget});
  }
};

}  // namespace

LabBackend thrust_cpp_backend() {
  return lab_backend<Make>();
}

}  // namespace lab
