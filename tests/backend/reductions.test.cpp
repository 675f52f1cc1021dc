#include <boost/test/unit_test.hpp>
#include <cayley/backend/reductions.hpp>

#ifdef EIGEN_WORLD_VERSION
#error "backend/reductions.hpp must not include Eigen"
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

BOOST_AUTO_TEST_SUITE(reductions_test)

namespace {

using namespace cayley;
using namespace cayley::testing;
using Backends = std::tuple<Cpu, ArchetypeBackend>;

static_assert(std::is_trivially_copyable_v<ColumnMeans<float>> &&
              std::is_trivially_copyable_v<RowSumsOfSquares<float>> && std::is_trivially_copyable_v<RowArgmax<float>>);

BOOST_AUTO_TEST_CASE_TEMPLATE(means_of_columns_and_squares_of_rows, B, Backends) {
  constexpr Index rows = 9, cols = 13, stride = 15;
  const B backend{};
  const auto values = random_values<double>(rows * stride, 1);
  const auto x = to_device(backend, values);
  BufferOf<B, double> means(cols), squares(rows);
  backend.for_each(cols, ColumnMeans<double>{x.data(), stride, rows, means.data()});
  backend.for_each_row(rows, RowSumsOfSquares<double>{x.data(), stride, cols, squares.data()});
  const auto at = [&](Index row, Index col) { return values[static_cast<std::size_t>(row * stride + col)]; };
  const auto found_means = to_host(backend, means), found_squares = to_host(backend, squares);
  for (Index col = 0; col < cols; ++col) {
    double sum = 0;
    for (Index row = 0; row < rows; ++row) sum += at(row, col);
    BOOST_TEST(std::abs(found_means[static_cast<std::size_t>(col)] - sum / rows) < 1e-15);
  }
  for (Index row = 0; row < rows; ++row) {
    double sum = 0;
    for (Index col = 0; col < cols; ++col) sum += at(row, col) * at(row, col);
    BOOST_TEST(std::abs(found_squares[static_cast<std::size_t>(row)] - sum) < 1e-14);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_first_largest_entry_of_a_row, B, Backends) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  const B backend{};
  const std::vector<double> values{1,         3,         2,         3,         0,  // ties go to the first
                                   nan,       -5,        nan,       -4,        0,  // no numbers are passed over
                                   nan,       nan,       nan,       nan,       0,  //
                                   0,         0,         0,         infinity,  0,  //
                                   -infinity, -infinity, -infinity, -infinity, 9};
  const auto x = to_device(backend, values);
  BufferOf<B, std::uint32_t> out(5);
  backend.for_each_row(5, RowArgmax<double>{x.data(), 5, 4, out.data()});
  BOOST_TEST(to_host(backend, out) == (std::vector<std::uint32_t>{1, 3, 0, 3, 0}), boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
