#include <cayley/interpret/split_losses.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/group/symmetric.hpp>
#include <cmath>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(split_losses_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(losses_and_accuracy_are_those_of_the_pass_over_the_network) {
  const CayleyTable table = cayley_table(Symmetric<3>{});
  const PairNetwork network = toy_mlp(6);
  const TrainingSet train = every_third_pair(6);
  const PairLosses expected = pair_losses(network, table, train);
  const Matrix<double> logits = all_logits(network);
  const SplitLosses found = split_losses(table, train, logits);
  const auto close = boost::test_tools::tolerance(1e-12);
  BOOST_TEST(found.all == expected.all_loss, close);
  BOOST_TEST(found.train == expected.train_loss, close);
  BOOST_TEST(found.test == expected.test_loss, close);
  BOOST_TEST(found.all == naive_loss(logits, table), close);
  BOOST_TEST(accuracy_of_all(table, logits) == (12 * expected.train_accuracy + 24 * expected.test_accuracy) / 36,
             close);
  BOOST_TEST(std::isnan(split_losses(table, TrainingSet(36, 1), logits).test));
  BOOST_CHECK_THROW(split_losses(table, TrainingSet(35, 1), logits), Error);
  BOOST_CHECK_THROW(split_losses(table, train, logits.topRows(35)), Error);
}

BOOST_AUTO_TEST_CASE(a_corrected_part_has_the_means_of_the_whole) {
  const Matrix<double> logits = random_matrix(36, 6, 1), part = random_matrix(36, 6, 2);
  const Matrix<double> corrected = bias_corrected(part, logits);
  BOOST_TEST((corrected.colwise().mean() - logits.colwise().mean()).cwiseAbs().maxCoeff() < 1e-14);
  const Matrix<double> added = corrected - part;
  BOOST_TEST((added.rowwise() - added.row(0)).cwiseAbs().maxCoeff() < 1e-14);
  BOOST_TEST((bias_corrected(logits, logits) - logits).cwiseAbs().maxCoeff() < 1e-14);
}

BOOST_AUTO_TEST_SUITE_END()
