#include <boost/test/unit_test.hpp>
#include <cayley/backend/segment_sum.hpp>

#ifdef EIGEN_WORLD_VERSION
#error "backend/segment_sum.hpp must not include Eigen"
#endif

#include <cayley/backend/cpu.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <conformance/backend_conformance.hpp>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <vector>

BOOST_AUTO_TEST_SUITE(segment_sum_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

static_assert(std::is_trivially_copyable_v<SegmentSum<float>> && std::is_trivially_copyable_v<AddColumnSums<float>>);
static_assert(std::is_trivially_copyable_v<SegmentProductSum<double>> &&
              std::is_trivially_copyable_v<AddParts<double>>);

using Backends = std::tuple<Cpu, ArchetypeBackend>;

constexpr Index cols = 5, in_stride = 7, out_stride = 6, order = 6, rows = 9;

// Nine rows that read the table rows below; nobody reads row 3.
const std::vector<std::uint32_t> reads{4, 0, 4, 1, 0, 0, 5, 2, 4};
const std::vector<std::uint32_t> targets{0, 1, 2, 4, 5}, begins{0, 3, 4, 5, 8, 9}, positions{1, 4, 5, 3, 7, 0, 2, 8, 6};

std::size_t at(Index row, Index col, Index stride) {
  return static_cast<std::size_t>(row * stride + col);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_added_to_the_table_row_that_they_read, B, Backends) {
  const B backend{};
  const auto in = random_values<double>(rows * in_stride, 1), out = random_values<double>(order * out_stride, 2);
  std::vector<double> expected = out;
  for (Index row = 0; row < rows; ++row) {
    for (Index c = 0; c < cols; ++c) {
      expected[at(reads[static_cast<std::size_t>(row)], c, out_stride)] += in[at(row, c, in_stride)];
    }
  }
  const auto target = to_device(backend, targets), begin = to_device(backend, begins);
  const auto position = to_device(backend, positions);
  const auto from = to_device(backend, in);
  auto to = to_device(backend, out);
  const Segments segments{target.data(), begin.data(), position.data(), 5};
  backend.for_each_row(segments.count,
                       SegmentSum<double>{segments, from.data(), in_stride, to.data(), out_stride, cols});
  // Rows of a segment are added in their order, so even the bits agree; entries between rows stay.
  BOOST_TEST(to_host(backend, to) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sums_may_overwrite_and_leave_entries_out, B, Backends) {
  const B backend{};
  const auto in = random_values<double>(rows * in_stride, 1), out = random_values<double>(order * out_stride, 2);
  const auto sign = random_values<double>(rows * in_stride, 6);
  std::vector<double> expected = out;
  for (Index target = 0; target < order; ++target) {
    for (Index c = 0; c < cols; ++c) {
      expected[at(target, c, out_stride)] = 0;
      for (Index row = 0; row < rows; ++row) {
        const bool counts = static_cast<Index>(reads[static_cast<std::size_t>(row)]) == target;
        if (counts && sign[at(row, c, in_stride)] > 0) expected[at(target, c, out_stride)] += in[at(row, c, in_stride)];
      }
    }
  }
  // A segment for each target, that of target 3 empty.
  const auto target = to_device(backend, std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5});
  const auto begin = to_device(backend, std::vector<std::uint32_t>{0, 3, 4, 5, 5, 8, 9});
  const auto position = to_device(backend, positions);
  const auto from = to_device(backend, in), active = to_device(backend, sign);
  auto to = to_device(backend, out);
  const Segments segments{target.data(), begin.data(), position.data(), order};
  backend.for_each_row(
      order, SegmentSum<double>{segments, from.data(), in_stride, to.data(), out_stride, cols, true, active.data()});
  BOOST_TEST(to_host(backend, to) == expected, boost::test_tools::per_element());

  const auto one = to_device(backend, std::vector<double>(cols, 1.0));
  const auto zeros = to_device(backend, std::vector<std::uint32_t>(rows, 0));
  backend.for_each_row(order, SegmentSum<double>{segments, from.data(), in_stride, to.data(), out_stride, cols, true});
  const auto sums = to_host(backend, to);
  backend.for_each_row(order, SegmentProductSum<double>{segments, from.data(), in_stride, one.data(), cols,
                                                        zeros.data(), 1, to.data(), out_stride, cols, true});
  BOOST_TEST(to_host(backend, to) == sums, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(products_are_added_to_the_table_row_that_they_read, B, Backends) {
  const B backend{};
  constexpr Index table_stride = 8, index_stride = 2;
  const auto in = random_values<double>(rows * in_stride, 3), out = random_values<double>(order * out_stride, 4);
  const auto table = random_values<double>(order * table_stride, 5);
  std::vector<std::uint32_t> index;
  for (std::uint32_t row = 0; row < rows; ++row) {
    index.push_back((row * row + 1) % order);
    index.push_back(1000);  // between the indices
  }
  std::vector<double> expected = out;
  for (Index row = 0; row < rows; ++row) {
    for (Index c = 0; c < cols; ++c) {
      expected[at(reads[static_cast<std::size_t>(row)], c, out_stride)] +=
          in[at(row, c, in_stride)] * table[at(index[static_cast<std::size_t>(2 * row)], c, table_stride)];
    }
  }
  const auto target = to_device(backend, targets), begin = to_device(backend, begins);
  const auto position = to_device(backend, positions), indices = to_device(backend, index);
  const auto from = to_device(backend, in), factors = to_device(backend, table);
  auto to = to_device(backend, out);
  const Segments segments{target.data(), begin.data(), position.data(), 5};
  backend.for_each_row(segments.count,
                       SegmentProductSum<double>{segments, from.data(), in_stride, factors.data(), table_stride,
                                                 indices.data(), index_stride, to.data(), out_stride, cols});
  const auto found = to_host(backend, to);
  for (std::size_t i = 0; i < expected.size(); ++i) BOOST_TEST(std::abs(found[i] - expected[i]) < 1e-15);
  for (Index row = 0; row < order; ++row)
    BOOST_TEST(found[at(row, cols, out_stride)] == out[at(row, cols, out_stride)]);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(parts_are_added_in_their_order, B, Backends) {
  const B backend{};
  constexpr Index part_stride = rows * cols + 3;
  for (const Index count : {1, 2, 5}) {
    const auto parts = random_values<float>(count * part_stride, 6);
    std::vector<float> expected(static_cast<std::size_t>(rows * cols));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      expected[i] = parts[i];
      for (Index k = 1; k < count; ++k) expected[i] += parts[i + static_cast<std::size_t>(k * part_stride)];
    }
    const auto from = to_device(backend, parts);
    auto to = to_device(backend, std::vector<float>(expected.size(), 77.0f));  // overwritten
    backend.for_each_row(rows, AddParts<float>{from.data(), part_stride, count, to.data(), cols});
    BOOST_TEST(to_host(backend, to) == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sums_of_columns_in_the_order_of_the_rows_are_added, B, Backends) {
  const B backend{};
  const auto values = random_values<float>(rows * in_stride, 7), out = random_values<float>(cols + 1, 8);
  std::vector<float> expected = out;
  for (Index c = 0; c < cols; ++c) {
    float sum = 0;
    for (Index row = 0; row < rows; ++row) sum += values[at(row, c, in_stride)];
    expected[static_cast<std::size_t>(c)] += sum;
  }
  const auto from = to_device(backend, values);
  auto to = to_device(backend, out);
  backend.for_each(cols, AddColumnSums<float>{from.data(), in_stride, 0, to.data()});
  BOOST_TEST(to_host(backend, to) == out, boost::test_tools::per_element());  // no rows: nothing is added
  backend.for_each(cols, AddColumnSums<float>{from.data(), in_stride, rows, to.data()});
  BOOST_TEST(to_host(backend, to) == expected, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
