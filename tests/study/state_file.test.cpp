#include <cayley/study/state_file.hpp>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
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
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "state_a.safetensors";
  const TensorFile good = state_tensors(state_of<double>(1), path.string());
  const auto refuses = [&](auto change, std::vector<std::string> parts) {
    TensorFile file = good;
    change(file);
    write_safetensors(path, file);
    parts.push_back("state_a.safetensors");
    BOOST_CHECK_EXCEPTION(training_state<double>(read_stored_state(path)), Error, says(parts));
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

BOOST_AUTO_TEST_SUITE_END()
