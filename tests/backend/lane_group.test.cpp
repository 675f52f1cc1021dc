#include <boost/test/unit_test.hpp>
#include <cayley/backend/lane_group.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>

BOOST_AUTO_TEST_SUITE(lane_group_test)

namespace {

using namespace cayley;

static_assert(OneLane::rank() == 0 && OneLane::size() == 1);
static_assert(OneLane::sum(2.5F) == 2.5F && OneLane::max(-1.0) == -1.0);

// float goes through every collective without turning into double, and no collective may be missing.
struct WidensSums : OneLane {
  template <class T>
  static double sum(T x) {
    return static_cast<double>(x);
  }
};
struct WithoutSync : OneLane {
  void sync(int) const;
};
static_assert(!LaneGroup<WidensSums> && !LaneGroup<WithoutSync> && !LaneGroup<int>);

struct Collect {
  double* sums;
  double* maxima;
  Index* ranks;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    const double sum = lanes.sum(static_cast<double>(lanes.rank() + row));
    const double max = lanes.max(static_cast<double>(lanes.rank()));
    sums[row * 3 + lanes.rank()] = sum;
    maxima[row * 3 + lanes.rank()] = max;
    ranks[row * 3 + lanes.rank()] = lanes.rank();
  }
};

BOOST_AUTO_TEST_CASE(all_lanes_of_a_group_see_the_same_collectives) {
  double sums[6], maxima[6];
  Index ranks[6];
  cayley::testing::ArchetypeBackend{}.for_each_row(2, Collect{sums, maxima, ranks});
  for (int i = 0; i < 6; ++i) {
    BOOST_TEST(sums[i] == (i < 3 ? 3 : 6));
    BOOST_TEST(maxima[i] == 2);
    BOOST_TEST(ranks[i] == i % 3);
  }
}

/// Three lanes that have all found the same; what they add up is not what one lane does.
struct SameLanes : OneLane {
  static constexpr Index size() { return 3; }
};

BOOST_AUTO_TEST_CASE(columns_are_summed_in_sixteen_parts) {
  for (Index cols : {0, 1, 15, 16, 17, 120}) {
    // Small numbers beside a large one: column 0 takes up the columns 16, 32, .. alone before the parts are joined.
    const auto term = [](Index c) { return c == 0 ? 16777216.0F : 1.0F; };
    float parts[16] = {};
    for (Index c = 0; c < cols; ++c) parts[c % 16] += term(c);
    for (int half = 8; half > 0; half /= 2) {
      for (int k = 0; k < half; ++k) parts[k] += parts[k + half];
    }
    BOOST_TEST(sum_over<float>(OneLane{}, cols, term) == parts[0]);
  }
  BOOST_TEST(sum_over<double>(SameLanes{}, 7, [](Index c) { return static_cast<double>(c); }) == 0.0 + 3 + 6);
}

BOOST_AUTO_TEST_CASE(the_largest_column_passes_over_nan) {
  for (Index cols : {1, 16, 40}) {
    for (Index where = 0; where < cols; ++where) {
      const auto term = [&](Index c) { return c == where ? 2.0 : c % 3 == 0 ? std::nan("") : 1.0; };
      BOOST_TEST(max_over(OneLane{}, cols, -1.0, term) == 2);
    }
  }
  BOOST_TEST(max_over(OneLane{}, 20, 5.0F, [](Index) { return 1.0F; }) == 5.0F);
  BOOST_TEST(max_over(OneLane{}, 0, -1.0F, [](Index) { return 1.0F; }) == -1.0F);
  BOOST_TEST(max_over(SameLanes{}, 6, -1.0, [](Index c) { return static_cast<double>(c); }) == 3);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
