#include <cayley/interpret/losses.hpp>

#include <cayley/group/symmetric.hpp>

#include <boost/test/unit_test.hpp>
#include <limits>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(losses_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

using By = LogitCorrection::By;

/// The loss of corrected logits, from the definition.
double naive_corrected(PairNetwork const& network, CayleyTable const& table, LogitCorrection const& correction,
                       TrainingSet const& train) {
  Matrix<double> logits = all_logits(network);
  for (Element a : elements(table)) {
    for (Element b : elements(table)) {
      const Element row = correction.by == By::left ? a : correction.by == By::right ? b : table.compose(a, b);
      logits.row(a * table.order() + b) -= correction.table.row(row);
    }
  }
  return naive_loss(logits, table, correction.pairs == PairSet::train ? &train : nullptr);
}

std::vector<LogitCorrection> corrections_of_every_kind(Index order, double scale) {
  std::vector<LogitCorrection> corrections;
  unsigned seed = 10;
  for (By by : {By::product, By::left, By::right}) {
    for (PairSet pairs : {PairSet::all, PairSet::train}) {
      corrections.push_back({by, pairs, random_matrix(order, order, ++seed, scale)});
    }
  }
  return corrections;
}

void check_against_definition(double logit_scale, double correction_scale) {
  const CayleyTable table = cayley_table(Symmetric<3>{});
  const PairNetwork network = toy_mlp(6, logit_scale);
  const TrainingSet train = every_third_pair(6);
  const auto corrections = corrections_of_every_kind(6, correction_scale);
  const PairLosses losses = pair_losses(network, table, train, corrections);
  TrainingSet test = train;
  for (auto& flag : test) flag = flag == 0 ? 1 : 0;
  const Matrix<double> logits = all_logits(network);
  const auto close = boost::test_tools::tolerance(1e-12);
  BOOST_TEST(losses.all_loss == naive_loss(logits, table), close);
  BOOST_TEST(losses.train_loss == naive_loss(logits, table, &train), close);
  BOOST_TEST(losses.test_loss == naive_loss(logits, table, &test), close);
  for (std::size_t k = 0; k < corrections.size(); ++k) {
    BOOST_TEST_CONTEXT("correction " << k) {
      BOOST_TEST(losses.corrected[k] == naive_corrected(network, table, corrections[k], train), close);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(losses_and_corrections_follow_their_definitions) {
  check_against_definition(3, 2);
}

BOOST_AUTO_TEST_CASE(exponents_beyond_double_take_the_direct_way) {
  check_against_definition(3, 1000);     // wide corrections
  check_against_definition(2000, 2);     // wide logits
  check_against_definition(2000, 1000);  // both
  check_against_definition(100, 100);    // near the border
}

BOOST_AUTO_TEST_CASE(tiny_losses_keep_their_digits) {
  RowVector<double> logits(3);
  logits << 0, 40, 0;
  BOOST_TEST(cross_entropy(logits, 1) == 2 * std::exp(-40.0), boost::test_tools::tolerance(1e-14));
  logits << 0, 400, 0;
  BOOST_TEST(cross_entropy(logits, 1) == 2 * std::exp(-400.0), boost::test_tools::tolerance(1e-12));
  logits << 1000, 0, -1000;
  BOOST_TEST(cross_entropy(logits, 1) == 1000.0, boost::test_tools::tolerance(1e-15));
  logits << 0, 0, 0;
  BOOST_TEST(cross_entropy(logits, 2) == std::log(3.0), boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(loss_by_product_is_the_loss_of_logits_of_the_product) {
  const CayleyTable table = cayley_table(Symmetric<3>{});
  const Matrix<double> by_product = random_matrix(6, 6, 3, 4);
  Matrix<double> logits(36, 6);
  for (Index row = 0; row < 36; ++row)
    logits.row(row) = by_product.row(table.products()[static_cast<std::size_t>(row)]);
  BOOST_TEST(loss_by_product(by_product) == naive_loss(logits, table), boost::test_tools::tolerance(1e-13));
}

BOOST_AUTO_TEST_CASE(accuracy_counts_the_first_largest_logit) {
  const CayleyTable table = cayley_table(Symmetric<3>{});
  PairNetwork network = toy_mlp(6);
  network.unembedding.setZero();  // all logits equal: class 0 is the first largest, right for 6 of 36 pairs
  const PairLosses uniform = pair_losses(network, table, TrainingSet(36, 1));
  BOOST_TEST(uniform.train_accuracy == 1.0 / 6, boost::test_tools::tolerance(1e-15));
  BOOST_TEST(uniform.train_loss == std::log(6.0), boost::test_tools::tolerance(1e-15));
  BOOST_TEST(std::isnan(uniform.test_loss));  // a mean over no pairs
  BOOST_TEST(uniform.centred_logit_power < 1e-20);
}

BOOST_AUTO_TEST_CASE(centred_power_is_that_of_logits_minus_their_mean_over_classes) {
  const CayleyTable table = cayley_table(Symmetric<3>{});
  const PairNetwork network = toy_mlp(6);
  const Matrix<double> logits = all_logits(network);
  const double expected = (logits.colwise() - logits.rowwise().mean()).squaredNorm();
  BOOST_TEST(pair_losses(network, table, every_third_pair(6)).centred_logit_power == expected,
             boost::test_tools::tolerance(1e-13));
}

BOOST_AUTO_TEST_CASE(not_a_number_stays_not_a_number) {
  const CayleyTable table = cayley_table(Symmetric<3>{});
  PairNetwork network = toy_mlp(6);
  network.unembedding(0, 0) = std::numeric_limits<double>::quiet_NaN();
  BOOST_TEST(std::isnan(pair_losses(network, table, every_third_pair(6)).all_loss));
}

BOOST_AUTO_TEST_CASE(sizes_that_do_not_fit_are_refused) {
  const CayleyTable table = cayley_table(Symmetric<3>{});
  const PairNetwork network = toy_mlp(6);
  const auto says = [](std::string text) {
    return [text](Error const& error) { return std::string(error.what()).find(text) != std::string::npos; };
  };
  BOOST_CHECK_EXCEPTION(pair_losses(network, table, TrainingSet(35, 1)), Error, says("expected 36 pairs, found 35"));
  const std::vector<LogitCorrection> wrong{{By::left, PairSet::all, Matrix<double>::Zero(5, 6)}};
  BOOST_CHECK_EXCEPTION(pair_losses(network, table, TrainingSet(36, 1), wrong), Error, says("found (5, 6)"));
  BOOST_CHECK_EXCEPTION(pair_losses(toy_mlp(5), table, TrainingSet(25, 1)), Error, says("5 classes"));
}

BOOST_AUTO_TEST_SUITE_END()
