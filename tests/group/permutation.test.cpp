#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/group/permutation.hpp>
#include <numeric>
#include <utility>

#include "group/expected_statistics.hpp"

BOOST_AUTO_TEST_SUITE(permutation_test)

using namespace cayley;

namespace {

static_assert(factorial(0) == 1 && factorial(5) == 120 && factorial(20) == 2'432'902'008'176'640'000);
static_assert(sizeof(Permutation<12>) == 12);
static_assert(permutation_rank<5>(permutation_of_rank<5>(77)) == 77);
static_assert(permutation_of_rank<4>(0) == Permutation<4>{0, 1, 2, 3});
static_assert(permutation_of_rank<4>(23) == Permutation<4>{3, 2, 1, 0});
static_assert(compose<3>({1, 0, 2}, {0, 2, 1}) == Permutation<3>{2, 0, 1});
static_assert(inverse<3>({1, 2, 0}) == Permutation<3>{2, 0, 1});
static_assert(signature<3>({1, 2, 0}) == 1 && signature<3>({1, 0, 2}) == -1);

template <int N>
Permutation<N> sorted_points() {
  Permutation<N> p{};
  std::iota(p.begin(), p.end(), std::uint8_t{0});
  return p;
}

/// Checks every permutation, in lexicographic order, against its rank and its cycles.
template <int N>
void check_all_permutations() {
  const auto all = testing::image_arrays(N);
  bool ranks = true, signs = true, inverses = true;
  for (Element rank = 0; rank < all.size(); ++rank) {
    const Permutation<N> p = permutation_of_rank<N>(rank), q = inverse<N>(p);
    ranks = ranks && std::equal(p.begin(), p.end(), all[rank].begin()) && permutation_rank<N>(p) == rank;
    signs = signs && signature<N>(p) == (testing::is_even_type(testing::cycle_type(p)) ? 1 : -1);
    inverses = inverses && compose<N>(p, q) == sorted_points<N>() && compose<N>(q, p) == sorted_points<N>();
  }
  BOOST_TEST_CONTEXT(N << " points") {
    BOOST_TEST(static_cast<Index>(all.size()) == factorial(N));
    BOOST_TEST(ranks);
    BOOST_TEST(signs);
    BOOST_TEST(inverses);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(ranks_count_in_lexicographic_order) {
  []<int... n>(std::integer_sequence<int, n...>) {
    (check_all_permutations<n>(), ...);
  }
  (std::integer_sequence<int, 1, 2, 3, 4, 5, 6, 7>{});
}

BOOST_AUTO_TEST_CASE(products_read_left_to_right) {
  const Permutation<4> p{1, 2, 0, 3}, q{0, 3, 2, 1};
  const Permutation<4> pq = compose<4>(p, q);
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(int{pq[i]} == int{q[p[i]]});
  BOOST_TEST((pq == Permutation<4>{3, 2, 0, 1}));
  BOOST_TEST((compose<4>(q, p) == Permutation<4>{1, 3, 0, 2}));
}

BOOST_AUTO_TEST_CASE(twelve_points_reach_the_last_rank) {
  Permutation<12> reversed = sorted_points<12>();
  std::reverse(reversed.begin(), reversed.end());
  BOOST_TEST(permutation_rank<12>(reversed) == 479'001'599u);
  BOOST_TEST((permutation_of_rank<12>(479'001'599u) == reversed));
}

BOOST_AUTO_TEST_CASE(cycle_notation_leaves_out_fixed_points) {
  BOOST_TEST(cycle_notation<1>({0}) == "()");
  BOOST_TEST(cycle_notation<5>({0, 1, 2, 3, 4}) == "()");
  BOOST_TEST(cycle_notation<5>({1, 0, 3, 4, 2}) == "(0 1)(2 3 4)");
  BOOST_TEST(cycle_notation<5>({0, 4, 2, 3, 1}) == "(1 4)");
  BOOST_TEST(cycle_notation<12>({11, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) == "(0 11 10 9 8 7 6 5 4 3 2 1)");
}

BOOST_AUTO_TEST_SUITE_END()
