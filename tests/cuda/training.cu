#include <cayley/backend/thrust_cuda.cuh>

#include <boost/test/unit_test.hpp>
#include <conformance/training_conformance.hpp>

BOOST_AUTO_TEST_SUITE(training)

namespace {

using namespace cayley;
using namespace cayley::testing;
using B = Thrust<Cuda>;

BOOST_AUTO_TEST_CASE(the_s5_network_in_training) {
  check_11_s5<B>(B{});
}

BOOST_AUTO_TEST_CASE(the_transformer_in_training) {
  check_12_p113<B>(B{});
}

// From the third step on, a step is one launch of what was recorded, and one that stores its step size.
BOOST_AUTO_TEST_CASE(steps_are_replayed) {
  auto trainer = s5_trainer<B, float>(B{});
  for (int epoch = 0; epoch < 3; ++epoch) trainer.run_epoch();
  const BackendCounts before = B::counts();
  trainer.run_epoch();
  BOOST_TEST((B::counts() - before == BackendCounts{2, 0, 0}));
}

BOOST_AUTO_TEST_CASE(a_rerun_gives_the_same_bits) {
  const auto weights = [] {
    auto trainer = s5_trainer<B, float>(B{});
    for (int epoch = 0; epoch < 20; ++epoch) trainer.run_epoch();
    return trainer.state().weights;
  };
  const auto first = weights(), second = weights();
  for (auto const& [name, matrix] : first) BOOST_TEST((second.at(name) == matrix), name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
