// cayley-lab train, resume and explain --checkpoints as a user runs them: exit codes, messages, files, and kills.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cayley/io/json.hpp>
#include <cayley/study/run_directory.hpp>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "io/scratch_folder.hpp"
#include "lab/run_lab.hpp"
#include "slow_build.hpp"
#include "study/run_results.hpp"

BOOST_AUTO_TEST_SUITE(train_test)

using namespace cayley;

namespace {

/// A small run on A5, with enough checkpoints that a kill often meets one.
void write_config(std::filesystem::path const& file, int epochs) {
  std::string json = R"({"layers": {"embed_dim": 16, "hidden_dim": 24}, "model": "OneLayerMLP", "frac_train": 0.5,
    "group": "AlternatingGroup", "group_parameter": 5, "seed": 1, "log_every": 10, "checkpoint_every": 20,
    "num_epochs": )";
  write_file_atomically(file, json.append(std::to_string(epochs)).append("}"));
}

}  // namespace

BOOST_AUTO_TEST_CASE(usage_of_train_and_resume) {
  const ScratchFolder scratch;
  const std::string out = " --out " + (scratch / "run").string();
  check_lab("train", 2, {"--out"});
  check_lab("resume", 2, {"DIR"});
  check_lab("train --help", 0, {"--epochs", "--threads", "--seed", "--elements", "--layers.embed_dim", "--lr"});
  check_lab("train nowhere.json" + out, 1, {"nowhere.json"});
  check_lab("train" + out, 1, {"command line", "no key \"group\""});
  check_lab("resume " + (scratch / "nowhere").string(), 1, {"nowhere"});
  write_config(scratch / "cfg.json", 20);
  const std::string train = "train " + (scratch / "cfg.json").string() + out;
  check_lab(train + " --colour red", 2, {"--colour"});
  check_lab(train + " --threads 0", 2, {"--threads"});
  check_lab(train + " --lr -1", 1, {"lr", "positive"});
  check_lab(train + " --elements " + (scratch / "order.json").string(), 1, {"order.json"});
  BOOST_TEST(!std::filesystem::exists(scratch / "run"));
}

BOOST_AUTO_TEST_CASE(flags_win_over_the_file) {
  const ScratchFolder scratch;
  write_config(scratch / "cfg.json", 1000000);
  const auto run = scratch / "run";
  check_lab("train " + (scratch / "cfg.json").string() + " --epochs 30 --seed 7 --lr 0.002 --layers.hidden_dim 20" +
                " --model OneLayerMLP --threads 2 --out " + run.string(),
            0, {"30 epochs done", "not grokked", "explain"});
  const Json config = read_json(run / "cfg.json");
  BOOST_TEST(config.at("num_epochs") == 30);
  BOOST_TEST(config.at("seed") == 7);
  BOOST_TEST(config.at("lr") == 0.002);
  BOOST_TEST(config.at("layers").at("hidden_dim") == 20);
  BOOST_TEST(config.at("layers").at("embed_dim") == 16);
  for (char const* key : {"program", "compiler", "flags", "cpu", "backend", "threads"}) {
    BOOST_TEST(read_json(run / "run.json").contains(key), key);
  }
  check_lab("train " + (scratch / "cfg.json").string() + " --out " + run.string(), 1, {"expected no run"});
  check_lab("explain " + run.string(), 0, {"OneLayerMLP on A5"});
  check_lab("explain " + run.string() + " --checkpoints --key standard", 0, {"3 checkpoints", "metrics.csv"});
  BOOST_TEST(read_csv(run / "metrics.csv").rows.size() == 3u);
}

BOOST_AUTO_TEST_CASE(an_impossible_backend_is_refused) {
  const ScratchFolder scratch;
  write_config(scratch / "cfg.json", 20);
  const std::string train = "train " + (scratch / "cfg.json").string() + " --out " + (scratch / "run").string();
  check_lab(train + " --backend gpu", 2, {"--backend", "cpu,thrust-cpp,thrust-omp,thrust-tbb,cuda"});
  check_lab(train + " --backend cuda", 1, {"cuda", "built without it", "cpu"});
  check_lab(train + " --memory-budget 1", 1, {"--memory-budget", "cpu"});
  BOOST_TEST(!std::filesystem::exists(scratch / "run"));
  check_lab(train, 0, {});
  Json run = read_json(scratch / "run" / "run.json");
  run["backend"] = "abacus";
  write_json(scratch / "run" / "run.json", run);
  std::filesystem::remove(scratch / "run" / "model.safetensors");
  check_lab("resume " + (scratch / "run").string(), 1, {"abacus", "built without it"});
}

