#include <cayley/core/packet_rows.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <tuple>
#include <vector>

BOOST_AUTO_TEST_SUITE(packet_rows_test)

namespace {

using namespace cayley;
using Scalars = std::tuple<float, double>;

template <class Scalar>
std::vector<Scalar> random_numbers(Index count, std::mt19937& random) {
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<Scalar> numbers(static_cast<std::size_t>(count));
  for (Scalar& number : numbers) number = static_cast<Scalar>(uniform(random));
  return numbers;
}

/// Rows of `cols` numbers, each behind another number, so that they are not aligned, and before a NaN.
template <class Scalar>
struct Rows {
  std::vector<std::vector<Scalar>> memory;
  std::vector<Scalar const*> start;

  Rows(Index count, Index cols, std::mt19937& random) {
    for (Index k = 0; k < count; ++k) {
      memory.push_back(random_numbers<Scalar>(cols + 2, random));
      memory.back().back() = std::numeric_limits<Scalar>::quiet_NaN();
      start.push_back(memory.back().data() + 1);
    }
  }
  double operator()(Index k, Index c) const {
    return static_cast<double>(start[static_cast<std::size_t>(k)][static_cast<std::size_t>(c)]);
  }
};

/// None, one, and both sides of 1, 2, 3, 4, 5 and 8 packets.
template <class Scalar>
std::set<Index> column_counts() {
  constexpr Index width = Eigen::internal::packet_traits<Scalar>::size;
  std::set<Index> counts{0, 1};
  for (const Index packets : {1, 2, 3, 4, 5, 8}) {
    for (const Index beside : {-1, 0, 1}) counts.insert(packets * width + beside);
  }
  return counts;
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_mixed, Scalar, Scalars) {
  std::mt19937 random(1);
  for (Index count = 0; count <= 13; ++count) {
    for (const Index cols : column_counts<Scalar>()) {
      const Rows<Scalar> rows(count, cols, random), start(1, cols, random);
      const auto weights = random_numbers<Scalar>(count, random);
      std::vector<Scalar> out(static_cast<std::size_t>(cols + 2), Scalar(77)), in_place = start.memory[0];
      mix_rows<Scalar>(count, cols, rows.start.data(), weights.data(), start.start[0], out.data() + 1);
      mix_rows<Scalar>(count, cols, rows.start.data(), weights.data(), in_place.data() + 1, in_place.data() + 1);
      double worst = 0;
      for (Index c = 0; c < cols; ++c) {
        double expected = start(0, c);
        for (Index k = 0; k < count; ++k) {
          expected += static_cast<double>(weights[static_cast<std::size_t>(k)]) * rows(k, c);
        }
        const Scalar found = out[static_cast<std::size_t>(c + 1)];
        BOOST_TEST_REQUIRE(std::isfinite(found));
        worst = std::max(worst, std::abs(static_cast<double>(found) - expected));
        BOOST_TEST_REQUIRE(in_place[static_cast<std::size_t>(c + 1)] == found);
      }
      BOOST_TEST(worst <= 16 * std::numeric_limits<Scalar>::epsilon(), count << " rows of " << cols << ": " << worst);
      BOOST_TEST(out.front() == Scalar(77));
      BOOST_TEST(out.back() == Scalar(77));
      BOOST_TEST(in_place.front() == start.memory[0].front());
    }
  }
}

// 1 + big - big is 0, and from the last row to the first it is 1.
BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_added_in_their_order, Scalar, Scalars) {
  const Scalar big = 4 / std::numeric_limits<Scalar>::epsilon();
  for (const Index cols : column_counts<Scalar>()) {
    const auto size = static_cast<std::size_t>(cols);
    const std::vector<Scalar> first(size, Scalar(1)), second(size, big), third(size, -big), zero(size, Scalar(0));
    Scalar const* const rows[]{first.data(), second.data(), third.data()};
    const Scalar weights[]{1, 1, 1};
    std::vector<Scalar> out(size, Scalar(77));
    mix_rows<Scalar>(3, cols, rows, weights, zero.data(), out.data());
    BOOST_TEST(out == zero, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(dot_products_of_rows, Scalar, Scalars) {
  std::mt19937 random(2);
  for (Index count = 0; count <= 13; ++count) {
    for (const Index cols : column_counts<Scalar>()) {
      const Rows<Scalar> rows(count, cols, random), x(1, cols, random);
      std::vector<Scalar> dots(static_cast<std::size_t>(count + 5), Scalar(77));
      row_dots<Scalar>(count, cols, x.start[0], rows.start.data(), dots.data());
      double worst = 0;
      for (Index k = 0; k < count; ++k) {
        double expected = 0;
        for (Index c = 0; c < cols; ++c) expected += x(0, c) * rows(k, c);
        const Scalar found = dots[static_cast<std::size_t>(k)];
        BOOST_TEST_REQUIRE(std::isfinite(found));
        worst = std::max(worst, std::abs(static_cast<double>(found) - expected));
      }
      const double tolerance = std::numeric_limits<Scalar>::epsilon() * static_cast<double>(cols + 1);
      BOOST_TEST(worst <= tolerance, count << " rows of " << cols << ": " << worst);
      for (Index k = count; k < count + 5; ++k) BOOST_TEST(dots[static_cast<std::size_t>(k)] == Scalar(77));
    }
  }
}

// Gaps between the targets stay.
BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_added_to_targets, Scalar, Scalars) {
  std::mt19937 random(3);
  for (Index count = 0; count <= 4; ++count) {
    for (Index targets = 0; targets <= 9; ++targets) {
      for (const Index cols : column_counts<Scalar>()) {
        const Rows<Scalar> rows(count, cols, random), weights(count, targets, random);
        const Index to_step = cols + 3;
        const auto before = random_numbers<Scalar>(targets * to_step + 2, random);
        auto to = before;
        add_rows<Scalar>(count, targets, cols, rows.start.data(), weights.start.data(), to.data() + 1, to_step);
        double worst = 0;
        for (Index i = 0; i < static_cast<Index>(to.size()); ++i) {
          const auto found = static_cast<double>(to[static_cast<std::size_t>(i)]);
          auto expected = static_cast<double>(before[static_cast<std::size_t>(i)]);
          const Index target = (i - 1) / to_step, c = (i - 1) % to_step;
          if (i == 0 || target >= targets || c >= cols) {
            BOOST_TEST_REQUIRE(found == expected);
            continue;
          }
          for (Index k = 0; k < count; ++k) expected += weights(k, target) * rows(k, c);
          BOOST_TEST_REQUIRE(std::isfinite(found));
          worst = std::max(worst, std::abs(found - expected));
        }
        BOOST_TEST(worst <= 4 * std::numeric_limits<Scalar>::epsilon(),
                   count << " rows of " << cols << " to " << targets << ": " << worst);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_added_to_targets_in_their_order, Scalar, Scalars) {
  const Scalar big = 4 / std::numeric_limits<Scalar>::epsilon();
  for (const Index cols : column_counts<Scalar>()) {
    const auto size = static_cast<std::size_t>(cols);
    const std::vector<Scalar> first(size, Scalar(1)), second(size, big), third(size, -big), zero(size, Scalar(0));
    Scalar const* const rows[]{first.data(), second.data(), third.data(), zero.data()};
    const std::vector<Scalar> ones(5, Scalar(1)), all_zero(5 * size, Scalar(0));
    Scalar const* const weights[]{ones.data(), ones.data(), ones.data(), ones.data()};
    for (const Index count : {3, 4}) {
      std::vector<Scalar> to = all_zero;
      add_rows<Scalar>(count, 5, cols, rows, weights, to.data(), cols);
      BOOST_TEST(to == all_zero, boost::test_tools::per_element());
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
