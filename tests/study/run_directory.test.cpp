#include <cayley/study/run_directory.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "io/scratch_folder.hpp"
#include "study/training_states.hpp"

BOOST_AUTO_TEST_SUITE(run_directory_test)

namespace {

using namespace cayley;
using Scalars = boost::mpl::list<float, double>;

const Json config = parse_json(R"({"group": "CyclicGroup", "group_parameter": 7})", "cfg.json");
const Json elements = parse_json("[0, 1, 2, 3, 4, 5, 6]", "elements.json");
const Json run_info = parse_json(R"({"version": "1"})", "run.json");

RunDirectory created(std::filesystem::path const& path) {
  return RunDirectory::create(path, config, elements, run_info);
}

/// The numbers of a pretended run: all of them follow from the epoch.
LogRow row_of(std::int64_t epoch) {
  const double x = 1 / (1.0 + static_cast<double>(epoch));
  return {epoch, x, 2 * x, 1 - x, std::nan("")};
}

TensorFile weights_of(std::int64_t epoch) {
  TensorFile file;
  file.add("W_U", Matrix<float>::Constant(2, 3, static_cast<float>(epoch)));
  return file;
}

bool same(LogRow const& a, LogRow const& b) {
  const auto equal = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  return a.epoch == b.epoch && equal(a.train_loss, b.train_loss) && equal(a.test_loss, b.test_loss) &&
         equal(a.train_accuracy, b.train_accuracy) && equal(a.test_accuracy, b.test_accuracy);
}

/// Whether the log is that of the epochs 0 .. count-1.
bool is_log_of(std::vector<LogRow> const& log, std::int64_t count) {
  bool right = static_cast<std::int64_t>(log.size()) == count;
  for (std::size_t i = 0; i < log.size(); ++i) right = right && same(log[i], row_of(static_cast<std::int64_t>(i)));
  return right;
}

void damage(std::filesystem::path const& path) {
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_new_run_says_what_it_is) {
  const ScratchFolder folder;
  const auto path = folder / "runs" / "7";
  const RunDirectory run = created(path);
  BOOST_TEST((run.path() == path));
  BOOST_TEST((run.config_path() == path / "cfg.json"));
  BOOST_TEST(read_json(run.config_path()) == config);
  BOOST_TEST(read_json(path / "elements.json") == elements);
  BOOST_TEST(read_json(path / "run.json") == run_info);
  BOOST_TEST(run.log().empty());
  BOOST_TEST(run.checkpoints().empty());
  BOOST_TEST(!run.latest_state<double>().has_value());
  BOOST_TEST(!run.has_model());
}

BOOST_AUTO_TEST_CASE(a_directory_that_holds_a_run_is_not_begun_again) {
  for (std::string const name :
       {"cfg.json", "model.safetensors", "state_a.safetensors", "state_b.safetensors", "log.csv"}) {
    const ScratchFolder folder;
    write_file_atomically(folder / name, "{}");
    BOOST_CHECK_EXCEPTION(created(folder.path()), Error, says({folder.path().string(), "found " + name}));
    BOOST_TEST(read_file(folder / name) == "{}");
  }
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "checkpoints");
  write_file_atomically(folder / "checkpoints" / "5.safetensors", "");
  BOOST_CHECK_EXCEPTION(created(folder.path()), Error, says({folder.path().string(), "found 1 checkpoint"}));
}

BOOST_AUTO_TEST_CASE(a_run_that_was_killed_while_it_began_can_be_begun_again) {
  const ScratchFolder folder;
  write_file_atomically(folder / "elements.json", "[");
  write_file_atomically(folder / ".cayley-1-0.tmp", "{");
  BOOST_CHECK_EXCEPTION(RunDirectory::open(folder.path()), Error, says({folder.path().string(), "no cfg.json"}));
  BOOST_TEST(folder.entry_count() == 2U);
  created(folder.path());
  BOOST_TEST(read_json(folder / "elements.json") == elements);
}

