#include <boost/test/unit_test.hpp>
#include <cayley/train/log_row.hpp>
#include <type_traits>

BOOST_AUTO_TEST_SUITE(log_row_test)

namespace {

using namespace cayley;

// Rows are kept by the hundred thousand, in vectors that grow.
static_assert(std::is_aggregate_v<LogRow> && std::is_nothrow_move_constructible_v<LogRow>);

BOOST_AUTO_TEST_CASE(a_row_is_in_the_order_of_the_published_columns) {
  const LogRow row{7, 0.5, 0.75, 0.25, 0.125};
  BOOST_TEST(row.epoch == 7);
  BOOST_TEST(row.train_loss == 0.5);
  BOOST_TEST(row.test_loss == 0.75);
  BOOST_TEST(row.train_accuracy == 0.25);
  BOOST_TEST(row.test_accuracy == 0.125);
  BOOST_TEST(row.more.empty());
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
