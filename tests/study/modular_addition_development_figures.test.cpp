#include <cayley/study/modular_addition_development_figures.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/study/training_run.hpp>
#include <string>
#include <vector>

#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(modular_addition_development_figures_test)

using namespace cayley;

namespace {

/// A short run on addition modulo 5 with checkpoints at epochs 0, 50 and 99.
struct Developed {
  ScratchFolder scratch;
  StoredRun run = trained(scratch / "run");
  ModularAdditionDevelopment development = modular_addition_development(run, 1);
  CsvTable measures = measures_table(development);

  static StoredRun trained(std::filesystem::path const& directory) {
    const Json json = parse_json(R"({"task": "add", "group": "CyclicGroup", "group_parameter": 5, "frac_train": 0.7,
      "model": "Transformer", "seed": 3, "num_epochs": 100, "checkpoint_every": 50,
      "transformer": {"d_model": 8, "n_heads": 2, "d_head": 4, "d_mlp": 12}})",
                                 "cfg.json");
    start_run(parse_config(json, "cfg.json"), ".", "cfg.json", directory, {}, {});
    return read_run(directory);
  }
};

Curve const& curve(Figure const& figure, std::size_t at, std::size_t frame = 0) {
  return std::get<Curve>(figure.frames.empty() ? figure.panels.at(0).traces.at(at)
                                               : figure.frames.at(frame).traces.at(0).at(at));
}

}  // namespace

BOOST_AUTO_TEST_CASE(curves_are_columns_of_the_measures) {
  const Developed d;
  const std::vector<double> epochs{0, 50, 99};
  const auto check = [&](Curve const& shown, std::string const& column) {
    BOOST_TEST_CONTEXT(column) {
      BOOST_TEST(shown.x == epochs, boost::test_tools::per_element());
      BOOST_TEST(shown.y == d.measures.column(column), boost::test_tools::per_element());
    }
  };
  const Figure excluded = excluded_losses_figure(d.run.group.basis, {1, 2}, [&] {
    CsvTable table = d.measures;  // with excluded losses of both frequencies, whatever the clusters are
    for (char const* name : {"excluded_loss_freq_1", "excluded_loss_freq_2"}) {
      if (std::find(table.columns.begin(), table.columns.end(), name) != table.columns.end()) continue;
      table.columns.emplace_back(name);
      for (auto& row : table.rows) row.push_back(7);
    }
    return table;
  }());
  check(curve(excluded, 0), "train_loss");
  check(curve(excluded, 1), "test_loss");
  BOOST_TEST_REQUIRE(excluded.panels[0].traces.size() == 4u);
  BOOST_TEST(curve(excluded, 3).name == "train, without freq_2");
  BOOST_TEST(excluded.panels[0].y.logarithmic);
  check(curve(trig_fractions_figure(d.measures), 0), "pre_trig_fraction");
  check(curve(trig_fractions_figure(d.measures), 2), "logit_trig_fraction");
  check(curve(attention_difference_figure(2, d.measures), 1), "attention_difference_head_1");
  check(curve(losses_figure(d.measures), 2), "trig_loss");
  check(curve(loss_ratio_figure(d.measures), 0), "test_loss_trig_loss_ratio");
  check(curve(weight_norms_figure(d.measures), 0), "sum_of_squares_embed.W_E");
  check(curve(total_weight_norm_figure(d.measures), 0), "sum_of_squared_weights");
  const Figure norms = weight_norms_figure(d.measures);
  for (Trace const& trace : norms.panels[0].traces) {
    BOOST_TEST(std::get<Curve>(trace).y.back() > 0, std::get<Curve>(trace).name);
  }
}

BOOST_AUTO_TEST_CASE(animations_have_a_frame_for_each_checkpoint) {
  const Developed d;
  const Figure embedding = embedding_development_figure(d.run.group.basis, d.measures);
  BOOST_TEST_REQUIRE(embedding.frames.size() == 3u);
  BOOST_TEST(embedding.frames[1].label == "50");
  BOOST_TEST(curve(embedding, 0, 1).y.size() == 5u);
  BOOST_TEST(curve(embedding, 0, 1).y[3] == d.measures.column("embedding_cos 2")[1]);
  const Figure singular = singular_values_figure(d.measures);
  BOOST_TEST(curve(singular, 0, 2).y.size() == 5u);
  BOOST_TEST(curve(singular, 0, 2).y[1] == d.measures.column("embedding_singular_value_1")[2]);

  const Figure attention = mean_attention_figure(2, d.measures);
  HeatMap const& map = std::get<HeatMap>(attention.frames.at(2).traces[0][0]);
  BOOST_TEST(map.z(1, 2) == d.measures.column("attention_head_1_position_2")[2]);
  BOOST_TEST(map.z.row(0).sum() == 1, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(neurons_move_with_the_snapshots) {
  const Developed d;
  ModularAdditionSnapshot const& last = d.development.snapshots.back();
  const Figure quadratic = quadratic_fractions_figure(d.development);
  Points const& points = std::get<Points>(quadratic.frames.at(2).traces[0][0]);
  const Figure explained = explained_fractions_figure(d.development);
  BOOST_TEST_REQUIRE(explained.panels.size() == 2u);
  Points const& before = std::get<Points>(explained.frames.at(2).traces[0][0]);
  Points const& behind = std::get<Points>(explained.frames.at(2).traces[1][0]);
  BOOST_TEST_REQUIRE(points.x.size() == 12u);
  for (Index k = 0; k < 12; ++k) {
    const auto at = static_cast<std::size_t>(k);
    BOOST_TEST(points.x[at] == last.pre.quadratic[k]);
    BOOST_TEST(points.y[at] == last.post.quadratic[k]);
    BOOST_TEST(before.y[at] == last.pre.all[k]);
    BOOST_TEST(behind.y[at] == last.post.all[k]);
    BOOST_TEST(behind.value[at] == last.active[k]);
  }
  for (std::size_t c = 0; c < d.development.clusters.irreps.size(); ++c) {
    for (Index k : d.development.clusters.neurons[c]) {
      BOOST_TEST(points.value[static_cast<std::size_t>(k)] == static_cast<double>(d.development.clusters.irreps[c]));
    }
  }
  for (Index k : d.development.clusters.unassigned) BOOST_TEST(behind.x[static_cast<std::size_t>(k)] == 0);
}

BOOST_AUTO_TEST_SUITE_END()