BOOST_AUTO_TEST_CASE(what_is_no_run_is_not_opened) {
  const ScratchFolder folder;
  BOOST_CHECK_EXCEPTION(RunDirectory::open(folder / "none"), Error, says({"none", "found none"}));
  write_file_atomically(folder / "file", "");
  BOOST_CHECK_EXCEPTION(RunDirectory::open(folder / "file"), Error, says({"file", "found a file"}));
  BOOST_CHECK_EXCEPTION(created(folder / "file"), Error, says({"file", "cannot make the directory"}));
  BOOST_TEST(folder.entry_count() == 1U);
}

BOOST_AUTO_TEST_CASE(one_process_at_a_time_has_a_run) {
  const ScratchFolder folder;
  {
    RunDirectory first = created(folder.path());
    const RunDirectory run = std::move(first);
    BOOST_CHECK_EXCEPTION(RunDirectory::open(folder.path()), Error, says({".lock", "in use by another process"}));
    BOOST_CHECK_EXCEPTION(created(folder.path()), Error, says({".lock", "in use by another process"}));
  }
  BOOST_TEST((RunDirectory::open(folder.path()).path() == folder.path()));
}

BOOST_AUTO_TEST_CASE(the_log_grows) {
  const ScratchFolder folder;
  {
    RunDirectory run = created(folder.path());
    run.append({0, 4.75, 5.5, 0.125, 0});
    run.append({1, std::nan(""), std::numeric_limits<double>::infinity(), 0.25, 0.5});
    BOOST_TEST(read_file(folder / "log.csv") ==
               "epoch,train_loss,test_loss,train_acc,test_acc\n0,4.75,5.5,0.125,0\n1,nan,inf,0.25,0.5\n");
  }
  RunDirectory run = RunDirectory::open(folder.path());
  run.append({1'000'000, 1, 2, 0.75, 1});
  const std::vector<LogRow> log = run.log();
  BOOST_TEST_REQUIRE(log.size() == 3U);
  BOOST_TEST(same(log[0], {0, 4.75, 5.5, 0.125, 0}));
  BOOST_TEST(std::isnan(log[1].train_loss));
  BOOST_TEST(same(log[2], {1'000'000, 1, 2, 0.75, 1}));
}

BOOST_AUTO_TEST_CASE(a_log_of_something_else_is_refused) {
  const ScratchFolder folder;
  RunDirectory run = created(folder.path());
  write_file_atomically(folder / "log.csv", "epoch,train_loss\n0,1\n");
  BOOST_CHECK_EXCEPTION(run.log(), Error, says({"log.csv", "test_acc", "found epoch, train_loss"}));
  BOOST_CHECK_EXCEPTION(run.append(row_of(0)), Error, says({"log.csv", "header line"}));
  for (std::string const epoch : {"0.5", "-1", "nan", "1e+300"}) {
    write_file_atomically(folder / "log.csv",
                          "epoch,train_loss,test_loss,train_acc,test_acc\n0,1,1,1,1\n" + epoch + ",1,1,1,1\n");
    BOOST_CHECK_EXCEPTION(run.log(), Error, says({"log.csv", "line 3", "epoch", "integer", "found " + epoch}));
  }
}

BOOST_AUTO_TEST_CASE(checkpoints_are_listed_by_number) {
  const ScratchFolder folder;
  RunDirectory run = created(folder.path());
  for (std::int64_t epoch : {100, 20, 3, 0, 1'000'000}) run.write_checkpoint(epoch, weights_of(epoch));
  const auto checkpoints = folder / "checkpoints";
  for (std::string const name : {"7.txt", "x.safetensors", "07.safetensors", "-1.safetensors", "1x.safetensors",
                                 ".safetensors", "99999999999999999999.safetensors", ".cayley-1-1.tmp"}) {
    write_file_atomically(checkpoints / name, "");
  }
  const std::vector<std::int64_t> expected{0, 3, 20, 100, 1'000'000};
  BOOST_TEST(run.checkpoints() == expected, boost::test_tools::per_element());
  BOOST_TEST(checkpoint_epochs(folder.path()) == expected, boost::test_tools::per_element());
  BOOST_TEST((run.checkpoint_path(20) == checkpoints / "20.safetensors"));
  BOOST_TEST((read_safetensors(run.checkpoint_path(20)) == weights_of(20)));
  BOOST_CHECK_EXCEPTION(run.write_checkpoint(-1, weights_of(0)), Error, says({"at least 0, found -1"}));
  BOOST_TEST(checkpoint_epochs(folder / "none").empty());
}

