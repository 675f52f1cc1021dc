#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/plot/animation.hpp>
#include <cayley/plot/plotly_json.hpp>

BOOST_AUTO_TEST_SUITE(plotly_json_test)
using namespace cayley;

Figure one(Trace trace) {
  return figure("title", "reading", {"", {"x"}, {"y"}, {std::move(trace)}});
}

BOOST_AUTO_TEST_CASE(title_and_reading) {
  const Json layout = plotly_json(one(Curve{"c", {1}, {1}}))["layout"];
  BOOST_TEST((layout["title"]["text"] == "title"));
  BOOST_TEST((layout["meta"]["reading"] == "reading"));
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

BOOST_AUTO_TEST_CASE(rows_of_heat_maps_run_down) {
  const Json layout = plotly_json(one(HeatMap{Matrix<double>::Zero(1, 2), {"r0"}, {"a", "b"}}))["layout"];
  BOOST_TEST((layout["yaxis"]["autorange"] == "reversed"));
  BOOST_TEST((layout["xaxis"]["type"] == "category"));
}

BOOST_AUTO_TEST_CASE(heat_maps_of_many_rows_are_higher) {
  const auto height = [](Index rows) {
    return plotly_json(one(HeatMap{Matrix<double>::Zero(rows, 2)}))["layout"]["height"].get<int>();
  };
  BOOST_TEST(height(113) > height(12));
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

BOOST_AUTO_TEST_CASE(figures_without_panels_and_bad_traces_are_refused) {
  BOOST_CHECK_THROW(plotly_json(Figure{}), Error);
  BOOST_CHECK_THROW(plotly_json(one(Curve{"c", {1, 2}, {1}})), Error);
}

BOOST_AUTO_TEST_SUITE_END()
