// Runs the tests where there is a device; otherwise says why not, and exits with 77.
#define BOOST_TEST_MODULE cuda
#define BOOST_TEST_NO_MAIN
#include <boost/test/unit_test.hpp>
#include <cayley/backend/thrust_cuda.cuh>
#include <cstdio>

int main(int argc, char** argv) {
  try {
    cayley::detail::require_cuda_device();
  } catch (cayley::Error const& error) {
    std::printf("skipped: %s\n", error.what());
    return 77;
  }
  return boost::unit_test::unit_test_main(&init_unit_test, argc, argv);
}
