#include <cayley/backend/cpu.hpp>

#include <boost/test/unit_test.hpp>
#include <conformance/training_conformance.hpp>

BOOST_AUTO_TEST_SUITE(cpu_test)

namespace {

using namespace cayley;
using namespace cayley::testing;
using B = Cpu;

BOOST_AUTO_TEST_CASE(steps_of_every_model) {
  check_10_steps<B, float>(Cpu(2));
  check_10_steps<B, double>(Cpu(2));
}

BOOST_AUTO_TEST_CASE(the_s5_network_in_training) {
  check_11_s5<B>(Cpu(2));
}

BOOST_AUTO_TEST_CASE(the_transformer_in_training) {
  check_12_p113<B>(Cpu(2));
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
