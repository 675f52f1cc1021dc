#include <cayley/study/sequence_analysis_json.hpp>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "interpret/toy_sequence_models.hpp"
#include "study/small_sequence_runs.hpp"

using namespace cayley;
using namespace cayley::testing;

namespace {

Json json_of(SequenceAnalysis analysis, char const* task, std::vector<LoggedPhases> phases = {}) {
  // Through text, as a file stores it.
  const SequenceExplanation found{7, 9, std::move(analysis), std::move(phases)};
  return parse_json(json_text(analysis_json(found, small_sequence_config(task)), "analysis.json"), "analysis.json");
}

template <class Values>
void check_list(Json const& json, Values const& values, std::string const& what) {
  BOOST_TEST_REQUIRE(json.size() == static_cast<std::size_t>(values.size()), what);
  for (std::size_t i = 0; i < json.size(); ++i) {
    BOOST_TEST(json[i].get<double>() == *(values.data() + i), what << " " << i);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sequence_analysis_json_test)

BOOST_AUTO_TEST_CASE(max_of_n_is_written_with_its_circuits) {
  const MaxOfN task{5, 2};
  const MaxOfNAnalysis found = sequence_analysis(toy_max_model(task), task, task.all());
  LoggedPhases phases{"train_loss", {}};
  phases.epochs[1] = 30;
  const Json json = json_of(found, "max_of_n", {phases});
  BOOST_TEST(json["task"] == "max_of_n");
  BOOST_TEST(json["sequences"] == 7);
  BOOST_TEST(json["all_inputs"] == false);
  BOOST_TEST(json["evaluation_seed"] == 9);
  BOOST_TEST(json["accuracy"] == 1);
  BOOST_TEST(json["loss"].get<double>() == found.behaviour.loss);
  Json const& head = json["heads"][0];
  check_list(head["QK"], found.circuits->heads[0].QK, "QK");
  check_list(head["attention_overlap"], found.overlap[0], "overlap");
  BOOST_TEST(head["OV"].size() == 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    BOOST_TEST(head["OV"][i][i].get<double>() == toy_gain, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(head["OV_centred"][i][(i + 1) % 5].get<double>() == -toy_gain, boost::test_tools::tolerance(1e-12));
  }
  BOOST_TEST(head["OV_spread"].get<double>() == toy_gain, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(head["QK_spread"].get<double>() == 4 * toy_sharpness, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(head["OV_positions_spread"] == 0);
  BOOST_TEST(json["phase_thresholds"][1] == 0.5);
  BOOST_TEST(json["phase_changes"]["train_loss"][1] == 30);
  BOOST_TEST(json["phase_changes"]["train_loss"][0].is_null());
  MaxOfNAnalysis without = found;
  without.circuits.reset();
  BOOST_TEST(!json_of(without, "max_of_n").contains("heads"));
}

BOOST_AUTO_TEST_CASE(digit_addition_is_written_by_digit) {
  const RunConfig config = small_sequence_config("digit_addition");
  DigitAddition const& task = config.sequences.digit_addition;
  const auto found = sequence_analysis(small_sequence_model(config), task, sequence_evaluation(task, config).data);
  const Json json = json_of(found, "digit_addition");
  check_list(json["digit_losses"], found.losses.part_losses, "digit_losses");
  check_list(json["digit_accuracies"], found.losses.part_accuracies, "digit_accuracies");
  BOOST_TEST(json["digit_losses_by_carry"][2][1].is_null());  // no carry into the last digit
  BOOST_TEST(json["digit_losses_by_carry"][1][1].get<double>() == found.losses_by_carry(1, 1));
  BOOST_TEST(json["basis"].size() == 10u);
  check_list(json["embedding_spectrum"], found.spectra.embedding, "embedding_spectrum");
  BOOST_TEST(json["irreps"] == Json({"sign", "freq_1", "freq_2", "freq_3", "freq_4"}));
  BOOST_TEST_REQUIRE(json["neurons"].size() == 2u);
  for (Json const& digit : json["neurons"]) {
    std::size_t neurons = digit["neurons_unassigned"].get<std::size_t>();
    for (Json const& count : digit["neurons_per_irrep"]) neurons += count.get<std::size_t>();
    BOOST_TEST(neurons == 12u);
  }
  BOOST_TEST(json["neurons"][1]["digit"] == 2);
  check_list(json["neurons"][1]["sum_share"], found.neurons[1].sum_share, "sum_share");
}

BOOST_AUTO_TEST_CASE(skip_trigrams_and_induction_are_written_by_head) {
  const RunConfig config = small_sequence_config("skip_trigram");
  SkipTrigram const& task = config.sequences.skip_trigram;
  const auto trigrams = sequence_analysis(small_sequence_model(config), task, sequence_evaluation(task, config).data);
  Json json = json_of(trigrams, "skip_trigram");
  BOOST_TEST(json["trigram_attention"].size() == 3u);
  BOOST_TEST(json["trigram_attention_gradient"][2][1].get<double>() == trigrams.attention.gradient(2, 1));
  BOOST_TEST(json["heads"][1]["OV_marked"][2][0].get<double>() == trigrams.circuits->heads[1].OV_marked(2, 0));
  check_list(json["heads"][0]["QK_advantage"], trigrams.circuits->heads[0].advantage(), "QK_advantage");

  const auto induction = sequence_analysis(toy_induction_model(), toy_induction, toy_induction_sequences());
  json = json_of(induction, "induction");
  BOOST_TEST(json["loss_without_head"][0][0].get<double>() == induction.ablated.heads[0][0].loss);
  BOOST_TEST(json["loss_without_layer"][1].get<double>() == induction.ablated.layers[1].loss);
  BOOST_TEST(json["previous_token_scores"][0][0].get<double>() > 0.99);
  BOOST_TEST(json["induction_scores"][1][0].get<double>() > 0.99);
  BOOST_TEST(json["compositions"][0]["later"] == 1);
  BOOST_TEST(json["compositions"][0]["K_diagonal"][0][0] == 1);
  BOOST_TEST(json["compositions"][0]["K"][0][1].is_null());  // a head that does nothing
  InductionAnalysis without = induction;
  without.OV_diagonal = without.previous_position = Matrix<double>();
  without.compositions.clear();
  BOOST_TEST(!json_of(without, "induction").contains("compositions"));
}

BOOST_AUTO_TEST_SUITE_END()
