#include <cayley/study/induction_figures.hpp>

#include <boost/test/unit_test.hpp>

#include "study/small_sequence_runs.hpp"

BOOST_AUTO_TEST_SUITE(induction_figures_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(scores_stand_by_layer_and_head) {
  const RunConfig config = small_sequence_config("induction");
  Induction const& task = config.sequences.induction;
  const InductionAnalysis found =
      sequence_analysis(small_sequence_model(config), task, sequence_evaluation(task, config).data);
  const Figure figure = head_scores_figure(found);
  BOOST_TEST_REQUIRE(figure.panels.size() == 3u);
  const auto shown = [&](std::size_t panel) { return std::get<HeatMap>(figure.panels[panel].traces.at(0)); };
  BOOST_TEST((shown(0).z == found.previous_token_scores));
  BOOST_TEST((shown(1).z == found.induction_scores));
  BOOST_TEST((shown(2).z == found.ablated.head_losses()));
  BOOST_TEST(shown(1).row_labels == (std::vector<std::string>{"layer 0", "layer 1"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
