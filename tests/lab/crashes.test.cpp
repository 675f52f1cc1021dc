// Kills at any moment, full disks, read-only directories, damaged files, NaN: what was good stays, and a run goes on from it.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/io/json.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/study/run_directory.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include "io/scratch_folder.hpp"
#include "lab/run_lab.hpp"
#include "slow_build.hpp"
#include "study/run_results.hpp"

BOOST_AUTO_TEST_SUITE(crashes_test)

using namespace cayley;

namespace {

/// A small run that writes often.
Json crash_config(int epochs) {
  Json config = parse_json(R"({"layers": {"embed_dim": 16, "hidden_dim": 24}, "model": "OneLayerMLP", "frac_train": 0.5,
    "group": "AlternatingGroup", "group_parameter": 5, "seed": 1, "log_every": 5, "checkpoint_every": 5})",
                           "config");
  config["num_epochs"] = epochs;
  return config;
}

/// Every file of a run can be read, but for a last line of the log and temporary files.
void check_whole(std::filesystem::path const& run) {
  for (auto const& entry : std::filesystem::recursive_directory_iterator(run)) {
    std::filesystem::path const& file = entry.path();
    BOOST_TEST_CONTEXT(file) {
      if (file.extension() == ".safetensors") BOOST_CHECK_NO_THROW(read_safetensors(file));
      if (file.extension() == ".json") BOOST_CHECK_NO_THROW(read_json(file));
      // A line of the log reaches the file as a whole or not at all, but for the header of a new one.
      if (file.extension() == ".csv" && std::filesystem::file_size(file) > 0) {
        BOOST_CHECK_NO_THROW(read_growing_csv(file));
      }
    }
  }
}

void check_no_temporary_files(std::filesystem::path const& run) {
  for (auto const& entry : std::filesystem::recursive_directory_iterator(run)) {
    BOOST_TEST(entry.path().extension() != ".tmp", entry.path());
  }
}

/// Runs a shell script as the root of a mount namespace of its own.
Outcome run_in_namespace(std::string const& script) {
  const ScratchFolder scratch;
  write_file_atomically(scratch / "script", "set -u\n" + script);
  const std::string log = (scratch / "log").string();
  const int status =
      std::system(("unshare -rm sh " + (scratch / "script").string() + " >" + log + " 2>&1 </dev/null").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(log)};
}

