/// The concept `FiniteGroup`: what a type must offer to be a group here, and which laws it promises to obey.
///
/// Elements are the indices 0 .. order-1. Products read left to right, as in GAP: for permutations
/// (p q)(i) = q(p(i)). Syntax is checked by the concept; the laws below by `broken_laws` (laws.hpp):
///   closure        compose(a, b) < order and inverse(a) < order
///   identity       compose(identity, a) = a = compose(a, identity)
///   inverses       compose(a, inverse(a)) = identity = compose(inverse(a), a)
///   associativity  compose(compose(a, b), c) = compose(a, compose(b, c))
/// Infinite groups, monoids and types whose order is only known by enumeration are not models.
#pragma once

#include <cayley/core/matrix.hpp>
#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace cayley {

/// A group element: an index in 0 .. order-1.
using Element = std::uint32_t;

/// A value that knows a finite group: its order, identity, products and inverses.
template <class G>
concept FiniteGroup = std::copyable<G> && requires(G const& g, Element a, Element b) {
  { g.order() } -> std::convertible_to<Index>;
  { g.identity() } -> std::same_as<Element>;
  { g.compose(a, b) } -> std::same_as<Element>;
  { g.inverse(a) } -> std::same_as<Element>;
};

/// All elements of a group of a given order, for range-based loops.
class ElementRange {
 public:
  class Iterator {
   public:
    explicit constexpr Iterator(Element value) : value_(value) {}
    constexpr Element operator*() const { return value_; }
    constexpr Iterator& operator++() {
      ++value_;
      return *this;
    }
    constexpr bool operator==(Iterator const&) const = default;

   private:
    Element value_;
  };

  explicit constexpr ElementRange(Index order) : order_(static_cast<Element>(order)) {}
  constexpr Iterator begin() const { return Iterator(0); }
  constexpr Iterator end() const { return Iterator(order_); }

 private:
  Element order_;
};

/// The elements 0 .. order-1 of `g`.
constexpr ElementRange elements(FiniteGroup auto const& g) {
  return ElementRange(g.order());
}

/// Name for messages and tables: `g.name()` where the group has one (`S5`, `D59`), else "group of order n".
std::string group_name(FiniteGroup auto const& g) {
  if constexpr (requires {
                  { g.name() } -> std::convertible_to<std::string>;
                }) {
    return g.name();
  } else {
    return "group of order " + std::to_string(g.order());
  }
}

/// A generating set: `g.generators()` where the group names one, else greedily the smallest element outside the
/// subgroup generated so far. Empty for the trivial group.
/// Cost: O(order * number of generators) products.
std::vector<Element> generators(FiniteGroup auto const& g) {
  if constexpr (requires {
                  { g.generators() } -> std::convertible_to<std::vector<Element>>;
                }) {
    return g.generators();
  } else {
    const auto order = static_cast<std::size_t>(g.order());
    std::vector<Element> found;
    std::vector<bool> reached(order, false);
    std::vector<Element> members{g.identity()};
    reached[g.identity()] = true;
    for (Element candidate : elements(g)) {
      if (reached[candidate]) continue;
      found.push_back(candidate);
      // Close again: every product of a member and a generator.
      for (std::size_t i = 0; i < members.size(); ++i) {
        for (Element s : found) {
          const Element product = g.compose(members[i], s);
          if (!reached[product]) {
            reached[product] = true;
            members.push_back(product);
          }
        }
      }
    }
    return found;
  }
}

}  // namespace cayley
