// cayley-lab explain as a user runs it: exit codes, messages, files.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cayley/io/json.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "io/scratch_folder.hpp"
#include "lab/run_lab.hpp"
#include "slow_build.hpp"
#include "study/published_runs.hpp"

BOOST_AUTO_TEST_SUITE(explain_test)

using namespace cayley;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_CASE(bad_usage_is_2_and_help_is_0) {
  check_lab("", 2, {"subcommand"});
  check_lab("explain", 2, {"DIR"});
  check_lab("explain a b", 2, {});
  check_lab("explian a", 2, {});
  check_lab("explain --colour a", 2, {"--colour"});
  check_lab("--help", 0, {"explain"});
  check_lab("explain --help", 0, {"--elements", "--out", "--all-irreps"});
  check_lab("--version", 0, {"0."});
}

BOOST_AUTO_TEST_CASE(bad_input_is_1_and_named) {
  const ScratchFolder scratch;
  check_lab("explain " + (scratch / "nowhere").string(), 1, {"nowhere", "expected a run directory"});
  check_lab("explain " + scratch.path().string(), 1, {"cfg.json"});
  const auto config = [&](char const* group, char const* more = "") {
    std::string json = R"({"layers": {"embed_dim": 5, "hidden_dim": 7}, "model": "OneLayerMLP", "group_parameter": 3,
      "frac_train": 0.5, "seed": 1, "num_epochs": 10, "group": ")";
    json.append(group).append("\"").append(more).append("}");
    write_file_atomically(scratch / "cfg.json", json);
  };
  config("SymmetricGruop");
  check_lab("explain " + scratch.path().string(), 1, {"cfg.json", "SymmetricGruop", "SymmetricGroup"});
  config("SymmetricGroup", R"(, "wieght_decay": 1)");
  check_lab("explain " + scratch.path().string(), 1, {"cfg.json", "wieght_decay", "weight_decay"});
  config("SymmetricGroup");
  check_lab("explain " + scratch.path().string(), 1, {"model.safetensors"});
  write_file_atomically(scratch / "model.safetensors", "not a model");
  check_lab("explain " + scratch.path().string(), 1, {"model.safetensors"});
  TensorFile file;
  file.add("W_x", Matrix<double>(Matrix<double>::Ones(5, 5)));
  write_safetensors(scratch / "model.safetensors", file);
  check_lab("explain " + scratch.path().string(), 1, {"model.safetensors", "W_x", "(6, 5)", "(5, 5)"});
  check_lab("explain --elements " + (scratch / "order.json").string() + " " + scratch.path().string(), 1,
            {"order.json"});
}

BOOST_AUTO_TEST_CASE(a_sample_of_pairs_with_standard_errors) {
  const ScratchFolder scratch;
  const std::string run = (scratch / "run").string(), exact = (scratch / "exact").string(),
                    sampled = (scratch / "sampled").string();
  check_lab(
      "train --group AlternatingGroup --group_parameter 5 --model OneLayerMLP --frac_train 0.5 --seed 1"
      " --layers.embed_dim 16 --layers.hidden_dim 24 --epochs 50 --out " +
          run,
      0, {"50 epochs done"});
  check_lab("explain " + run + " --sample 1", 2, {"--sample", "2 to"});
  check_lab("explain " + run + " --sample 100 --checkpoints", 2, {"--sample", "--checkpoints"});
  check_lab("explain " + run + " --out " + exact, 0, {"key_reps.txt and neurons.json to"});
  check_lab("explain " + run + " --sample 1000 --out " + sampled, 0,
            {"from a sample; standard errors", "key_reps.txt, standard_errors.json and neurons.json to"});
  BOOST_TEST(!std::filesystem::exists(scratch / "exact/standard_errors.json"));
  const Json values = read_json(scratch / "exact/summary_metrics.json"),
             estimates = read_json(scratch / "sampled/summary_metrics.json"),
             errors = read_json(scratch / "sampled/standard_errors.json");
  BOOST_TEST(errors.contains("test_loss"));
  BOOST_TEST(errors.contains("percent_logits_explained"));
  BOOST_TEST(!errors.contains("percent_x_embed_explained"));
  BOOST_TEST(values.size() == estimates.size());
  for (auto const& item : values.items()) {
    if (!item.value().is_number() || item.key() == "test_loss_restricted_loss_ratio") continue;
    const double value = item.value().get<double>(), estimate = estimates.at(item.key()).get<double>();
    const double error = errors.value(item.key(), 0.0);
    BOOST_TEST(std::abs(estimate - value) <= 5 * error + 1e-9 * std::abs(value), item.key());
  }
}

