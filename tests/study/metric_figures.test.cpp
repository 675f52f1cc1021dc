#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/plot/plotly_json.hpp>
#include <cayley/study/metric_figures.hpp>

BOOST_AUTO_TEST_SUITE(metric_figures_test)
using namespace cayley;

const CsvTable first{{"epoch", "test_acc", "share_sign_rep"}, {{0, 0.1, 0}, {10, 0.5, 0.25}, {20, 0.995, 0.5}}};
const CsvTable second{{"epoch", "test_acc", "share_sign_rep"}, {{0, 0.3, 0.5}, {10, 0.7, 0.75}, {20, 0.98, 1}}};

BOOST_AUTO_TEST_CASE(one_run_is_drawn_as_its_column) {
  const Figure f = metric_figure({&first, 1}, {{"test_acc", "test"}}, {"Accuracy rises", "r", "accuracy", false});
  const Json data = plotly_json(f)["data"];
  BOOST_TEST(data.size() == 1U);
  BOOST_TEST((data[0]["x"] == Json({0, 10, 20})));
  BOOST_TEST((data[0]["y"] == Json({0.1, 0.5, 0.995})));
  BOOST_TEST((data[0]["name"] == "test"));
}

BOOST_AUTO_TEST_CASE(several_runs_have_a_median) {
  const std::vector<CsvTable> tables{first, second};
  const Json data = plotly_json(metric_figure(tables, {{"test_acc", "test"}}, {"t", "r", "accuracy"}))["data"];
  BOOST_TEST(data.size() == 3U);
  BOOST_TEST((data[1]["y"] == Json({0.3, 0.7, 0.98})));
  BOOST_TEST((data[2]["y"] == Json({0.2, 0.6, 0.9875})));
  BOOST_TEST((data[2]["x"] == Json({1, 10, 20})));
}

BOOST_AUTO_TEST_CASE(columns_of_irreps_and_logarithmic_axes) {
  const Json data = plotly_json(
      irrep_metric_figure({&first, 1}, {"sign"}, "share_", "_rep", {"t", "r", "share", true, true}))["data"];
  BOOST_TEST((data[0]["name"] == "sign"));
  BOOST_TEST((data[0]["y"] == Json({0.25, 0.5})));  // zero has no logarithm
  BOOST_CHECK_THROW(irrep_metric_figure({&first, 1}, {"standard"}, "share_", "_rep", {}), Error);
  BOOST_CHECK_THROW(metric_figure({}, {}, {}), Error);
}

BOOST_AUTO_TEST_CASE(grokking_is_a_test_accuracy_above_99_percent) {
  BOOST_TEST(grokked_epoch(first).value() == 20);
  BOOST_TEST(!grokked_epoch(second));
  const std::vector<CsvTable> tables{first, second};
  BOOST_TEST(all_have(tables, "share_sign_rep"));
  BOOST_TEST(!all_have(tables, "share"));
}

BOOST_AUTO_TEST_CASE(a_title_claims_what_every_run_shows) {
  const auto with_losses = [](CsvTable table) {
    for (char const* name : {"train_loss", "test_loss"}) table.columns.emplace_back(name);
    for (auto& row : table.rows) row.insert(row.end(), {0.5, 2.0});
    return table;
  };
  const std::vector<CsvTable> tables{with_losses(first), with_losses(second)};
  BOOST_TEST(loss_figure({tables.data(), 1}).title == "The training loss falls first, the test loss long after it");
  BOOST_TEST(loss_figure(tables).title == "Training and test loss");
  BOOST_TEST((plotly_json(loss_figure({tables.data(), 1}))["data"][1]["y"] == Json({2.0, 2.0, 2.0})));
  BOOST_CHECK_THROW(loss_figure({&first, 1}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
