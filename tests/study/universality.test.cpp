#include <cayley/study/universality.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cayley/study/training_run.hpp>
#include <string>
#include <vector>

#include "io/scratch_folder.hpp"
#include "study/published_runs.hpp"
#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(universality_test)

using namespace cayley;

namespace {

RunConfig small_run_config(int seed, int hidden, int epochs = 300) {
  Json json = parse_json(R"({"group": "CyclicGroup", "group_parameter": 7, "model": "OneLayerMLP", "frac_train": 0.8,
    "layers": {"embed_dim": 16, "hidden_dim": 16}, "lr": 0.01, "checkpoint_points": 6})",
                         "cfg.json");
  json["seed"] = seed;
  json["layers"]["hidden_dim"] = hidden;
  json["num_epochs"] = epochs;
  return parse_config(json, "cfg.json");
}

RunRecord record_of(int seed, int hidden, std::vector<std::string> key_irreps, double test_loss) {
  RunRecord record;
  record.name = "seed" + std::to_string(seed);
  record.config = small_run_config(seed, hidden);
  record.key_irreps = std::move(key_irreps);
  record.metrics["test_loss"] = test_loss;
  return record;
}

}  // namespace

BOOST_AUTO_TEST_CASE(irreps_are_ordered_as_they_pass_the_threshold) {
  // One irrep an epoch; "b" and "a" pass together, "c" never does.
  const CsvTable table{{"epoch", "logit_a_rep_trace_similarity", "logit_b_rep_trace_similarity",
                        "logit_c_rep_trace_similarity", "logit_d_rep_trace_similarity"},
                       {{0, 0, 0, 0, 0.01}, {1, 0, 0, 0, 0.06}, {2, 0.2, 0.3, 0, 0.5}, {3, 0.3, 0.4, 0.05, 0.5}}};
  BOOST_TEST(learning_order(table, {"a", "b", "c", "d"}) == (std::vector<std::string>{"d", "a", "b", "c"}),
             boost::test_tools::per_element());
  BOOST_TEST(testing::thrown_message([&] { learning_order(table, {"e"}); }).find("logit_e_rep_trace_similarity") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_published_order_of_learning, *boost::unit_test::precondition(testing::reference_is_set)) {
  const Json index = read_json(testing::reference_file("runs/index.json"));
  const CsvTable table = read_csv(testing::reference_file("runs/S5_MLP_seed2/metrics_thinned.csv"));
  const auto& run = index.at("S5_MLP_seed2");
  BOOST_TEST(learning_order(table, run.at("key_reps").get<std::vector<std::string>>()) ==
                 run.at("key_reps_in_order").get<std::vector<std::string>>(),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(records_of_published_runs_agree_with_what_was_published,
                     *boost::unit_test::precondition(testing::reference_is_set)) {
  for (std::string name : {"C113_MLP_seed1", "D59_T_seed1"}) {
    const auto directory = testing::reference_file("runs/" + name + "/cfg.json").parent_path();
    const RunRecord ours = run_record(directory), published = published_record(directory);
    BOOST_TEST(ours.key_irreps == published.key_irreps, boost::test_tools::per_element());
    BOOST_TEST(!ours.order_known);
    BOOST_TEST(!ours.has_log);
    for (UniversalityColumn const& column : universality_columns) {
      BOOST_TEST(std::abs(ours.metric(column.key) - published.metric(column.key)) <=
                     5e-7 + 1e-5 * std::abs(published.metric(column.key)),
                 name << " " << column.key);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_record_of_a_run) {
  const ScratchFolder scratch;
  const auto path = scratch / "run";
  const TrainingRunResult trained = start_run(small_run_config(1, 16), ".", "cfg.json", path, {}, {});
  const RunRecord record = run_record(path);
  BOOST_TEST(record.name == "run");
  BOOST_TEST(record.epochs == 300);
  BOOST_TEST(record.has_log);
  BOOST_TEST((record.grokked == grokking_epoch(trained.rows)));
  BOOST_TEST(record.order_known);
  BOOST_TEST(record.metric("test_loss") == trained.rows.back().test_loss, boost::test_tools::tolerance(1e-4));
  BOOST_TEST(std::isnan(record.metric("no_such_key")));
  const CsvTable metrics = read_csv(path / "metrics.csv");
  BOOST_TEST(metrics.rows.size() == checkpoint_epochs(path).size());
  // The second time the table is read.
  write_csv(path / "metrics.csv", CsvTable{{"epoch"}, {}});
  if (!record.key_irreps.empty()) {
    BOOST_TEST(testing::thrown_message([&] { run_record(path); }).find("metrics.csv") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(settings_differ_in_more_than_seeds) {
  const std::vector<RunRecord> records{record_of(1, 16, {"freq_1"}, 1), record_of(1, 32, {"freq_2"}, 2),
                                       record_of(2, 16, {"freq_1", "freq_3"}, 3), record_of(2, 32, {}, NAN)};
  const std::vector<Setting> found = settings(records);
  BOOST_TEST(found.size() == 2u);
  BOOST_TEST(found[0].name == "C7 OneLayerMLP hidden_dim 16");
  BOOST_TEST(found[0].runs == (std::vector<std::size_t>{0, 2}), boost::test_tools::per_element());
  BOOST_TEST(mean_metric(records, found[0].runs, "test_loss") == 2.0);
  BOOST_TEST(mean_metric(records, found[1].runs, "test_loss") == 2.0);  // the run of which it is known
  BOOST_TEST(std::isnan(mean_metric(records, found[1].runs, "train_loss")));

  const auto frequencies = irrep_frequencies(records, found[0].runs);
  BOOST_TEST(frequencies.size() == 2u);
  BOOST_TEST(frequencies[0].first == "freq_1");
  BOOST_TEST(frequencies[0].second.successes == 2u);
  BOOST_TEST(frequencies[1].first == "freq_3");
  BOOST_TEST(frequencies[1].second.trials == 2u);
}

// Wilson's interval holds the shares p for which |successes/n - p| <= z sqrt(p (1 - p) / n): its ends solve the equation.
BOOST_DATA_TEST_CASE(intervals_are_wilsons, boost::unit_test::data::make({1u, 10u, 17u, 49u}), successes) {
  constexpr double n = 50, z = 1.959963984540054;
  const BinomialShare share = binomial_share(successes, 50);
  for (double p : {share.low, share.high}) {
    BOOST_TEST(std::abs(successes / n - p) == z * std::sqrt(p * (1 - p) / n), boost::test_tools::tolerance(1e-12));
  }
  BOOST_TEST(share.low < successes / n);
  BOOST_TEST(share.high > successes / n);
}

BOOST_AUTO_TEST_CASE(intervals_of_none_and_all) {
  BOOST_TEST(binomial_share(0, 50).low == 0.0);
  BOOST_TEST(binomial_share(0, 50).high == 0.0713, boost::test_tools::tolerance(1e-2));
  BOOST_TEST(binomial_share(50, 50).high == 1.0);
  BOOST_CHECK_THROW(binomial_share(3, 2), Error);
  BOOST_CHECK_THROW(binomial_share(0, 0), Error);
}

BOOST_AUTO_TEST_SUITE_END()
