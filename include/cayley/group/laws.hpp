/// The laws of `FiniteGroup` as code: each returns a counterexample when the law is broken.
#pragma once

#include <cayley/group/concept.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace cayley {

/// A broken law and the elements that break it, in words.
struct LawViolation {
  std::string law;
  std::string counterexample;
};

/// How much of a law is tried: all of it while that is at most `budget` tuples of elements, else `budget`
/// random ones.
struct LawEffort {
  Index budget = 4'000'000;
  std::uint64_t seed = 1;
};

namespace detail {

/// Calls `check(tuple)` for all tuples of `count` elements, or for random ones past the budget, until one
/// fails.
template <class Check>
void for_tuples(Index order, int count, LawEffort effort, Check&& check) {
  Index total = 1;
  for (int i = 0; i < count && total <= effort.budget; ++i) total *= order;
  std::vector<Element> tuple(static_cast<std::size_t>(count), 0);
  if (total <= effort.budget) {
    for (Index code = 0; code < total; ++code) {
      Index rest = code;
      for (auto& element : tuple) {
        element = static_cast<Element>(rest % order);
        rest /= order;
      }
      if (!check(tuple)) return;
    }
  } else {
    std::mt19937_64 random(effort.seed);
    for (Index i = 0; i < effort.budget; ++i) {
      for (auto& element : tuple) element = static_cast<Element>(random() % static_cast<std::uint64_t>(order));
      if (!check(tuple)) return;
    }
  }
}

}  // namespace detail

/// closure: order >= 1, and every product, every inverse and the identity are below the order.
std::optional<LawViolation> closure_violation(FiniteGroup auto const& g, LawEffort effort = {}) {
  const auto order = static_cast<Index>(g.order());
  if (order < 1) return LawViolation{"closure", "the order is " + std::to_string(order)};
  const auto inside = [order](Element a) { return static_cast<Index>(a) < order; };
  if (!inside(g.identity())) {
    return LawViolation{"closure", "the identity " + std::to_string(g.identity()) + " is no element"};
  }
  std::optional<LawViolation> found;
  detail::for_tuples(order, 1, effort, [&](std::vector<Element> const& t) {
    if (const Element x = g.inverse(t[0]); !inside(x)) {
      found = {"closure", "inverse(" + std::to_string(t[0]) + ") = " + std::to_string(x)};
    }
    return !found;
  });
  if (found) return found;
  detail::for_tuples(order, 2, effort, [&](std::vector<Element> const& t) {
    if (const Element x = g.compose(t[1], t[0]); !inside(x)) {
      found = {"closure", "compose(" + std::to_string(t[1]) + ", " + std::to_string(t[0]) + ") = " + std::to_string(x)};
    }
    return !found;
  });
  return found;
}

/// identity: e*a = a = a*e. Needs closure.
std::optional<LawViolation> identity_violation(FiniteGroup auto const& g, LawEffort effort = {}) {
  const Element e = g.identity();
  std::optional<LawViolation> found;
  detail::for_tuples(g.order(), 1, effort, [&](std::vector<Element> const& t) {
    if (g.compose(e, t[0]) != t[0] || g.compose(t[0], e) != t[0]) {
      found = {"identity", std::to_string(e) + " changes " + std::to_string(t[0])};
    }
    return !found;
  });
  return found;
}

/// inverses: a*a^-1 = e = a^-1*a. Needs closure.
std::optional<LawViolation> inverses_violation(FiniteGroup auto const& g, LawEffort effort = {}) {
  const Element e = g.identity();
  std::optional<LawViolation> found;
  detail::for_tuples(g.order(), 1, effort, [&](std::vector<Element> const& t) {
    const Element x = g.inverse(t[0]);
    if (g.compose(t[0], x) != e || g.compose(x, t[0]) != e) {
      found = {"inverses", std::to_string(x) + " does not undo " + std::to_string(t[0])};
    }
    return !found;
  });
  return found;
}

/// associativity: (a*b)*c = a*(b*c). Needs closure.
std::optional<LawViolation> associativity_violation(FiniteGroup auto const& g, LawEffort effort = {}) {
  std::optional<LawViolation> found;
  detail::for_tuples(g.order(), 3, effort, [&](std::vector<Element> const& t) {
    const Element a = t[2], b = t[1], c = t[0];
    if (g.compose(g.compose(a, b), c) != g.compose(a, g.compose(b, c))) {
      found = {"associativity", "the product of " + std::to_string(a) + ", " + std::to_string(b) + ", " +
                                    std::to_string(c) + " depends on the brackets"};
    }
    return !found;
  });
  return found;
}

/// Every law of `FiniteGroup` that `g` breaks; empty for a group. Stops at closure when that is broken.
/// Cost: at most `effort.budget` tuples a law (four products each for associativity); exhaustive for |G| <=
/// 158 by default.
std::vector<LawViolation> broken_laws(FiniteGroup auto const& g, LawEffort effort = {}) {
  if (auto closure = closure_violation(g, effort)) return {*closure};
  std::vector<LawViolation> found;
  for (auto const& violation :
       {identity_violation(g, effort), inverses_violation(g, effort), associativity_violation(g, effort)}) {
    if (violation) found.push_back(*violation);
  }
  return found;
}

}  // namespace cayley
