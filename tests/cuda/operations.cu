#include <cayley/backend/thrust_cuda.cuh>

#ifdef EIGEN_WORLD_VERSION
#error "backend/thrust_cuda.cuh must not include Eigen"
#endif

#include <boost/test/unit_test.hpp>
#include <conformance/backend_conformance.hpp>

BOOST_AUTO_TEST_SUITE(operations)

namespace {

using namespace cayley;
using B = Thrust<Cuda>;

static_assert(RecordsWork<B> && CountsWork<B> && JoinsRows<B> && !HasHostView<B, float> && !HasTasks<B>);

BOOST_AUTO_TEST_CASE(cuda_conforms) {
  cayley::testing::check_backend<B, float>(B{});
  cayley::testing::check_backend<B, double>(B{});
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
