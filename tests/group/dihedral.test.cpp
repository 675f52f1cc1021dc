#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/group/conjugacy.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/group/subgroup.hpp>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

#include "group/expected_statistics.hpp"

BOOST_AUTO_TEST_SUITE(dihedral_test)

using namespace cayley;
using testing::sorted_text;
using testing::text;

namespace {

static_assert(std::is_empty_v<Dihedral<1>> && !std::is_empty_v<Dihedral<>>);
static_assert(Dihedral<6>{}.order() == 12 && Dihedral<>{6}.order() == 12);
static_assert(Dihedral<6>::identity() == 0);
static_assert(Dihedral<6>{}.rotation(8) == 2 && Dihedral<6>{}.reflected(8) && !Dihedral<6>{}.reflected(5));
static_assert(Dihedral<6>{}.compose(8, 1) == 7 && Dihedral<>{6}.compose(8, 1) == 7);
static_assert(Dihedral<6>{}.inverse(8) == 8 && Dihedral<>{6}.inverse(2) == 4);

/// Where the symmetry r + n*s sends vertex x of the polygon: to r + x, or to r - x.
Index image(Index n, Element a, Index x) {
  const auto r = static_cast<Index>(a) % n;
  return static_cast<Index>(a) < n ? (r + x) % n : (r - x + n) % n;
}

template <Index Size>
void static_and_dynamic_agree() {
  const Dihedral<Size> fixed;
  const Dihedral<> sized{Size};
  bool same = fixed.order() == sized.order() && fixed.generators() == sized.generators();
  for (Element a : elements(fixed)) {
    same = same && fixed.inverse(a) == sized.inverse(a);
    for (Element b : elements(fixed)) same = same && fixed.compose(a, b) == sized.compose(a, b);
  }
  BOOST_TEST(same, "D" << Size << " differs with its size at compile time and at run time");
  BOOST_TEST(fixed.name() == sized.name());
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_product_moves_the_vertices_by_its_right_factor_and_then_its_left) {
  for (Index n = 1; n <= 12; ++n) {
    const Dihedral<> g{n};
    bool right = true;
    for (Element a : elements(g)) {
      for (Element b : elements(g)) {
        const Element ab = g.compose(a, b);
        right = right && g.reflected(ab) == (g.reflected(a) != g.reflected(b));
        for (Index x = 0; x < n; ++x) right = right && image(n, ab, x) == image(n, a, image(n, b, x));
      }
    }
    BOOST_TEST(right, "products of D" << n);
  }
}

BOOST_AUTO_TEST_CASE(element_order_is_rotations_then_reflections) {
  const Dihedral<> g{5};
  BOOST_TEST(g.compose(1, 5) == 6u);  // the rotation by 1 times the reflection 0
  BOOST_TEST(g.compose(5, 1) == 9u);  // turns the other way: rotation by -1
  BOOST_TEST(g.compose(7, 6) == 1u);  // two reflections make a rotation
}

BOOST_AUTO_TEST_CASE(sizes_at_compile_time_and_at_run_time_agree) {
  [&]<Index... n>(std::integer_sequence<Index, n...>) {
    (static_and_dynamic_agree<n>(), ...);
  }
  (std::integer_sequence<Index, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 59>{});
}

BOOST_AUTO_TEST_CASE(classes_are_pairs_of_rotations_and_one_or_two_classes_of_reflections) {
  for (Index n = 1; n <= 12; ++n) {
    const ConjugacyClasses classes = conjugacy_classes(Dihedral<>{n});
    const bool odd = n % 2 == 1;
    std::vector<Index> sizes{1};
    if (!odd) sizes.push_back(1);  // the half turn
    for (Index r = 1; 2 * r < n; ++r) sizes.push_back(2);
    sizes.insert(sizes.end(), odd ? 1 : 2, odd ? n : n / 2);
    BOOST_TEST_CONTEXT("D" << n) {
      BOOST_TEST(classes.count() == (odd ? (n + 3) / 2 : n / 2 + 3));
      BOOST_TEST(sorted_text(classes.size) == sorted_text(sizes));
    }
  }
  BOOST_TEST(conjugacy_classes(Dihedral<>{1}).count() == 2);
  BOOST_TEST(conjugacy_classes(Dihedral<>{2}).count() == 4);
  BOOST_TEST(text(conjugacy_classes(Dihedral<>{5}).representative) == "0 1 2 5");
  BOOST_TEST(text(conjugacy_classes(Dihedral<>{6}).representative) == "0 1 2 3 6 7");
}

BOOST_AUTO_TEST_CASE(orders_are_those_of_the_rotations_and_two_for_each_reflection) {
  for (Index n = 1; n <= 12; ++n) {
    std::map<Index, Index> expected = testing::cyclic_order_statistics(n);
    expected[2] += n;
    BOOST_TEST(text(element_order_statistics(Dihedral<>{n})) == text(expected));
  }
  BOOST_TEST(text(element_order_statistics(Dihedral<>{2})) == "1:1 2:3");
  BOOST_TEST(text(element_order_statistics(Dihedral<>{6})) == "1:1 2:7 3:2 6:2");
}

BOOST_AUTO_TEST_CASE(the_largest_size_does_not_overflow) {
  const Element n = 2'147'483'647;
  const Dihedral<> g{n};
  BOOST_TEST(g.order() == 4'294'967'294);
  BOOST_TEST(g.compose(n - 1, n - 1) == n - 2);
  BOOST_TEST(g.compose(n - 1, n + n - 1) == n + n - 2);
  BOOST_TEST(g.compose(n + n - 1, n + n - 1) == 0u);
}

BOOST_AUTO_TEST_CASE(a_size_below_one_is_refused) {
  BOOST_CHECK_THROW(Dihedral<>{0}, Error);
  BOOST_CHECK_THROW(Dihedral<>{-3}, Error);
}

BOOST_AUTO_TEST_SUITE_END()
