#include <boost/test/unit_test.hpp>
#include <cayley/backend/host_device.hpp>

#ifdef EIGEN_WORLD_VERSION
#error "backend/host_device.hpp must not include Eigen"
#endif

#include <cayley/core/matrix.hpp>
#include <type_traits>

BOOST_AUTO_TEST_SUITE(host_device_test)

namespace {

struct Twice {
  CAYLEY_HOST_DEVICE int operator()(int x) const { return 2 * x; }
};
CAYLEY_HOST_DEVICE constexpr int thrice(int x) {
  return 3 * x;
}

static_assert(std::is_trivially_copyable_v<Twice> && thrice(2) == 6);
static_assert(std::is_same_v<cayley::Index, Eigen::Index>);

BOOST_AUTO_TEST_CASE(marked_functions_run_on_the_host) {
  BOOST_TEST(Twice{}(4) == 8);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
