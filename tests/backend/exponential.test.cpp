#include <boost/test/unit_test.hpp>
#include <cayley/backend/exponential.hpp>

#ifdef EIGEN_WORLD_VERSION
#error "backend/exponential.hpp must not include Eigen"
#endif

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

BOOST_AUTO_TEST_SUITE(exponential_test)

namespace {

using namespace cayley;

constexpr float infinity = std::numeric_limits<float>::infinity();

// Largest relative error over numbers from -0 down to -69.07: every 509th of all floats, and a fine even grid.
template <class Exponential>
double worst_error(Exponential const& exponential) {
  double worst = 0;
  const auto check = [&](float x) {
    const double expected = std::exp(static_cast<double>(x));
    worst = std::max(worst, std::abs(static_cast<double>(exponential(x)) - expected) / expected);
  };
  const auto last = std::bit_cast<std::uint32_t>(-69.07f);
  for (std::uint32_t bits = 0x80000000u; bits <= last; bits += 509) check(std::bit_cast<float>(bits));
  for (int k = 0; k <= 69 * 4096; ++k) check(-static_cast<float>(k) / 4096);
  check(-69.07f);
  return worst;
}

BOOST_AUTO_TEST_CASE(the_error_is_at_most_the_constant) {
  const double worst = worst_error([](float x) { return exp_nonpositive(x); });
  BOOST_TEST(worst <= exp_nonpositive_error);
  BOOST_TEST(worst > exp_nonpositive_error / 4);  // a bound, not a blanket
}

// What the bound must reject: a series one term shorter.
BOOST_AUTO_TEST_CASE(a_shorter_series_is_outside_the_bound) {
  const auto shorter = [](float x) {
    const float n = std::nearbyint(x * 1.44269504f);
    const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
    const float p = 1 + r * (1 + r * (1.0f / 2 + r * (1.0f / 6 + r * (1.0f / 24 + r * (1.0f / 120)))));
    return std::ldexp(p, static_cast<int>(n));
  };
  BOOST_TEST(worst_error(shorter) > exp_nonpositive_error);
}

BOOST_AUTO_TEST_CASE(values_at_the_ends) {
  BOOST_TEST(exp_nonpositive(0.0f) == 1.0f);
  BOOST_TEST(exp_nonpositive(-0.0f) == 1.0f);
  BOOST_TEST(exp_nonpositive(-infinity) == 0.0f);
  BOOST_TEST(exp_nonpositive(-std::numeric_limits<float>::max()) == 0.0f);
  BOOST_TEST(std::isnan(exp_nonpositive(std::numeric_limits<float>::quiet_NaN())));
  BOOST_TEST(std::isnan(exp_nonpositive(-std::numeric_limits<float>::quiet_NaN())));
  BOOST_TEST(std::isnan(exp_nonpositive(infinity - infinity)));
}

BOOST_AUTO_TEST_CASE(what_would_make_subnormal_products_is_zero) {
  float x = -69.05f;
  for (; exp_nonpositive(x) > 0; x = std::nextafter(x, -infinity))
    BOOST_REQUIRE(exp_nonpositive(x) >= exp_nonpositive_least);
  BOOST_TEST(std::exp(x) < exp_nonpositive_least * 1.0001f);
  for (; x > -200; x = std::nextafter(x * 1.00001f, -infinity)) BOOST_REQUIRE(exp_nonpositive(x) == 0);
}

BOOST_AUTO_TEST_CASE(a_loop_over_an_array_gives_the_same_bits) {
  std::vector<float> values;
  for (int k = 0; k < 1003; ++k) values.push_back(-static_cast<float>(k) * 0.0931f);
  std::vector<float> exponentials = values;
  for (float& x : exponentials) x = exp_nonpositive(x);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const volatile float alone = values[i];
    BOOST_TEST(exponentials[i] == exp_nonpositive(static_cast<float>(alone)));
  }
}

BOOST_AUTO_TEST_CASE(in_double_it_is_that_of_the_c_library) {
  for (const double x : {0.0, -1e-9, -1.0, -20.5, -700.0, -800.0}) BOOST_TEST(exp_nonpositive(x) == std::exp(x));
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
