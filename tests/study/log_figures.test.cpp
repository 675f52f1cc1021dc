#include <cayley/study/log_figures.hpp>

#include <boost/test/unit_test.hpp>
#include <limits>

BOOST_AUTO_TEST_SUITE(log_figures_test)

using namespace cayley;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

CsvTable log_with(double test_loss) {
  return {{"epoch", "train_loss", "test_loss", "train_acc", "test_acc", "train_loss_digit_0", "train_loss_digit_1"},
          {{0, 3, test_loss, 0.1, test_loss, 2, 4}, {10, 1, test_loss, 0.6, test_loss, 0.5, none}}};
}

Curve const& curve(Figure const& figure, std::size_t at) {
  return std::get<Curve>(figure.panels.at(0).traces.at(at));
}

}  // namespace

BOOST_AUTO_TEST_CASE(losses_and_accuracies_are_those_of_the_log) {
  const Figure loss = loss_figure(log_with(5), true);
  BOOST_TEST(loss.panels[0].y.logarithmic);
  BOOST_TEST_REQUIRE(loss.panels[0].traces.size() == 2u);
  BOOST_TEST(curve(loss, 0).x == (std::vector<double>{0, 10}), boost::test_tools::per_element());
  BOOST_TEST(curve(loss, 0).y == (std::vector<double>{3, 1}), boost::test_tools::per_element());
  BOOST_TEST(curve(loss, 1).y == (std::vector<double>{5, 5}), boost::test_tools::per_element());
  BOOST_TEST(curve(accuracy_figure(log_with(5)), 0).y[1] == 0.6);
  BOOST_TEST(!loss_figure(log_with(5), false).panels[0].y.logarithmic);
}

BOOST_AUTO_TEST_CASE(without_a_test_set_there_is_no_test_curve) {
  BOOST_TEST(loss_figure(log_with(none), false).panels[0].traces.size() == 1u);
  BOOST_TEST(accuracy_figure(log_with(none)).panels[0].traces.size() == 1u);
}

BOOST_AUTO_TEST_CASE(parts_have_a_curve_each) {
  const Figure parts = part_losses_figure(log_with(none), "digit", false);
  BOOST_TEST_REQUIRE(parts.panels[0].traces.size() == 3u);
  BOOST_TEST(curve(parts, 1).name == "digit 1");
  BOOST_TEST(curve(parts, 1).y[0] == 4);
  BOOST_TEST(curve(parts, 2).name == "all");
  BOOST_TEST(curve(parts, 2).y[1] == 1);
  const CsvTable measures{{"epoch", "loss", "loss_trigram_0"}, {{5, 2, 3}}};
  const Figure fresh = fresh_part_losses_figure(measures, "trigram", true);
  BOOST_TEST_REQUIRE(fresh.panels[0].traces.size() == 2u);
  BOOST_TEST(curve(fresh, 0).y[0] == 3);
  BOOST_TEST(curve(fresh, 1).y[0] == 2);
}

BOOST_AUTO_TEST_SUITE_END()
