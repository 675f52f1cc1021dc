/// The direct product of two groups.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/group/concept.hpp>
#include <limits>
#include <string>
#include <vector>

namespace cayley {

/// G x H, component by component. `Product{Cyclic<3>{}, Alternating<4>{}}`.
/// Element: x * |H| + y for the pair (x, y).
/// Errors: `Error` when |G| |H| exceeds 2^32 - 1.
template <FiniteGroup G, FiniteGroup H>
class Product {
 public:
  constexpr Product() requires std::default_initializable<G> && std::default_initializable<H> : Product(G{}, H{}) {}
  constexpr Product(G left, H right) : left_(left), right_(right) {
    if (left_.order() > std::numeric_limits<Element>::max() / right_.order()) {
      fail("the product of ", left_.order(), " and ", right_.order(), " elements does not fit in a 32-bit element");
    }
  }

  constexpr G const& left() const { return left_; }
  constexpr H const& right() const { return right_; }
  constexpr Element first(Element a) const { return a / right_order(); }
  constexpr Element second(Element a) const { return a % right_order(); }
  constexpr Element element(Element x, Element y) const { return x * right_order() + y; }

  constexpr Index order() const { return left_.order() * right_.order(); }
  constexpr Element identity() const { return element(left_.identity(), right_.identity()); }
  constexpr Element compose(Element a, Element b) const {
    return element(left_.compose(first(a), first(b)), right_.compose(second(a), second(b)));
  }
  constexpr Element inverse(Element a) const { return element(left_.inverse(first(a)), right_.inverse(second(a))); }

  std::vector<Element> generators() const {
    std::vector<Element> result;
    for (Element x : cayley::generators(left_)) result.push_back(element(x, right_.identity()));
    for (Element y : cayley::generators(right_)) result.push_back(element(left_.identity(), y));
    return result;
  }
  std::string name() const { return group_name(left_) + 'x' + group_name(right_); }

 private:
  constexpr Element right_order() const { return static_cast<Element>(right_.order()); }

  [[no_unique_address]] G left_;
  [[no_unique_address]] H right_;
};

}  // namespace cayley
