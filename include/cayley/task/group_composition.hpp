/// The task of the group networks: from two elements of a group to their product.
#pragma once

#include <cayley/group/cayley_table.hpp>
#include <cayley/task/labelled.hpp>
#include <vector>

namespace cayley {

/// The operands of one product a*b.
struct Pair {
  Element a = 0;
  Element b = 0;
  constexpr bool operator==(Pair const&) const = default;
};

/// All pairs of elements of a group of the given order.
/// Index: the pair (a, b) is entry a order + b.
inline std::vector<Pair> all_pairs(Index order) {
  std::vector<Pair> pairs;
  pairs.reserve(static_cast<std::size_t>(order * order));
  for (Element a : ElementRange(order)) {
    for (Element b : ElementRange(order)) pairs.push_back({a, b});
  }
  return pairs;
}

/// Pairs of elements labelled with their products.
using GroupComposition = LabelledExamples<Pair>;

/// The whole data set of a group: every pair, labelled with its product.
/// Index: the pair (a, b) is entry a order + b.
GroupComposition group_composition(FiniteGroup auto const& g) {
  const CayleyTable table = cayley_table(g);
  return {all_pairs(table.order()), {table.products().begin(), table.products().end()}};
}

}  // namespace cayley
