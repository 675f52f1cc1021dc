// 13! elements do not fit in a 32-bit index.
#include <cayley/group/symmetric.hpp>

#ifdef REPAIRED
constexpr int points = 12;
#else
constexpr int points = 13;
#endif

cayley::Index order() {
  return cayley::Symmetric<points>::order();
}
