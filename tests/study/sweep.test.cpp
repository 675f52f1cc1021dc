#include <cayley/study/sweep.hpp>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>
#include <vector>

#include "io/scratch_folder.hpp"
#include "study/run_results.hpp"
#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(sweep_test)

using namespace cayley;
using cayley::testing::thrown_message;

namespace {

SweepPlan small_plan(std::string const& more = R"("seed": [1, 2, 3, 4, 5, 6])") {
  const std::string text =
      R"({"group": "DihedralGroup", "group_parameter": 5, "model": "OneLayerMLP", "frac_train": 0.6,
    "layers": {"embed_dim": 8, "hidden_dim": 12}, "num_epochs": 40, "batch_size": 25, "checkpoint_every": 20, )" +
      more + "}";
  return sweep_plan(parse_json(text, "study.json"), ".", "study.json");
}

std::size_t count(Sweep const& sweep, SweepState state) {
  std::size_t result = 0;
  for (SweepRunStatus const& s : sweep.status()) result += s.state == state ? 1u : 0u;
  return result;
}

void check_same_results(SweepPlan const& plan, std::filesystem::path const& a, std::filesystem::path const& b) {
  for (PlannedRun const& run : plan.runs) {
    BOOST_TEST((testing::result_bytes(a / run.name) == testing::result_bytes(b / run.name)), run.name);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_run_is_that_of_train) {
  const ScratchFolder scratch;
  const SweepPlan plan = small_plan();
  for (int jobs : {1, 3}) {
    const auto folder = scratch / ("jobs" + std::to_string(jobs));
    SweepOptions options;
    options.jobs = jobs;
    Sweep sweep(plan, folder, options);
    sweep.run();
    BOOST_TEST(count(sweep, SweepState::finished) == plan.runs.size());
    BOOST_TEST(sweep.status()[2].epochs == 40);
    BOOST_TEST(sweep.status()[2].last->epoch == 39);
  }
  for (PlannedRun const& run : plan.runs) {
    start_run(run.config, ".", "cfg.json", scratch / "alone" / run.name, {}, {});
  }
  check_same_results(plan, scratch / "alone", scratch / "jobs1");
  check_same_results(plan, scratch / "alone", scratch / "jobs3");
}

BOOST_AUTO_TEST_CASE(an_interrupted_sweep_goes_on_where_it_was) {
  const ScratchFolder scratch;
  const SweepPlan plan = small_plan();
  Sweep(plan, scratch / "whole", {}).run();
  std::atomic<int> left = 0;
  int sweeps = 0;
  for (bool ended = false; !ended; ++sweeps) {
    left = 70;
    SweepOptions options;
    options.jobs = 2;
    options.go_on = [&left] { return --left > 0; };
    Sweep sweep(plan, scratch / "parts", options);
    sweep.run();
    ended = count(sweep, SweepState::finished) == plan.runs.size();
  }
  BOOST_TEST(sweeps > 2);
  check_same_results(plan, scratch / "whole", scratch / "parts");
}

BOOST_AUTO_TEST_CASE(a_failed_run_hides_no_other_and_can_be_tried_again) {
  const ScratchFolder scratch;
  // Nothing to train on in the second.
  const SweepPlan plan =
      small_plan(R"("seed": 1, "variants": [{"frac_train": 0.5}, {"frac_train": 0}, {"frac_train": 0.7}])");
  {
    Sweep sweep(plan, scratch / "runs", {});
    sweep.run();
    BOOST_TEST(count(sweep, SweepState::finished) == 2u);
    BOOST_TEST((sweep.status()[1].state == SweepState::failed));
    BOOST_TEST(sweep.status()[1].reason.find("frac_train") != std::string::npos, sweep.status()[1].reason);
  }
  const auto marker = scratch / "runs" / plan.runs[1].name / "failed.txt";
  BOOST_TEST(read_file(marker).find("frac_train") != std::string::npos);
  // It is not tried again unless that is asked for.
  write_file_atomically(marker, "an old reason\n");
  for (bool retry : {false, true}) {
    SweepOptions options;
    options.retry = retry;
    Sweep sweep(plan, scratch / "runs", options);
    sweep.run();
    BOOST_TEST((sweep.status()[1].state == SweepState::failed));
    BOOST_TEST((sweep.status()[1].reason == "an old reason") != retry);
  }
}

BOOST_AUTO_TEST_CASE(divergence_is_a_failure) {
  const ScratchFolder scratch;
  Sweep sweep(small_plan(R"("seed": 1, "optimizer": "SGD", "lr": [1e30, 1e-3])"), scratch / "runs", {});
  sweep.run();
  BOOST_TEST((sweep.status()[0].state == SweepState::failed));
  BOOST_TEST(sweep.status()[0].reason.find("diverged within") != std::string::npos, sweep.status()[0].reason);
  BOOST_TEST((sweep.status()[1].state == SweepState::finished));
}

BOOST_AUTO_TEST_CASE(a_run_that_another_has_is_left_to_it_and_taken_over_when_it_goes) {
  const ScratchFolder scratch;
  const SweepPlan plan = small_plan(R"("seed": [1, 2, 3])");
  const auto held = scratch / "runs" / plan.runs[1].name;
  std::filesystem::create_directories(held);
  std::optional<FileLock> lock(std::in_place, held / ".lock");
  {
    SweepOptions options;
    options.wait = false;
    Sweep sweep(plan, scratch / "runs", options);
    sweep.run();
    BOOST_TEST((sweep.status()[1].state == SweepState::elsewhere));
    BOOST_TEST(count(sweep, SweepState::finished) == 2u);
  }
  SweepOptions options;
  options.poll_seconds = 0.01;
  Sweep sweep(plan, scratch / "runs", options);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    lock.reset();
  });
  sweep.run();
  other.join();
  BOOST_TEST(count(sweep, SweepState::finished) == 3u);
}

