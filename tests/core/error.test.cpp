#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <stdexcept>
#include <string>
#include <type_traits>

BOOST_AUTO_TEST_SUITE(error_test)

using namespace cayley;

namespace {

auto says(std::string message) {
  return [message](Error const& error) { return error.what() == message; };
}

static_assert(std::is_base_of_v<std::runtime_error, Error>);
static_assert(std::is_nothrow_copy_constructible_v<Error>);

}  // namespace

BOOST_AUTO_TEST_CASE(fail_streams_its_parts_into_the_message) {
  BOOST_CHECK_EXCEPTION(fail("tensor ", std::string("W_E"), ": expected ", 3, " rows, found ", 2.5), Error,
                        says("tensor W_E: expected 3 rows, found 2.5"));
  BOOST_CHECK_EXCEPTION(fail("plain"), Error, says("plain"));
}

BOOST_AUTO_TEST_CASE(require_throws_only_when_the_condition_is_false) {
  BOOST_CHECK_NO_THROW(require(true, "not said"));
  BOOST_CHECK_EXCEPTION(require(false, "row ", 7), Error, says("row 7"));
}

BOOST_AUTO_TEST_CASE(is_caught_as_a_standard_exception) {
  bool caught = false;
  try {
    fail("lost");
  } catch (std::exception const& error) {
    caught = std::string(error.what()) == "lost";
  }
  BOOST_TEST(caught);
}

BOOST_AUTO_TEST_SUITE_END()
