#include <boost/test/unit_test.hpp>
#include <cayley/train/epoch_rule.hpp>
#include <cstdint>
#include <string>
#include <train/trajectory.hpp>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(epoch_rule_test)

namespace {

using namespace cayley;

using Epochs = std::vector<std::int64_t>;

BOOST_AUTO_TEST_CASE(logged_epochs_are_those_of_the_published_runs,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  const std::vector<std::pair<std::string, std::int64_t>> runs{{"S5_MLP_seed2", 250000},
                                                               {"A5_MLP_seed1", 250000},
                                                               {"S5_T_seed1", 50000},
                                                               {"S5_MLP_hidden_dim_32_seed1", 1000000}};
  for (auto const& [run, num_epochs] : runs) {
    Epochs published;
    for (auto const& row : cayley::testing::trajectory(run)) published.push_back(row.epoch);
    BOOST_TEST(EpochRule::logarithmic(num_epochs).epochs() == published, boost::test_tools::per_element());
    BOOST_TEST((EpochRule::logarithmic(num_epochs, 999).epochs() != published));
  }
}

BOOST_AUTO_TEST_CASE(logarithmic_epochs_ascend_from_the_first_to_the_last) {
  for (const std::int64_t num_epochs : {1, 2, 3, 10, 1000, 12345}) {
    for (const std::int64_t points : {2, 3, 50}) {
      const Epochs epochs = EpochRule::logarithmic(num_epochs, points).epochs();
      BOOST_TEST(epochs.front() == 0);
      BOOST_TEST(epochs.back() == num_epochs - 1);
      for (std::size_t i = 1; i < epochs.size(); ++i) BOOST_TEST(epochs[i] > epochs[i - 1]);
      BOOST_TEST(epochs.size() <= static_cast<std::size_t>(points + 1));
    }
  }
  BOOST_TEST(EpochRule::logarithmic(10000, 5).epochs() == (Epochs{0, 1, 10, 100, 1000, 9999}),
             boost::test_tools::per_element());
  BOOST_TEST(EpochRule::logarithmic(0).epochs().empty());
  BOOST_CHECK_THROW(EpochRule::logarithmic(100, 1), Error);
}

BOOST_AUTO_TEST_CASE(every_kth_epoch_and_the_last) {
  BOOST_TEST(EpochRule::every(10, 3).epochs() == (Epochs{0, 3, 6, 9}), boost::test_tools::per_element());
  BOOST_TEST(EpochRule::every(9, 3).epochs() == (Epochs{0, 3, 6, 8}), boost::test_tools::per_element());
  BOOST_TEST(EpochRule::every(3, 1).epochs() == (Epochs{0, 1, 2}), boost::test_tools::per_element());
  BOOST_TEST(EpochRule::every(5, 100).epochs() == (Epochs{0, 4}), boost::test_tools::per_element());
  BOOST_TEST(EpochRule::every(1, 5).epochs() == (Epochs{0}), boost::test_tools::per_element());
  BOOST_TEST(EpochRule::every(0, 5).epochs().empty());
  BOOST_CHECK_THROW(EpochRule::every(10, 0), Error);
  BOOST_CHECK_THROW(EpochRule::every(10, -1), Error);
}

BOOST_AUTO_TEST_CASE(a_rule_contains_its_epochs_and_no_others) {
  const EpochRule rule = EpochRule::every(10, 3);
  for (std::int64_t epoch = -1; epoch < 12; ++epoch) {
    BOOST_TEST(rule.contains(epoch) == (epoch == 0 || epoch == 3 || epoch == 6 || epoch == 9));
  }
  BOOST_TEST(!EpochRule::none().contains(0));
  BOOST_TEST(EpochRule::none().epochs().empty());
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
