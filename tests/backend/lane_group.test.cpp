#include <boost/test/unit_test.hpp>
#include <cayley/backend/lane_group.hpp>
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

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
