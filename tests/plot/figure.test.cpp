#include <boost/test/unit_test.hpp>
#include <cayley/plot/figure.hpp>

BOOST_AUTO_TEST_SUITE(figure_test)
using namespace cayley;

BOOST_AUTO_TEST_CASE(a_figure_of_one_panel) {
  const Figure one =
      figure("Losses fall", "Lower is better.", {"", {"epoch"}, {"loss"}, {Curve{"loss", {1, 2}, {3, 4}}}});
  BOOST_TEST(one.panels.size() == 1);
  BOOST_TEST(one.columns == 1);
  BOOST_TEST(one.frames.empty());
  BOOST_TEST(one.panels[0].x.title == "epoch");
  BOOST_TEST(std::get<Curve>(one.panels[0].traces[0]).y[1] == 4);
}

BOOST_AUTO_TEST_SUITE_END()
