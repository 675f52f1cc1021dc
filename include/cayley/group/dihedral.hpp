/// The dihedral group D_n of order 2n: the symmetries of a regular n-gon.
#pragma once

#include <cayley/group/concept.hpp>
#include <cayley/group/extent.hpp>
#include <string>
#include <type_traits>
#include <vector>

namespace cayley {

/// D_n, of order 2n. `Dihedral<59>{}` is empty and `constexpr`; `Dihedral<>{n}` carries its size at run time.
/// Element: r + n*s, a rotation by r steps followed by the reflection bit s;
///          (r,0)(t,u) = (r+t, u) and (r,1)(t,u) = (r-t, 1-u), rotations mod n.
/// Errors: `Error` when a run-time size is below 1.
template <Index Size = Eigen::Dynamic>
class Dihedral : private Extent<Size> {
 public:
  using Extent<Size>::Extent;
  using Extent<Size>::size;

  constexpr Index order() const { return 2 * size(); }
  static constexpr Element identity() { return 0; }
  constexpr Element rotation(Element a) const { return reflected(a) ? a - n() : a; }
  constexpr bool reflected(Element a) const { return a >= n(); }

  constexpr Element compose(Element a, Element b) const {
    const Element r = rotation(a), t = rotation(b);
    const bool s = reflected(a), u = reflected(b);
    const Element turn = s ? (r >= t ? r - t : r + n() - t) : (r + t >= n() ? r + t - n() : r + t);
    return turn + (s != u ? n() : 0);
  }
  constexpr Element inverse(Element a) const { return reflected(a) || a == 0 ? a : n() - a; }

  std::vector<Element> generators() const {
    return size() > 1 ? std::vector<Element>{1, n()} : std::vector<Element>{n()};
  }
  std::string name() const { return 'D' + std::to_string(size()); }

 private:
  constexpr Element n() const { return static_cast<Element>(size()); }
};

static_assert(FiniteGroup<Dihedral<>> && FiniteGroup<Dihedral<59>> && std::is_empty_v<Dihedral<59>>);
static_assert(Dihedral<5>{}.compose(1, 5) == 6 && Dihedral<5>{}.compose(5, 1) == 9);

}  // namespace cayley
