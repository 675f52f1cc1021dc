#include <cayley/study/checkpoint_metrics.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/study/training_run.hpp>
#include <cmath>

#include "io/scratch_folder.hpp"
#include "slow_build.hpp"
#include "study/published_runs.hpp"

BOOST_AUTO_TEST_SUITE(checkpoint_metrics_test)

using namespace cayley;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_CASE(metrics_of_checkpoints_are_those_of_explanations) {
  const Json json = parse_json(R"({"layers": {"embed_dim": 8, "hidden_dim": 12}, "model": "OneLayerMLP",
    "group": "SymmetricGroup", "group_parameter": 3, "frac_train": 0.7, "seed": 3, "num_epochs": 200,
    "checkpoint_every": 50})",
                               "cfg.json");
  const ScratchFolder scratch;
  BOOST_CHECK_EXCEPTION(read_run(scratch.path()), Error, says({"cfg.json"}));
  start_run(parse_config(json, "cfg.json"), ".", "cfg.json", scratch / "run", {}, {});
  const StoredRun run = read_run(scratch / "run");
  const CsvTable table = checkpoint_metrics(run, {}, 2);
  BOOST_TEST(table.column("epoch") == (std::vector<double>{0, 50, 100, 150, 199}), boost::test_tools::per_element());
  const Json summary = summary_metrics(explain(run), run);
  for (std::string const& name : table.columns) {
    if (name == "epoch" || name.starts_with("percent_hidden_")) continue;
    BOOST_TEST(table.column(name).back() == summary.at(name).get<double>(), name);
  }
  // The older hidden share: of the whole power, not of the centred one.
  const Matrix<double> hidden = run.network.hidden_of_all();
  double share = 0, power = 0;
  for (Index k = 0; k < hidden.cols(); ++k) {
    share += std::pow(hidden.col(k).mean(), 2) * static_cast<double>(hidden.rows());
    power += hidden.col(k).squaredNorm();
  }
  BOOST_TEST(table.column("percent_hidden_trivial_rep").back() == share / power, boost::test_tools::tolerance(1e-9));

  // With the shares of the hidden layer behind the published columns.
  const CsvTable wide = checkpoint_metrics(run, {}, 1, true);
  BOOST_TEST_REQUIRE(wide.columns.size() > table.columns.size());
  for (std::size_t c = 0; c < wide.columns.size(); ++c) {
    const double value = wide.column(wide.columns[c]).back();
    if (c < table.columns.size()) {
      BOOST_TEST(value == table.rows.back()[c], wide.columns[c]);
    } else {
      BOOST_TEST(value == summary.at(wide.columns[c]).get<double>(), wide.columns[c]);
    }
  }

  // Given key irreps, totals run over those.
  const CsvTable sign = checkpoint_metrics(run, std::vector<std::string>{"sign"}, 1);
  BOOST_TEST(sign.column("total_hidden_restricted_loss")[0] == sign.column("hidden_restricted_loss_sign_rep")[0],
             boost::test_tools::tolerance(1e-12));
  BOOST_CHECK_EXCEPTION(checkpoint_metrics(run, std::vector<std::string>{"sing"}, 1), Error, says({"sing", "sign"}));
  std::filesystem::remove_all(scratch / "run" / "checkpoints");
  BOOST_CHECK_EXCEPTION(checkpoint_metrics(run, {}, 1), Error, says({"no checkpoints"}));
}

// Absolute 1e-4 where values are at most 1, relative beyond; an accuracy is a count, of which a few pairs on the verge
// may fall either way.
BOOST_AUTO_TEST_CASE(the_published_development_of_s5_is_reproduced,
                     *utf::precondition(cayley::testing::reference_is_set)) {
  const std::string name = "S5_MLP_seed2";
  const CsvTable expected = read_csv(cayley::testing::reference_file("runs/" + name + "/metrics_thinned.csv"));
  const std::size_t rows = cayley::testing::slow_build ? 3 : 50;
  RunConfig config = read_config(cayley::testing::reference_file("runs/" + name + "/cfg.json"));
  config.checkpoint_points = 1000;
  TrainingRunOptions options;
  options.threads = 2;
  options.until = static_cast<std::int64_t>(expected.rows[rows - 1][0]) + 1;
  const ScratchFolder scratch;
  start_run(config, ".", "cfg.json", scratch / "run", cayley::testing::published_elements(name), options);
  const CsvTable found = checkpoint_metrics(read_run(scratch / "run"), std::vector<std::string>{"sign", "standard"}, 2);
  BOOST_TEST(found.columns == expected.columns, boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(found.rows.size() == rows);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < expected.columns.size(); ++column) {
      const double reference = expected.rows[row][column], value = found.rows[row][column];
      const bool accuracy = expected.columns[column].ends_with("_acc");
      const double tolerance = accuracy ? 5.5 / 5760 : 1e-4 * std::max(1.0, std::abs(reference));
      BOOST_TEST(std::abs(value - reference) <= tolerance, "epoch " << expected.rows[row][0] << ", "
                                                                    << expected.columns[column] << ": " << value
                                                                    << ", expected " << reference);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
