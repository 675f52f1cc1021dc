#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/plot/animation.hpp>

BOOST_AUTO_TEST_SUITE(animation_test)
using namespace cayley;

Figure map_of(double value) {
  return figure("a map", "r", {"", {}, {}, {HeatMap{Matrix<double>::Constant(2, 2, value)}}});
}
Figure curve_to(double value) {
  return figure("a curve", "r", {"", {}, {}, {Curve{"c", {0, 10}, {0, value}}}});
}

BOOST_AUTO_TEST_CASE(frames_hold_the_figures_and_share_ranges) {
  const Figure f = animated("epoch", {"0", "100"}, {curve_to(1), curve_to(5)});
  BOOST_TEST(f.slider == "epoch");
  BOOST_TEST(f.frames.size() == 2);
  BOOST_TEST(f.frames[1].label == "100");
  BOOST_TEST(std::get<Curve>(f.frames[1].traces[0][0]).y[1] == 5);
  BOOST_TEST(std::get<Curve>(f.panels[0].traces[0]).y[1] == 1);
  BOOST_TEST((*f.panels[0].y.range)[0] <= 0);
  BOOST_TEST((*f.panels[0].y.range)[1] >= 5);
  BOOST_TEST((*f.panels[0].x.range)[1] >= 10);
}

BOOST_AUTO_TEST_CASE(colours_span_all_frames) {
  const Figure f = animated("head", {"0", "1"}, {map_of(1), map_of(-3)});
  for (Frame const& frame : f.frames) {
    const Limits limits = std::get<HeatMap>(frame.traces[0][0]).limits.value();
    BOOST_TEST(limits[0] == -3);
    BOOST_TEST(limits[1] == 3);
  }
}

BOOST_AUTO_TEST_CASE(figures_that_differ_in_form_are_refused) {
  BOOST_CHECK_THROW(animated("epoch", {}, {}), Error);
  BOOST_CHECK_THROW(animated("epoch", {"0"}, {map_of(1), map_of(2)}), Error);
  BOOST_CHECK_THROW(animated("epoch", {"0", "1"}, {map_of(1), curve_to(2)}), Error);
  BOOST_CHECK_THROW(animated("epoch", {"0", "1"}, {map_of(1), stacked("", "", {map_of(1), map_of(1)})}), Error);
}

BOOST_AUTO_TEST_CASE(a_still_is_the_last_frame) {
  const Figure still = last_still(animated("epoch", {"0", "100"}, {curve_to(1), curve_to(5)}));
  BOOST_TEST(still.frames.empty());
  BOOST_TEST(still.slider.empty());
  BOOST_TEST(still.title == "a curve (epoch 100)");
  BOOST_TEST(std::get<Curve>(still.panels[0].traces[0]).y[1] == 5);
  BOOST_TEST(last_still(curve_to(2)).title == "a curve");
}

BOOST_AUTO_TEST_CASE(stacked_figures_keep_slider_and_still_panels) {
  const Figure moving = animated("epoch", {"0", "1"}, {map_of(1), map_of(-3)});
  const Figure f = stacked("both", "r", {curve_to(2), moving});
  BOOST_TEST(f.title == "both");
  BOOST_TEST(f.panels.size() == 2);
  BOOST_TEST(f.slider == "epoch");
  BOOST_TEST(f.frames.size() == 2);
  BOOST_TEST(std::get<Curve>(f.frames[1].traces[0][0]).y[1] == 2);
  BOOST_TEST(std::get<HeatMap>(f.frames[1].traces[1][0]).z(0, 0) == -3);
  BOOST_CHECK_THROW(stacked("", "", {moving, animated("epoch", {"0"}, {map_of(1)})}), Error);
  BOOST_CHECK_THROW(stacked("", "", {}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
