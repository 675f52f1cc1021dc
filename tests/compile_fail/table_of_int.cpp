// A number is not a group.
#include <cayley/group/cayley_table.hpp>
#include <cayley/group/cyclic.hpp>

#ifdef REPAIRED
using G = cayley::Cyclic<>;
#else
using G = int;
#endif

cayley::CayleyTable table() {
  return cayley::cayley_table(G{5});
}
