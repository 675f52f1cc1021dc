#include <cayley/backend/thrust_cpp.hpp>

#include <boost/test/unit_test.hpp>
#include <conformance/backend_conformance.hpp>
#include <string>
#include <tuple>

BOOST_AUTO_TEST_SUITE(thrust_cpp_test)

namespace {

using namespace cayley;
using B = Thrust<Cpp>;
using Scalars = std::tuple<float, double>;

BOOST_AUTO_TEST_CASE_TEMPLATE(cpp_conforms, Scalar, Scalars) {
  cayley::testing::check_backend<B, Scalar>(B{});
  cayley::testing::check_backend<B, Scalar>(B(ThrustOptions{1, 0}));
}

BOOST_AUTO_TEST_CASE(threads_out_of_range_are_refused) {
  BOOST_CHECK_EXCEPTION(B(ThrustOptions{2, 0}), Error, [](Error const& error) {
    return std::string(error.what()) == "thrust-cpp: threads: expected 1, found 2";
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
