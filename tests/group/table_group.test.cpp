#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/group/conjugacy.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/group/laws.hpp>
#include <cayley/group/subgroup.hpp>
#include <cayley/group/table_group.hpp>
#include <string>
#include <utility>
#include <vector>

#include "group/expected_statistics.hpp"
#include "laws/group_models.hpp"

BOOST_AUTO_TEST_SUITE(table_group_test)

using namespace cayley;
using testing::sorted_text;
using testing::text;

namespace {

using S4 = Symmetric<4>;
using Rows = std::vector<std::vector<Element>>;
using Permutations = std::vector<std::vector<int>>;

auto says(std::string message) {
  return [message](Error const& error) {
    BOOST_TEST(std::string(error.what()) == message);
    return true;
  };
}

void refused(Rows const& rows, std::string const& message) {
  BOOST_CHECK_EXCEPTION(TableGroup("X", rows), Error, says(message));
}

}  // namespace

BOOST_AUTO_TEST_CASE(quaternion_group_has_its_known_classes_and_orders) {
  const TableGroup q8 = testing::quaternion_group();
  BOOST_TEST(q8.order() == 8);
  BOOST_TEST(q8.name() == "Q8");
  BOOST_TEST(q8.identity() == 0u);
  BOOST_TEST(q8.compose(2, 4) == 6u);  // ij = k
  BOOST_TEST(q8.compose(4, 2) == 7u);  // ji = -k
  BOOST_TEST(q8.inverse(2) == 3u);
  BOOST_TEST(text(element_order_statistics(q8)) == "1:1 2:1 4:6");
  BOOST_TEST(sorted_text(conjugacy_classes(q8).size) == "1 1 2 2 2");
}

BOOST_AUTO_TEST_CASE(the_identity_may_stand_anywhere) {
  const TableGroup g = testing::shifted_cyclic_group();
  BOOST_TEST(g.identity() == 2u);
  BOOST_TEST(g.inverse(0) == 1u);
  BOOST_TEST(g.inverse(2) == 2u);
  BOOST_TEST(broken_laws(g).empty());
  BOOST_TEST(text(element_order_statistics(g)) == "1:1 3:2");
}

BOOST_AUTO_TEST_CASE(one_row_after_another_is_the_same_group) {
  const TableGroup q8 = testing::quaternion_group();
  const std::vector<Element> flat(q8.table().products().begin(), q8.table().products().end());
  const TableGroup again = TableGroup::from_products("Q8", flat);
  BOOST_TEST(std::vector<Element>(again.table().products().begin(), again.table().products().end()) == flat,
             boost::test_tools::per_element());
  BOOST_TEST(again.generators() == q8.generators(), boost::test_tools::per_element());
  BOOST_TEST(TableGroup("C1", Rows{{0}}).order() == 1);
}

BOOST_AUTO_TEST_CASE(tables_of_all_groups_are_accepted) {
  for (AnyGroup const& model : testing::group_models(360)) {
    const CayleyTable table = cayley_table(model);
    const std::vector<Element> products(table.products().begin(), table.products().end());
    const TableGroup g = TableGroup::from_products(table.name(), products);
    bool same = g.order() == table.order() && g.identity() == table.identity();
    for (Element a : elements(table)) same = same && g.inverse(a) == table.inverse(a);
    BOOST_TEST(same, table.name());
    BOOST_TEST(static_cast<Index>(generated_subgroup(g, g.generators()).size()) == g.order());
  }
}

BOOST_AUTO_TEST_CASE(malformed_tables_are_refused) {
  refused({}, "Cayley table of X: no elements");
  BOOST_CHECK_EXCEPTION(TableGroup::from_products("X", std::vector<Element>{}), Error,
                        says("Cayley table of X: no elements"));
  refused({{0, 1}, {1}}, "Cayley table of X: row 1 has 1 entries, expected 2");
  refused({{0, 1, 2}, {1, 2, 0}}, "Cayley table of X: row 0 has 3 entries, expected 2");
  BOOST_CHECK_EXCEPTION(TableGroup::from_products("X", std::vector<Element>{0, 1, 1}), Error,
                        says("Cayley table of X: 3 products do not form a square"));
  refused({{0, 1}, {1, 2}}, "Cayley table of X: entry (1, 1) is 2, expected less than 2");
}

BOOST_AUTO_TEST_CASE(tables_without_an_identity_are_refused) {
  refused({{0, 2, 1}, {1, 0, 2}, {2, 1, 0}},
          "Cayley table of X: no identity element");  // a - b mod 3: right only
  refused({{0, 1, 2}, {2, 0, 1}, {1, 2, 0}},
          "Cayley table of X: no identity element");  // b - a mod 3: left only
}

BOOST_AUTO_TEST_CASE(tables_without_an_inverse_are_refused) {
  refused({{0, 1}, {1, 1}}, "Cayley table of X: element 1 has no inverse");
  // 1*2 = 0, but 2*1 is not.
  refused({{0, 1, 2}, {1, 1, 0}, {2, 1, 0}}, "Cayley table of X: element 1 has no inverse");
}

