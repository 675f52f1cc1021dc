/// Conjugacy classes of a group.
#pragma once

#include <cayley/group/any_group.hpp>
#include <cstdint>
#include <vector>

namespace cayley {

/// The conjugacy classes of a group.
/// Order: by smallest element, so the class of an identity 0 comes first.
struct ConjugacyClasses {
  std::vector<std::uint32_t> class_of;  ///< by element
  std::vector<Element> representative;  ///< smallest element, by class
  std::vector<Index> size;              ///< by class
  std::vector<std::uint32_t> inverse;   ///< the class of the inverses, by class

  Index count() const { return static_cast<Index>(size.size()); }
  Index order() const { return static_cast<Index>(class_of.size()); }
};

namespace detail {

inline ConjugacyClasses conjugacy_classes_of(AnyGroup const& g) {
  constexpr std::uint32_t unknown = ~std::uint32_t{0};
  std::vector<Element> const& steps = g.generators();
  ConjugacyClasses classes;
  classes.class_of.assign(static_cast<std::size_t>(g.order()), unknown);
  std::vector<Element> orbit;
  for (Element start : elements(g)) {
    if (classes.class_of[start] != unknown) continue;
    const auto id = static_cast<std::uint32_t>(classes.size.size());
    orbit.assign(1, start);
    classes.class_of[start] = id;
    for (std::size_t next = 0; next < orbit.size(); ++next) {
      for (Element s : steps) {
        const Element conjugate = g.compose(g.compose(g.inverse(s), orbit[next]), s);
        if (classes.class_of[conjugate] == unknown) {
          classes.class_of[conjugate] = id;
          orbit.push_back(conjugate);
        }
      }
    }
    classes.representative.push_back(start);
    classes.size.push_back(static_cast<Index>(orbit.size()));
  }
  for (Element a : classes.representative) classes.inverse.push_back(classes.class_of[g.inverse(a)]);
  return classes;
}

}  // namespace detail

/// Orbits of conjugation by the generators.
/// Cost: O(order * number of generators) products.
ConjugacyClasses conjugacy_classes(FiniteGroup auto const& g) {
  return detail::conjugacy_classes_of(detail::without_type(g));
}

}  // namespace cayley
