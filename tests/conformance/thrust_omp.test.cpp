#include <cayley/backend/thrust_omp.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/thrust_cpp.hpp>
#include <conformance/training_conformance.hpp>

BOOST_AUTO_TEST_SUITE(thrust_omp_test)

namespace {

using namespace cayley;
using namespace cayley::testing;
using B = Thrust<Omp>;

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

// Thrust<Cpp> is the reference of the systems of the host.
BOOST_AUTO_TEST_CASE(the_bits_are_those_of_a_single_thread) {
  const auto weights = [](auto trainer) {
    for (int epoch = 0; epoch < (slow_build ? 2 : 10); ++epoch) trainer.run_epoch();
    return trainer.state().weights;
  };
  const auto expected = weights(s5_trainer<Thrust<Cpp>, float>({}));
  for (const int threads : {1, 2, 3}) {
    const auto found = weights(s5_trainer<B, float>(B(ThrustOptions{threads, 0})));
    for (auto const& [name, matrix] : expected) BOOST_TEST((found.at(name) == matrix), name);
  }
}
}  // namespace

BOOST_AUTO_TEST_SUITE_END()
