// Conjugation needs inverses: the missing requirement is named.
#include <cayley/group/conjugacy.hpp>

struct Units {
  cayley::Index order() const { return 2; }
  cayley::Element identity() const { return 0; }
  cayley::Element compose(cayley::Element a, cayley::Element b) const { return a ^ b; }
#ifdef REPAIRED
  cayley::Element inverse(cayley::Element a) const {
    return a;
  }
#endif
};

cayley::Index class_count() {
  return cayley::conjugacy_classes(Units{}).count();
}
