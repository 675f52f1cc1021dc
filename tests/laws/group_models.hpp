/// Every group that comes with the library, in one list: what holds for groups is tested on all of these.
/// A new group gets the tests of the laws, tables, classes and cosets for one line here.
#pragma once

#include <cayley/group/alternating.hpp>
#include <cayley/group/any_group.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/group/product.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/group/table_group.hpp>
#include <utility>
#include <vector>

namespace cayley::testing {

/// The quaternion group with the elements 1, -1, i, -i, j, -j, k, -k.
inline TableGroup quaternion_group() {
  return TableGroup("Q8", std::vector<std::vector<Element>>{{0, 1, 2, 3, 4, 5, 6, 7},
                                                            {1, 0, 3, 2, 5, 4, 7, 6},
                                                            {2, 3, 1, 0, 6, 7, 5, 4},
                                                            {3, 2, 0, 1, 7, 6, 4, 5},
                                                            {4, 5, 7, 6, 1, 0, 2, 3},
                                                            {5, 4, 6, 7, 0, 1, 3, 2},
                                                            {6, 7, 4, 5, 3, 2, 1, 0},
                                                            {7, 6, 5, 4, 2, 3, 0, 1}});
}

/// C_3 with the identity at index 2: a*b = a + b + 1 mod 3.
inline TableGroup shifted_cyclic_group() {
  return TableGroup("C3 with identity 2", std::vector<std::vector<Element>>{{1, 2, 0}, {2, 0, 1}, {0, 1, 2}});
}

/// Calls `visit(g)` for every model of `FiniteGroup` in the library, with its static type.
template <class Visit>
void for_each_group_model(Visit&& visit) {
  const auto cyclic = [&]<Index... n>(std::integer_sequence<Index, n...>) {
    (visit(Cyclic<n>{}), ...);
  };
  const auto dihedral = [&]<Index... n>(std::integer_sequence<Index, n...>) {
    (visit(Dihedral<n>{}), ...);
  };
  const auto symmetric = [&]<int... n>(std::integer_sequence<int, n...>) {
    (visit(Symmetric<n>{}), ...);
  };
  const auto alternating = [&]<int... n>(std::integer_sequence<int, n...>) {
    (visit(Alternating<n>{}), ...);
  };
  cyclic(std::integer_sequence<Index, 1, 2, 5, 12>{});
  for (Index n : {1, 2, 5, 12}) visit(Cyclic<>{n});
  dihedral(std::integer_sequence<Index, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12>{});
  for (Index n = 1; n <= 12; ++n) visit(Dihedral<>{n});
  symmetric(std::integer_sequence<int, 1, 2, 3, 4, 5, 6, 7>{});
  alternating(std::integer_sequence<int, 2, 3, 4, 5, 6, 7>{});
  visit(Product<Cyclic<3>, Alternating<4>>{});
  visit(Product<Cyclic<2>, Cyclic<2>>{});
  visit(Product{Product{Cyclic<>{2}, Symmetric<3>{}}, Dihedral<>{4}});
  visit(Product{quaternion_group(), Product{Cyclic<1>{}, shifted_cyclic_group()}});
  visit(quaternion_group());
  visit(shifted_cyclic_group());
  visit(cayley_table(Dihedral<>{6}));
}

/// The same models without their types, those with at most `max_order` elements.
inline std::vector<AnyGroup> group_models(Index max_order = 5040) {
  std::vector<AnyGroup> models;
  for_each_group_model([&](auto const& g) {
    if (g.order() <= max_order) models.push_back(AnyGroup(g));
  });
  return models;
}

}  // namespace cayley::testing
