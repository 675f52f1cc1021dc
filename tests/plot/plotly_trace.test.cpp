#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/plot/plotly_trace.hpp>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <variant>

BOOST_AUTO_TEST_SUITE(plotly_trace_test)
using namespace cayley;

/// As in the first panel of a figure.
Json written(Trace const& trace, std::size_t panel = 0) {
  std::set<std::string> named;
  return std::visit(detail::TraceWriter(panel, detail::Place{{0, 1}, {0, 1}}, named), trace);
}

BOOST_AUTO_TEST_CASE(numbers_keep_five_digits_and_whole_numbers_all) {
  const Json json = written(Curve{"c", {93556, 1234567, 0.1}, {1.23456789, 1.5e-9, std::nan("")}});
  BOOST_TEST((json["x"] == Json({93556, 1234567, 0.1})));
  BOOST_TEST((json["y"] == Json({1.2346, 1.5e-9, nullptr})));
  BOOST_TEST((json["type"] == "scatter"));
}

BOOST_AUTO_TEST_CASE(the_ninth_colour_is_told_from_the_first) {
  Curve ninth{"c", {1, 2}, {1, 2}};
  ninth.colour = 8;
  const Json line = written(ninth)["line"];
  BOOST_TEST((line["color"] == written(Curve{"c", {1, 2}, {1, 2}})["line"]["color"]));
  BOOST_TEST((line["dash"] == "dot"));
  Points points{"p", {1}, {1}};
  points.colour = 16;
  BOOST_TEST((written(points)["marker"]["symbol"] == "square"));
}

BOOST_AUTO_TEST_CASE(heat_maps) {
  HeatMap map{Matrix<double>(2, 3), {"r0", "r1"}, {"a", "b", "c"}};
  map.z << 1, 2, 3, -4, 0.123456, 6;
  map.text = true;
  const Json json = written(map);
  BOOST_TEST((json["z"] == Json({{1, 2, 3}, {-4, 0.12346, 6}})));
  BOOST_TEST((json["x"] == Json({"a", "b", "c"})));
  BOOST_TEST((json["y"] == Json({"r0", "r1"})));
  BOOST_TEST((json["zmin"] == -6));
  BOOST_TEST((json["zmax"] == 6));
  map.column_labels = {"a", "b", "a"};
  BOOST_CHECK_THROW(written(map), Error);
  map.column_labels = {"a"};
  BOOST_CHECK_THROW(written(map), Error);
}

BOOST_AUTO_TEST_CASE(points_bars_and_histograms) {
  const Json points = written(Points{"p", {1, 2}, {3, 4}, {"a", "b"}, {0.5, 0.7}, "share"});
  BOOST_TEST((points["mode"] == "markers"));
  BOOST_TEST((points["marker"]["color"] == Json({0.5, 0.7})));
  BOOST_TEST((points["marker"]["colorbar"]["title"]["text"] == "share"));
  BOOST_TEST((points["text"] == Json({"a", "b"})));
  const Json bars = written(Bars{"b", {"sign", "standard"}, {1, 2.5}});
  BOOST_TEST((bars["x"] == Json({"sign", "standard"})));
  BOOST_TEST((bars["y"] == Json({1, 2.5})));
  const Json histogram = written(Histogram{"h", {0, 1, 4}, 8});
  BOOST_TEST((histogram["x"] == Json({0, 1, 4})));
  BOOST_TEST((histogram["xbins"]["size"] == 0.5));
  BOOST_TEST((histogram["xbins"]["start"] == 0));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_drawn_is_refused) {
  BOOST_CHECK_THROW(written(Curve{"c", {1, 2}, {1}}), Error);
  BOOST_CHECK_THROW(written(Points{"c", {1}, {1}, {}, {1, 2}}), Error);
  BOOST_CHECK_THROW(written(Bars{"c", {"a"}, {}}), Error);
  BOOST_CHECK_THROW(written(Histogram{"c", {1}, 0}), Error);
}

BOOST_AUTO_TEST_CASE(traces_of_later_panels_name_their_axes) {
  BOOST_TEST(!written(Curve{"c", {1}, {1}}).contains("xaxis"));
  BOOST_TEST((written(Curve{"c", {1}, {1}}, 2)["yaxis"] == "y3"));
}

BOOST_AUTO_TEST_SUITE_END()