BOOST_AUTO_TEST_CASE(the_model_is_the_end_of_a_run) {
  const ScratchFolder folder;
  RunDirectory run = created(folder.path());
  run.write_model(weights_of(9));
  BOOST_TEST(run.has_model());
  BOOST_TEST((read_safetensors(folder / "model.safetensors") == weights_of(9)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_state_comes_back_to_the_bit, Scalar, Scalars) {
  const ScratchFolder folder;
  RunDirectory run = created(folder.path());
  TrainingState<Scalar> state = state_of<Scalar>(4);
  state.weights["W_x"](0, 0) = std::numeric_limits<Scalar>::quiet_NaN();
  state.weights["W_x"](0, 1) = -Scalar{0};
  state.weights["layer/0"] = Matrix<Scalar>::Identity(3, 3);
  state.weights["none"] = Matrix<Scalar>(0, 3);
  state.moments["momentum_buffer"];
  run.write_state(state);
  const auto found = run.latest_state<Scalar>();
  BOOST_TEST_REQUIRE(found.has_value());
  BOOST_TEST(same(*found, state));
  BOOST_TEST(found->weights.at("none").cols() == 3);
  BOOST_TEST(found->weights.at("layer/0")(2, 2) == Scalar{1});
  BOOST_TEST(found->moments.size() == 3U);
  const TensorFile file = read_safetensors(folder / "state_a.safetensors");
  BOOST_TEST((file.at("weights/W_U").dtype == dtype_of<Scalar>));
  BOOST_TEST((file.shape("exp_avg_sq/W_x") == Shape{7, 2}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(states_take_turns, Scalar, Scalars) {
  const ScratchFolder folder;
  const auto epoch_in = [&](char const* name) { return read_safetensors(folder / name).metadata().at("epoch"); };
  {
    RunDirectory run = created(folder.path());
    run.write_state(state_of<Scalar>(10));
    BOOST_TEST(epoch_in("state_a.safetensors") == "10");
    BOOST_TEST(!std::filesystem::exists(folder / "state_b.safetensors"));
    run.write_state(state_of<Scalar>(20));
    BOOST_TEST(epoch_in("state_b.safetensors") == "20");
    run.write_state(state_of<Scalar>(30));
    BOOST_TEST(epoch_in("state_a.safetensors") == "30");
    BOOST_TEST(epoch_in("state_b.safetensors") == "20");
  }
  {
    RunDirectory run = RunDirectory::open(folder.path());
    BOOST_TEST(same(*run.latest_state<Scalar>(), state_of<Scalar>(30)));
    run.write_state(state_of<Scalar>(40));
    BOOST_TEST(epoch_in("state_a.safetensors") == "30");
    BOOST_TEST(epoch_in("state_b.safetensors") == "40");
  }
  // The newest valid state is kept, whichever file was written last.
  damage(folder / "state_b.safetensors");
  RunDirectory run = RunDirectory::open(folder.path());
  BOOST_TEST(same(*run.latest_state<Scalar>(), state_of<Scalar>(30)));
  run.write_state(state_of<Scalar>(35));
  BOOST_TEST(epoch_in("state_a.safetensors") == "30");
  BOOST_TEST(epoch_in("state_b.safetensors") == "35");
  BOOST_CHECK_EXCEPTION(run.write_state(state_of<Scalar>(34)), Error, says({"state_a", "epoch 34", "epoch 35"}));
}

BOOST_AUTO_TEST_CASE(states_that_cannot_be_read_are_named_with_reasons) {
  const ScratchFolder folder;
  RunDirectory run = created(folder.path());
  run.write_state(state_of<float>(1));
  run.write_state(state_of<float>(2));
  damage(folder / "state_b.safetensors");
  BOOST_TEST(run.latest_state<float>()->epoch == 1);
  write_file_atomically(folder / "state_a.safetensors", "");
  const auto names_both = says({"state_a", "0 bytes, too short", "state_b", "header of"});
  BOOST_CHECK_EXCEPTION(run.latest_state<float>(), Error, names_both);
  BOOST_CHECK_EXCEPTION(run.rewind_to(0), Error, names_both);
  std::filesystem::remove(folder / "state_a.safetensors");
  BOOST_CHECK_EXCEPTION(run.latest_state<float>(), Error, says({"state_b"}));
}

BOOST_AUTO_TEST_CASE(a_state_of_another_scalar_type_is_refused) {
  const ScratchFolder folder;
  RunDirectory run = created(folder.path());
  run.write_state(state_of<float>(1));
  BOOST_CHECK_EXCEPTION(run.latest_state<double>(), Error,
                        says({"state_a.safetensors", "exp", "expected F64, found F32"}));
}

BOOST_AUTO_TEST_CASE(a_state_that_could_not_be_read_is_not_written) {
  const ScratchFolder folder;
  RunDirectory run = created(folder.path());
  for (std::string const moment : {"weights", "exp/avg"}) {
    TrainingState<double> state = state_of<double>(1);
    state.moments[moment] = state.weights;
    BOOST_CHECK_EXCEPTION(run.write_state(state), Error, says({"state_a", "may not be named " + moment}));
  }
  TrainingState<double> state = state_of<double>(1);
  state.steps = -1;
  BOOST_CHECK_EXCEPTION(run.write_state(state), Error, says({"at least 0"}));
  BOOST_TEST(!run.latest_state<double>().has_value());
}

BOOST_AUTO_TEST_CASE(a_resumed_run_goes_on_from_its_state) {
  const ScratchFolder folder;
  {
    RunDirectory run = created(folder.path());
    for (std::int64_t epoch = 0; epoch < 10; ++epoch) {
      run.append(row_of(epoch));
      run.write_checkpoint(epoch, weights_of(epoch));
      if (epoch == 4 || epoch == 6) run.write_state(state_of<double>(epoch + 1));
    }
  }
  // Killed in the middle of everything at once.
  const std::string log = read_file(folder / "log.csv");
  write_file_atomically(folder / "log.csv", log + "10,0.09");
  damage(folder / "state_b.safetensors");
  write_file_atomically(folder / ".cayley-7-1.tmp", "half");
  write_file_atomically(folder / "checkpoints" / ".cayley-7-2.tmp", "half");
  write_file_atomically(folder / "notes.tmp", "mine");

  RunDirectory run = RunDirectory::open(folder.path());
  BOOST_TEST(is_log_of(run.log(), 10));
  const auto state = run.latest_state<double>();
  BOOST_TEST_REQUIRE(state.has_value());
  BOOST_TEST(same(*state, state_of<double>(5)));
  for (int twice = 0; twice < 2; ++twice) {
    run.rewind_to(state->epoch);
    BOOST_TEST(is_log_of(run.log(), 5));
    BOOST_TEST(run.checkpoints() == (std::vector<std::int64_t>{0, 1, 2, 3, 4}), boost::test_tools::per_element());
  }
  BOOST_TEST(!std::filesystem::exists(folder / ".cayley-7-1.tmp"));
  BOOST_TEST(!std::filesystem::exists(folder / "checkpoints" / ".cayley-7-2.tmp"));
  BOOST_TEST(std::filesystem::exists(folder / "notes.tmp"));
  for (std::int64_t epoch = 5; epoch < 10; ++epoch) run.append(row_of(epoch));
  BOOST_TEST(read_file(folder / "log.csv") == log);
}

BOOST_AUTO_TEST_CASE(an_open_log_is_cut_and_goes_on) {
  const ScratchFolder folder;
  RunDirectory run = created(folder.path());
  for (std::int64_t epoch = 0; epoch < 5; ++epoch) run.append(row_of(epoch));
  run.rewind_to(3);
  run.append(row_of(3));
  BOOST_TEST(is_log_of(run.log(), 4));
  run.rewind_to(0);
  BOOST_TEST(run.log().empty());
  run.append(row_of(0));
  BOOST_TEST(is_log_of(run.log(), 1));
}

BOOST_AUTO_TEST_CASE(a_run_does_not_go_back_behind_its_state) {
  const ScratchFolder folder;
  RunDirectory run = created(folder.path());
  for (std::int64_t epoch = 0; epoch < 5; ++epoch) run.append(row_of(epoch));
  run.write_state(state_of<double>(5));
  BOOST_CHECK_EXCEPTION(run.rewind_to(4), Error, says({"epoch 4", "state_a.safetensors", "epoch 5"}));
  BOOST_CHECK_EXCEPTION(run.rewind_to(-1), Error, says({"at least 0", "-1"}));
  BOOST_TEST(is_log_of(run.log(), 5));
}

namespace {

/// What the killed process does: trains from its latest state for ever, and writes a byte to `pipe` per state.
[[noreturn]] void train(std::filesystem::path const& path, int pipe) {
  try {
    RunDirectory run = RunDirectory::open(path);
    const auto state = run.latest_state<double>();
    std::int64_t epoch = state ? state->epoch : 0;
    run.rewind_to(epoch);
    while (true) {
      run.append(row_of(epoch));
      if (epoch % 3 == 0) run.write_checkpoint(epoch, weights_of(epoch));
      ++epoch;
      if (epoch % 5 != 0) continue;
      run.write_state(state_of<double>(epoch));
      if (::write(pipe, "s", 1) != 1) break;
    }
  } catch (...) {
  }
  ::_exit(1);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_run_that_is_killed_at_any_moment_goes_on) {
  const ScratchFolder folder;
  created(folder.path());
  std::mt19937 generator(5);
  std::int64_t epochs_done = 0;
  for (int kill = 0; kill < 20; ++kill) {
    std::array<int, 2> pipe{};
    BOOST_TEST_REQUIRE(::pipe(pipe.data()) == 0);
    const pid_t child = ::fork();
    BOOST_TEST_REQUIRE(child >= 0);
    if (child == 0) train(folder.path(), pipe[1]);
    ::close(pipe[1]);
    // Killed on its way to a state, or, so that the run goes on however slow the disk is, after one.
    char state_written = 0;
    if (kill % 3 == 2) BOOST_TEST(::read(pipe[0], &state_written, 1) == 1);
    std::this_thread::sleep_for(std::chrono::microseconds(generator() % 40'000));
    ::kill(child, SIGKILL);
    ::close(pipe[0]);
    int status = 0;
    BOOST_TEST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_TEST_REQUIRE(WIFSIGNALED(status));

    RunDirectory run = RunDirectory::open(folder.path());
    const auto state = run.latest_state<double>();
    const std::int64_t epoch = state ? state->epoch : 0;
    BOOST_TEST(epoch >= epochs_done + (kill % 3 == 2 ? 5 : 0));
    epochs_done = epoch;
    if (state) BOOST_TEST(same(*state, state_of<double>(epoch)));
    const std::vector<LogRow> log = run.log();
    BOOST_TEST(static_cast<std::int64_t>(log.size()) >= epoch);
    BOOST_TEST(is_log_of(log, static_cast<std::int64_t>(log.size())));
    // Half of the times the next process does it, with everything as it was left.
    if (kill % 2 == 0) continue;
    run.rewind_to(epoch);
    BOOST_TEST(is_log_of(run.log(), epoch));
    std::int64_t next = 0;
    for (std::int64_t checkpoint : run.checkpoints()) {
      BOOST_TEST(checkpoint == next);
      BOOST_TEST((read_safetensors(run.checkpoint_path(checkpoint)) == weights_of(checkpoint)));
      next += 3;
    }
    BOOST_TEST(next == (epoch + 2) / 3 * 3);
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
      BOOST_TEST(entry.path().extension() != ".tmp");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
