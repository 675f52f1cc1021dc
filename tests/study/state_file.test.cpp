#include <cayley/study/state_file.hpp>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "io/scratch_folder.hpp"
#include "study/training_states.hpp"

BOOST_AUTO_TEST_SUITE(state_file_test)

namespace {

using namespace cayley;
using Scalars = boost::mpl::list<float, double>;

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(a_state_is_read_back_to_the_bit, Scalar, Scalars) {
  const ScratchFolder folder;
  TrainingState<Scalar> state = state_of<Scalar>(7);
  state.moments["max_exp_avg_sq"];  // a moment that has no matrices yet
  write_safetensors(folder / "state.safetensors", state_tensors(state, "state"));
  const StoredState stored = read_stored_state(folder / "state.safetensors");
  BOOST_TEST(stored.epoch == 7);
  BOOST_TEST(stored.steps == 21);
  BOOST_TEST(stored.moments.size() == 3u);
  const TrainingState<Scalar> back = training_state<Scalar>(stored);
  BOOST_TEST(same(back, state));
  BOOST_TEST(back.moments.at("max_exp_avg_sq").empty());
  BOOST_TEST(!same(back, state_of<Scalar>(8)));
}

BOOST_AUTO_TEST_CASE(a_state_file_with_anything_wrong_is_broken) {
  const TensorFile good = state_tensors(state_of<double>(1), "the state");
  const auto refuses = [&](auto change, std::vector<std::string> parts) {
    TensorFile file = good;
    change(file);
    parts.push_back("the state");
    BOOST_CHECK_EXCEPTION(training_state<double>(stored_state(file)), Error, says(parts));
  };
  for (std::string const key : {"epoch", "steps", "generator", "moments"}) {
    refuses([&](TensorFile& file) { file.metadata().erase(key); }, {"no key \"" + key + "\""});
  }
  for (std::string const count : {"", "x", "-1", "-0", "01", "1 ", "99999999999999999999"}) {
    refuses([&](TensorFile& file) { file.metadata()["epoch"] = count; }, {"epoch", "found \"" + count + "\""});
  }
  refuses([](TensorFile& file) { file.metadata()["moments"] = "exp_avg"; }, {"moments", "not JSON"});
  refuses([](TensorFile& file) { file.metadata()["moments"] = "[\"exp_avg\"]"; }, {"exp_avg_sq/W_U", "moment"});
  refuses([](TensorFile& file) { file.add("W_U", Matrix<double>::Zero(1, 1)); }, {"\"W_U\"", "begins with weights/"});
  refuses([](TensorFile& file) { file.add("weights/b", Vector<double>::Zero(3)); }, {"weights/b", "(3)"});
  refuses([](TensorFile& file) { file.add("weights/b", Matrix<float>::Zero(3, 1)); },
          {"weights/b", "expected F64, found F32"});
}

BOOST_AUTO_TEST_CASE(a_state_of_another_scalar_type_is_refused) {
  const StoredState stored = stored_state(state_tensors(state_of<float>(1), "the state"));
  BOOST_CHECK_EXCEPTION(training_state<double>(stored), Error, says({"the state", "exp", "expected F64, found F32"}));
}

BOOST_AUTO_TEST_CASE(a_state_that_could_not_be_read_is_refused) {
  for (std::string const moment : {"weights", "exp/avg"}) {
    TrainingState<double> state = state_of<double>(1);
    state.moments[moment] = state.weights;
    BOOST_CHECK_EXCEPTION(state_tensors(state, "the state"), Error, says({"the state", "may not be named " + moment}));
  }
  TrainingState<double> state = state_of<double>(1);
  state.steps = -1;
  BOOST_CHECK_EXCEPTION(state_tensors(state, "the state"), Error, says({"at least 0"}));
}

BOOST_AUTO_TEST_SUITE_END()
