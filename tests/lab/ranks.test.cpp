// cayley-lab under mpirun.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <cayley/io/json.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>

#include "io/scratch_folder.hpp"
#include "lab/run_lab.hpp"
#include "study/run_results.hpp"

BOOST_AUTO_TEST_SUITE(ranks_test)

#ifdef CAYLEY_LAB_MPIRUN

namespace {

using cayley::testing::result_bytes;

Outcome run_in_ranks(int ranks, std::string const& arguments) {
  const ScratchFolder scratch;
  const std::string log = (scratch / "log").string();
  const std::string command = std::string(CAYLEY_LAB_MPIRUN) + " -n " + std::to_string(ranks) + " " + CAYLEY_LAB + " " +
                              arguments + " >" + log + " 2>&1";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, cayley::read_file(log)};
}

std::string write_group_config(std::filesystem::path const& file, char const* model, int epochs) {
  cayley::Json config = cayley::parse_json(
      R"({"group": "AlternatingGroup", "group_parameter": 5, "layers": {"embed_dim": 16, "hidden_dim": 24}, "seed": 1,
          "frac_train": 0.5, "log_every": 5, "checkpoint_every": 20,
          "transformer": {"d_model": 16, "n_heads": 2, "d_head": 8, "d_mlp": 32}})",
      "config");
  config["model"] = model;
  config["num_epochs"] = epochs;
  cayley::write_json(file, config);
  return file.string();
}

}  // namespace

BOOST_AUTO_TEST_CASE(any_number_of_ranks_and_threads_gives_the_same_bits) {
  for (char const* model : {"OneLayerMLP", "Transformer"}) {
    const ScratchFolder scratch;
    const std::string config = write_group_config(scratch / "cfg.json", model, 40);
    check_lab("train " + config + " --out " + (scratch / "one").string(), 0, {"40 epochs done"});
    for (int ranks : {2, 3}) {
      for (int threads : {1, 2}) {
        const auto out = scratch / (std::to_string(ranks) + "-" + std::to_string(threads));
        const Outcome outcome =
            run_in_ranks(ranks, "train " + config + " --threads " + std::to_string(threads) + " --out " + out.string());
        BOOST_TEST(outcome.exit_code == 0, outcome.output);
        // Rank 0 alone speaks.
        const auto first = outcome.output.find("40 epochs done");
        BOOST_TEST(first != std::string::npos, outcome.output);
        BOOST_TEST(outcome.output.find("40 epochs done", first + 1) == std::string::npos, outcome.output);
        BOOST_TEST((result_bytes(out) == result_bytes(scratch / "one")), model << " in " << ranks << " ranks");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_killed_job_goes_on) {
  const ScratchFolder scratch;
  const std::string config = write_group_config(scratch / "cfg.json", "OneLayerMLP", 1500),
                    run = (scratch / "run").string();
  check_lab("train " + config + " --out " + (scratch / "one").string(), 0, {});
  std::fflush(nullptr);
  const pid_t job = ::fork();
  if (job == 0) {
    ::setpgid(0, 0);
    const std::string command = std::string("exec ") + CAYLEY_LAB_MPIRUN + " -n 2 " + CAYLEY_LAB + " train " + config +
                                " --state-seconds 0.01 --out " + run + " >/dev/null 2>&1";
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  for (int i = 0; i < 1000 && !std::filesystem::exists(scratch / "run" / "state_b.safetensors"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  BOOST_TEST(std::filesystem::exists(scratch / "run" / "state_b.safetensors"));
  ::kill(-job, SIGKILL);
  int status = 0;
  ::waitpid(job, &status, 0);
  // The ranks notice the end of mpirun, and give the lock back.
  Outcome outcome{1, ""};
  for (int i = 0; i < 100 && outcome.exit_code != 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    outcome = run_in_ranks(3, "resume " + run);
  }
  BOOST_TEST(outcome.exit_code == 0, outcome.output);
  BOOST_TEST((result_bytes(run) == result_bytes(scratch / "one")));
}

BOOST_AUTO_TEST_CASE(mistakes_are_said_once) {
  const ScratchFolder scratch;
  const auto check = [&](std::string const& arguments, int exit_code, std::string const& part) {
    const Outcome outcome = run_in_ranks(2, arguments);
    BOOST_TEST(outcome.exit_code == exit_code, outcome.output);
    const auto first = outcome.output.find(part);
    BOOST_TEST(first != std::string::npos, outcome.output);
    BOOST_TEST(outcome.output.find(part, first + 1) == std::string::npos, outcome.output);
  };
  check("train nowhere.json --out " + (scratch / "run").string(), 1, "cayley-lab: nowhere.json: cannot open");
  check("explain " + scratch.path().string(), 2, "only train and resume run in several processes");
  check("trian", 2, "no command \"trian\"");
  const std::string config = write_group_config(scratch / "cfg.json", "OneLayerMLP", 2);
  check("train " + config + " --backend thrust-cpp --out " + (scratch / "run").string(), 1,
        "only cpu trains in several");
}

#else

BOOST_AUTO_TEST_CASE(several_processes_need_mpi) {
  ::setenv("OMPI_COMM_WORLD_SIZE", "2", 1);
  check_lab("train nowhere.json --out nowhere", 1, {"this program was built without MPI", "CAYLEY_WITH_MPI=ON"});
  ::unsetenv("OMPI_COMM_WORLD_SIZE");
}

#endif

BOOST_AUTO_TEST_SUITE_END()
