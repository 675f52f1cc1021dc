#include <cayley/study/training_run.hpp>

#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/study/explain.hpp>
#include <cmath>

#include "io/scratch_folder.hpp"
#include "slow_build.hpp"
#include "study/published_runs.hpp"
#include "study/run_results.hpp"

BOOST_AUTO_TEST_SUITE(training_run_test)

using namespace cayley;
namespace utf = boost::unit_test;

namespace {

RunConfig small_config(std::int64_t epochs = 60) {
  const Json json = parse_json(R"({"layers": {"embed_dim": 8, "hidden_dim": 12}, "model": "OneLayerMLP",
    "group": "DihedralGroup", "group_parameter": 5, "frac_train": 0.6, "seed": 3, "num_epochs": 0, "batch_size": 25})",
                               "cfg.json");
  RunConfig config = parse_config(json, "cfg.json");
  config.num_epochs = epochs;
  config.log_every = 4;
  config.checkpoint_every = 10;
  return config;
}

TrainingRunResult start(RunConfig const& config, std::filesystem::path const& out,
                        TrainingRunOptions const& options = {}) {
  return start_run(config, ".", "cfg.json", out, {}, options);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_run_writes_its_files_and_can_be_explained) {
  const ScratchFolder scratch;
  const auto run = scratch / "run";
  const TrainingRunResult result = start(small_config(), run);
  BOOST_TEST((result.end == TrainingEnd::finished));
  BOOST_TEST(result.epochs == 60);
  for (char const* name : {"cfg.json", "elements.json", "run.json", "log.csv", "model.safetensors"}) {
    BOOST_TEST(std::filesystem::exists(run / name), name);
  }
  const CsvTable log = read_csv(run / "log.csv");
  BOOST_TEST(log.columns == (std::vector<std::string>{"epoch", "train_loss", "test_loss", "train_acc", "test_acc"}),
             boost::test_tools::per_element());
  BOOST_TEST(log.rows.size() == 16u);  // 0, 4, .. 56 and the last, 59
  BOOST_TEST(log.rows.back()[0] == 59.0);
  BOOST_TEST(log.rows.back()[1] < log.rows.front()[1]);
  BOOST_TEST(checkpoint_epochs(run) == (std::vector<std::int64_t>{0, 10, 20, 30, 40, 50, 59}),
             boost::test_tools::per_element());

  // What an explanation measures is what the trainer measured.
  const StoredRun stored = read_run(run);
  const PairLosses losses = pair_losses(stored.network, stored.group.table, stored.train);
  BOOST_TEST(losses.train_loss == log.rows.back()[1], boost::test_tools::tolerance(1e-5));
  BOOST_TEST(losses.test_loss == log.rows.back()[2], boost::test_tools::tolerance(1e-5));
  BOOST_TEST(losses.test_accuracy == log.rows.back()[4], boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(an_interrupted_run_ends_with_the_same_bits) {
  const ScratchFolder scratch;
  start(small_config(), scratch / "whole");
  TrainingRunOptions options;
  options.until = 17;
  options.state_seconds = 0;  // a state after every epoch
  BOOST_TEST((start(small_config(), scratch / "parts", options).end == TrainingEnd::interrupted));
  BOOST_TEST(!std::filesystem::exists(scratch / "parts" / "model.safetensors"));
  options.until = 33;
  options.threads = 3;
  BOOST_TEST(resume_run(scratch / "parts", options).epochs == 33);
  // A run that died here would leave rows, checkpoints and half a line that are ahead of its state.
  {
    RunDirectory directory = RunDirectory::open(scratch / "parts");
    directory.append({36, 1, 1, 1, 1});
    directory.write_checkpoint(50, TensorFile());
  }
  options.until.reset();
  options.state_seconds = 1e9;
  int epochs = 0;
  options.go_on = [&](std::int64_t, std::span<LogRow const>) { return ++epochs < 9; };
  BOOST_TEST((resume_run(scratch / "parts", options).end == TrainingEnd::interrupted));
  options.go_on = {};
  const TrainingRunResult result = resume_run(scratch / "parts", options);
  BOOST_TEST((result.end == TrainingEnd::finished));
  BOOST_TEST(result.rows.size() == 16u);
  BOOST_TEST((testing::result_bytes(scratch / "parts") == testing::result_bytes(scratch / "whole")));
  // A run that has ended is left alone.
  BOOST_TEST((resume_run(scratch / "parts", options).rows.size() == 16u));
  BOOST_TEST((testing::result_bytes(scratch / "parts") == testing::result_bytes(scratch / "whole")));
}

BOOST_AUTO_TEST_CASE(a_run_without_a_state_begins_again) {
  const ScratchFolder scratch;
  start(small_config(20), scratch / "whole");
  TrainingRunOptions options;
  options.until = 7;
  start(small_config(20), scratch / "parts", options);
  std::filesystem::remove(scratch / "parts" / "state_a.safetensors");
  resume_run(scratch / "parts", {});
  BOOST_TEST((testing::result_bytes(scratch / "parts") == testing::result_bytes(scratch / "whole")));
}

BOOST_AUTO_TEST_CASE(a_stop_rule_ends_a_run_once) {
  RunConfig config = small_config(4000);
  config.stop.train_loss = 0.5;
  config.training.optimizer.weight_decay = 0;
  const ScratchFolder scratch;
  const TrainingRunResult result = start(config, scratch / "run");
  BOOST_TEST((result.end == TrainingEnd::stopped));
  BOOST_TEST(result.rows.back().train_loss <= 0.5);
  BOOST_TEST(checkpoint_epochs(scratch / "run").back() == result.rows.back().epoch);
  // Killed between its last state and its model: it stops at the same place.
  const std::string model = read_file(scratch / "run" / "model.safetensors");
  std::filesystem::remove(scratch / "run" / "model.safetensors");
  BOOST_TEST((resume_run(scratch / "run", {}).end == TrainingEnd::stopped));
  BOOST_TEST((read_file(scratch / "run" / "model.safetensors") == model));
}

BOOST_AUTO_TEST_CASE(bilinear_networks_biases_and_tables_of_groups_train_too) {
  const ScratchFolder scratch;
  RunConfig config = small_config(12);
  config.model = "BilinearNet";
  start(config, scratch / "bilinear");
  BOOST_TEST(read_run(scratch / "bilinear").network.hidden_size() == 8);
  config = small_config(12);
  config.hidden_bias = true;
  config.training.optimizer.weight_decay = 0;
  start(config, scratch / "bias");
  BOOST_TEST(read_safetensors(scratch / "bias" / "model.safetensors").contains("b_hidden"));

  write_table_group(scratch / "q8.json", Dihedral<4>{});
  config = small_config(12);
  config.group = "TableGroup";
  config.group_parameter = "q8.json";
  start_run(config, scratch.path(), "cfg.json", scratch / "table", {}, {});
  BOOST_TEST(read_run(scratch / "table").group.table.order() == 8);
  TrainingRunOptions options;
  BOOST_TEST(resume_run(scratch / "table", options).rows.size() == 4u);
}

/// A small transformer that trains as the published ones do, or through every position.
RunConfig transformer_config(Index n_layers) {
  const Json json = parse_json(R"({"model": "Transformer", "group": "DihedralGroup", "group_parameter": 5,
    "frac_train": 0.6, "seed": 3, "num_epochs": 24, "log_every": 4, "checkpoint_every": 10, "batch_size": 25,
    "transformer": {"d_model": 8, "n_heads": 2, "d_head": 4, "d_mlp": 12}})",
                               "cfg.json");
  RunConfig config = parse_config(json, "cfg.json");
  config.transformer.n_layers = n_layers;
  return config;
}

