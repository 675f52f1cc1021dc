#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/group/conjugacy.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/group/subgroup.hpp>
#include <type_traits>
#include <utility>

#include "group/expected_statistics.hpp"

BOOST_AUTO_TEST_SUITE(cyclic_test)

using namespace cayley;

namespace {

static_assert(std::is_empty_v<Cyclic<1>> && !std::is_empty_v<Cyclic<>>);
static_assert(Cyclic<12>{}.order() == 12 && Cyclic<>{12}.order() == 12);
static_assert(Cyclic<12>::identity() == 0);
static_assert(Cyclic<12>{}.compose(7, 8) == 3 && Cyclic<>{12}.compose(7, 8) == 3);
static_assert(Cyclic<12>{}.inverse(5) == 7 && Cyclic<>{12}.inverse(0) == 0);
static_assert(!std::is_default_constructible_v<Cyclic<>> && std::is_default_constructible_v<Cyclic<3>>);

template <Index Size>
void static_and_dynamic_agree() {
  const Cyclic<Size> fixed;
  const Cyclic<> sized{Size};
  bool same = fixed.order() == sized.order() && fixed.generators() == sized.generators();
  for (Element a : elements(fixed)) {
    same = same && fixed.inverse(a) == sized.inverse(a);
    for (Element b : elements(fixed)) same = same && fixed.compose(a, b) == sized.compose(a, b);
  }
  BOOST_TEST(same, "C" << Size << " differs with its size at compile time and at run time");
  BOOST_TEST(fixed.name() == sized.name());
}

}  // namespace

BOOST_AUTO_TEST_CASE(products_are_sums_modulo_the_order) {
  for (Index n = 1; n <= 20; ++n) {
    const Cyclic<> g{n};
    bool right = g.order() == n;
    for (Index a = 0; a < n; ++a) {
      for (Index b = 0; b < n; ++b) {
        const Element product = g.compose(static_cast<Element>(a), static_cast<Element>(b));
        right = right && static_cast<Index>(product) == (a + b) % n;
      }
    }
    BOOST_TEST(right, "products of C" << n);
  }
}

BOOST_AUTO_TEST_CASE(sizes_at_compile_time_and_at_run_time_agree) {
  [&]<Index... n>(std::integer_sequence<Index, n...>) {
    (static_and_dynamic_agree<n>(), ...);
  }
  (std::integer_sequence<Index, 1, 2, 3, 5, 12, 113>{});
}

BOOST_AUTO_TEST_CASE(there_are_phi_of_d_elements_of_each_order_d) {
  for (Index n : {1, 2, 5, 12, 113, 118}) {
    BOOST_TEST(testing::text(element_order_statistics(Cyclic<>{n})) ==
               testing::text(testing::cyclic_order_statistics(n)));
  }
  BOOST_TEST(testing::text(element_order_statistics(Cyclic<>{12})) == "1:1 2:1 3:2 4:2 6:2 12:4");
}

BOOST_AUTO_TEST_CASE(every_class_is_one_element) {
  for (Index n : {1, 2, 5, 12}) BOOST_TEST(conjugacy_classes(Cyclic<>{n}).count() == n);
}

BOOST_AUTO_TEST_CASE(the_largest_size_does_not_overflow) {
  const Index n = 2'147'483'647;
  const Cyclic<> g{n};
  const auto last = static_cast<Element>(n - 1);
  BOOST_TEST(g.compose(last, last) == last - 1);
  BOOST_TEST(g.compose(last, 1) == 0u);
  BOOST_TEST(g.inverse(last) == 1u);
}

BOOST_AUTO_TEST_CASE(a_size_below_one_is_refused) {
  BOOST_CHECK_THROW(Cyclic<>{0}, Error);
  BOOST_CHECK_THROW(Cyclic<>{-5}, Error);
}

BOOST_AUTO_TEST_SUITE_END()
