#include <boost/test/unit_test.hpp>
#include <cayley/train/stop_rule.hpp>
#include <cmath>
#include <limits>
#include <train/trajectory.hpp>
#include <vector>

BOOST_AUTO_TEST_SUITE(stop_rule_test)

namespace {

using namespace cayley;

LogRow row(double train_loss, double test_loss, double test_accuracy) {
  return {0, train_loss, test_loss, 1, test_accuracy};
}

BOOST_AUTO_TEST_CASE(a_rule_without_conditions_never_holds) {
  BOOST_TEST(!StopRule{}.holds({}));
  BOOST_TEST(!StopRule{}.holds(std::vector<LogRow>(20, row(0, 0, 1))));
}

BOOST_AUTO_TEST_CASE(a_training_loss_that_is_low_enough) {
  StopRule rule;
  rule.train_loss = 1e-3;
  BOOST_TEST(!rule.holds({}));
  BOOST_TEST(rule.holds(std::vector{row(1e-3, 5, 0)}));
  BOOST_TEST(!rule.holds(std::vector{row(1.1e-3, 0, 1)}));
  BOOST_TEST(!rule.holds(std::vector{row(1e-4, 5, 0), row(2e-3, 5, 0)}));  // the last row decides
  BOOST_TEST(!rule.holds(std::vector{row(std::nan(""), 0, 1)}));
}

BOOST_AUTO_TEST_CASE(a_test_loss_that_is_low_enough) {
  StopRule rule;
  rule.test_loss = 0.5;
  BOOST_TEST(rule.holds(std::vector{row(3, 0.5, 0)}));
  BOOST_TEST(!rule.holds(std::vector{row(0, 0.51, 1)}));
  BOOST_TEST(!rule.holds(std::vector{row(0, std::nan(""), std::nan(""))}));
}

BOOST_AUTO_TEST_CASE(a_test_accuracy_that_lasts_while_the_loss_is_flat) {
  StopRule rule;
  rule.test_accuracy = 0.99;
  rule.flat_rows = 3;
  rule.flat_change = 0.1;
  BOOST_TEST(!rule.holds(std::vector(2, row(1, 1, 1))));  // too few rows
  BOOST_TEST(rule.holds(std::vector(3, row(1, 1, 0.99))));
  BOOST_TEST(rule.holds(std::vector{row(1, 9, 0), row(1, 0.9, 1), row(1, 1, 1), row(1, 0.95, 1)}));
  BOOST_TEST(!rule.holds(std::vector{row(1, 0.8, 1), row(1, 1, 1), row(1, 0.95, 1)}));      // not flat
  BOOST_TEST(!rule.holds(std::vector{row(1, 1, 1), row(1, 0.95, 1), row(1, 0.8, 1)}));      // nor in the last row
  BOOST_TEST(!rule.holds(std::vector{row(1, 0.95, 0.98), row(1, 1, 1), row(1, 0.95, 1)}));  // not accurate
  BOOST_TEST(!rule.holds(std::vector(3, row(1, std::nan(""), std::nan("")))));              // no test set
  rule.flat_change = std::numeric_limits<double>::infinity();
  BOOST_TEST(rule.holds(std::vector{row(1, 0.001, 1), row(1, 1, 1), row(1, 0.95, 1)}));
  rule.flat_rows = 0;  // as 1
  BOOST_TEST(rule.holds(std::vector{row(1, 1, 1)}));
}

BOOST_AUTO_TEST_CASE(one_condition_of_several_is_enough) {
  StopRule rule;
  rule.train_loss = 1e-3;
  rule.test_loss = 1e-2;
  rule.test_accuracy = 0.99;
  rule.flat_rows = 1;
  BOOST_TEST(rule.holds(std::vector{row(1e-4, 9, 0)}));
  BOOST_TEST(rule.holds(std::vector{row(9, 1e-3, 0)}));
  BOOST_TEST(rule.holds(std::vector{row(9, 9, 1)}));
  BOOST_TEST(!rule.holds(std::vector{row(9, 9, 0)}));
}

BOOST_AUTO_TEST_CASE(grokking_is_a_test_accuracy_above_99_percent) {
  BOOST_TEST(!grokking_epoch({}).has_value());
  std::vector<LogRow> rows{{0, 1, 1, 1, 0.99}, {10, 1, 1, 1, std::nan("")}};
  BOOST_TEST(!grokking_epoch(rows).has_value());
  rows.push_back({20, 1, 1, 1, 0.991});
  rows.push_back({30, 1, 1, 1, 1});
  BOOST_TEST(grokking_epoch(rows).value() == 20);
}

BOOST_AUTO_TEST_CASE(published_runs_grok_when_they_are_said_to,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  BOOST_TEST(grokking_epoch(cayley::testing::trajectory("S5_MLP_seed2")).value() == 93556);
  BOOST_TEST(grokking_epoch(cayley::testing::trajectory("A5_MLP_seed1")).value() == 27640);
  BOOST_TEST(!grokking_epoch(cayley::testing::trajectory("S5_MLP_hidden_dim_32_seed1")).has_value());
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
