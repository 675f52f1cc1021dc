#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/group/alternating.hpp>
#include <cayley/group/conjugacy.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/group/product.hpp>
#include <cayley/group/subgroup.hpp>
#include <numeric>
#include <string>
#include <type_traits>
#include <vector>

#include "group/expected_statistics.hpp"

BOOST_AUTO_TEST_SUITE(product_test)

using namespace cayley;
using testing::text;

namespace {

using C3xA4 = Product<Cyclic<3>, Alternating<4>>;

static_assert(FiniteGroup<C3xA4> && FiniteGroup<Product<C3xA4, Cyclic<>>>);
static_assert(std::is_empty_v<C3xA4> && std::is_empty_v<Product<C3xA4, Cyclic<2>>>);
static_assert(C3xA4{}.order() == 36 && C3xA4{}.identity() == 0);
static_assert(C3xA4{}.element(2, 5) == 29 && C3xA4{}.first(29) == 2 && C3xA4{}.second(29) == 5);
static_assert(C3xA4{}.compose(C3xA4{}.inverse(29), 29) == 0);
static_assert(std::is_same_v<decltype(Product{Cyclic<3>{}, Alternating<4>{}}), C3xA4>);
static_assert(!std::is_default_constructible_v<Product<Cyclic<3>, Cyclic<>>>);

}  // namespace

BOOST_AUTO_TEST_CASE(products_and_inverses_are_taken_component_by_component) {
  const Dihedral<> d{5};
  const Alternating<4> a4;
  const Product g{d, a4};
  BOOST_TEST(g.order() == 120);
  bool products = true, inverses = true;
  for (Element a : elements(g)) {
    inverses = inverses && g.inverse(a) == d.inverse(a / 12) * 12 + a4.inverse(a % 12);
    for (Element b : elements(g)) {
      const Element expected = d.compose(a / 12, b / 12) * 12 + a4.compose(a % 12, b % 12);
      products = products && g.compose(a, b) == expected;
    }
  }
  BOOST_TEST(products);
  BOOST_TEST(inverses);
  BOOST_TEST(g.left().order() == 10);
  BOOST_TEST(g.right().order() == 12);
}

BOOST_AUTO_TEST_CASE(sizes_at_compile_time_and_at_run_time_agree) {
  const Product<Cyclic<3>, Dihedral<4>> fixed;
  const Product sized{Cyclic<>{3}, Dihedral<>{4}};
  bool same = fixed.order() == sized.order() && fixed.generators() == sized.generators();
  for (Element a : elements(fixed)) {
    for (Element b : elements(fixed)) same = same && fixed.compose(a, b) == sized.compose(a, b);
  }
  BOOST_TEST(same);
  BOOST_TEST(fixed.name() == "C3xD4");
  BOOST_TEST(sized.name() == "C3xD4");
}

BOOST_AUTO_TEST_CASE(classes_are_pairs_of_classes) {
  const Product g{Dihedral<>{5}, Alternating<4>{}};
  BOOST_TEST(conjugacy_classes(g).count() == 4 * 4);
  const Product nested{g, Cyclic<>{3}};
  BOOST_TEST(nested.order() == 360);
  BOOST_TEST(conjugacy_classes(nested).count() == 4 * 4 * 3);
}

BOOST_AUTO_TEST_CASE(the_order_of_a_pair_is_the_least_common_multiple) {
  const Cyclic<> left{4};
  const Dihedral<> right{6};
  const Product g{left, right};
  for (Element a : elements(g)) {
    BOOST_TEST(element_order(g, a) == std::lcm(element_order(left, g.first(a)), element_order(right, g.second(a))));
  }
  BOOST_TEST(text(element_order_statistics(Product{Cyclic<2>{}, Cyclic<3>{}})) == "1:1 2:1 3:2 6:2");
  BOOST_TEST(text(element_order_statistics(Product{Cyclic<2>{}, Cyclic<2>{}})) == "1:1 2:3");
}

BOOST_AUTO_TEST_CASE(nested_products_do_not_depend_on_the_brackets) {
  const Product left{Product{Cyclic<>{2}, Dihedral<>{3}}, Cyclic<>{4}};
  const Product right{Cyclic<>{2}, Product{Dihedral<>{3}, Cyclic<>{4}}};
  bool same = left.order() == right.order();
  for (Element a : elements(left)) {
    for (Element b : elements(left)) same = same && left.compose(a, b) == right.compose(a, b);
  }
  BOOST_TEST(same);
  BOOST_TEST(left.name() == "C2xD3xC4");
}

BOOST_AUTO_TEST_CASE(more_elements_than_an_index_can_name_are_refused) {
  BOOST_TEST((Product{Cyclic<>{65'535}, Cyclic<>{65'537}}.order()) == 4'294'967'295);
  BOOST_CHECK_EXCEPTION((Product{Cyclic<>{65'536}, Cyclic<>{65'536}}), Error, [](Error const& error) {
    return std::string(error.what()).find("65536 and 65536") != std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()
