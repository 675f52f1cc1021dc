// cayley-lab sweep: processes that share a study, and are killed.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cayley/io/json.hpp>
#include <cayley/study/sweep_plan.hpp>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "io/scratch_folder.hpp"
#include "lab/run_lab.hpp"
#include "slow_build.hpp"
#include "study/run_results.hpp"

BOOST_AUTO_TEST_SUITE(sweep_test)

namespace {

using cayley::testing::result_bytes;

/// The memory of a process, in KiB.
long resident_kib(pid_t process) {
  const std::string status = cayley::read_file("/proc/" + std::to_string(process) + "/status");
  return std::stol(status.substr(status.find("VmRSS:") + 6));
}

std::ptrdiff_t entries(std::filesystem::path const& folder) {
  if (!std::filesystem::exists(folder)) return 0;
  return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

/// A study of 40 small runs.
std::string write_study(std::filesystem::path const& file) {
  cayley::Json study = cayley::parse_json(
      R"({"group": "AlternatingGroup", "group_parameter": 4, "model": ["OneLayerMLP", "BilinearNet"], "frac_train": 0.6,
          "layers": {"embed_dim": [8, 16], "hidden_dim": 12}, "seed": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "log_every": 5,
          "checkpoint_every": 20})",
      "study");
  study["num_epochs"] = cayley::testing::slow_build ? 40 : 400;
  cayley::write_json(file, study);
  return file.string();
}

void check_same_study(std::string const& study, std::filesystem::path const& a, std::filesystem::path const& b) {
  const auto plan = cayley::read_sweep_plan(study);
  BOOST_TEST(plan.runs.size() == 40u);
  for (auto const& run : plan.runs) BOOST_TEST((result_bytes(a / run.name) == result_bytes(b / run.name)), run.name);
}

}  // namespace

BOOST_AUTO_TEST_CASE(usage_of_sweep) {
  const ScratchFolder scratch;
  const std::string study = write_study(scratch / "study.json");
  check_lab("sweep", 2, {"STUDY"});
  check_lab("sweep " + study, 1, {"--out"});
  check_lab("sweep " + study + " --jobs 0 --out " + (scratch / "runs").string(), 2, {"--jobs"});
  check_lab("sweep nowhere.json --out " + (scratch / "runs").string(), 1, {"nowhere.json"});
  check_lab("sweep " + study + " --list", 0,
            {"A4_OneLayerMLP_embed_dim8_seed1\n", "A4_BilinearNet_embed_dim16_seed10\n"});
  BOOST_TEST(!std::filesystem::exists(scratch / "runs"));
}

BOOST_AUTO_TEST_CASE(failures_are_reported_at_the_end) {
  const ScratchFolder scratch;
  cayley::Json study = cayley::read_json(write_study(scratch / "study.json"));
  study["frac_train"] = {0.6, 0.0};
  study["seed"] = {1};
  study["num_epochs"] = 5;
  cayley::write_json(scratch / "study.json", study);
  check_lab("sweep " + (scratch / "study.json").string() + " --out " + (scratch / "runs").string(), 1,
            {"8 runs: 4 finished, 4 failed, 0 elsewhere, 0 to be done",
             "failed: A4_OneLayerMLP_frac_train0.0_embed_dim8_seed1: ", "leaves none to train on", "--retry"});
}

BOOST_AUTO_TEST_CASE(two_processes_end_with_the_results_of_one_whatever_is_killed) {
  const ScratchFolder scratch;
  const std::string study = write_study(scratch / "study.json");
  const auto before = std::chrono::steady_clock::now();
  check_lab("sweep " + study + " --jobs 1 --out " + (scratch / "one").string(), 0, {"40 finished, 0 failed"});
  const auto whole = std::chrono::steady_clock::now() - before;

  const auto begin = [&](char const* folder) {
    return begin_lab({"sweep", study, "--jobs", "1", "--state-seconds", "0.02", "--out", (scratch / folder).string()});
  };
  for (pid_t child : {begin("two"), begin("two")}) BOOST_TEST(end_of_lab(child) == 0);
  check_same_study(study, scratch / "one", scratch / "two");

  std::mt19937 random(3);
  std::vector<pid_t> children{begin("killed"), begin("killed")};
  int kills = 0;
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(whole * (5 + random() % 45) / 1000);  // 20 of them: half of a study
    pid_t& child = children[random() % 2];
    ::kill(child, SIGKILL);
    kills += WIFSIGNALED(end_of_lab(child));
    child = begin("killed");
  }
  for (pid_t child : children) BOOST_TEST(end_of_lab(child) == 0);
  BOOST_TEST(kills > 5);
  check_same_study(study, scratch / "one", scratch / "killed");
}

BOOST_AUTO_TEST_CASE(memory_stays_flat_over_two_thousand_tiny_runs) {
  const ScratchFolder scratch;
  const int runs = cayley::testing::slow_build ? 200 : 2000;
  cayley::Json study = cayley::parse_json(
      R"({"group": "CyclicGroup", "group_parameter": 7, "model": "OneLayerMLP", "frac_train": 0.6, "num_epochs": 5,
          "layers": {"embed_dim": 8, "hidden_dim": 8}})",
      "study");
  for (int seed = 1; seed <= runs; ++seed) study["seed"].push_back(seed);
  cayley::write_json(scratch / "study.json", study);

  const auto before = std::chrono::steady_clock::now();
  // The address sanitizer, where there is one, would keep what is freed for a while.
  ::setenv("ASAN_OPTIONS", "quarantine_size_mb=0:thread_local_quarantine_size_kb=0", 1);
  const pid_t child = begin_lab({"sweep", (scratch / "study.json").string(), "--out", (scratch / "runs").string()});
  ::unsetenv("ASAN_OPTIONS");
  const auto memory_after = [&](int finished) {
    for (int i = 0; i < 4000 && entries(scratch / "runs") < finished; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return resident_kib(child);
  };
  const long early = memory_after(runs / 10), late = memory_after(runs * 9 / 10);
  BOOST_TEST(end_of_lab(child) == 0);
  const std::chrono::duration<double, std::milli> whole = std::chrono::steady_clock::now() - before;
  BOOST_TEST_MESSAGE(whole.count() / runs << " ms a run, training included");
  BOOST_TEST(entries(scratch / "runs") == runs);
  BOOST_TEST(late < early + 1024);
}

BOOST_AUTO_TEST_SUITE_END()
