#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/plot/animation.hpp>
#include <cayley/plot/plotly_json.hpp>
#include <cmath>

BOOST_AUTO_TEST_SUITE(plotly_json_test)
using namespace cayley;

Figure one(Trace trace) {
  return figure("title", "reading", {"", {"x"}, {"y"}, {std::move(trace)}});
}

BOOST_AUTO_TEST_CASE(numbers_keep_five_digits_and_whole_numbers_all) {
  const Json json = plotly_json(one(Curve{"c", {93556, 1234567, 0.1}, {1.23456789, 1.5e-9, std::nan("")}}));
  BOOST_TEST((json["data"][0]["x"] == Json({93556, 1234567, 0.1})));
  BOOST_TEST((json["data"][0]["y"] == Json({1.2346, 1.5e-9, nullptr})));
  BOOST_TEST((json["data"][0]["type"] == "scatter"));
  BOOST_TEST((json["layout"]["title"]["text"] == "title"));
  BOOST_TEST((json["layout"]["meta"]["reading"] == "reading"));
}

BOOST_AUTO_TEST_CASE(faded_runs_stay_out_of_the_legend_which_names_each_name_once) {
  Figure f = one(Curve{"run", {1}, {1}});
  std::get<Curve>(f.panels[0].traces[0]).faded = true;
  f.panels[0].traces.push_back(Curve{"run", {1}, {1}});
  f.panels[0].traces.push_back(Curve{"run", {1}, {1}});
  const Json data = plotly_json(f)["data"];
  BOOST_TEST((data[0]["showlegend"] == false));
  BOOST_TEST((data[1]["showlegend"] == true));
  BOOST_TEST((data[2]["showlegend"] == false));
}

BOOST_AUTO_TEST_CASE(logarithmic_axes_and_markers) {
  Figure f = one(Curve{"c", {1, 100}, {1, 10}});
  f.panels[0].x = {"epoch", true, Limits{1, 100}};
  f.panels[0].markers = {{10, "grokked"}, {5, "", false}};
  const Json layout = plotly_json(f)["layout"];
  BOOST_TEST((layout["xaxis"]["type"] == "log"));
  BOOST_TEST((layout["xaxis"]["range"] == Json({0, 2})));
  BOOST_TEST((layout["shapes"][0]["x0"] == 10));
  BOOST_TEST((layout["shapes"][0]["yref"] == "y domain"));
  BOOST_TEST((layout["annotations"][0]["x"] == 1));  // an exponent
  BOOST_TEST((layout["shapes"][1]["y1"] == 5));
  BOOST_TEST((layout["annotations"].size() == 1U));
}

BOOST_AUTO_TEST_CASE(ticks_with_labels) {
  Figure f = one(Curve{"c", {0, 1, 5}, {1, 2, 3}});
  f.panels[0].x.ticks = {{0, "trivial"}, {1, "sign"}};
  const Json layout = plotly_json(f)["layout"];
  BOOST_TEST((layout["xaxis"]["tickmode"] == "array"));
  BOOST_TEST((layout["xaxis"]["tickvals"] == Json({0, 1})));
  BOOST_TEST((layout["xaxis"]["ticktext"] == Json({"trivial", "sign"})));
  BOOST_TEST(!layout["yaxis"].contains("tickvals"));
}

BOOST_AUTO_TEST_CASE(the_ninth_colour_is_told_from_the_first) {
  Curve ninth{"c", {1, 2}, {1, 2}};
  ninth.colour = 8;
  const Json line = plotly_json(one(ninth))["data"][0]["line"];
  BOOST_TEST((line["color"] == plotly_json(one(Curve{"c", {1, 2}, {1, 2}}))["data"][0]["line"]["color"]));
  BOOST_TEST((line["dash"] == "dot"));
  Points points{"p", {1}, {1}};
  points.colour = 16;
  BOOST_TEST((plotly_json(one(points))["data"][0]["marker"]["symbol"] == "square"));
}

BOOST_AUTO_TEST_CASE(heat_maps) {
  HeatMap map{Matrix<double>(2, 3), {"r0", "r1"}, {"a", "b", "c"}};
  map.z << 1, 2, 3, -4, 0.123456, 6;
  map.text = true;
  const Json json = plotly_json(one(map));
  Json const& trace = json["data"][0];
  BOOST_TEST((trace["z"] == Json({{1, 2, 3}, {-4, 0.12346, 6}})));
  BOOST_TEST((trace["x"] == Json({"a", "b", "c"})));
  BOOST_TEST((trace["y"] == Json({"r0", "r1"})));
  BOOST_TEST((trace["zmin"] == -6));
  BOOST_TEST((trace["zmax"] == 6));
  BOOST_TEST((json["layout"]["yaxis"]["autorange"] == "reversed"));
  BOOST_TEST((json["layout"]["xaxis"]["type"] == "category"));
  map.column_labels = {"a", "b", "a"};
  BOOST_CHECK_THROW(plotly_json(one(map)), Error);
  map.column_labels = {"a"};
  BOOST_CHECK_THROW(plotly_json(one(map)), Error);
}

