#include <cayley/study/sequence_run.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/study/explain.hpp>
#include <cayley/study/training_run.hpp>
#include <cmath>
#include <filesystem>
#include <string>

#include "io/scratch_folder.hpp"
#include "slow_build.hpp"

BOOST_AUTO_TEST_SUITE(sequence_run_test)

using namespace cayley;

namespace {

Json small(char const* task, char const* sequences) {
  Json json = parse_json(R"({"model": "Transformer", "seed": 5, "num_epochs": 24, "batch_size": 8, "log_every": 4,
    "checkpoint_every": 10, "warmup_steps": 3,
    "transformer": {"d_model": 8, "n_heads": 2, "d_head": 4, "d_mlp": 12, "init": "sequences"}})",
                         "cfg.json");
  json["task"] = task;
  json["sequences"] = parse_json(sequences, "cfg.json");
  return json;
}

std::string result_bytes(std::filesystem::path const& run) {
  std::string bytes = read_file(run / "log.csv") + read_file(run / "model.safetensors");
  for (std::int64_t epoch : checkpoint_epochs(run)) {
    bytes += read_file(run / "checkpoints" / std::to_string(epoch).append(".safetensors"));
  }
  return bytes;
}

TrainingRunResult start(Json const& json, std::filesystem::path const& out, TrainingRunOptions const& options = {}) {
  return start_run(parse_config(json, "cfg.json"), ".", "cfg.json", out, {}, options);
}

}  // namespace

BOOST_AUTO_TEST_CASE(runs_on_finite_and_endless_data_resume_with_the_same_bits) {
  const ScratchFolder scratch;
  const std::vector<std::pair<char const*, char const*>> runs{
      {"max_of_n", R"({"n": 3, "vocabulary": 6, "test": 20})"},
      {"max_of_n", R"({"vocabulary": 24, "force_adjacent": true})"},
      {"digit_addition", R"({"digits": 2, "test": 20})"},
      {"digit_addition", R"({"digits": 2, "train": 30, "test": 20, "seed": 9})"},
      {"skip_trigram", R"({"keys": 3, "noise_length": 5})"},
      {"induction", R"({"length": 13, "copied": 3, "copies": 2, "vocabulary": 9, "discarded": 8, "test": 5})"}};
  int number = 0;
  for (auto const& [task, sequences] : runs) {
    BOOST_TEST_CONTEXT(task << " " << sequences) {
      const std::string name = std::to_string(number++);
      const TrainingRunResult result = start(small(task, sequences), scratch / name);
      BOOST_TEST(result.epochs == 24);
      BOOST_TEST(std::isfinite(result.rows.back().train_loss));
      BOOST_TEST(!std::filesystem::exists(scratch / name / "elements.json"));
      TrainingRunOptions options;
      options.until = 7;
      start(small(task, sequences), scratch / (name + "parts"), options);
      options = {};
      options.threads = 2;
      resume_run(scratch / (name + "parts"), options);
      BOOST_TEST((result_bytes(scratch / (name + "parts")) == result_bytes(scratch / name)));
      BOOST_TEST(resume_run(scratch / name, {}).rows.size() == result.rows.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_log_has_parts_and_a_moving_average) {
  const ScratchFolder scratch;
  Json json = small("digit_addition", R"({"digits": 2})");
  json["log_every"] = 1;
  start(json, scratch / "digits");
  const CsvTable log = read_csv(scratch / "digits" / "log.csv");
  BOOST_TEST(log.columns == (std::vector<std::string>{"epoch", "train_loss", "test_loss", "train_acc", "test_acc",
                                                      "train_loss_average", "train_loss_digit_0", "train_loss_digit_1",
                                                      "train_loss_digit_2"}),
             boost::test_tools::per_element());
  double sum = 0;
  for (std::size_t i = 0; i < log.rows.size(); ++i) {
    auto const& row = log.rows[i];
    sum += row[1];
    BOOST_TEST(std::abs(row[5] - sum / static_cast<double>(i + 1)) < 1e-12);
    BOOST_TEST(std::abs((row[6] + row[7] + row[8]) / 3 - row[1]) < 1e-5);
    BOOST_TEST(std::isnan(row[2]));  // no test set
  }
  start(small("skip_trigram", R"({"keys": 3, "noise_length": 5})"), scratch / "trigrams");
  BOOST_TEST(read_csv(scratch / "trigrams" / "log.csv").columns.back() == "train_loss_trigram_2");
  BOOST_TEST(read_json(scratch / "trigrams" / "run.json")["step"] == "folded");
  BOOST_TEST(read_json(scratch / "digits" / "run.json")["step"] == "general");
}

BOOST_AUTO_TEST_CASE(mistakes_name_the_key) {
  const auto refuses = [](Json const& json, std::vector<std::string> const& parts) {
    const ScratchFolder scratch;
    BOOST_CHECK_EXCEPTION(start(json, scratch / "run"), Error, says(parts));
    BOOST_TEST(!std::filesystem::exists(scratch / "run"));
  };
  refuses(small("skip_trigram", R"({"key": 3})"), {"sequences", "\"key\"", "keys"});
  refuses(small("max_of_n", R"({"digits": 3})"), {"sequences", "max_of_n", "digits"});
  refuses(small("max_of_n", R"({"n": 3, "force_adjacent": true})"), {"force_adjacent", "n = 2"});
  refuses(small("induction", R"({"length": 5})"), {"sequences", "induction"});
  refuses(small("digit_addition", R"({"train": -1})"), {"train", "at least 0"});
  Json json = small("digit_addition", "{}");
  json["batch_size"] = 0;
  refuses(json, {"batch_size", "at least 1"});
  json = small("digit_addition", "{}");
  json["model"] = "OneLayerMLP";
  json["layers"] = {{"embed_dim", 3}, {"hidden_dim", 3}};
  refuses(json, {"digit_addition", "Transformer"});
}

BOOST_AUTO_TEST_CASE(explanations_are_for_tasks_with_a_group) {
  const ScratchFolder scratch;
  start(small("skip_trigram", R"({"keys": 3, "noise_length": 5})"), scratch / "run");
  BOOST_CHECK_EXCEPTION(read_run(scratch / "run"), Error, says({"cfg.json", "task", "skip_trigram"}));
}

// The losses that the notebook prints, before the step of that number; see docs/conventions.md for the seeds.
BOOST_AUTO_TEST_CASE(skip_trigrams_follow_the_published_losses) {
  Json json = parse_json(R"({"task": "skip_trigram", "model": "Transformer", "seed": 6798, "batch_size": 256,
    "num_epochs": 3000, "log_every": 100, "checkpoint_points": 0, "warmup_steps": 10, "weight_decay": 0.1,
    "transformer": {"d_model": 32, "n_heads": 1, "d_head": 8, "attn_only": true, "init": "sequences"}})",
                         "cfg.json");
  const std::vector<std::pair<std::int64_t, double>> printed{
      {0, 2.34612692}, {100, 2.24862735}, {200, 0.25492341}, {300, 0.01425927}, {500, 8.4077644e-4}};
  TrainingRunOptions options;
  options.until = cayley::testing::slow_build ? 101 : 501;
  const ScratchFolder scratch;
  const TrainingRunResult result = start(json, scratch / "run", options);
  for (auto const& [step, loss] : printed) {
    for (LogRow const& row : result.rows) {
      if (row.epoch == step) BOOST_TEST(std::abs(row.train_loss - loss) <= 1e-3 * loss, step << ": " << row.train_loss);
    }
  }
  BOOST_TEST(result.rows.size() >= 2u);
}

BOOST_AUTO_TEST_SUITE_END()
