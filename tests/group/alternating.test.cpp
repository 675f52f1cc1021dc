#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cayley/group/alternating.hpp>
#include <cayley/group/conjugacy.hpp>
#include <cayley/group/subgroup.hpp>
#include <map>
#include <random>
#include <string>
#include <type_traits>
#include <utility>

#include "group/expected_statistics.hpp"

BOOST_AUTO_TEST_SUITE(alternating_test)

using namespace cayley;
using testing::sorted_text;
using testing::text;

namespace {

using A5 = Alternating<5>;

static_assert(std::is_empty_v<Alternating<2>> && std::is_empty_v<Alternating<12>>);
static_assert(Alternating<2>{}.order() == 1 && A5{}.order() == 60 && Alternating<12>{}.order() == 239'500'800);
static_assert(A5::identity() == 0 && A5::permutation(0) == Permutation<5>{0, 1, 2, 3, 4});
static_assert(A5::compose(A5::inverse(42), 42) == 0);
static_assert(Alternating<3>::permutation(1) == Permutation<3>{1, 2, 0});

/// The sizes, classes and element orders of A_n, from n = 2.
constexpr std::array<Index, 6> order{1, 3, 12, 60, 360, 2520};
constexpr std::array<Index, 6> class_count{1, 3, 4, 5, 7, 9};
const std::array<std::string, 6> element_orders{"1:1",
                                                "1:1 3:2",
                                                "1:1 2:3 3:8",
                                                "1:1 2:15 3:20 5:24",
                                                "1:1 2:45 3:80 4:90 5:144",
                                                "1:1 2:105 3:350 4:630 5:504 6:210 7:720"};

template <int N>
void check_known_facts() {
  const Alternating<N> g;
  const ConjugacyClasses classes = conjugacy_classes(g);
  const std::map<Index, Index> statistics = element_order_statistics(g);
  BOOST_TEST_CONTEXT(g.name()) {
    BOOST_TEST(g.order() == order[N - 2]);
    BOOST_TEST(classes.count() == class_count[N - 2]);
    BOOST_TEST(sorted_text(classes.size) == text(testing::alternating_class_sizes(N)));
    BOOST_TEST(text(statistics) == element_orders[N - 2]);
    BOOST_TEST(text(statistics) == text(testing::permutation_order_statistics(N, true)));
  }
}

template <int N>
void check_element_order() {
  using A = Alternating<N>;
  const auto all = testing::image_arrays(N);
  Element a = 0;
  bool right = true;
  for (Element rank = 0; rank < all.size(); ++rank) {
    if (!testing::is_even_type(testing::cycle_type(all[rank]))) continue;
    const Permutation<N> p = A::permutation(a);
    right = right && std::equal(p.begin(), p.end(), all[rank].begin());
    right = right && A::element(p) == a && A::in_symmetric(a) == rank;
    ++a;
  }
  BOOST_TEST(right, "element order of A" << N);
  BOOST_TEST(static_cast<Index>(a) == A::order());
}

}  // namespace

BOOST_AUTO_TEST_CASE(classes_and_element_orders_are_the_known_ones) {
  []<int... n>(std::integer_sequence<int, n...>) {
    (check_known_facts<n>(), ...);
  }
  (std::integer_sequence<int, 2, 3, 4, 5, 6, 7>{});
}

BOOST_AUTO_TEST_CASE(elements_are_the_even_permutations_in_lexicographic_order) {
  []<int... n>(std::integer_sequence<int, n...>) {
    (check_element_order<n>(), ...);
  }
  (std::integer_sequence<int, 2, 3, 4, 5, 6, 7>{});
}

BOOST_AUTO_TEST_CASE(the_embedding_in_the_symmetric_group_keeps_products_and_inverses) {
  bool products = true, inverses = true;
  for (Element a : elements(A5{})) {
    const Element x = A5::in_symmetric(a);
    inverses = inverses && A5::in_symmetric(A5::inverse(a)) == Symmetric<5>::inverse(x);
    for (Element b : elements(A5{})) {
      products = products && A5::in_symmetric(A5::compose(a, b)) == Symmetric<5>::compose(x, A5::in_symmetric(b));
    }
  }
  BOOST_TEST(products);
  BOOST_TEST(inverses);
}

BOOST_AUTO_TEST_CASE(products_read_left_to_right) {
  const Element p = A5::element({1, 2, 0, 3, 4}), q = A5::element({0, 1, 3, 4, 2});
  BOOST_TEST((A5::permutation(A5::compose(p, q)) == Permutation<5>{1, 3, 0, 4, 2}));
  BOOST_TEST((A5::permutation(A5::compose(q, p)) == Permutation<5>{1, 2, 3, 4, 0}));
}

BOOST_AUTO_TEST_CASE(generators_are_three_cycles) {
  BOOST_TEST(A5::generators().size() == 3u);
  for (Element s : A5::generators()) BOOST_TEST(text(testing::cycle_type(A5::permutation(s))) == "3 1 1");
  BOOST_TEST(A5::name() == "A5");
}

BOOST_AUTO_TEST_CASE(twelve_points_round_trip) {
  using A12 = Alternating<12>;
  std::mt19937 random(12);
  bool right = true;
  for (int sample = 0; sample < 2000; ++sample) {
    const auto a = static_cast<Element>(random() % 239'500'800u);
    const Permutation<12> p = A12::permutation(a);
    right = right && signature<12>(p) == 1 && A12::element(p) == a && A12::compose(a, A12::inverse(a)) == 0;
  }
  BOOST_TEST(right);
}

BOOST_AUTO_TEST_SUITE_END()
