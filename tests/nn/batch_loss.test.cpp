#include <boost/test/unit_test.hpp>
#include <cayley/nn/batch_loss.hpp>
#include <cmath>

BOOST_AUTO_TEST_SUITE(batch_loss_test)

namespace {

using namespace cayley;

BOOST_AUTO_TEST_CASE(mean_and_accuracy_are_over_the_examples) {
  const BatchLoss loss{3.0, 1, 4};
  BOOST_TEST(loss.mean() == 0.75);
  BOOST_TEST(loss.accuracy() == 0.25);
}

BOOST_AUTO_TEST_CASE(without_examples_there_is_no_mean) {
  const BatchLoss none;
  BOOST_TEST(std::isnan(none.mean()));
  BOOST_TEST(std::isnan(none.accuracy()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
