/// A group whose type is forgotten.
#pragma once

#include <cayley/group/concept.hpp>
#include <concepts>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// Any finite group as one type, so that what is compiled for it is compiled once. Whole-group algorithms
/// (`cayley_table`, `conjugacy_classes`) work on this; products cost a call through a pointer.
/// Element: those of the group it was made from.
class AnyGroup {
 public:
  template <class G>
    requires(!std::same_as<G, AnyGroup> && FiniteGroup<G>)
  explicit AnyGroup(G const& g)
      : order_(g.order()),
        identity_(g.identity()),
        name_(group_name(g)),
        generators_(cayley::generators(g)),
        compose_([g](Element a, Element b) { return g.compose(a, b); }),
        inverse_([g](Element a) { return g.inverse(a); }) {}

  Index order() const { return order_; }
  Element identity() const { return identity_; }
  Element compose(Element a, Element b) const { return compose_(a, b); }
  Element inverse(Element a) const { return inverse_(a); }
  std::vector<Element> const& generators() const { return generators_; }
  std::string const& name() const { return name_; }

 private:
  Index order_;
  Element identity_;
  std::string name_;
  std::vector<Element> generators_;
  std::function<Element(Element, Element)> compose_;
  std::function<Element(Element)> inverse_;
};

static_assert(FiniteGroup<AnyGroup>);

namespace detail {

inline AnyGroup const& without_type(AnyGroup const& g) {
  return g;
}
AnyGroup without_type(FiniteGroup auto const& g) {
  return AnyGroup(g);
}

}  // namespace detail

}  // namespace cayley
