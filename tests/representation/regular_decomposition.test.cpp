#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/group/subgroup.hpp>
#include <cayley/representation/irreps.hpp>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "laws/group_models.hpp"
#include "representation/check_irreps.hpp"
#include "representation/groups_of_every_type.hpp"

BOOST_AUTO_TEST_SUITE(regular_decomposition_test)

using namespace cayley;
using testing::check_character_table;
using testing::check_irreps;
using testing::check_same_irreps;
using testing::labels;
using testing::quaternion_group;
using testing::shapes;

namespace {

constexpr IrrepType real = IrrepType::real;
constexpr IrrepType complex = IrrepType::complex;
constexpr IrrepType quaternionic = IrrepType::quaternionic;

/// A table of products with nothing else known: neither a name nor generators.
struct Products {
  std::vector<Element> table;
  Index size;

  static Products of(FiniteGroup auto const& g) {
    std::vector<Element> products;
    for (Element a : elements(g)) {
      for (Element b : elements(g)) products.push_back(g.compose(a, b));
    }
    return {g.order(), std::move(products)};
  }
  Products(Index order, std::vector<Element> products) : table(std::move(products)), size(order) {}

  Index order() const { return size; }
  Element identity() const { return 0; }
  Element compose(Element a, Element b) const { return table[a * static_cast<std::size_t>(size) + b]; }
  Element inverse(Element a) const {
    Element x = 0;
    while (compose(a, x) != 0 && x + 1 < size) ++x;
    return x;
  }
};

/// The generic irreps obey the laws and are those of the closed form.
template <FiniteGroup G>
void check_against_closed_form(G const& g) {
  const CayleyTable table = cayley_table(g);
  const Irreps generic = regular_decomposition(table);
  check_irreps(table, generic);
  BOOST_TEST_CONTEXT(group_name(g)) {
    check_same_irreps(generic, irreps(g));
  }
}

/// The first element of the given order.
Element of_order(FiniteGroup auto const& g, Index order) {
  for (Element a : elements(g)) {
    if (element_order(g, a) == order) return a;
  }
  BOOST_FAIL("no element has order " << order);
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_CASE(agrees_with_the_rotation_groups) {
  for (Index n = 1; n <= 12; ++n) check_against_closed_form(Cyclic<>{n});
  for (Index n = 1; n <= 12; ++n) check_against_closed_form(Dihedral<>{n});
  check_against_closed_form(Cyclic<113>{});
  check_against_closed_form(Dihedral<59>{});
}

BOOST_AUTO_TEST_CASE(agrees_with_the_permutation_groups) {
  check_against_closed_form(Symmetric<1>{});
  check_against_closed_form(Symmetric<2>{});
  check_against_closed_form(Symmetric<3>{});
  check_against_closed_form(Symmetric<4>{});
  check_against_closed_form(Symmetric<5>{});
  check_against_closed_form(Alternating<2>{});
  check_against_closed_form(Alternating<3>{});
  check_against_closed_form(Alternating<4>{});
  check_against_closed_form(Alternating<5>{});
}

BOOST_AUTO_TEST_CASE(agrees_on_a_group_of_a_few_hundred_elements) {
  const CayleyTable table = cayley_table(Alternating<6>{});
  const Irreps generic = regular_decomposition(table);
  check_irreps(table, generic, {.budget = 1'000});
  check_same_irreps(generic, irreps(Alternating<6>{}));
}

BOOST_AUTO_TEST_CASE(quaternion_group_table) {
  const TableGroup g = quaternion_group();
  const Irreps list = regular_decomposition(g);
  check_irreps(g, list);
  check_character_table(list, {0, 1, 2, 4, 6},
                        {{real, {1, 1, 1, 1, 1}},
                         {real, {1, 1, 1, -1, -1}},
                         {real, {1, 1, -1, 1, -1}},
                         {real, {1, 1, -1, -1, 1}},
                         {quaternionic, {4, -4, 0, 0, 0}}});
  BOOST_TEST(labels(list) == "trivial; irrep_1_1; irrep_1_2; irrep_1_3; irrep_4_1");
  BOOST_TEST(list.at("irrep_4_1").basis_name(3) == "irrep_4_1[3,0]");
  BOOST_TEST(list.at("trivial").basis_name(0) == "Const");
}

BOOST_AUTO_TEST_CASE(quaternion_group_times_a_cycle) {
  const Product g{quaternion_group(), Cyclic<>{3}};
  const Irreps list = regular_decomposition(g);
  check_irreps(g, list);
  check_same_irreps(list, irreps(g));
  BOOST_TEST(shapes(list) == "1R 1R 1R 1R 2C 2C 2C 2C 4C 4H");
}

BOOST_AUTO_TEST_CASE(dicyclic_group_table) {
  const TableGroup g = testing::dicyclic_group_12();
  BOOST_TEST_REQUIRE(g.order() == 12);
  const Irreps list = regular_decomposition(g);
  check_irreps(g, list);
  const Element b = of_order(g, 4), z = g.compose(b, b);
  check_character_table(list, {g.identity(), z, of_order(g, 3), of_order(g, 6), b, g.inverse(b)},
                        {{real, {1, 1, 1, 1, 1, 1}},
                         {real, {1, 1, 1, 1, -1, -1}},
                         {complex, {2, -2, 2, -2, 0, 0}},
                         {real, {2, 2, -1, -1, 0, 0}},
                         {quaternionic, {4, -4, -2, 2, 0, 0}}});
}

BOOST_AUTO_TEST_CASE(frobenius_group_table) {
  const TableGroup g = testing::frobenius_group_21();
  BOOST_TEST_REQUIRE(g.order() == 21);
  const Irreps list = regular_decomposition(g);
  check_irreps(g, list);
  const Element a = of_order(g, 7), b = of_order(g, 3);
  check_character_table(list, {g.identity(), a, g.inverse(a), b, g.inverse(b)},
                        {{real, {1, 1, 1, 1, 1}}, {complex, {2, 2, 2, -1, -1}}, {complex, {6, -1, -1, 0, 0}}});
}

BOOST_AUTO_TEST_CASE(special_linear_group_table) {
  const TableGroup g = testing::special_linear_group_2_3();
  BOOST_TEST_REQUIRE(g.order() == 24);
  const Irreps list = regular_decomposition(g);
  check_irreps(g, list);
  const Element a = of_order(g, 3), b = of_order(g, 6);
  check_character_table(list, {g.identity(), of_order(g, 2), of_order(g, 4), a, g.inverse(a), b, g.inverse(b)},
                        {{real, {1, 1, 1, 1, 1, 1, 1}},
                         {complex, {2, 2, 2, -1, -1, -1, -1}},
                         {real, {3, 3, -1, 0, 0, 0, 0}},
                         {complex, {4, -4, 0, 1, 1, -1, -1}},
                         {quaternionic, {4, -4, 0, -2, -2, 2, 2}}});
}

// Classes 1A 2A 3A 4A 7A 7B; 3 and conj(3) are one real irrep.
BOOST_AUTO_TEST_CASE(projective_special_linear_group_table) {
  const TableGroup g = testing::projective_special_linear_group_2_7();
  BOOST_TEST_REQUIRE(g.order() == 168);
  const Element a = of_order(g, 7);
  const std::vector<Element> columns{g.identity(), of_order(g, 2), of_order(g, 3), of_order(g, 4), a, g.inverse(a)};
  const std::vector<testing::KnownIrrep> known{{real, {1, 1, 1, 1, 1, 1}},
                                               {complex, {6, -2, 0, 2, -1, -1}},
                                               {real, {6, 2, 0, 0, -1, -1}},
                                               {real, {7, -1, 1, -1, 0, 0}},
                                               {real, {8, 0, -1, 0, 1, 1}}};
  const Irreps from_generators = regular_decomposition(g);
  check_irreps(g, from_generators, {.budget = 30'000});
  check_character_table(from_generators, columns, known);
  const Irreps from_products = regular_decomposition(Products::of(g));
  check_irreps(g, from_products, {.budget = 30'000});
  check_character_table(from_products, columns, known);
  BOOST_TEST(labels(from_generators) == labels(from_products));
}

BOOST_AUTO_TEST_CASE(the_identity_may_be_any_element) {
  const TableGroup g = testing::shifted_cyclic_group();
  const Irreps list = regular_decomposition(g);
  check_irreps(g, list);
  BOOST_TEST(shapes(list) == "1R 2C");
  const Product larger{g, quaternion_group()};
  check_irreps(larger, regular_decomposition(larger));
}

BOOST_AUTO_TEST_CASE(the_same_group_gives_the_same_bits) {
  const TableGroup g = testing::special_linear_group_2_3();
  const Irreps first = regular_decomposition(g), second = regular_decomposition(g);
  BOOST_TEST(labels(first) == labels(second));
  BOOST_TEST((first.character_table() == second.character_table()));
  for (Index i = 0; i < first.size(); ++i) {
    for (Element a : elements(g)) BOOST_TEST((first[i].matrix(a) == second[i].matrix(a)));
  }
}

BOOST_AUTO_TEST_CASE(labels_count_within_a_dimension) {
  BOOST_TEST(labels(regular_decomposition(testing::special_linear_group_2_3())) ==
             "trivial; irrep_2_1; irrep_3_1; irrep_4_1; irrep_4_2");
  BOOST_TEST(shapes(regular_decomposition(testing::special_linear_group_2_3())) == "1R 2C 3R 4C 4H");
  BOOST_TEST(labels(regular_decomposition(Dihedral<>{4})) == "trivial; irrep_1_1; irrep_1_2; irrep_1_3; irrep_2_1");
  BOOST_TEST(labels(regular_decomposition(Cyclic<>{1})) == "trivial");
}

// Loops: every equation a x = b has one solution and there are inverses on both sides, but brackets matter.
BOOST_AUTO_TEST_CASE(products_that_are_not_associative_are_refused) {
  const auto refused = [](Error const& error) {
    return std::string(error.what()).find("group of order") != std::string::npos &&
           std::string(error.what()).find("not associative") != std::string::npos;
  };
  const Products smallest(5, {0, 1, 2, 3, 4,  //
                              1, 0, 3, 4, 2,  //
                              2, 4, 0, 1, 3,  //
                              3, 2, 4, 0, 1,  //
                              4, 3, 1, 2, 0});
  BOOST_CHECK_EXCEPTION(regular_decomposition(smallest), Error, refused);
  // One element generates this one and multiplies like that of C_7, so only products of others give it away.
  const Products like_a_cycle(7, {0, 1, 2, 3, 4, 5, 6,  //
                                  1, 2, 3, 4, 5, 6, 0,  //
                                  2, 4, 1, 6, 3, 0, 5,  //
                                  3, 5, 6, 1, 0, 4, 2,  //
                                  4, 3, 5, 0, 6, 2, 1,  //
                                  5, 6, 0, 2, 1, 3, 4,  //
                                  6, 0, 4, 5, 2, 1, 3});
  BOOST_CHECK_EXCEPTION(regular_decomposition(like_a_cycle), Error, refused);
}

// Associative but without inverses: the monoid {0, 1} under a*b = max(a, b).
BOOST_AUTO_TEST_CASE(a_monoid_is_refused) {
  BOOST_CHECK_THROW(regular_decomposition(Products(2, {0, 1, 1, 1})), Error);
  BOOST_CHECK_THROW(regular_decomposition(Products(3, {0, 1, 2, 1, 1, 2, 2, 2, 2})), Error);
}

BOOST_AUTO_TEST_SUITE_END()