/// Precondition: this user may mount in a namespace.
boost::test_tools::assertion_result can_mount(boost::unit_test::test_unit_id test) {
  const ScratchFolder scratch;
  const bool can = run_in_namespace("mount -t tmpfs -o size=64k tmpfs " + scratch.path().string()).exit_code == 0;
  if (!can) {
    std::cout << "skipped " << boost::unit_test::framework::get(test, boost::unit_test::TUT_ANY).full_name()
              << ": unshare -rm and mount are not allowed here" << std::endl;
  }
  return can;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_kill_at_any_moment_loses_nothing) {
  const ScratchFolder scratch;
  write_json(scratch / "cfg.json", crash_config(testing::slow_build ? 60 : 300));
  const auto config = (scratch / "cfg.json").string(), run = (scratch / "run").string();
  const auto before = std::chrono::steady_clock::now();
  check_lab("train " + config + " --state-seconds 0 --out " + (scratch / "whole").string(), 0, {});
  const auto whole = std::chrono::steady_clock::now() - before;
  const std::string expected = testing::result_bytes(scratch / "whole");

  std::mt19937 random(7);
  const int moments = testing::slow_build ? 10 : 50;
  int kills = 0, with_checkpoints = 0;
  for (int i = 0; i < moments; ++i) {
    std::filesystem::remove_all(scratch / "run");
    const pid_t child = begin_lab({"train", config, "--out", run, "--state-seconds", "0"});
    std::this_thread::sleep_for(whole * (random() % 1000) / 1000);
    ::kill(child, SIGKILL);
    kills += WIFSIGNALED(end_of_lab(child));
    if (!std::filesystem::exists(scratch / "run" / "cfg.json")) continue;  // there is no run yet
    check_whole(run);
    with_checkpoints += !checkpoint_epochs(run).empty();
    check_lab("resume " + run, 0, {});
    check_no_temporary_files(run);
    BOOST_TEST((testing::result_bytes(run) == expected), "killed at moment " << i);
  }
  BOOST_TEST(kills >= moments / 2);
  BOOST_TEST(with_checkpoints >= moments / 4);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_named_and_the_run_goes_on_when_there_is_room,
                     *boost::unit_test::precondition(can_mount)) {
  const ScratchFolder scratch;
  write_json(scratch / "cfg.json", crash_config(100));
  const std::string config = (scratch / "cfg.json").string(), disk = (scratch / "disk").string();
  check_lab("train " + config + " --out " + (scratch / "whole").string(), 0, {});
  std::filesystem::create_directory(disk);
  const Outcome outcome = run_in_namespace(
      "mount -t tmpfs -o size=300k tmpfs " + disk + " || exit 90\n" CAYLEY_LAB " train " + config + " --out " + disk +
      "/run --state-seconds 0\necho \"exit code $?\"\ncp -r " + disk + "/run " + (scratch / "left").string() +
      "\nmount -o remount,size=20m " + disk + " || exit 91\n" CAYLEY_LAB " resume " + disk +
      "/run\necho \"exit code $?\"\ncp -r " + disk + "/run " + (scratch / "resumed").string());
  BOOST_TEST_CONTEXT(outcome.output) {
    BOOST_TEST(outcome.exit_code == 0);
    BOOST_TEST(outcome.output.find("No space left on device") != std::string::npos);
    BOOST_TEST(outcome.output.find(disk + "/run/") != std::string::npos);  // which file
    BOOST_TEST(outcome.output.find("exit code 1") != std::string::npos);
    BOOST_TEST(outcome.output.find("exit code 0") != std::string::npos);
    check_whole(scratch / "left");
    BOOST_TEST(!checkpoint_epochs(scratch / "left").empty());
    BOOST_TEST(!std::filesystem::exists(scratch / "left" / "model.safetensors"));
    BOOST_TEST((testing::result_bytes(scratch / "resumed") == testing::result_bytes(scratch / "whole")));
    check_no_temporary_files(scratch / "resumed");
  }
}

