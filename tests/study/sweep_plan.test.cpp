#include <cayley/study/sweep_plan.hpp>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(sweep_plan_test)

using namespace cayley;
using cayley::testing::thrown_message;

namespace {

SweepPlan plan_of(std::string const& text) {
  return sweep_plan(parse_json(text, "study.json"), ".", "study.json");
}

std::vector<std::string> names(SweepPlan const& plan) {
  std::vector<std::string> result;
  for (PlannedRun const& run : plan.runs) result.push_back(run.name);
  return result;
}

std::string const rest = R"("layers": {"embed_dim": 8, "hidden_dim": 12}, "frac_train": 0.5, "num_epochs": 9)";

}  // namespace

BOOST_AUTO_TEST_CASE(one_configuration_is_a_study_of_one_run) {
  const SweepPlan plan =
      plan_of(R"({"group": "SymmetricGroup", "group_parameter": 5, "model": "OneLayerMLP", "seed": 3, )" + rest + "}");
  BOOST_TEST(names(plan) == (std::vector<std::string>{"S5_OneLayerMLP"}), boost::test_tools::per_element());
  BOOST_TEST(plan.runs[0].config.seed == 3u);
}

BOOST_AUTO_TEST_CASE(lists_are_combined_the_last_fastest) {
  const SweepPlan plan =
      plan_of(R"({"group": "CyclicGroup", "group_parameter": 7, "model": ["OneLayerMLP", "BilinearNet"],
    "layers": {"embed_dim": 8, "hidden_dim": [12, 16]}, "frac_train": 0.5, "num_epochs": 9, "seed": [1, 2],
    "betas": [0.9, 0.98]})");
  const std::vector<std::string> expected{"C7_OneLayerMLP_hidden_dim12_seed1", "C7_OneLayerMLP_hidden_dim12_seed2",
                                          "C7_OneLayerMLP_hidden_dim16_seed1", "C7_OneLayerMLP_hidden_dim16_seed2",
                                          "C7_BilinearNet_hidden_dim12_seed1", "C7_BilinearNet_hidden_dim12_seed2",
                                          "C7_BilinearNet_hidden_dim16_seed1", "C7_BilinearNet_hidden_dim16_seed2"};
  BOOST_TEST(names(plan) == expected, boost::test_tools::per_element());
  BOOST_TEST(plan.runs[6].config.model == "BilinearNet");
  BOOST_TEST(plan.runs[6].config.hidden_dim == 16);
  BOOST_TEST(plan.runs[6].config.seed == 1u);
  BOOST_TEST(plan.runs[6].config.training.optimizer.betas[1] == 0.98);
}

BOOST_AUTO_TEST_CASE(variants_are_merged_and_nest) {
  const SweepPlan plan = plan_of(R"({"variants": [
      {"group": "SymmetricGroup", "group_parameter": 4, "layers": {"hidden_dim": 20}},
      {"group": "AlternatingGroup", "group_parameter": 5, "seed": [5, 6],
       "variants": [{"model": "BilinearNet", "lr": 0.01}, {"model": "OneLayerMLP"}]}],
    "model": "OneLayerMLP", "seed": [1], )" +
                                 rest + "}");
  const std::vector<std::string> expected{"S4_OneLayerMLP_seed1", "A5_BilinearNet_seed5", "A5_BilinearNet_seed6",
                                          "A5_OneLayerMLP_seed5", "A5_OneLayerMLP_seed6"};
  BOOST_TEST(names(plan) == expected, boost::test_tools::per_element());
  BOOST_TEST(plan.runs[0].config.hidden_dim == 20);
  BOOST_TEST(plan.runs[0].config.embed_dim == 8);
  BOOST_TEST(plan.runs[3].config.hidden_dim == 12);
  BOOST_TEST(plan.runs[1].config.training.optimizer.lr == 0.01);
}

BOOST_AUTO_TEST_CASE(betas_can_be_an_axis) {
  const SweepPlan plan = plan_of(R"({"group": "CyclicGroup", "group_parameter": 7, "model": "OneLayerMLP", "seed": 1,
    "betas": [[0.9, 0.98], [0.9, 0.999]], )" +
                                 rest + "}");
  BOOST_TEST(plan.runs.size() == 2u);
  BOOST_TEST(plan.runs[1].config.training.optimizer.betas[1] == 0.999);
  BOOST_TEST(plan.runs[1].name == "C7_OneLayerMLP_betas-0.9-0.999-");
}

BOOST_AUTO_TEST_CASE(a_run_keeps_its_name_when_values_are_added) {
  const std::string start = R"({"group": "CyclicGroup", "group_parameter": 7, "model": "OneLayerMLP", "seed": )";
  BOOST_TEST(names(plan_of(start + "[1], " + rest + "}"))[0] == names(plan_of(start + "[1, 2], " + rest + "}"))[0]);
}

BOOST_AUTO_TEST_CASE(runs_that_lists_do_not_tell_apart_are_named_after_what_differs) {
  const SweepPlan plan = plan_of(R"({"group": "CyclicGroup", "group_parameter": 7, "model": "OneLayerMLP", "seed": 1,
    "variants": [{"lr": 0.01}, {"lr": 0.1}], )" +
                                 rest + "}");
  BOOST_TEST(names(plan) == (std::vector<std::string>{"C7_OneLayerMLP_lr0.01", "C7_OneLayerMLP_lr0.1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(subjects) {
  const auto subject = [](std::string const& text) { return subject_name(plan_of(text).runs[0].config); };
  BOOST_TEST(
      subject(R"({"group": "TableGroup", "group_parameter": "tables/Q8.json", "model": "OneLayerMLP", "seed": 1, )" +
              rest + "}") == "Q8");
  BOOST_TEST(subject(R"({"task": "divide", "group": "CyclicGroup", "group_parameter": 7, "model": "OneLayerMLP",
    "seed": 1, )" + rest +
                     "}") == "C7_divide");
  BOOST_TEST(subject(R"({"task": "max_of_n", "model": "Transformer", "seed": 1, "num_epochs": 1})") == "max_of_n");
}

BOOST_AUTO_TEST_CASE(mistakes_are_named) {
  const auto message = [](std::string const& text) { return thrown_message([&] { plan_of(text); }); };
  const std::string start = R"({"group": "CyclicGroup", "group_parameter": 7, "model": "OneLayerMLP", )" + rest;
  BOOST_TEST(message("[]").find("study.json: expected an object") != std::string::npos, message("[]"));
  BOOST_TEST(message(start + R"(, "seed": []})").find("empty list") != std::string::npos);
  BOOST_TEST(message(start + R"(, "seed": [1, 1]})").find("the run C7_OneLayerMLP_seed1 twice") != std::string::npos);
  BOOST_TEST(message(start + R"(, "sed": [1]})").find("unknown key \"sed\" (did you mean seed") != std::string::npos,
             message(start + R"(, "sed": [1]})"));
  BOOST_TEST(message(start + R"(, "seed": 1, "variants": []})").find("\"variants\"") != std::string::npos);
  BOOST_TEST(
      message(start + R"(, "seed": 1, "variants": [3]})").find("variant 0: expected an object, found number 3") !=
      std::string::npos);
  BOOST_TEST(message(start + R"(, "variants": [{"seed": 1}, {"seed": "x"}]})").find("seed") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