BOOST_AUTO_TEST_CASE(transformers_train_by_tables_and_through_every_position) {
  const ScratchFolder scratch;
  for (const Index layers : {1, 2}) {
    const std::string name = std::to_string(layers);
    const RunConfig config = transformer_config(layers);
    const TrainingRunResult result = start(config, scratch / name);
    BOOST_TEST(result.rows.back().train_loss < result.rows.front().train_loss);
    BOOST_TEST(read_json(scratch / name / "run.json")["step"] == (layers == 1 ? "folded" : "general"));
    TrainingRunOptions options;
    options.until = 7;
    start(config, scratch / (name + "parts"), options);
    options = {};
    options.threads = 2;
    BOOST_TEST((resume_run(scratch / (name + "parts"), options).end == TrainingEnd::finished));
    BOOST_TEST((testing::result_bytes(scratch / (name + "parts")) == testing::result_bytes(scratch / name)));
  }
  const StoredRun stored = read_run(scratch / "1");
  const PairLosses losses = pair_losses(stored.network, stored.group.table, stored.train);
  const LogRow last = RunDirectory::open(scratch / "1").log().back();
  BOOST_TEST(losses.train_loss == last.train_loss, boost::test_tools::tolerance(1e-5));
  BOOST_TEST(losses.test_loss == last.test_loss, boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_CASE(modular_addition_trains_as_in_its_study) {
  const ScratchFolder scratch;
  RunConfig config = transformer_config(1);
  config.task = "add";
  config.group = "CyclicGroup";
  config.group_parameter = 7;
  config.split = SplitKind::python;
  config.equals_logit = config.transformer.has_biases = config.transformer.mlp_biases_alone = true;
  config.transformer_init = TransformerInit::modular_addition;
  const TrainingRunResult result = start(config, scratch / "run");
  const TensorFile file = read_safetensors(scratch / "run" / "model.safetensors");
  BOOST_TEST((file.shape("unembed.W_U") == Shape{8, 8}));
  BOOST_TEST(file.contains("blocks.0.mlp.b_in"));
  BOOST_TEST(!file.contains("blocks.0.attn.b_Q"));
  // The explanation drops the logit of "=", so that its losses are not those of training.
  const StoredRun stored = read_run(scratch / "run");
  BOOST_TEST(stored.network.order() == 7);
  BOOST_TEST(
      pair_losses(stored.network, stored.group.table, stored.train).train_accuracy == result.rows.back().train_accuracy,
      boost::test_tools::tolerance(0.2));
}

BOOST_AUTO_TEST_CASE(other_modular_tasks_train_but_are_not_explained) {
  const ScratchFolder scratch;
  RunConfig config = small_config(12);
  config.group = "CyclicGroup";
  config.group_parameter = 7;
  for (char const* task : {"subtract", "x2xyy2", "divide", "rand"}) {
    config.task = task;
    const TrainingRunResult result = start(config, scratch / task);
    BOOST_TEST(result.rows.back().train_loss < result.rows.front().train_loss, task);
    BOOST_CHECK_EXCEPTION(read_run(scratch / task), Error, says({task, "composition"}));
  }
}

BOOST_AUTO_TEST_CASE(an_element_order_only_renames_the_data) {
  const ScratchFolder scratch;
  Json order = Json::array();
  for (int i : {3, 1, 4, 0, 5, 9, 2, 6, 8, 7}) order.push_back(i);
  write_json(scratch / "order.json", order);
  const RunConfig config = small_config(12);
  start_run(config, ".", "cfg.json", scratch / "run", scratch / "order.json", {});
  BOOST_TEST(read_json(scratch / "run" / "elements.json").dump() == order.dump());
  const StoredRun stored = read_run(scratch / "run");
  const PairLosses losses = pair_losses(stored.network, stored.group.table, stored.train);
  BOOST_TEST(losses.train_loss == RunDirectory::open(scratch / "run").log().back().train_loss,
             boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_CASE(mistakes_are_found_before_anything_is_written) {
  const ScratchFolder scratch;
  RunConfig config = small_config();
  config.group = "DihedralGruop";
  BOOST_CHECK_EXCEPTION(start(config, scratch / "run"), Error, says({"cfg.json", "DihedralGruop", "DihedralGroup"}));
  config = small_config();
  config.frac_train = 0.001;
  BOOST_CHECK_EXCEPTION(start(config, scratch / "run"), Error, says({"cfg.json", "frac_train", "0.001"}));
  BOOST_TEST(!std::filesystem::exists(scratch / "run"));
  start(small_config(2), scratch / "run");
  BOOST_CHECK_EXCEPTION(start(small_config(2), scratch / "run"), Error, says({"run", "cfg.json"}));
  BOOST_CHECK_EXCEPTION(resume_run(scratch / "nowhere", {}), Error, says({"nowhere"}));
}

// From their seeds the published runs begin as published; later the paths part as rounding grows. Bounds are relative,
// on the larger deviation of training and test loss, up to each epoch.
struct Bound {
  std::int64_t epoch;
  double deviation;
};
struct PublishedStart {
  char const* run;
  std::vector<Bound> bounds;
};
std::ostream& operator<<(std::ostream& out, PublishedStart const& start) {
  return out << start.run;
}
std::vector<PublishedStart> const published_starts{{"S5_MLP_seed2", {{20, 1e-6}, {150, 1e-3}, {500, 0.05}}},
                                                   {"D59_MLP_seed1", {{50, 1e-4}}},
                                                   {"A5_MLP_seed1", {{50, 1e-4}}},
                                                   {"S5_T_seed1", {{20, 1e-4}}},
                                                   {"D59_T_seed1", {{20, 1e-4}}},
                                                   {"A5_T_seed1", {{20, 1e-4}}}};

BOOST_TEST_DECORATOR(*utf::precondition(cayley::testing::reference_is_set))
BOOST_DATA_TEST_CASE(published_runs_are_followed_from_their_seeds, utf::data::make(published_starts), published) {
  const std::string name = published.run;
  const std::int64_t last = cayley::testing::slow_build ? std::min<std::int64_t>(20, published.bounds.back().epoch)
                                                        : published.bounds.back().epoch;
  const ScratchFolder scratch;
  RunConfig config = read_config(cayley::testing::reference_file("runs/" + name + "/cfg.json"));
  config.checkpoint_points = 0;
  TrainingRunOptions options;
  options.threads = 2;
  options.until = last + 1;
  const TrainingRunResult result =
      start_run(config, ".", "cfg.json", scratch / "run", cayley::testing::published_elements(name), options);
  const CsvTable expected = read_csv(cayley::testing::reference_file("trajectories/" + name + ".csv"));
  std::size_t compared = 0;
  for (LogRow const& row : result.rows) {
    auto const& reference = expected.rows[compared++];
    BOOST_TEST(static_cast<double>(row.epoch) == reference[0]);
    const double deviation = std::max(std::abs(row.train_loss - reference[1]) / reference[1],
                                      std::abs(row.test_loss - reference[2]) / reference[2]);
    for (Bound const& bound : published.bounds) {
      if (row.epoch <= bound.epoch)
        BOOST_TEST(deviation <= bound.deviation, "epoch " << row.epoch << ": " << deviation);
    }
  }
  BOOST_TEST(compared > 15u);
}

BOOST_AUTO_TEST_SUITE_END()
