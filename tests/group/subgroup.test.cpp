#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/group/subgroup.hpp>
#include <set>
#include <string>
#include <vector>

#include "group/expected_statistics.hpp"
#include "laws/group_models.hpp"

BOOST_AUTO_TEST_SUITE(subgroup_test)

using namespace cayley;
using testing::text;

namespace {

using S4 = Symmetric<4>;
using S5 = Symmetric<5>;
using A4 = Alternating<4>;
using A5 = Alternating<5>;
using Subset = std::vector<Element>;

/// The Klein four-group of double transpositions.
template <class G>
Subset klein_four() {
  return generated_subgroup(G{}, Subset{G::element({1, 0, 3, 2}), G::element({2, 3, 0, 1})});
}

template <int N>
Subset even_permutations() {
  Subset subset;
  for (Element a : elements(Alternating<N>{})) subset.push_back(Alternating<N>::in_symmetric(a));
  return subset;
}

/// The permutations of 0 .. N-1 that fix the last point.
template <int N>
Subset point_stabiliser() {
  Subset subset;
  for (Element a : elements(Symmetric<N>{})) {
    if (Symmetric<N>::permutation(a).back() == N - 1) subset.push_back(a);
  }
  return subset;
}

/// Whether the cosets are the sets {translate(a, h)}, each of the size of the subgroup, named by smallest
/// element.
template <class Translate>
bool is_partition(CayleyTable const& g, Cosets const& cosets, Subset const& subgroup, Translate&& translate) {
  std::vector<std::set<Element>> members(static_cast<std::size_t>(cosets.count()));
  for (Element a : elements(g)) members.at(cosets.coset_of[a]).insert(a);
  for (Element a : elements(g)) {
    std::set<Element> expected;
    for (Element h : subgroup) expected.insert(translate(a, h));
    if (members[cosets.coset_of[a]] != expected) return false;
  }
  for (std::size_t c = 0; c < members.size(); ++c) {
    if (members[c].size() != subgroup.size() || *members[c].begin() != cosets.representative[c]) return false;
  }
  return std::is_sorted(cosets.representative.begin(), cosets.representative.end());
}

/// Counts |G| / |H| cosets on each side, checks both partitions, and that they agree exactly when H is
/// normal.
void check_cosets(CayleyTable const& g, Subset const& subgroup, bool normal) {
  const Cosets left = left_cosets(g, subgroup), right = right_cosets(g, subgroup);
  BOOST_TEST(left.count() * static_cast<Index>(subgroup.size()) == g.order());
  BOOST_TEST(right.count() == left.count());
  BOOST_TEST(is_partition(g, left, subgroup, [&](Element a, Element h) { return g.compose(a, h); }));
  BOOST_TEST(is_partition(g, right, subgroup, [&](Element a, Element h) { return g.compose(h, a); }));
  BOOST_TEST((left == right) == normal);
  BOOST_TEST(is_normal(g, subgroup) == normal);
}

}  // namespace

BOOST_AUTO_TEST_CASE(element_orders) {
  BOOST_TEST(element_order(S5{}, S5::identity()) == 1);
  BOOST_TEST(element_order(S5{}, S5::element({1, 0, 3, 4, 2})) == 6);
  BOOST_TEST(element_order(Cyclic<>{12}, 8) == 3);
  BOOST_TEST(element_order(testing::shifted_cyclic_group(), 2) == 1);
  for (AnyGroup const& g : testing::group_models(360)) {
    bool divides = true;
    Index total = 0;
    for (auto const& [order, count] : element_order_statistics(g)) {
      divides = divides && g.order() % order == 0;
      total += count;
    }
    BOOST_TEST(divides, g.name());
    BOOST_TEST(total == g.order());
  }
}

BOOST_AUTO_TEST_CASE(generated_subgroups_have_their_known_orders) {
  const auto order = [](auto const& g, Subset const& steps) { return generated_subgroup(g, steps).size(); };
  const Element cycle = S5::element({1, 2, 0, 3, 4}), transposition = S5::element({1, 0, 2, 3, 4});
  BOOST_TEST(order(S5{}, {}) == 1u);
  BOOST_TEST(order(S5{}, {S5::identity()}) == 1u);
  BOOST_TEST(order(S5{}, {cycle}) == 3u);
  BOOST_TEST(order(S5{}, {cycle, transposition}) == 6u);
  BOOST_TEST(order(S5{}, {S5::element({1, 2, 3, 4, 0}), transposition}) == 120u);
  BOOST_TEST(order(S5{}, {S5::element({1, 2, 3, 4, 0}), cycle}) == 60u);
  BOOST_TEST(order(A5{}, {A5::element({1, 2, 3, 4, 0}), A5::element({1, 2, 0, 3, 4})}) == 60u);
  BOOST_TEST(order(A5{}, {A5::element({1, 0, 3, 2, 4}), A5::element({0, 2, 1, 4, 3})}) == 10u);
  BOOST_TEST(order(Cyclic<>{12}, {8}) == 3u);
  BOOST_TEST(order(Cyclic<>{12}, {8, 9}) == 12u);
}