BOOST_TEST_DECORATOR(*utf::precondition(cayley::testing::reference_is_set))
BOOST_DATA_TEST_CASE(published_runs_are_explained_by_the_command, utf::data::make(cayley::testing::published_runs),
                     name) {
  const bool large = name == std::string("S6_MLP_seed1");
  if (large && cayley::testing::slow_build) return;
  const ScratchFolder scratch;
  const std::string run =
      cayley::testing::reference_file("runs/" + std::string(name) + "/cfg.json").parent_path().string();
  const auto elements = cayley::testing::published_elements(name);
  std::string arguments = "explain " + run + " --out " + (scratch / "out").string();
  if (elements) arguments.append(" --elements ").append(elements->string());
  check_lab(arguments, 0, {"key irreps", "dead neurons"});
  cayley::testing::check_published_metrics(read_json(scratch / "out/summary_metrics.json"), name);
  std::istringstream lines(read_file(scratch / "out/key_reps.txt"));
  std::vector<std::string> key;
  for (std::string line; std::getline(lines, line);) key.push_back(line);
  BOOST_TEST(key == cayley::testing::published_key_irreps(name), boost::test_tools::per_element());
  const Json neurons = read_json(scratch / "out/neurons.json");
  std::size_t count = 0;
  for (auto const& cluster : neurons) count += cluster.size();
  const Json config = read_json(run + "/cfg.json");
  const bool transformer = config.at("model") == "Transformer";
  BOOST_TEST(count == (transformer ? 512 : config.at("layers").at("hidden_dim").get<std::size_t>()));
}

BOOST_AUTO_TEST_CASE(a_forgotten_element_order_is_suggested, *utf::precondition(cayley::testing::reference_is_set)) {
  const std::string run = cayley::testing::reference_file("runs/S5_MLP_seed2/cfg.json").parent_path().string();
  check_lab("explain " + run, 1, {"chance level", "--elements"});
  const ScratchFolder scratch;
  std::filesystem::copy(run, scratch / "run");
  std::filesystem::copy(*cayley::testing::published_elements("S5_MLP_seed2"), scratch / "run/elements.json");
  check_lab("explain " + (scratch / "run").string(), 0, {"key irreps: sign, standard"});
}

BOOST_AUTO_TEST_CASE(an_output_folder_that_cannot_be_made_is_named,
                     *utf::precondition(cayley::testing::reference_is_set)) {
  const ScratchFolder scratch;
  write_file_atomically(scratch / "file", "");
  const std::string run = cayley::testing::reference_file("runs/C113_MLP_seed1/cfg.json").parent_path().string();
  check_lab("explain " + run + " --out " + (scratch / "file/out").string(), 1, {"file/out", "cannot create"});
}

BOOST_AUTO_TEST_CASE(a_network_on_modular_addition_is_analysed_from_its_weights,
                     *utf::precondition(cayley::testing::reference_is_set)) {
  const ScratchFolder scratch;
  const auto run = cayley::testing::reference_file("modular_addition/model.safetensors").parent_path();
  check_lab("explain " + run.string() + " --out " + (scratch / "out").string(), 0,
            {"freq_6, freq_23, freq_37, freq_39, freq_41", "trig loss", "analysis.json"});
  const Json found = read_json(scratch / "out/analysis.json");
  const Json expected = read_json(run / "expected.json");
  for (char const* key : {"loss_all", "loss_train", "loss_test", "trig_loss_test", "logit_trig_ratio_mean"}) {
    BOOST_TEST(found.at(key).get<double>() == expected.at(key).get<double>(), boost::test_tools::tolerance(1e-6));
  }
  BOOST_TEST((found.at("key_frequencies") == expected.at("key_frequencies")));
  BOOST_TEST(found.size() == expected.size());

  // Without the file of the split every pair counts as a training pair.
  std::filesystem::create_directory(scratch / "bare");
  std::filesystem::copy(run / "model.safetensors", scratch / "bare/model.safetensors");
  check_lab("explain " + (scratch / "bare").string(), 0, {"trained on 12769 of 12769 pairs"});
}

BOOST_AUTO_TEST_SUITE_END()