BOOST_AUTO_TEST_CASE(a_read_only_directory_is_named_and_can_be_explained, *boost::unit_test::precondition(can_mount)) {
  const ScratchFolder scratch;
  write_json(scratch / "cfg.json", crash_config(40));
  const std::string run = (scratch / "run").string(), lab = CAYLEY_LAB;
  check_lab("train " + (scratch / "cfg.json").string() + " --until 20 --out " + run, 0, {});
  const Outcome outcome =
      run_in_namespace("mount --bind " + run + " " + run + " && mount -o remount,bind,ro " + run + " || exit 90\n" +
                       lab + " resume " + run + "\necho \"resume $?\"\n" + lab + " explain " + run +
                       "\necho \"explain $?\"\n" + lab + " report " + run + "\necho \"report $?\"\n");
  BOOST_TEST_CONTEXT(outcome.output) {
    BOOST_TEST(outcome.exit_code == 0);
    BOOST_TEST(outcome.output.find("Read-only file system") != std::string::npos);
    BOOST_TEST(outcome.output.find("resume 1") != std::string::npos);
    BOOST_TEST(outcome.output.find("explain 0") != std::string::npos);
    BOOST_TEST(outcome.output.find("report 1") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_run_goes_on_from_the_last_state_that_is_whole) {
  const ScratchFolder scratch;
  write_json(scratch / "cfg.json", crash_config(80));
  const std::string config = (scratch / "cfg.json").string(), run = (scratch / "run").string();
  check_lab("train " + config + " --out " + (scratch / "whole").string(), 0, {});
  check_lab("train " + config + " --until 50 --state-seconds 0 --out " + run, 0, {});
  const auto cut = [](std::filesystem::path const& file) {
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  };
  for (char const* state : {"state_a.safetensors", "state_b.safetensors"}) {
    const std::string copy = run + state;
    std::filesystem::copy(run, copy, std::filesystem::copy_options::recursive);
    cut(std::filesystem::path(copy) / state);
    check_lab("resume " + copy, 0, {});
    BOOST_TEST((testing::result_bytes(copy) == testing::result_bytes(scratch / "whole")), state);
  }
  // A checkpoint that somebody removed or damaged is missed by what reads it, and by nothing else.
  const std::filesystem::path checkpoints = scratch / "run" / "checkpoints";
  std::filesystem::remove(checkpoints / "10.safetensors");
  check_lab("explain " + run + " --checkpoints --out " + (scratch / "metrics").string(), 0, {"metrics of"});
  cut(checkpoints / "20.safetensors");
  check_lab("explain " + run + " --checkpoints --out " + (scratch / "metrics").string(), 1, {"20.safetensors"});
  const std::string copy = run + "_both";
  std::filesystem::copy(run, copy, std::filesystem::copy_options::recursive);
  check_lab("resume " + run, 0, {"80 epochs done"});
  BOOST_TEST((read_file(scratch / "run" / "model.safetensors") == read_file(scratch / "whole" / "model.safetensors")));

  for (char const* state : {"state_a.safetensors", "state_b.safetensors"}) cut(std::filesystem::path(copy) / state);
  const auto kept = checkpoint_epochs(copy);
  check_lab("resume " + copy, 1, {"no state can be read", "state_a.safetensors", "state_b.safetensors"});
  BOOST_TEST((checkpoint_epochs(copy) == kept));
}

BOOST_AUTO_TEST_CASE(two_trainers_do_not_share_a_directory) {
  const ScratchFolder scratch;
  write_json(scratch / "cfg.json", crash_config(100000000));
  const std::string config = (scratch / "cfg.json").string(), run = (scratch / "run").string();
  const pid_t first = begin_lab({"train", config, "--out", run});
  while (!std::filesystem::exists(scratch / "run" / "cfg.json")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  check_lab("resume " + run, 1, {"in use by another process"});
  check_lab("train " + config + " --out " + run, 1, {"run"});
  ::kill(first, SIGTERM);
  BOOST_TEST(WIFEXITED(end_of_lab(first)));
}

BOOST_AUTO_TEST_CASE(a_run_that_diverges_keeps_what_was_good) {
  const ScratchFolder scratch;
  Json config = crash_config(4000);
  config["optimizer"] = "SGD";
  config["lr"] = 1e-3;
  write_json(scratch / "cfg.json", config);
  const std::string run = (scratch / "run").string();
  check_lab("train " + (scratch / "cfg.json").string() + " --until 30 --out " + run, 0, {});
  const auto before = checkpoint_epochs(run);
  // From here on steps are far too long.
  config = read_json(scratch / "run" / "cfg.json");
  config["lr"] = 1e30;
  write_json(scratch / "run" / "cfg.json", config);
  const Outcome outcome = run_lab("resume --state-seconds 0 " + run);
  BOOST_TEST_CONTEXT(outcome.output) {
    BOOST_TEST(outcome.exit_code == 1);
    BOOST_TEST(outcome.output.find("diverged within 3") != std::string::npos);     // at most a logging interval later
    BOOST_TEST(outcome.output.find("the largest weight W") != std::string::npos);  // the step was too long, not yet nan
  }
  BOOST_TEST(!std::filesystem::exists(scratch / "run" / "model.safetensors"));
  for (std::int64_t epoch : checkpoint_epochs(run)) {
    const TensorFile file =
        read_safetensors(scratch / "run" / "checkpoints" / std::to_string(epoch).append(".safetensors"));
    BOOST_TEST(file.matrix<float>("W_x", file.shape("W_x")).allFinite());
  }
  BOOST_TEST(checkpoint_epochs(run).size() >= before.size());
  // With the right step again it goes on.
  config["lr"] = 1e-3;
  config["num_epochs"] = 60;
  write_json(scratch / "run" / "cfg.json", config);
  check_lab("resume " + run, 0, {"60 epochs done"});
}

BOOST_AUTO_TEST_SUITE_END()
