#include <boost/test/unit_test.hpp>
#include <cayley/backend/primitives.hpp>

#ifdef EIGEN_WORLD_VERSION
#error "backend/primitives.hpp must not include Eigen"
#endif

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

// That every primitive agrees with loops on every backend is step 06 of the conformance ladder.

namespace {

using namespace cayley;

static_assert(std::is_trivially_copyable_v<GatherRows<float>> && std::is_trivially_copyable_v<CopyRows<float>>);
static_assert(std::is_trivially_copyable_v<AddBias<float>> && std::is_trivially_copyable_v<Relu<float>>);
static_assert(std::is_trivially_copyable_v<MultiplyRows<double>> &&
              std::is_trivially_copyable_v<GatherAddRelu<double>>);
static_assert(std::is_trivially_copyable_v<Fill<float>> && std::is_trivially_copyable_v<ReluBackward<float>> &&
              std::is_trivially_copyable_v<GatherMultiply<double>>);

BOOST_AUTO_TEST_CASE(relu_keeps_nan_and_drops_negatives) {
  const double infinity = std::numeric_limits<double>::infinity();
  double values[5] = {-1, 2, std::nan(""), -infinity, infinity};
  Relu<double>{values, 5, 5}(0, OneLane{});
  BOOST_TEST(values[0] == 0);
  BOOST_TEST(values[1] == 2);
  BOOST_TEST(std::isnan(values[2]));
  BOOST_TEST(values[3] == 0);
  BOOST_TEST(values[4] == infinity);
}

BOOST_AUTO_TEST_CASE(rows_go_where_the_pairs_say) {
  const float x[4] = {1, 2, 3, 4}, y[4] = {10, -20, 30, -40};
  const std::uint32_t pairs[4] = {1, 0, 0, 1};
  float out[4] = {};
  const GatherAddRelu<float> hidden{x, 2, y, 2, pairs, out, 2, 2};
  hidden(0, OneLane{});
  hidden(1, OneLane{});
  BOOST_TEST(out[0] == 13);
  BOOST_TEST(out[1] == 0);
  BOOST_TEST(out[2] == 31);
  BOOST_TEST(out[3] == 0);
}

BOOST_AUTO_TEST_CASE(a_gradient_passes_where_the_activation_is_above_zero) {
  const float activation[6] = {1, 0, 2, -0.0F, std::numeric_limits<float>::denorm_min(), -1};
  float gradient[6] = {1, 2, -3, 4, 5, 6};
  ReluBackward<float>{gradient, 6, activation, 6, 6}(0, OneLane{});
  const float expected[6] = {1, 0, -3, 0, 5, 0};
  for (int i = 0; i < 6; ++i) BOOST_TEST(gradient[i] == expected[i]);
}

BOOST_AUTO_TEST_CASE(products_of_the_rows_of_a_pair) {
  const float x[4] = {1, 2, 3, 4}, y[4] = {10, -20, 30, -40};
  const std::uint32_t pairs[4] = {1, 0, 0, 1};
  float out[4] = {};
  const GatherMultiply<float> hidden{x, 2, y, 2, pairs, out, 2, 2};
  hidden(0, OneLane{});
  hidden(1, OneLane{});
  BOOST_TEST(out[0] == 30);
  BOOST_TEST(out[1] == -80);
  BOOST_TEST(out[2] == 30);
  BOOST_TEST(out[3] == -80);
}

BOOST_AUTO_TEST_CASE(filled_entries_have_the_value) {
  std::uint32_t values[3] = {1, 2, 3};
  const Fill<std::uint32_t> fill{values, 7};
  fill(0);
  fill(2);
  BOOST_TEST(values[0] == 7U);
  BOOST_TEST(values[1] == 2U);
  BOOST_TEST(values[2] == 7U);
}

}  // namespace
