// cayley-lab tables: a folder of runs as tables and figures.
#include <boost/test/unit_test.hpp>
#include <cayley/io/json.hpp>
#include <filesystem>
#include <string>

#include "io/scratch_folder.hpp"
#include "lab/run_lab.hpp"
#include "reference.hpp"

BOOST_AUTO_TEST_SUITE(tables_test)

BOOST_AUTO_TEST_CASE(tables_of_a_sweep) {
  const ScratchFolder scratch;
  cayley::write_json(scratch / "study.json",
                     cayley::parse_json(R"({"group": "CyclicGroup", "group_parameter": 7, "model": "OneLayerMLP",
    "layers": {"embed_dim": 16, "hidden_dim": [16, 24]}, "frac_train": [0.7, 0.9], "seed": [1, 2], "num_epochs": 300,
    "lr": 0.01, "checkpoint_points": 5})",
                                        "study"));
  const std::string runs = (scratch / "runs").string();
  check_lab("sweep " + (scratch / "study.json").string() + " --out " + runs, 0, {"8 finished"});
  std::filesystem::create_directories(scratch / "runs" / "begun");
  std::filesystem::copy(scratch / "runs" / "C7_OneLayerMLP_hidden_dim16_frac_train0.7_seed1" / "cfg.json",
                        scratch / "runs" / "begun" / "cfg.json");
  check_lab("tables " + runs + " --no-pictures --figures-dir " + (scratch / "figures").string(), 0,
            {"# Runs", "| C7_OneLayerMLP_hidden_dim24_frac_train0.9_seed2 | 300 |", "# Means over seeds",
             "| C7 OneLayerMLP hidden_dim 24 frac_train 0.9 | 2 |", "# Irreps", "left out: begun: it has not ended",
             "wrote 6 figures"});
  for (char const* name : {"tables.md", "runs.csv", "means.csv", "irreps.csv"}) {
    BOOST_TEST(std::filesystem::exists(scratch / "runs" / "tables" / name), name);
  }
  const std::string csv = cayley::read_file(scratch / "runs" / "tables" / "runs.csv");
  BOOST_TEST(std::count(csv.begin(), csv.end(), '\n') == 9);
  // A second call reads what the first one left in the folder, and says the same.
  const std::string before = cayley::read_file(scratch / "runs" / "tables" / "tables.md");
  check_lab("tables " + runs, 0, {});
  BOOST_TEST((cayley::read_file(scratch / "runs" / "tables" / "tables.md") == before));
}

BOOST_AUTO_TEST_CASE(published_values_stand_beside,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  const ScratchFolder scratch;
  const auto published = cayley::testing::reference_file("runs/index.json").parent_path();
  const auto copy = [&](std::string const& name) {
    std::filesystem::create_directories(scratch / "runs" / name);
    for (char const* file : {"cfg.json", "model.safetensors"}) {
      std::filesystem::copy_file(published / name / file, scratch / "runs" / name / file);
    }
  };
  copy("C113_MLP_seed1");
  check_lab("tables " + (scratch / "runs").string() + " --compare " + published.string(), 0,
            {"| C113_MLP_seed1 | 250000 |  | 99.2 % | 99.1 % | 98.0 %",
             "| published: C113_MLP_seed1 | 250000 |  | 99.2 %", "| C113 OneLayerMLP | 1 |", "| published | 1 |",
             "| C113 OneLayerMLP | freq_1 | 1 of 1 | 1.00 | 0.21 .. 1.00 | 1 of 1 |"});
}

BOOST_AUTO_TEST_CASE(mistakes_with_tables) {
  const ScratchFolder scratch;
  check_lab("tables", 2, {"DIR"});
  check_lab("tables " + (scratch / "nowhere").string(), 1, {"expected a folder of runs, found nothing"});
  check_lab("tables " + scratch.path().string(), 1, {"no run on a group that has ended"});
}

BOOST_AUTO_TEST_SUITE_END()
