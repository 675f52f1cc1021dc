// cayley-lab explain for runs on sequences as a user runs it: a run of each task, trained and explained; bad usage.
#include <boost/test/unit_test.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/io/json.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "io/scratch_folder.hpp"
#include "lab/run_lab.hpp"

using namespace cayley;

namespace {

/// Trains a small run by the command; `flags` name the task and its data.
void train(std::filesystem::path const& run, std::string const& flags) {
  check_lab(
      "train --model Transformer --transformer.init sequences --seed 5 --lr 0.01 --weight_decay 0.1 --batch_size 32 "
      "--threads 1 --transformer.d_model 16 --transformer.n_heads 2 --transformer.d_head 8 --transformer.d_mlp 16 " +
          flags + " --out " + run.string(),
      0, {"epochs done"});
}

/// Explains it, checks that the table says these things, and returns analysis.json.
Json explained(std::filesystem::path const& run, std::vector<std::string> const& parts) {
  const auto out = run.parent_path() / "out";
  check_lab("explain " + run.string() + " --out " + out.string(), 0, parts);
  return read_json(out / "analysis.json");
}

/// The measures at its checkpoints, of which the last must be what the analysis says of the weights at the end.
CsvTable measures(std::filesystem::path const& run, Json const& analysis) {
  check_lab("explain " + run.string() + " --checkpoints --threads 2", 0, {"checkpoints", "progress_measures.csv"});
  CsvTable table = read_csv(run / "progress_measures.csv");
  BOOST_TEST(!std::filesystem::exists(run / "metrics.csv"));
  for (char const* key : {"loss", "accuracy"}) {
    BOOST_TEST(table.column(key).back() == analysis.at(key).get<double>(), boost::test_tools::tolerance(1e-12));
  }
  BOOST_TEST(table.column("loss").back() < table.column("loss").front());
  return table;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(explain_sequences_test)

BOOST_AUTO_TEST_CASE(max_of_two_is_trained_and_explained) {
  const ScratchFolder scratch;
  const auto run = scratch / "run";
  train(run,
        "--task max_of_n --sequences.vocabulary 8 --transformer.attn_only true --epochs 400 --log_every 10 "
        "--checkpoint_every 200");
  const Json analysis = explained(run, {"max_of_n", "all 64 inputs", "attends most to the largest", "train_loss"});
  BOOST_TEST(analysis.at("task") == "max_of_n");
  BOOST_TEST(analysis.at("all_inputs") == true);
  BOOST_TEST(analysis.at("evaluation_seed").is_null());
  BOOST_TEST(analysis.at("accuracy").get<double>() > 0.9);
  BOOST_TEST_REQUIRE(analysis.at("heads").size() == 2u);
  BOOST_TEST(analysis.at("heads")[1].at("OV").size() == 8u);
  BOOST_TEST(!analysis.at("phase_changes").at("train_loss")[0].is_null());
  const CsvTable table = measures(run, analysis);
  BOOST_TEST(table.column("epoch") == (std::vector<double>{0, 200, 399}), boost::test_tools::per_element());
  for (std::size_t t = 0; t < 8; ++t) {
    BOOST_TEST(table.column("overlap_head_1_number_" + std::to_string(t)).back() ==
                   analysis.at("heads")[1].at("attention_overlap")[t].get<double>(),
               boost::test_tools::tolerance(1e-12));
  }
}

BOOST_AUTO_TEST_CASE(digit_addition_is_trained_and_explained) {
  const ScratchFolder scratch;
  const auto run = scratch / "run";
  train(run, "--task digit_addition --sequences.digits 2 --epochs 60 --log_every 5 --checkpoint_every 30");
  const Json analysis = explained(run, {"digit_addition", "500 sequences", "whole sums", "unembedding", "sum mod 10"});
  BOOST_TEST(analysis.at("digit_losses").size() == 3u);
  BOOST_TEST(analysis.at("neurons").size() == 2u);
  BOOST_TEST(analysis.at("phase_changes").contains("train_loss_digit_2"));
  const CsvTable table = measures(run, analysis);
  BOOST_TEST(table.column("loss_digit_1").back() == analysis.at("digit_losses")[1].get<double>(),
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(skip_trigrams_are_trained_and_explained) {
  const ScratchFolder scratch;
  const auto run = scratch / "run";
  train(run,
        "--task skip_trigram --sequences.keys 4 --sequences.noise_length 8 --transformer.attn_only true --epochs 400 "
        "--log_every 10 --checkpoint_every 200");
  const Json analysis = explained(run, {"skip_trigram", "1000 sequences", "marked tokens", "train_loss_trigram_3"});
  BOOST_TEST(analysis.at("accuracy").get<double>() > 0.9);
  BOOST_TEST(analysis.at("trigram_attention").size() == 4u);
  const CsvTable table = measures(run, analysis);
  BOOST_TEST(table.column("accuracy").front() < 0.6);
  BOOST_TEST(
      table.column("advantage_head_0_trigram_3").back() == analysis.at("heads")[0].at("QK_advantage")[3].get<double>(),
      boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(induction_is_trained_and_explained) {
  const ScratchFolder scratch;
  const auto run = scratch / "run";
  train(run,
        "--task induction --sequences.length 17 --sequences.copied 4 --sequences.copies 2 --sequences.vocabulary 10 "
        "--transformer.n_layers 2 --transformer.attn_only true --epochs 40 --log_every 5 --checkpoint_every 20");
  const Json analysis = explained(run, {"induction", "256 sequences", "token before", "loss without", "K-composition"});
  BOOST_TEST(analysis.at("loss_without_head").size() == 2u);
  BOOST_TEST(analysis.at("compositions")[0].at("K").size() == 2u);
  const CsvTable table = measures(run, analysis);
  BOOST_TEST(table.column("induction_layer_1_head_1").back() == analysis.at("induction_scores")[1][1].get<double>(),
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(runs_that_go_on_are_explained_and_mistakes_are_named) {
  const ScratchFolder scratch;
  const auto run = scratch / "run";
  train(run,
        "--task skip_trigram --sequences.keys 3 --sequences.noise_length 5 --epochs 20 --log_every 5 "
        "--checkpoint_every 10");
  const std::string explain = "explain " + run.string();
  // With an MLP there are no circuits to be read off.
  check_lab(explain, 0, {"and 16 neurons", "none here"});
  check_lab(explain + " --all-irreps", 2, {"--all-irreps", "no group"});
  check_lab(explain + " --checkpoints --key sign", 2, {"--key", "no group"});
  check_lab(explain + " --elements order.json", 2, {"--elements", "no group"});
  check_lab("explain --help", 0, {"sequences"});
  write_file_atomically(scratch / "file", "");
  check_lab(explain + " --out " + (scratch / "file/out").string(), 1, {"file/out", "cannot create"});

  std::filesystem::remove(run / "model.safetensors");
  check_lab(explain, 0, {"still in training", "epoch 19"});
  Json config = read_json(run / "cfg.json");
  config["sequences"]["keys"] = 4;
  write_json(run / "cfg.json", config);
  check_lab(explain, 1, {"19.safetensors", "embed.W_E", "10 tokens"});
  check_lab(explain + " --checkpoints", 1, {"safetensors", "embed.W_E"});
  config["sequences"]["kyes"] = 4;
  write_json(run / "cfg.json", config);
  check_lab(explain, 1, {"cfg.json", "kyes", "keys"});
  config["sequences"].erase("kyes");
  write_json(run / "cfg.json", config);
  std::filesystem::remove_all(run / "checkpoints");
  check_lab(explain, 1, {"model.safetensors", "no checkpoints"});
  write_file_atomically(run / "model.safetensors", "no weights");
  check_lab(explain, 1, {"model.safetensors"});
}

BOOST_AUTO_TEST_SUITE_END()
