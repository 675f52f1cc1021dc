#include <boost/test/unit_test.hpp>
#include <cayley/group/alternating.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/representation/irreps.hpp>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "laws/group_models.hpp"
#include "representation/check_irreps.hpp"
#include "representation/groups_of_every_type.hpp"

BOOST_AUTO_TEST_SUITE(product_test)

using namespace cayley;
using testing::check_character_table;
using testing::check_irreps;
using testing::check_same_irreps;
using testing::KnownIrrep;
using testing::labels;
using testing::quaternion_group;
using testing::shapes;

namespace {

/// The laws, and the same irreps as from the regular representation.
template <FiniteGroup G>
void check_product(G const& g, LawEffort effort = {.budget = 20'000}) {
  const CayleyTable table = cayley_table(g);
  const Irreps list = irreps(g);
  check_irreps(table, list, effort);
  BOOST_TEST_CONTEXT(group_name(g)) {
    check_same_irreps(list, regular_decomposition(table));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(products_of_all_pairs_of_types_obey_the_laws) {
  const Cyclic<> c3{3};
  check_product(Product{c3, c3});
  check_product(Product{Alternating<4>{}, c3});
  check_product(Product{c3, Alternating<4>{}});
  check_product(Product{quaternion_group(), c3});
  check_product(Product{c3, quaternion_group()});
  check_product(Product{quaternion_group(), quaternion_group()});
  check_product(Product{quaternion_group(), Symmetric<3>{}});
  check_product(Product{Symmetric<3>{}, quaternion_group()});
  check_product(Product{Symmetric<3>{}, Symmetric<3>{}});
  check_product(Product{Cyclic<>{1}, Symmetric<3>{}});
  check_product(Product{testing::special_linear_group_2_3(), c3});
}

BOOST_AUTO_TEST_CASE(nested_products_obey_the_laws) {
  check_product(Product{Product{Cyclic<>{3}, Symmetric<3>{}}, quaternion_group()}, {.budget = 3'000});
  check_product(Product{Cyclic<>{3}, Product{Symmetric<3>{}, quaternion_group()}}, {.budget = 3'000});
  check_product(Product{Product{Cyclic<>{4}, Cyclic<>{3}}, Cyclic<>{5}});
}

BOOST_AUTO_TEST_CASE(large_products_obey_the_laws_on_samples) {
  const Product g{Symmetric<5>{}, Alternating<4>{}};
  BOOST_TEST(g.order() == 1440);
  check_irreps(g, irreps(g), {.budget = 500});
}

BOOST_AUTO_TEST_CASE(an_identity_other_than_0_is_carried_along) {
  const Product g{testing::shifted_cyclic_group(), Symmetric<3>{}};
  BOOST_TEST(g.identity() == 12u);
  check_product(g);
}

BOOST_AUTO_TEST_CASE(the_left_factor_is_outermost) {
  BOOST_TEST(labels(irreps(Product{Symmetric<3>{}, Cyclic<>{3}})) ==
             "trivial; trivial x freq_1; (2,1) x trivial; (2,1) x freq_1; sign x trivial; sign x freq_1");
  BOOST_TEST(labels(irreps(Product{Cyclic<>{3}, Cyclic<>{3}})) ==
             "trivial; trivial x freq_1; freq_1 x trivial; freq_1 x freq_1; freq_1 x freq_1*");
  BOOST_TEST(labels(irreps(Product{Cyclic<>{5}, Cyclic<>{5}})).ends_with("freq_2 x freq_2; freq_2 x freq_2*"));
}

BOOST_AUTO_TEST_CASE(types_of_products_of_types) {
  BOOST_TEST(shapes(irreps(Product{Cyclic<>{3}, Cyclic<>{3}})) == "1R 2C 2C 2C 2C");
  BOOST_TEST(shapes(irreps(quaternion_group())) == "1R 1R 1R 1R 4H");
  BOOST_TEST(shapes(irreps(Product{Cyclic<>{3}, quaternion_group()})) == "1R 1R 1R 1R 4H 2C 2C 2C 2C 4C");
  BOOST_TEST(shapes(irreps(Product{quaternion_group(), Cyclic<>{3}})) == "1R 2C 1R 2C 1R 2C 1R 2C 4H 4C");
  const std::string row = "1R 1R 1R 1R 4H ";
  BOOST_TEST(shapes(irreps(Product{quaternion_group(), quaternion_group()})) ==
             row + row + row + row + "4H 4H 4H 4H 4R");
  BOOST_TEST(shapes(irreps(Product{quaternion_group(), Symmetric<3>{}})) ==
             "1R 2R 1R 1R 2R 1R 1R 2R 1R 1R 2R 1R 4H 8H 4H");
}

// C3 x C3: pairs of frequencies (x, y) up to a common sign.
BOOST_AUTO_TEST_CASE(character_table_of_two_cycles) {
  const Product g{Cyclic<>{3}, Cyclic<>{3}};
  std::vector<Element> columns;
  for (Element a : elements(g)) columns.push_back(a);
  std::vector<KnownIrrep> rows{{IrrepType::real, std::vector<double>(9, 1)}};
  for (auto const& [x, y] : {std::pair{0u, 1u}, {1u, 0u}, {1u, 1u}, {1u, 2u}}) {
    rows.push_back({IrrepType::complex, {}});
    for (Element a : columns) {
      rows.back().values.push_back(2 * std::cos(2 * std::numbers::pi * (x * (a / 3) + y * (a % 3)) / 3));
    }
  }
  check_character_table(irreps(g), columns, rows);
}

BOOST_AUTO_TEST_CASE(labels_say_which_of_two_conjugates) {
  const Product g{Cyclic<>{5}, Cyclic<>{5}};
  const Irreps list = irreps(g);
  for (Element a : elements(g)) {
    const double x = g.first(a), y = g.second(a);
    BOOST_TEST(std::abs(list.character(list.at("freq_1 x freq_2"), a) -
                        2 * std::cos(2 * std::numbers::pi * (x + 2 * y) / 5)) < 1e-12);
    BOOST_TEST(std::abs(list.character(list.at("freq_1 x freq_2*"), a) -
                        2 * std::cos(2 * std::numbers::pi * (x - 2 * y) / 5)) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(matrices_of_real_factors_are_kronecker_products) {
  const Product g{Symmetric<3>{}, Alternating<4>{}};
  const Irreps list = irreps(g), left = irreps(g.left()), right = irreps(g.right());
  for (Element a : elements(g)) {
    const Matrix<double> x = left.at("(2,1)").matrix(g.first(a));
    const Matrix<double> real = kronecker(x, right.at("(3,1)").matrix(g.second(a)));
    BOOST_TEST((list.at("(2,1) x (3,1)").matrix(a) == real));
    const Matrix<double> complex = kronecker(x, right.at("(2,2)").matrix(g.second(a)));
    BOOST_TEST((list.at("(2,1) x (2,2)").matrix(a) == complex));
  }
}

BOOST_AUTO_TEST_SUITE_END()
