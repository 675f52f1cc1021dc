#include <cayley/study/progress_measures.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/study/training_run.hpp>
#include <filesystem>

#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(progress_measures_test)

using namespace cayley;

namespace {

/// A run of a small transformer on D5 with checkpoints.
void train_small(std::filesystem::path const& directory, char const* model) {
  Json json = parse_json(R"({"group": "DihedralGroup", "group_parameter": 3, "frac_train": 0.7, "seed": 3,
    "num_epochs": 200, "checkpoint_every": 50, "transformer": {"d_model": 8, "n_heads": 2, "d_head": 4, "d_mlp": 12},
    "layers": {"embed_dim": 8, "hidden_dim": 12}})",
                         "cfg.json");
  json["model"] = model;
  start_run(parse_config(json, "cfg.json"), ".", "cfg.json", directory, {}, {});
}

}  // namespace

BOOST_AUTO_TEST_CASE(measures_at_checkpoints_end_with_the_analysis) {
  const ScratchFolder scratch;
  train_small(scratch / "run", "Transformer");
  const StoredRun run = read_run(scratch / "run");
  const CsvTable table = progress_measures(run, 2);
  BOOST_TEST(table.column("epoch") == (std::vector<double>{0, 50, 100, 150, 199}), boost::test_tools::per_element());
  const ModularAddition found = run_analysis(run);
  BOOST_TEST(table.column("train_loss").back() == found.losses.train);
  BOOST_TEST(table.column("test_loss").back() == found.losses.test);
  BOOST_TEST(table.column("trig_loss").back() == found.trig_losses.all);
  BOOST_TEST(table.column("logit_trig_fraction").back() == found.logit_trig_share);
  for (std::size_t k = 0; k < found.clusters.irreps.size(); ++k) {
    const std::string name = run.group.irreps()[found.clusters.irreps[k]].label();
    BOOST_TEST(table.column("excluded_loss_" + name).back() == found.excluded_losses[k]);
  }
  BOOST_TEST(table.column("train_loss").front() > table.column("train_loss").back());
  // What was logged is what is measured.
  const LogRow last = RunDirectory::open(scratch / "run").log().back();
  BOOST_TEST(table.column("train_loss").back() == last.train_loss, boost::test_tools::tolerance(1e-4));
}

BOOST_AUTO_TEST_CASE(snapshots_show_each_neuron) {
  const ScratchFolder scratch;
  train_small(scratch / "run", "Transformer");
  const StoredRun run = read_run(scratch / "run");
  const ModularAdditionDevelopment development = modular_addition_development(run, 1);
  BOOST_TEST((measures_table(development).rows == progress_measures(run, 2).rows));
  const ModularAddition found = run_analysis(run);
  BOOST_TEST((development.clusters.irreps == found.clusters.irreps));
  ModularAdditionSnapshot const& last = development.snapshots.back();
  BOOST_TEST((last.active - found.fraction_positive).cwiseAbs().maxCoeff() < 1e-12);
  for (auto const& cluster : development.clusters.neurons) {
    for (Index k : cluster) {
      BOOST_TEST(last.post.all[k] == found.neurons[static_cast<std::size_t>(k)].centred_fraction,
                 boost::test_tools::tolerance(1e-9));
    }
  }
  BOOST_TEST(development.snapshots.front().post.all.mean() != last.post.all.mean());
}

BOOST_AUTO_TEST_CASE(other_models_and_runs_without_checkpoints_are_refused) {
  const ScratchFolder scratch;
  train_small(scratch / "mlp", "OneLayerMLP");
  const StoredRun mlp = read_run(scratch / "mlp");
  BOOST_CHECK_EXCEPTION(progress_measures(mlp, 1), Error, says({"mlp", "transformer", "OneLayerMLP"}));
  BOOST_CHECK_EXCEPTION(run_analysis(mlp), Error, says({"mlp", "transformer", "OneLayerMLP"}));
  train_small(scratch / "run", "Transformer");
  std::filesystem::remove_all(scratch / "run" / "checkpoints");
  BOOST_CHECK_EXCEPTION(progress_measures(read_run(scratch / "run"), 1), Error, says({"no checkpoints"}));
}

BOOST_AUTO_TEST_SUITE_END()
