#include <cayley/backend/thrust_tbb.hpp>

#include <boost/test/unit_test.hpp>
#include <conformance/backend_conformance.hpp>
#include <string>
#include <tuple>

BOOST_AUTO_TEST_SUITE(thrust_tbb_test)

namespace {

using namespace cayley;
using B = Thrust<Tbb>;
using Scalars = std::tuple<float, double>;

BOOST_AUTO_TEST_CASE_TEMPLATE(tbb_conforms, Scalar, Scalars) {
  cayley::testing::check_backend<B, Scalar>(B{});
  cayley::testing::check_backend<B, Scalar>(B(ThrustOptions{2, 0}));
}

BOOST_AUTO_TEST_CASE(threads_out_of_range_are_refused) {
  BOOST_CHECK_EXCEPTION(B(ThrustOptions{-1, 0}), Error, [](Error const& error) {
    return std::string(error.what()) == "thrust-tbb: threads: expected 0 .. 1024, found -1";
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
