#include <cayley/interpret/order_statistics.hpp>

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(order_statistics_test)

using namespace cayley;

BOOST_AUTO_TEST_CASE(equal_values_share_ranks) {
  Vector<double> values(6), expected(6);
  values << 3, 1, 3, -2, 3, 7;
  expected << 3, 1, 3, 0, 3, 5;
  BOOST_TEST((ranks(values) == expected));
  BOOST_TEST(ranks(Vector<double>()).size() == 0);
}

BOOST_AUTO_TEST_CASE(rank_correlations_are_those_of_ranks) {
  Vector<double> x(5), y(5);
  x << 1, 2, 3, 4, 5;
  y << 5, 6, 7, 8, 7;
  // Textbook: ranks 0, 1, 2.5, 4, 2.5 against 0 .. 4.
  BOOST_TEST(rank_correlation(x, y) == 8 / std::sqrt(10 * 9.5), boost::test_tools::tolerance(1e-14));
  BOOST_TEST(rank_correlation(x, x.array().exp().matrix()) == 1, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(rank_correlation_with_index(-x) == -1, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(std::isnan(rank_correlation(x, Vector<double>::Zero(5))));
  BOOST_TEST(cayley::testing::thrown_message([&] { rank_correlation(x, y.head(3)); }) ==
             "rank correlation: expected as many values on both sides, found 5 and 3");
}

BOOST_AUTO_TEST_CASE(steps_that_go_up) {
  Vector<double> curve(5);
  curve << 0, 1, 1, 3, 2;
  BOOST_TEST(share_of_increasing_steps(curve) == 0.5);
  BOOST_TEST(share_of_increasing_steps(curve.head(2)) == 1);
  BOOST_TEST(std::isnan(share_of_increasing_steps(curve.head(1))));
}

BOOST_AUTO_TEST_CASE(rows_led_by_their_diagonal) {
  Matrix<double> table(3, 4), centred(3, 4);
  table << 5, 5, 0, 1,  // the first of equals counts
      2, 2, 1, 1,       //
      0, -1, -2, -3;
  centred << 0, 0, -5, -4,  //
      0, 0, -1, -1,         //
      2, 1, 0, -1;
  BOOST_TEST(share_of_diagonal_rows(table) == 1.0 / 3, boost::test_tools::tolerance(1e-15));
  BOOST_TEST((centred_at_diagonal(table) == centred));
  BOOST_CHECK_THROW(share_of_diagonal_rows(Matrix<double>::Zero(3, 2)), Error);
}

BOOST_AUTO_TEST_SUITE_END()
