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

// Up to the largest index of 32 bits.
BOOST_AUTO_TEST_CASE(quotient_and_remainder_are_those_of_64_bits) {
  constexpr cayley::Index largest = 0xFFFFFFFF;
  for (const cayley::Index i :
       {cayley::Index{0}, cayley::Index{1}, cayley::Index{113}, cayley::Index{1} << 31, largest}) {
    for (const cayley::Index n :
         {cayley::Index{1}, cayley::Index{2}, cayley::Index{113}, cayley::Index{1} << 31, largest}) {
      BOOST_TEST(cayley::quotient(i, n) == i / n);
      BOOST_TEST(cayley::remainder(i, n) == i % n);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
