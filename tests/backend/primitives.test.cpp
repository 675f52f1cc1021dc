#include <boost/test/unit_test.hpp>
#include <cayley/backend/primitives.hpp>

#ifdef EIGEN_WORLD_VERSION
#error "backend/primitives.hpp must not include Eigen"
#endif

#include <cayley/backend/cpu.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <conformance/backend_conformance.hpp>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>
#include <vector>

BOOST_AUTO_TEST_SUITE(primitives_test)

// That every primitive agrees with loops on every backend is step 06 of the conformance ladder.

namespace {

using namespace cayley;
using namespace cayley::testing;
using Backends = std::tuple<Cpu, ArchetypeBackend>;

static_assert(std::is_trivially_copyable_v<GatherRows<float>> && std::is_trivially_copyable_v<CopyRows<float>>);
static_assert(std::is_trivially_copyable_v<AddBias<float>> && std::is_trivially_copyable_v<Relu<float>>);
static_assert(std::is_trivially_copyable_v<MultiplyRows<double>> &&
              std::is_trivially_copyable_v<GatherAddRelu<double>>);
static_assert(std::is_trivially_copyable_v<Fill<float>> && std::is_trivially_copyable_v<ReluBackward<float>> &&
              std::is_trivially_copyable_v<GatherMultiply<double>>);
static_assert(std::is_trivially_copyable_v<Scale<float>> && std::is_trivially_copyable_v<AddRows<float>> &&
              std::is_trivially_copyable_v<AddRepeatedRows<double>> &&
              std::is_trivially_copyable_v<ScatterAddRows<double>> &&
              std::is_trivially_copyable_v<TransposeRows<double>> &&
              std::is_trivially_copyable_v<TransposeBlocks<double>>);
static_assert(std::is_trivially_copyable_v<CopyBlocks<float>> && std::is_trivially_copyable_v<OuterProducts<float>>);

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

BOOST_AUTO_TEST_CASE(scaled_entries_are_multiplied) {
  double values[3] = {1, 2, -3};
  const Scale<double> scale{values, -0.5};
  scale(0);
  scale(2);
  const double expected[3] = {-0.5, 2, 1.5};
  for (int i = 0; i < 3; ++i) BOOST_TEST(values[i] == expected[i]);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_added, B, Backends) {
  const B backend{};
  constexpr Index rows = 3, cols = 4, stride = 5, addend_stride = 6;
  const auto values = random_values<double>(rows * stride, 1), addend = random_values<double>(rows * addend_stride, 2);
  std::vector<double> expected = values;
  for (Index row = 0; row < rows; ++row) {
    for (Index c = 0; c < cols; ++c) {
      expected[static_cast<std::size_t>(row * stride + c)] +=
          addend[static_cast<std::size_t>(row * addend_stride + c + 1)];
    }
  }
  const auto from = to_device(backend, addend);
  auto to = to_device(backend, values);
  backend.for_each_row(rows, AddRows<double>{to.data(), stride, from.data() + 1, addend_stride, cols});
  BOOST_TEST(to_host(backend, to) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_table_is_added_again_and_again, B, Backends) {
  const B backend{};
  const std::vector<float> table{1, 2, 3, 4, 1000, 1000};  // its third row is beyond the period
  const auto from = to_device(backend, table);
  auto to = to_device(backend, std::vector<float>{10, 10, 20, 20, 30, 30, 40, 40, 50, 50});
  backend.for_each_row(5, AddRepeatedRows<float>{from.data(), 2, to.data(), 2});
  const std::vector<float> expected{11, 12, 23, 24, 31, 32, 43, 44, 51, 52};
  BOOST_TEST(to_host(backend, to) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_added_where_the_index_says, B, Backends) {
  const B backend{};
  const std::vector<float> in{1, 2, 1000, 3, 4, 1000};
  const auto from = to_device(backend, in);
  const auto index = to_device(backend, std::vector<std::uint32_t>{2, 0});
  auto to = to_device(backend, std::vector<float>{10, 10, 0, 5, 20, 20, 0, 5, 30, 30, 0, 5});
  backend.for_each_row(2, ScatterAddRows<float>{from.data(), 3, index.data(), to.data(), 4, 2});
  const std::vector<float> expected{13, 14, 0, 5, 20, 20, 0, 5, 31, 32, 0, 5};
  BOOST_TEST(to_host(backend, to) == expected, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
