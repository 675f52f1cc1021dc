#include <boost/test/unit_test.hpp>
#include <cayley/plot/limits.hpp>
#include <limits>

BOOST_AUTO_TEST_SUITE(limits_test)
using namespace cayley;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool are(Limits const& found, double low, double high) {
  return found[0] == low && found[1] == high;
}

BOOST_AUTO_TEST_CASE(values_that_are_not_finite_do_not_count) {
  BOOST_TEST(are(finite_limits(std::vector<double>{3, nan, -1, 1 / 0.0}).value(), -1, 3));
  BOOST_TEST(!finite_limits(std::vector<double>{nan}));
  BOOST_TEST(!finite_limits(std::vector<double>{}));
}

BOOST_AUTO_TEST_CASE(joined_limits_hold_both) {
  BOOST_TEST(are(joined(Limits{0, 1}, Limits{-1, 0.5}).value(), -1, 1));
  BOOST_TEST(are(joined({}, Limits{-1, 0.5}).value(), -1, 0.5));
  BOOST_TEST(!joined({}, {}));
}

BOOST_AUTO_TEST_CASE(diverging_colours_are_centred_at_zero) {
  HeatMap map{Matrix<double>(1, 2)};
  map.z << -1, 4;
  BOOST_TEST(are(colour_limits(map), -4, 4));
  map.scale = ColourScale::sequential;
  BOOST_TEST(are(colour_limits(map), -1, 4));
  map.z << 2, 4;
  BOOST_TEST(are(colour_limits(map), 0, 4));
  map.z.setZero();
  BOOST_TEST(are(colour_limits(map), 0, 1));
}

BOOST_AUTO_TEST_CASE(facets_share_colours_by_scale) {
  const auto map = [](double value, ColourScale scale) {
    return HeatMap{Matrix<double>::Constant(2, 2, value), {}, {}, scale};
  };
  Figure f{"",
           "",
           {{"", {}, {}, {map(1, ColourScale::diverging)}},
            {"", {}, {}, {map(-3, ColourScale::diverging)}},
            {"", {}, {}, {map(9, ColourScale::sequential)}}}};
  share_colours(f);
  const auto limits = [&](std::size_t panel) { return std::get<HeatMap>(f.panels[panel].traces[0]).limits.value(); };
  BOOST_TEST(are(limits(0), -3, 3));
  BOOST_TEST(are(limits(1), -3, 3));
  BOOST_TEST(are(limits(2), 0, 9));
}

BOOST_AUTO_TEST_SUITE_END()
