#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/group/extent.hpp>
#include <string>
#include <type_traits>

BOOST_AUTO_TEST_SUITE(extent_test)

using namespace cayley;

namespace {

static_assert(std::is_empty_v<Extent<7>> && Extent<7>{}.size() == 7);
static_assert(Extent<Eigen::Dynamic>(7).size() == 7);
static_assert(!std::is_default_constructible_v<Extent<Eigen::Dynamic>>);
static_assert(!std::is_convertible_v<Index, Extent<Eigen::Dynamic>>);

}  // namespace

BOOST_AUTO_TEST_CASE(sizes_that_fit_an_element_are_taken) {
  for (Index size : {Index{1}, Index{2}, Index{2'147'483'647}}) {
    BOOST_TEST(Extent<Eigen::Dynamic>(size).size() == size);
  }
  BOOST_TEST(Extent<2'147'483'647>::size() == 2'147'483'647);
}

BOOST_AUTO_TEST_CASE(other_sizes_are_refused_and_named) {
  for (Index size : {Index{0}, Index{-1}, Index{-7}, Index{2'147'483'648}, Index{1} << 40}) {
    BOOST_CHECK_EXCEPTION(Extent<Eigen::Dynamic>{size}, Error, [size](Error const& error) {
      return std::string(error.what()).find("found " + std::to_string(size)) != std::string::npos;
    });
  }
}

BOOST_AUTO_TEST_SUITE_END()
