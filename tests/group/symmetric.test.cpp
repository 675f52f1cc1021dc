#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cayley/group/conjugacy.hpp>
#include <cayley/group/laws.hpp>
#include <cayley/group/subgroup.hpp>
#include <cayley/group/symmetric.hpp>
#include <map>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <utility>

#include "group/expected_statistics.hpp"

BOOST_AUTO_TEST_SUITE(symmetric_test)

using namespace cayley;
using testing::sorted_text;
using testing::text;

namespace {

using S5 = Symmetric<5>;
using S12 = Symmetric<12>;

static_assert(std::is_empty_v<Symmetric<1>> && std::is_empty_v<S12>);
static_assert(Symmetric<1>{}.order() == 1 && S5{}.order() == 120 && S12{}.order() == 479'001'600);
static_assert(S5::identity() == 0 && S5::permutation(0) == Permutation<5>{0, 1, 2, 3, 4});
static_assert(S5::compose(S5::inverse(99), 99) == 0 && S12::compose(S12::inverse(123'456'789), 123'456'789) == 0);

/// The sizes, classes and element orders of S_n, from n = 1.
constexpr std::array<Index, 7> order{1, 2, 6, 24, 120, 720, 5040};
constexpr std::array<Index, 7> class_count{1, 2, 3, 5, 7, 11, 15};
const std::array<std::string, 7> element_orders{"1:1",
                                                "1:1 2:1",
                                                "1:1 2:3 3:2",
                                                "1:1 2:9 3:8 4:6",
                                                "1:1 2:25 3:20 4:30 5:24 6:20",
                                                "1:1 2:75 3:80 4:180 5:144 6:240",
                                                "1:1 2:231 3:350 4:840 5:504 6:1470 7:720 10:504 12:420"};

template <int N>
void check_known_facts() {
  using S = Symmetric<N>;
  const S g;
  const ConjugacyClasses classes = conjugacy_classes(g);
  const std::map<Index, Index> statistics = element_order_statistics(g);
  std::set<std::pair<std::uint32_t, testing::CycleType>> classes_and_types;
  for (Element a : elements(g)) {
    classes_and_types.emplace(classes.class_of[a], testing::cycle_type(S::permutation(a)));
  }
  BOOST_TEST_CONTEXT(g.name()) {
    BOOST_TEST(g.order() == order[N - 1]);
    BOOST_TEST(classes.count() == class_count[N - 1]);
    BOOST_TEST(sorted_text(classes.size) == text(testing::symmetric_class_sizes(N)));
    BOOST_TEST(static_cast<Index>(classes_and_types.size()) == classes.count());  // a class is a cycle type
    BOOST_TEST(text(statistics) == element_orders[N - 1]);
    BOOST_TEST(text(statistics) == text(testing::permutation_order_statistics(N, false)));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(classes_and_element_orders_are_the_known_ones) {
  []<int... n>(std::integer_sequence<int, n...>) {
    (check_known_facts<n>(), ...);
  }
  (std::integer_sequence<int, 1, 2, 3, 4, 5, 6, 7>{});
}

BOOST_AUTO_TEST_CASE(elements_stand_in_lexicographic_order) {
  const auto all = testing::image_arrays(5);
  for (Element a : elements(S5{})) {
    const Permutation<5> p = S5::permutation(a);
    BOOST_TEST(p == all.at(a), boost::test_tools::per_element());
    BOOST_TEST(S5::element(p) == a);
  }
}

BOOST_AUTO_TEST_CASE(products_read_left_to_right) {
  const Element p = Symmetric<3>::element({1, 0, 2}), q = Symmetric<3>::element({0, 2, 1});
  BOOST_TEST((Symmetric<3>::permutation(Symmetric<3>::compose(p, q)) == Permutation<3>{2, 0, 1}));
  BOOST_TEST((Symmetric<3>::permutation(Symmetric<3>::compose(q, p)) == Permutation<3>{1, 2, 0}));
  bool right = true;
  for (Element a : elements(S5{})) {
    for (Element b : elements(S5{})) {
      const Permutation<5> x = S5::permutation(a), y = S5::permutation(b);
      const Permutation<5> xy = S5::permutation(S5::compose(a, b));
      for (std::size_t i = 0; i < 5; ++i) right = right && xy[i] == y[x[i]];
    }
  }
  BOOST_TEST(right);
}

BOOST_AUTO_TEST_CASE(adjacent_transpositions_swap_neighbours) {
  for (int i = 0; i < 4; ++i) {
    Permutation<5> swapped{0, 1, 2, 3, 4};
    std::swap(swapped[static_cast<std::size_t>(i)], swapped[static_cast<std::size_t>(i) + 1]);
    BOOST_TEST((S5::permutation(S5::adjacent_transposition(i)) == swapped));
  }
  BOOST_TEST(S5::generators().size() == 4u);
  BOOST_TEST(S5::name() == "S5");
}

BOOST_AUTO_TEST_CASE(twelve_points_work_without_a_table) {
  std::mt19937 random(12);
  bool round_trips = true, composes = true, inverts = true;
  for (int sample = 0; sample < 5000; ++sample) {
    const auto a = static_cast<Element>(random() % 479'001'600u), b = static_cast<Element>(random() % 479'001'600u);
    const Permutation<12> p = S12::permutation(a), q = S12::permutation(b);
    round_trips =
        round_trips && std::is_permutation(p.begin(), p.end(), S12::permutation(0).begin()) && S12::element(p) == a;
    const Permutation<12> pq = S12::permutation(S12::compose(a, b));
    const Permutation<12> inverse = S12::permutation(S12::inverse(a));
    for (std::size_t i = 0; i < 12; ++i) {
      composes = composes && pq[i] == q[p[i]];
      inverts = inverts && inverse[p[i]] == i;
    }
  }
  BOOST_TEST(round_trips);
  BOOST_TEST(composes);
  BOOST_TEST(inverts);
  BOOST_TEST(broken_laws(S12{}, {.budget = 50'000}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
