// A_1 is left out: half of 1! is no order.
#include <cayley/group/alternating.hpp>

#ifdef REPAIRED
constexpr int points = 2;
#else
constexpr int points = 1;
#endif

cayley::Index order() {
  return cayley::Alternating<points>::order();
}
