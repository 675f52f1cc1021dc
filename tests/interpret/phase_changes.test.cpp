#include <cayley/interpret/phase_changes.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/io/csv.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "reference.hpp"
#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(phase_changes_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(a_loss_must_stay_below) {
  const std::vector<double> steps{0, 10, 20, 30, 40};
  const std::vector<double> falls{3, 2, 0.9, 0.5, 0.1}, returns{3, 0.5, 1.5, 0.5, 0.1}, never{0.1, 0.1, 0.1, 0.1, 1},
      always{0.1, 0.1, 0.1, 0.1, 0.1}, broken{0.1, NAN, 0.1, 0.1, NAN}, mended{0.1, NAN, 0.1, 0.1, 0.1};
  BOOST_TEST((phase_change(steps, falls, 1) == 20));
  BOOST_TEST((phase_change(steps, falls, 0.9) == 30));
  BOOST_TEST((phase_change(steps, returns, 1) == 30));
  BOOST_TEST(!phase_change(steps, never, 1).has_value());
  BOOST_TEST((phase_change(steps, always, 1) == 0));
  BOOST_TEST(!phase_change(steps, broken, 1).has_value());
  BOOST_TEST((phase_change(steps, mended, 1) == 20));
  BOOST_TEST(!phase_change({}, {}, 1).has_value());
  BOOST_TEST(thrown_message([&] { phase_change(steps, {}, 1); }) ==
             "phase change: expected a loss for each of 5 steps, found 0");
}

BOOST_AUTO_TEST_CASE(each_part_falls_by_itself) {
  Matrix<double> losses(3, 2);
  losses << 2, 2, 0.5, 2, 0.4, 2;
  const std::vector<double> steps{5, 6, 7};
  const auto changes = phase_changes(steps, losses, 1);
  BOOST_TEST_REQUIRE(changes.size() == 2u);
  BOOST_TEST((changes[0] == 6));
  BOOST_TEST(!changes[1].has_value());
  BOOST_CHECK_THROW(phase_changes({}, losses, 1), Error);
}

BOOST_AUTO_TEST_CASE(means_over_a_window) {
  const std::vector<double> losses{1e300, 3, 5, 1, 3}, of_two{1e300, 5e299, 4, 3, 2};
  BOOST_TEST(moving_mean(losses, 2) == of_two, boost::test_tools::per_element());
  BOOST_TEST(moving_mean(losses, 1) == losses, boost::test_tools::per_element());
  BOOST_TEST(moving_mean({}, 3).empty());
  BOOST_CHECK_THROW(moving_mean(losses, 0), Error);
}

BOOST_AUTO_TEST_CASE(digits_are_learned_one_after_the_other, *boost::unit_test::precondition(reference_is_set)) {
  const CsvTable curve = read_csv(reference_file("sequence/curve_digit_addition_infinite.csv"));
  const auto steps = curve.column("step");
  Matrix<double> losses(static_cast<Index>(steps.size()), 6);
  for (Index digit = 0; digit < 6; ++digit) {
    const auto smooth = moving_mean(curve.column("digit_" + std::to_string(digit)), 3);
    losses.col(digit) = Eigen::Map<Vector<double> const>(smooth.data(), losses.rows());
  }
  const auto changes = phase_changes(steps, losses, 0.5);
  for (std::size_t digit = 0; digit < 6; ++digit) {
    BOOST_TEST_REQUIRE(changes[digit].has_value());
    BOOST_TEST_MESSAGE("digit " << digit << " below 0.5 from step " << *changes[digit]);
  }
  // The leading digit, 0 or 1, is the first.
  for (std::size_t digit = 1; digit < 6; ++digit) BOOST_TEST(*changes[0] < *changes[digit]);
  const auto whole = phase_change(steps, curve.column("train_loss"), 0.5);
  BOOST_TEST_REQUIRE(whole.has_value());
  BOOST_TEST(*whole < 2000);
}

BOOST_AUTO_TEST_SUITE_END()
