#include <cayley/study/universality_figures.hpp>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(universality_figures_test)

using namespace cayley;

namespace {

RunRecord grokked_run(int seed, double fraction, int hidden, std::optional<std::int64_t> epoch) {
  Json json = parse_json(R"({"group": "SymmetricGroup", "group_parameter": 5, "model": "OneLayerMLP", "num_epochs": 9,
    "layers": {"embed_dim": 16, "hidden_dim": 16}})",
                         "cfg.json");
  json["seed"] = seed;
  json["frac_train"] = fraction;
  json["layers"]["hidden_dim"] = hidden;
  RunRecord record;
  record.config = parse_config(json, "cfg.json");
  record.has_log = true;
  record.grokked = epoch;
  record.key_irreps = {"sign"};
  if (seed == 1) record.key_irreps.push_back("standard");
  return record;
}

}  // namespace

BOOST_AUTO_TEST_CASE(grokking_against_the_share_of_the_data) {
  const std::vector<RunRecord> records{grokked_run(1, 0.3, 16, 900), grokked_run(2, 0.3, 16, 1100),
                                       grokked_run(1, 0.5, 16, 100), grokked_run(2, 0.5, 16, {})};
  const Figure f = grokking_figure(records, GrokkingAxis::fraction);
  const auto& middle = std::get<Curve>(f.panels[0].traces[0]);
  const auto& points = std::get<Points>(f.panels[0].traces[1]);
  BOOST_TEST(middle.x == (std::vector<double>{0.3, 0.5}), boost::test_tools::per_element());
  BOOST_TEST(middle.y == (std::vector<double>{1000, 100}), boost::test_tools::per_element());
  BOOST_TEST(points.x == (std::vector<double>{0.3, 0.3, 0.5}), boost::test_tools::per_element());
  BOOST_TEST(points.y == (std::vector<double>{900, 1100, 100}), boost::test_tools::per_element());
  BOOST_TEST(f.reading.find("3 runs; 1 never") != std::string::npos, f.reading);
  BOOST_TEST(testing::thrown_message([&] {
               grokking_figure(records, GrokkingAxis::width);
             }).find("the width: it is the same") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(grokking_against_the_width) {
  const Figure f = grokking_figure({grokked_run(1, 0.3, 32, 50), grokked_run(1, 0.3, 64, 20)}, GrokkingAxis::width);
  const auto& points = std::get<Points>(f.panels[0].traces[1]);
  BOOST_TEST(points.x == (std::vector<double>{32, 64}), boost::test_tools::per_element());
  BOOST_TEST(f.panels[0].x.logarithmic);
}

BOOST_AUTO_TEST_CASE(bars_of_irreps) {
  const std::vector<RunRecord> records{grokked_run(1, 0.3, 16, 900), grokked_run(2, 0.3, 16, 1100)};
  const Figure f = irrep_frequency_figure(records, settings(records).front());
  const auto& bars = std::get<Bars>(f.panels[0].traces[0]);
  BOOST_TEST(bars.labels == (std::vector<std::string>{"sign", "standard"}), boost::test_tools::per_element());
  BOOST_TEST(bars.heights == (std::vector<double>{1, 0.5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
