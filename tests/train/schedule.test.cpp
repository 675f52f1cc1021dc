#include <boost/test/unit_test.hpp>
#include <cayley/train/schedule.hpp>

BOOST_AUTO_TEST_SUITE(schedule_test)

namespace {

using namespace cayley;

BOOST_AUTO_TEST_CASE(without_warm_up_the_factor_is_one) {
  for (const std::int64_t step : {0, 1, 1000000}) BOOST_TEST(Schedule{}.factor(step) == 1);
}

BOOST_AUTO_TEST_CASE(a_warm_up_rises_from_zero_to_one_and_stays_there) {
  const Schedule schedule{10};
  BOOST_TEST(schedule.factor(0) == 0);
  BOOST_TEST(schedule.factor(1) == 0.1);
  BOOST_TEST(schedule.factor(5) == 0.5);
  BOOST_TEST(schedule.factor(9) == 0.9);
  BOOST_TEST(schedule.factor(10) == 1);
  BOOST_TEST(schedule.factor(11) == 1);
  BOOST_TEST(schedule.factor(std::int64_t{1} << 40) == 1);
  BOOST_TEST(Schedule{1}.factor(0) == 0);
  BOOST_TEST(Schedule{1}.factor(1) == 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
