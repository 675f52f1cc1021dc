#include <cayley/backend/thrust_cpp.hpp>

#include <boost/test/unit_test.hpp>
#include <conformance/training_conformance.hpp>

BOOST_AUTO_TEST_SUITE(thrust_cpp_test)

namespace {

using namespace cayley;
using namespace cayley::testing;
using B = Thrust<Cpp>;

BOOST_AUTO_TEST_CASE(steps_of_every_model) {
  check_10_steps<B, float>(B{});
  check_10_steps<B, double>(B{});
}

BOOST_AUTO_TEST_CASE(the_s5_network_in_training) {
  check_11_s5<B>(B{});
}

BOOST_AUTO_TEST_CASE(the_transformer_in_training) {
  check_12_p113<B>(B{});
}

BOOST_AUTO_TEST_CASE(launches_allocations_and_waits_of_a_step) {
  check_13_counts<B>(B(ThrustOptions{0, Index{1} << 30}));
}
}  // namespace

BOOST_AUTO_TEST_SUITE_END()