BOOST_AUTO_TEST_CASE(a_run_goes_on_where_it_began) {
  const ScratchFolder scratch;
  write_config(scratch / "cfg.json", 40);
  const std::string config = (scratch / "cfg.json").string();
  check_lab("train " + config + " --out " + (scratch / "cpu").string(), 0, {});
  BOOST_TEST(read_json(scratch / "cpu" / "run.json").at("backend") == "cpu");
  const auto last_loss = [](std::filesystem::path const& run) { return read_csv(run / "log.csv").rows.back().at(1); };
  for (std::string const name : {"thrust-cpp", "thrust-omp", "thrust-tbb"}) {
    const auto whole = scratch / (name + "_whole"), run = scratch / name;
    const std::string train = "train " + config + " --backend " + name + " --memory-budget 1 --threads " +
                              (name == "thrust-cpp" ? "1" : "2") + " --out ";
    const Outcome outcome = run_lab(train + whole.string());
    if (outcome.output.find("built without it") != std::string::npos) {
      BOOST_TEST_MESSAGE("skipped: " << name << ": cayley-lab was built without it");
      continue;
    }
    BOOST_TEST_CONTEXT(name << "\n" << outcome.output) {
      BOOST_REQUIRE(outcome.exit_code == 0);
      BOOST_TEST(last_loss(whole) == last_loss(scratch / "cpu"), boost::test_tools::tolerance(1e-4));
      // The first twenty epochs, then the rest, by the backend and the memory that the run recorded.
      check_lab(train + run.string() + " --epochs 20", 0, {});
      Json longer = read_json(run / "cfg.json");
      longer["num_epochs"] = 40;
      write_json(run / "cfg.json", longer);
      std::filesystem::remove(run / "model.safetensors");
      check_lab("resume " + run.string(), 0, {"40 epochs done"});
      BOOST_TEST((read_file(run / "model.safetensors") == read_file(whole / "model.safetensors")));
      const Json record = read_json(run / "run.json");
      BOOST_TEST(record.at("backend") == name);
      BOOST_TEST(record.at("memory_budget") == 1 << 20);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_interrupt_saves_a_state) {
  const ScratchFolder scratch;
  write_config(scratch / "cfg.json", 400);
  const auto config = (scratch / "cfg.json").string();
  check_lab("train " + config + " --out " + (scratch / "whole").string(), 0, {});
  const pid_t child =
      begin_lab({"train", config, "--epochs", "400", "--out", (scratch / "run").string(), "--threads", "1"});
  while (!std::filesystem::exists(scratch / "run" / "log.csv"))
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ::kill(child, SIGINT);
  const int status = end_of_lab(child);
  BOOST_TEST(WIFEXITED(status));
  BOOST_TEST(WEXITSTATUS(status) == 0);
  check_lab("resume " + (scratch / "run").string(), 0, {"400 epochs done"});
  BOOST_TEST((testing::result_bytes(scratch / "run") == testing::result_bytes(scratch / "whole")));
}

BOOST_AUTO_TEST_CASE(killed_runs_end_with_the_same_bits) {
  const ScratchFolder scratch;
  const int epochs = cayley::testing::slow_build ? 100 : 600;
  write_config(scratch / "cfg.json", epochs);
  const auto config = (scratch / "cfg.json").string(), run = (scratch / "run").string();
  const auto before = std::chrono::steady_clock::now();
  check_lab("train " + config + " --out " + (scratch / "whole").string(), 0, {});
  const auto whole = std::chrono::steady_clock::now() - before;

  std::mt19937 random(20);
  int kills = 0;
  pid_t child = begin_lab({"train", config, "--out", run, "--state-seconds", "0.01"});
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(whole * (5 + random() % 100) / 700);
    ::kill(child, SIGKILL);
    if (WIFSIGNALED(end_of_lab(child))) ++kills;
    // Before its first file there is no run to go on with.
    const bool begun = std::filesystem::exists(scratch / "run" / "cfg.json");
    child = begun ? begin_lab({"resume", run, "--state-seconds", "0.01"})
                  : begin_lab({"train", config, "--out", run, "--state-seconds", "0.01"});
  }
  end_of_lab(child);
  check_lab("resume " + run, 0, {});
  BOOST_TEST(kills >= 3);  // the others came when the run had ended
  BOOST_TEST((testing::result_bytes(run) == testing::result_bytes(scratch / "whole")));
}

BOOST_AUTO_TEST_SUITE_END()