BOOST_AUTO_TEST_CASE(generated_subgroups_are_sorted_and_closed) {
  const Subset v4 = klein_four<A4>();
  BOOST_TEST(v4.size() == 4u);
  BOOST_TEST(std::is_sorted(v4.begin(), v4.end()));
  for (Element a : v4) {
    BOOST_TEST(std::binary_search(v4.begin(), v4.end(), A4{}.inverse(a)));
    for (Element b : v4) BOOST_TEST(std::binary_search(v4.begin(), v4.end(), A4{}.compose(a, b)));
  }
  BOOST_TEST(text(generated_subgroup(Cyclic<>{12}, Subset{9})) == "0 3 6 9");
  BOOST_TEST(text(generated_subgroup(testing::shifted_cyclic_group(), Subset{})) == "2");
}

BOOST_AUTO_TEST_CASE(a_generator_that_is_no_element_is_refused) {
  BOOST_CHECK_EXCEPTION(generated_subgroup(Cyclic<>{12}, Subset{3, 12}), Error, [](Error const& error) {
    return std::string(error.what()) == "generator 12 is no element of C12";
  });
}

BOOST_AUTO_TEST_CASE(left_and_right_cosets_of_normal_subgroups_agree) {
  const CayleyTable s4 = cayley_table(S4{}), a4 = cayley_table(A4{}), s5 = cayley_table(S5{});
  check_cosets(s4, klein_four<S4>(), true);
  check_cosets(a4, klein_four<A4>(), true);
  check_cosets(s4, even_permutations<4>(), true);
  check_cosets(s5, even_permutations<5>(), true);
  check_cosets(s4, Subset{0}, true);
  check_cosets(cayley_table(Dihedral<>{6}), Subset{0, 1, 2, 3, 4, 5}, true);
  check_cosets(cayley_table(Cyclic<>{12}), Subset{0, 4, 8}, true);
}

BOOST_AUTO_TEST_CASE(left_and_right_cosets_of_other_subgroups_differ) {
  check_cosets(cayley_table(S4{}), point_stabiliser<4>(), false);
  check_cosets(cayley_table(S5{}), point_stabiliser<5>(), false);
  check_cosets(cayley_table(S4{}), generated_subgroup(S4{}, Subset{S4::element({1, 0, 2, 3})}), false);
  check_cosets(cayley_table(Dihedral<>{6}), Subset{0, 6}, false);
}

BOOST_AUTO_TEST_CASE(cosets_stand_by_their_smallest_elements) {
  // H = {1, s} in D_3: left cosets {r, rs} = {1, 4}, {2, 5}; right cosets {r, sr} = {1, 5}, {2, 4}.
  const Dihedral<> g{3};
  BOOST_TEST(text(left_cosets(g, Subset{0, 3}).coset_of) == "0 1 2 0 1 2");
  BOOST_TEST(text(right_cosets(g, Subset{0, 3}).coset_of) == "0 1 2 0 2 1");
  BOOST_TEST(text(left_cosets(g, Subset{0, 3}).representative) == "0 1 2");
}

BOOST_AUTO_TEST_CASE(every_subgroup_of_the_quaternions_is_normal) {
  const TableGroup q8 = testing::quaternion_group();
  for (Element a : elements(q8)) {
    for (Element b : elements(q8)) BOOST_TEST(is_normal(q8, generated_subgroup(q8, Subset{a, b})));
  }
}

BOOST_AUTO_TEST_CASE(even_permutations_are_normal_up_to_seven_points) {
  BOOST_TEST(is_normal(Symmetric<3>{}, even_permutations<3>()));
  BOOST_TEST(is_normal(Symmetric<6>{}, even_permutations<6>()));
  BOOST_TEST(is_normal(Symmetric<7>{}, even_permutations<7>()));
  BOOST_TEST(!is_normal(Symmetric<7>{}, point_stabiliser<7>()));
}

BOOST_AUTO_TEST_SUITE_END()
