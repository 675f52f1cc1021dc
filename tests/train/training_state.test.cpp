#include <boost/test/unit_test.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/train/training_state.hpp>
#include <limits>
#include <string_view>

BOOST_AUTO_TEST_SUITE(training_state_test)

// That a run goes on from its state bit for bit is in trainer.test.cpp.

namespace {

using namespace cayley;

BOOST_AUTO_TEST_CASE(a_state_is_a_value_and_begins_empty) {
  TrainingState<float> state;
  BOOST_TEST(state.epoch == 0);
  BOOST_TEST(state.steps == 0);
  BOOST_TEST(state.generator.empty());
  BOOST_TEST(state.weights.empty());

  state.weights["W_U"] = Matrix<float>::Ones(2, 3);
  state.moments["exp_avg"]["W_U"] = Matrix<float>::Ones(2, 3);
  const auto copy = state;
  state.weights["W_U"].setZero();
  state.moments["exp_avg"]["W_U"].setZero();
  BOOST_TEST(copy.weights.find(std::string_view("W_U"))->second.isOnes());
  BOOST_TEST(copy.moments.find(std::string_view("exp_avg"))->second.at("W_U").isOnes());
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_found) {
  TrainingState<float> state;
  state.weights["W_U"] = Matrix<float>::Ones(2, 3);
  state.weights["W_x"] = Matrix<float>::Constant(1, 2, -3);
  state.moments["exp_avg_sq"]["W_U"] = Matrix<float>::Zero(2, 3);
  BOOST_TEST(!not_finite(state).has_value());
  BOOST_TEST(largest_entry(state.weights) == "W_x[0,0] is -3");
  state.moments["exp_avg_sq"]["W_U"](1, 2) = std::numeric_limits<float>::infinity();
  BOOST_TEST(not_finite(state).value() == "exp_avg_sq of W_U[1,2] is inf");
  state.weights["W_x"](0, 1) = -std::numeric_limits<float>::quiet_NaN();
  BOOST_TEST(not_finite(state).value() == "W_x[0,1] is nan");
  BOOST_TEST(largest_entry(NamedMatrices<float>{}).empty());
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