BOOST_AUTO_TEST_CASE(a_loop_that_is_not_associative_is_refused) {
  // Latin square, identity 0, every element its own inverse; a group of order 5 has no element of order 2.
  refused({{0, 1, 2, 3, 4}, {1, 0, 3, 4, 2}, {2, 4, 0, 1, 3}, {3, 2, 4, 0, 1}, {4, 3, 1, 2, 0}},
          "Cayley table of X: not associative at (1, 1, 2)");
}

BOOST_AUTO_TEST_CASE(one_wrong_pair_of_entries_is_found_in_a_large_table) {
  const CayleyTable s4 = cayley_table(S4{});
  std::vector<Element> products(s4.products().begin(), s4.products().end());
  std::swap(products[17 * 24 + 5], products[17 * 24 + 6]);
  BOOST_CHECK_EXCEPTION(TableGroup::from_products("X", products), Error, [](Error const& error) {
    return std::string(error.what()).find("not associative at (") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(permutations_generate_the_simple_group_of_order_168) {
  // On the points 0 .. 6 and infinity = 7 of the projective line over F_7: z + 1 and -1/z.
  const TableGroup g = TableGroup::generated_by("PSL(2,7)", {{1, 2, 3, 4, 5, 6, 0, 7}, {7, 6, 3, 2, 5, 4, 1, 0}});
  BOOST_TEST(g.order() == 168);
  BOOST_TEST(g.identity() == 0u);
  BOOST_TEST(text(element_order_statistics(g)) == "1:1 2:21 3:56 4:42 7:48");
  const ConjugacyClasses classes = conjugacy_classes(g);
  BOOST_TEST(sorted_text(classes.size) == "1 21 24 24 42 56");
  for (std::uint32_t c = 1; c < static_cast<std::uint32_t>(classes.count()); ++c) {
    std::vector<Element> members;
    for (Element a : elements(g)) {
      if (classes.class_of[a] == c) members.push_back(a);
    }
    BOOST_TEST(generated_subgroup(g, members).size() == 168u);  // no normal subgroup between
  }
}

BOOST_AUTO_TEST_CASE(generated_groups_multiply_left_to_right_in_order_of_discovery) {
  // No automorphism of S_4 inverts all three, so a group that multiplied right to left would have another
  // table.
  const Permutations steps{{1, 2, 0, 3}, {0, 2, 3, 1}, {1, 2, 3, 0}};
  const TableGroup g = TableGroup::generated_by("S4", steps);
  std::vector<Element> found{S4::identity()};  // element of Symmetric<4>, by element of g
  for (std::size_t next = 0; next < found.size(); ++next) {
    for (Element s : {S4::element({1, 2, 0, 3}), S4::element({0, 2, 3, 1}), S4::element({1, 2, 3, 0})}) {
      const Element product = S4::compose(found[next], s);
      if (std::find(found.begin(), found.end(), product) == found.end()) found.push_back(product);
    }
  }
  BOOST_REQUIRE(g.order() == 24);
  BOOST_REQUIRE(found.size() == 24u);
  bool right = true;
  for (Element a : elements(g)) {
    for (Element b : elements(g)) right = right && found[g.compose(a, b)] == S4::compose(found[a], found[b]);
  }
  BOOST_TEST(right);
}

BOOST_AUTO_TEST_CASE(no_permutations_generate_the_trivial_group) {
  BOOST_TEST(TableGroup::generated_by("C1", {}).order() == 1);
  BOOST_TEST(TableGroup::generated_by("C1", {{0, 1, 2}}).order() == 1);
}

BOOST_AUTO_TEST_CASE(generators_that_are_no_permutations_are_refused) {
  const auto refused_generators = [](Permutations const& steps) {
    BOOST_CHECK_EXCEPTION(TableGroup::generated_by("X", steps), Error,
                          says("group X: a generator is not a permutation of 0 .. 3 - 1"));
  };
  refused_generators({{0, 1, 1}});
  refused_generators({{1, 2, 3}});
  refused_generators({{0, -1, 2}});
  refused_generators({{1, 0, 2}, {1, 0}});
}

BOOST_AUTO_TEST_CASE(too_many_elements_are_refused) {
  const Permutations steps{{1, 0, 2, 3, 4}, {1, 2, 3, 4, 0}};
  BOOST_TEST(TableGroup::generated_by("S5", steps, 120).order() == 120);
  BOOST_CHECK_EXCEPTION(TableGroup::generated_by("S5", steps, 119), Error, says("group S5: more than 119 elements"));
}

BOOST_AUTO_TEST_CASE(any_group_becomes_a_table) {
  const TableGroup table{Dihedral<4>{}};
  BOOST_TEST(table.name() == "D4");
  BOOST_TEST(table.order() == 8);
  BOOST_TEST(table.compose(1, 4) == Dihedral<4>{}.compose(1, 4));
  BOOST_TEST(TableGroup("C2", {{0, 1}, {1, 0}}).order() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
