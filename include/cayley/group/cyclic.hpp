/// The cyclic group C_n: addition modulo n.
#pragma once

#include <cayley/group/concept.hpp>
#include <cayley/group/extent.hpp>
#include <string>
#include <type_traits>
#include <vector>

namespace cayley {

/// C_n. `Cyclic<113>{}` is empty and `constexpr`; `Cyclic<>{n}` carries its size at run time.
/// Element: j stands for the j-th power of the generator; compose(a, b) = (a + b) mod n.
/// Errors: `Error` when a run-time size is below 1.
template <Index Size = Eigen::Dynamic>
class Cyclic : private Extent<Size> {
 public:
  using Extent<Size>::Extent;
  using Extent<Size>::size;

  constexpr Index order() const { return size(); }
  static constexpr Element identity() { return 0; }
  constexpr Element compose(Element a, Element b) const {
    const auto n = static_cast<Element>(size());
    const Element sum = a + b;
    return sum >= n ? sum - n : sum;
  }
  constexpr Element inverse(Element a) const { return a == 0 ? 0 : static_cast<Element>(size()) - a; }

  std::vector<Element> generators() const { return size() > 1 ? std::vector<Element>{1} : std::vector<Element>{}; }
  std::string name() const { return 'C' + std::to_string(size()); }
};

static_assert(FiniteGroup<Cyclic<>> && FiniteGroup<Cyclic<113>> && std::is_empty_v<Cyclic<113>>);
static_assert(Cyclic<5>{}.compose(3, 4) == 2 && Cyclic<5>{}.inverse(2) == 3);

}  // namespace cayley
