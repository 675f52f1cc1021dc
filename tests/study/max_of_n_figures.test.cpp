#include <cayley/study/max_of_n_figures.hpp>

#include <boost/test/unit_test.hpp>
#include <limits>
#include <string>
#include <vector>

#include "study/small_sequence_runs.hpp"

BOOST_AUTO_TEST_SUITE(max_of_n_figures_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

MaxCircuits circuits() {
  const RunConfig config = small_sequence_config("max_of_n");  // the largest of 3 numbers below 6; two heads
  return max_circuits(small_sequence_model(config), config.sequences.max_of_n);
}

}  // namespace

BOOST_AUTO_TEST_CASE(figures_hold_the_circuits) {
  const MaxCircuits found = circuits();
  MaxCircuits::Head const& second = found.heads[1];
  const Figure score = score_figure(found);
  BOOST_TEST(std::get<Curve>(score.panels[0].traces.at(1)).y[4] == second.QK[4]);
  const Figure copying = copying_figure(found), centred = centred_copying_figure(found);
  BOOST_TEST_REQUIRE(copying.frames.size() == 2u);
  BOOST_TEST((std::get<HeatMap>(copying.frames[1].traces[0][0]).z == second.OV));
  const Matrix<double> shown = std::get<HeatMap>(centred.frames[1].traces[0][0]).z;
  BOOST_TEST(shown(2, 5) == second.OV(2, 5) - second.OV(2, 2));
  BOOST_TEST(shown.diagonal().norm() == 0);
  BOOST_TEST(std::get<Points>(position_scores_figure(found).panels[0].traces.at(1)).y[2] == second.QK_positions[2]);
}

BOOST_AUTO_TEST_CASE(one_head_needs_no_slider) {
  MaxCircuits found = circuits();
  found.heads.pop_back();
  const Figure copying = copying_figure(found);
  BOOST_TEST(copying.frames.empty());
  BOOST_TEST((std::get<HeatMap>(copying.panels[0].traces.at(0)).z == found.heads[0].OV));
}

BOOST_AUTO_TEST_CASE(irrelevant_logits_are_listed_by_part) {
  const MaxCircuits found = circuits();
  const Figure figure = irrelevant_logits_figure(found);
  auto const& traces = figure.panels[0].traces;
  BOOST_TEST_REQUIRE(traces.size() == 1u + 2u * (1u + 3u));
  BOOST_TEST(std::get<Points>(traces[0]).y[3] == found.direct[3]);
  BOOST_TEST(std::get<Points>(traces[5]).name == "= attended to of head 1");
  BOOST_TEST(std::get<Points>(traces[5]).y[3] == found.heads[1].OV_equals[3]);
  BOOST_TEST(std::get<Points>(traces[8]).y[0] == found.heads[1].OV_positions(2, 0));
}

BOOST_AUTO_TEST_CASE(curves_grow_with_the_slider) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const CsvTable log{{"epoch", "train_loss", "test_loss", "train_acc", "test_acc"},
                     {{0, 4, none, 0.1, none}, {10, 2, none, 0.5, none}, {20, 1, none, 1, none}}};
  const CsvTable measures{{"epoch", "overlap_head_0_number_0", "overlap_head_0_number_1"}, {{0, 5, 6}, {15, 7, 9}}};
  const Figure figure = max_development_figure(log, measures);
  BOOST_TEST_REQUIRE(figure.panels.size() == 3u);
  BOOST_TEST_REQUIRE(figure.frames.size() == 2u);
  BOOST_TEST(figure.frames[1].label == "15");
  const auto shown = [&](std::size_t frame, std::size_t panel) {
    return std::get<Curve>(figure.frames[frame].traces[panel].at(0));
  };
  BOOST_TEST(shown(1, 0).y == (std::vector<double>{7, 9}), boost::test_tools::per_element());
  BOOST_TEST(shown(0, 1).y == (std::vector<double>{4}), boost::test_tools::per_element());
  BOOST_TEST(shown(1, 1).y == (std::vector<double>{4, 2}), boost::test_tools::per_element());
  BOOST_TEST(shown(1, 2).y == (std::vector<double>{0.1, 0.5}), boost::test_tools::per_element());
  BOOST_TEST(figure.panels[1].traces.size() == 1u);  // no test set
  BOOST_CHECK_THROW(max_development_figure(log, {{"epoch"}, {{0}}}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
