#include <cayley/backend/thrust_cuda.cuh>

#include <boost/test/unit_test.hpp>
#include <conformance/training_conformance.hpp>

BOOST_AUTO_TEST_SUITE(steps)

namespace {

using namespace cayley;
using B = Thrust<Cuda>;

BOOST_AUTO_TEST_CASE(steps_of_every_model) {
  cayley::testing::check_10_steps<B, float>(B{});
  cayley::testing::check_10_steps<B, double>(B{});
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
