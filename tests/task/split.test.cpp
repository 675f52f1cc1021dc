#include <cayley/task/split.hpp>

#include <cayley/io/safetensors.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>
#include <vector>

#include "reference.hpp"

BOOST_AUTO_TEST_SUITE(split_test)

using namespace cayley;

BOOST_AUTO_TEST_CASE(a_split_has_the_published_sizes_and_loses_nothing) {
  const TrainTestSplit split = random_split(14400, 0.4, 2);
  BOOST_TEST(split.train.size() == 5760u);
  BOOST_TEST(split.test.size() == 8640u);
  std::set<std::uint32_t> all(split.train.begin(), split.train.end());
  all.insert(split.test.begin(), split.test.end());
  BOOST_TEST(all.size() == 14400u);
  BOOST_TEST(*all.rbegin() == 14399u);
  BOOST_TEST(random_split(12769, 0.3, 1).train.size() == 3830u);  // int(3830.7)
  BOOST_TEST(random_split(13924, 0.3, 1).train.size() == 4177u);
}

BOOST_AUTO_TEST_CASE(every_seed_shuffles_differently_and_zero_is_no_exception) {
  const auto zero = random_split(1000, 0.5, 0).train;
  BOOST_TEST((zero != random_split(1000, 0.5, 1).train));
  BOOST_TEST((zero == random_split(1000, 0.5, 0).train));
  BOOST_TEST(!std::is_sorted(zero.begin(), zero.end()));
}

BOOST_AUTO_TEST_CASE(extreme_fractions) {
  BOOST_TEST(random_split(10, 1, 3).test.empty());
  BOOST_TEST(random_split(10, 0, 3).train.empty());
  BOOST_TEST(random_split(0, 0.5, 3).train.empty());
  BOOST_CHECK_THROW(random_split(10, 1.5, 3), Error);
  BOOST_CHECK_THROW(random_split(10, -0.1, 3), Error);
  BOOST_CHECK_THROW(random_split(Index{1} << 33, 0.5, 3), Error);
}

BOOST_AUTO_TEST_CASE(a_shuffled_split_is_that_of_python) {
  // random.seed(1), random.shuffle(list(range(20)))
  const TrainTestSplit split = shuffled_split(20, 0.3, 1);
  BOOST_TEST(split.train == (std::vector<std::uint32_t>{11, 5, 17, 19, 9, 0}), boost::test_tools::per_element());
  BOOST_TEST(split.test == (std::vector<std::uint32_t>{16, 1, 15, 6, 10, 13, 14, 12, 7, 3, 8, 2, 18, 4}),
             boost::test_tools::per_element());
  BOOST_TEST(shuffled_split(12769, 0.3, 1).train.size() == 3830u);
  BOOST_TEST((shuffled_split(20, 0.3, 0).train != split.train));
  BOOST_TEST(shuffled_split(10, 1, 3).test.empty());
  BOOST_TEST(shuffled_split(0, 0.5, 3).train.empty());
  BOOST_CHECK_THROW(shuffled_split(10, 1.5, 3), Error);
  BOOST_CHECK_THROW(shuffled_split(-1, 0.5, 3), Error);
}

BOOST_AUTO_TEST_CASE(the_shuffled_split_of_the_published_network,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  const auto published = read_safetensors(cayley::testing::reference_file("modular_addition/split.safetensors"))
                             .values<std::uint32_t>("is_train", {113 * 113});
  std::vector<std::uint32_t> mask(113 * 113);
  for (std::uint32_t pair : shuffled_split(113 * 113, 0.3, 1).train) mask[pair] = 1;
  BOOST_TEST((mask == published));
}

BOOST_AUTO_TEST_SUITE_END()