BOOST_AUTO_TEST_CASE(sweeps_at_once_do_not_get_in_each_others_way) {
  const ScratchFolder scratch;
  const SweepPlan plan = small_plan(R"("seed": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])");
  Sweep(plan, scratch / "one", {}).run();
  for (int round = 0; round < 5; ++round) {
    const auto folder = scratch / ("round" + std::to_string(round));
    SweepOptions options;
    options.jobs = 2;
    options.poll_seconds = 0.001;
    Sweep first(plan, folder, options), second(plan, folder, options);
    std::thread other([&] { second.run(); });
    first.run();
    other.join();
    for (Sweep const* sweep : {&first, &second}) {
      BOOST_TEST(count(*sweep, SweepState::finished) == plan.runs.size());
      for (SweepRunStatus const& s : sweep->status()) BOOST_TEST(s.reason == "");
    }
    check_same_results(plan, scratch / "one", folder);
  }
}

BOOST_AUTO_TEST_CASE(a_folder_of_another_study_is_left_as_it_is) {
  const ScratchFolder scratch;
  Sweep(small_plan(R"("seed": [1])"), scratch / "runs", {}).run();
  const std::string before = testing::result_bytes(scratch / "runs" / "D5_OneLayerMLP_seed1");
  Sweep sweep(small_plan(R"("seed": [1], "lr": 0.01)"), scratch / "runs", {});
  sweep.run();
  BOOST_TEST((sweep.status()[0].state == SweepState::failed));
  BOOST_TEST(sweep.status()[0].reason.find("key \"lr\": the study has 0.01, this run 0.001") != std::string::npos,
             sweep.status()[0].reason);
  BOOST_TEST((testing::result_bytes(scratch / "runs" / "D5_OneLayerMLP_seed1") == before));
  BOOST_TEST(!std::filesystem::exists(scratch / "runs" / "D5_OneLayerMLP_seed1" / "failed.txt"));
}

BOOST_AUTO_TEST_CASE(mistakes) {
  const ScratchFolder scratch;
  SweepOptions options;
  options.jobs = 0;
  BOOST_TEST(thrown_message([&] {
               Sweep(small_plan(), scratch / "runs", options);
             }).find("expected 1 .. 1024, found 0") != std::string::npos);
  write_file_atomically(scratch / "file", "");
  BOOST_TEST(thrown_message([&] { Sweep(small_plan(), scratch / "file", {}).run(); }).find("cannot make the folder") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
