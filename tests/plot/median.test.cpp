#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/plot/median.hpp>
#include <cmath>

BOOST_AUTO_TEST_SUITE(median_test)
using namespace cayley;

BOOST_AUTO_TEST_CASE(middle_of_odd_and_even_numbers_of_values) {
  BOOST_TEST(median({3, 1, 2}) == 2);
  BOOST_TEST(median({4, 1, 3, 2}) == 2.5);
  BOOST_TEST(median({std::nan(""), 7}) == 7);
  BOOST_TEST(std::isnan(median({})));
}

BOOST_AUTO_TEST_CASE(runs_are_faded_and_the_median_is_last) {
  const auto traces = with_median({Curve{"loss", {0, 1, 2}, {1, 5, 9}}, Curve{"loss", {0, 1}, {3, 1}}});
  BOOST_TEST(traces.size() == 3);
  BOOST_TEST(std::get<Curve>(traces[0]).faded);
  BOOST_TEST(std::get<Curve>(traces[1]).faded);
  Curve const& middle = std::get<Curve>(traces[2]);
  BOOST_TEST(!middle.faded);
  BOOST_TEST(middle.x == (std::vector<double>{0, 1}), boost::test_tools::per_element());
  BOOST_TEST(middle.y == (std::vector<double>{2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_run_is_its_own_median) {
  const auto traces = with_median({Curve{"loss", {0}, {1}}});
  BOOST_TEST(traces.size() == 1);
  BOOST_TEST(!std::get<Curve>(traces[0]).faded);
  BOOST_CHECK_THROW(with_median({}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