BOOST_AUTO_TEST_CASE(heat_maps_of_many_rows_are_higher) {
  const auto height = [](Index rows) {
    return plotly_json(one(HeatMap{Matrix<double>::Zero(rows, 2)}))["layout"]["height"].get<int>();
  };
  BOOST_TEST(height(113) > height(12));
}

BOOST_AUTO_TEST_CASE(points_bars_and_histograms) {
  const Json points = plotly_json(one(Points{"p", {1, 2}, {3, 4}, {"a", "b"}, {0.5, 0.7}, "share"}))["data"][0];
  BOOST_TEST((points["mode"] == "markers"));
  BOOST_TEST((points["marker"]["color"] == Json({0.5, 0.7})));
  BOOST_TEST((points["marker"]["colorbar"]["title"]["text"] == "share"));
  BOOST_TEST((points["text"] == Json({"a", "b"})));
  const Json bars = plotly_json(one(Bars{"b", {"sign", "standard"}, {1, 2.5}}))["data"][0];
  BOOST_TEST((bars["x"] == Json({"sign", "standard"})));
  BOOST_TEST((bars["y"] == Json({1, 2.5})));
  const Json histogram = plotly_json(one(Histogram{"h", {0, 1, 4}, 8}))["data"][0];
  BOOST_TEST((histogram["x"] == Json({0, 1, 4})));
  BOOST_TEST((histogram["xbins"]["size"] == 0.5));
  BOOST_TEST((histogram["xbins"]["start"] == 0));
}

BOOST_AUTO_TEST_CASE(panels_lie_in_rows_and_do_not_overlap) {
  Figure f = one(Curve{"c", {1}, {1}});
  for (int i = 0; i < 3; ++i) f.panels.push_back(f.panels[0]);
  f.columns = 2;
  const Json json = plotly_json(f);
  BOOST_TEST((json["data"][3]["xaxis"] == "x4"));
  BOOST_TEST((json["data"][3]["yaxis"] == "y4"));
  const auto domain = [&](std::string const& axis, std::size_t end) {
    return json["layout"][axis]["domain"][end].get<double>();
  };
  BOOST_TEST(domain("xaxis", 1) < domain("xaxis2", 0));
  BOOST_TEST(domain("xaxis", 0) == domain("xaxis3", 0));
  BOOST_TEST(domain("yaxis3", 1) < domain("yaxis", 0));
  BOOST_TEST(domain("yaxis", 1) == 1);
  BOOST_TEST(domain("yaxis4", 0) < 1e-4);
}

BOOST_AUTO_TEST_CASE(frames_hold_what_changes_alone) {
  const auto at = [](double value) {
    Figure f = one(HeatMap{Matrix<double>::Constant(1, 2, value), {}, {"a", "b"}});
    f.panels[0].traces.push_back(Curve{"still", {1, 2}, {1, 2}});
    return f;
  };
  const Json json = plotly_json(animated("epoch", {"0", "5", "9"}, {at(1), at(2), at(1)}));
  BOOST_TEST((json["frames"].size() == 3U));
  for (std::size_t f = 0; f < 3; ++f) {
    Json const& frame = json["frames"][f];
    const double value = f == 1 ? 2 : 1;
    BOOST_TEST((frame["name"] == std::to_string(f)));
    BOOST_TEST(
        (frame["traces"] == Json::array({0})));  // also where it equals the first: the second left its own behind
    BOOST_TEST((frame["data"] == Json::array({{{"z", {{value, value}}}, {"type", "heatmap"}}})));
  }
  BOOST_TEST((json["layout"]["sliders"][0]["steps"][1]["label"] == "5"));
  BOOST_TEST((json["layout"]["sliders"][0]["steps"][1]["args"][0] == Json::array({"1"})));
  BOOST_TEST((json["layout"]["updatemenus"][0]["buttons"].size() == 2U));
}

BOOST_AUTO_TEST_CASE(a_long_legend_has_room) {
  const auto layout = [](int curves) {
    Figure f = one(Curve{"curve number 0", {1}, {1}});
    for (int i = 1; i < curves; ++i) f.panels[0].traces.push_back(Curve{"curve number " + std::to_string(i), {1}, {1}});
    return plotly_json(f)["layout"];
  };
  BOOST_TEST((layout(5)["margin"]["t"] == layout(1)["margin"]["t"]));
  const int more = layout(40)["margin"]["t"].get<int>() - layout(1)["margin"]["t"].get<int>();
  BOOST_TEST(more >= 120);  // forty names of 150 pixels in lines of 840
  BOOST_TEST(layout(40)["height"].get<int>() - layout(1)["height"].get<int>() == more);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_drawn_is_refused) {
  BOOST_CHECK_THROW(plotly_json(Figure{}), Error);
  BOOST_CHECK_THROW(plotly_json(one(Curve{"c", {1, 2}, {1}})), Error);
  BOOST_CHECK_THROW(plotly_json(one(Points{"c", {1}, {1}, {}, {1, 2}})), Error);
  BOOST_CHECK_THROW(plotly_json(one(Bars{"c", {"a"}, {}})), Error);
  BOOST_CHECK_THROW(plotly_json(one(Histogram{"c", {1}, 0})), Error);
}

BOOST_AUTO_TEST_SUITE_END()
