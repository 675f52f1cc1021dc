/// Figures as Plotly's JSON, which `plotly.io.read_json` of Plotly for Python opens too.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/io/json.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/plot/plotly_trace.hpp>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <variant>

namespace cayley {

namespace detail {

/// The range of an axis in Plotly's terms: exponents of 10 where it is logarithmic.
inline Json axis_range(Limits limits, bool logarithmic, bool downwards = false) {
  if (logarithmic) limits = {std::log10(limits[0]), std::log10(limits[1])};
  if (downwards) std::swap(limits[0], limits[1]);
  return figure_numbers(limits);
}

inline Place place_of(std::size_t panel, std::size_t panels, std::size_t columns) {
  const std::size_t rows = (panels + columns - 1) / columns;
  const double gap_x = columns == 1 ? 0.0 : 0.36 / static_cast<double>(columns);
  const double gap_y = rows == 1 ? 0.0 : 0.26 / static_cast<double>(rows);
  const double width = (1 - gap_x * static_cast<double>(columns - 1)) / static_cast<double>(columns);
  const double height = (1 - gap_y * static_cast<double>(rows - 1)) / static_cast<double>(rows);
  const std::size_t row = panel / columns, column = panel % columns;
  const double left = static_cast<double>(column) * (width + gap_x);
  const double top = 1 - static_cast<double>(row) * (height + gap_y);
  return {{left, left + width}, {std::max(0.0, top - height), top}};
}

inline Json axis_json(FigureAxis const& axis, char anchor, std::size_t panel, Limits const& domain, bool heat_map,
                      bool labelled, bool vertical) {
  Json json{{"title", {{"text", axis.title}, {"standoff", 8}}},
            {"anchor", axis_name(anchor, panel)},
            {"domain", figure_numbers(domain)},
            {"automargin", true}};
  json["zeroline"] = false;
  if (heat_map) {
    json["showgrid"] = false;
    json["constrain"] = "domain";
    if (vertical) json["autorange"] = "reversed";
  } else {
    json["hoverformat"] = ".6~g";
  }
  if (labelled) json["type"] = "category";
  if (axis.logarithmic) {
    json["type"] = "log";
    json["exponentformat"] = "power";
  }
  if (!axis.ticks.empty()) {
    json["tickmode"] = "array";
    json["tickvals"] = Json::array();
    json["ticktext"] = Json::array();
    for (Tick const& tick : axis.ticks) {
      json["tickvals"].push_back(figure_number(tick.at));
      json["ticktext"].push_back(tick.label);
    }
  }
  if (axis.range) {
    json.erase("autorange");
    json["range"] = axis_range(*axis.range, axis.logarithmic, heat_map && vertical);
  }
  return json;
}

inline void add_panel(Json& layout, Panel const& panel, std::size_t number, Place const& place) {
  bool heat_map = false, x_labels = false, y_labels = false;
  for (Trace const& trace : panel.traces) {
    if (auto const* map = std::get_if<HeatMap>(&trace)) {
      heat_map = true;
      x_labels = x_labels || !map->column_labels.empty();
      y_labels = y_labels || !map->row_labels.empty();
    }
    x_labels = x_labels || std::holds_alternative<Bars>(trace);
  }
  const std::string suffix = number == 0 ? "" : std::to_string(number + 1);
  layout["xaxis" + suffix] = axis_json(panel.x, 'y', number, place.x, heat_map, x_labels, false);
  layout["yaxis" + suffix] = axis_json(panel.y, 'x', number, place.y, heat_map, y_labels, true);
  const std::string x = axis_name('x', number), y = axis_name('y', number);
  if (!panel.title.empty()) {
    layout["annotations"].push_back({{"text", panel.title},
                                     {"xref", x + " domain"},
                                     {"yref", y + " domain"},
                                     {"x", 0.5},
                                     {"y", 1},
                                     {"xanchor", "center"},
                                     {"yanchor", "bottom"},
                                     {"showarrow", false},
                                     {"font", {{"size", 14}}}});
  }
  for (Marker const& marker : panel.markers) {
    const bool logarithmic = marker.vertical ? panel.x.logarithmic : panel.y.logarithmic;
    const Json at = figure_number(marker.at);
    Json shape{
        {"type", "line"}, {"xref", marker.vertical ? x : x + " domain"}, {"yref", marker.vertical ? y + " domain" : y}};
    shape["x0"] = marker.vertical ? at : Json(0);
    shape["x1"] = marker.vertical ? at : Json(1);
    shape["y0"] = marker.vertical ? Json(0) : at;
    shape["y1"] = marker.vertical ? Json(1) : at;
    shape["line"] = {{"color", "#8a8a8a"}, {"width", 1.5}, {"dash", "dot"}};
    layout["shapes"].push_back(std::move(shape));
    if (marker.label.empty()) continue;
    // Shapes take values, annotations exponents, on a logarithmic axis.
    const Json label_at = figure_number(logarithmic ? std::log10(marker.at) : marker.at);
    Json label{{"text", marker.label}, {"showarrow", false}, {"font", {{"size", 12}}}};
    label["xref"] = marker.vertical ? x : x + " domain";
    label["yref"] = marker.vertical ? y + " domain" : y;
    label["x"] = marker.vertical ? label_at : Json(1);
    label["y"] = marker.vertical ? Json(1) : label_at;
    label["xanchor"] = marker.vertical ? "left" : "right";
    label["yanchor"] = marker.vertical ? "top" : "bottom";
    layout["annotations"].push_back(std::move(label));
  }
}

/// In pixels: more where a heat map has many rows.
inline int panel_height(Figure const& figure) {
  for (Panel const& panel : figure.panels) {
    for (Trace const& trace : panel.traces) {
      auto const* map = std::get_if<HeatMap>(&trace);
      if (map != nullptr && map->z.rows() > 50) return 480;
    }
  }
  return 320;
}

/// In pixels: what a legend takes beyond its first line, which the margin has room for.
inline int legend_height(std::set<std::string> const& names) {
  constexpr std::size_t line_width = 840, line_height = 20, symbol_width = 48, letter_width = 7;
  std::size_t width = 0, lines = 1;
  for (std::string const& name : names) {
    const std::size_t entry = symbol_width + letter_width * name.size();
    if (width > 0 && width + entry > line_width) {
      ++lines;
      width = 0;
    }
    width += entry;
  }
  return static_cast<int>((lines - 1) * line_height);
}

/// Slider and play button, below the panels.
inline void add_slider(Json& layout, Figure const& figure) {
  const auto go = [](Json const& to, int milliseconds) {
    return Json::array({to,
                        {{"mode", "immediate"},
                         {"fromcurrent", true},
                         {"frame", {{"duration", milliseconds}, {"redraw", true}}},
                         {"transition", {{"duration", 0}}}}});
  };
  Json steps = Json::array();
  for (std::size_t f = 0; f < figure.frames.size(); ++f) {
    steps.push_back(
        {{"label", figure.frames[f].label}, {"method", "animate"}, {"args", go(Json::array({std::to_string(f)}), 0)}});
  }
  layout["sliders"] = Json::array({{{"active", 0},
                                    {"x", 0.14},
                                    {"len", 0.86},
                                    {"y", 0},
                                    {"pad", {{"t", 60}}},
                                    {"currentvalue", {{"prefix", figure.slider + " "}, {"xanchor", "left"}}},
                                    {"steps", std::move(steps)}}});
  layout["updatemenus"] = Json::array(
      {{{"type", "buttons"},
        {"direction", "left"},
        {"showactive", false},
        {"x", 0},
        {"xanchor", "left"},
        {"y", 0},
        {"yanchor", "top"},
        {"pad", {{"t", 72}}},
        {"buttons",
         Json::array({{{"label", "Play"}, {"method", "animate"}, {"args", go(nullptr, 250)}},
                      {{"label", "Pause"}, {"method", "animate"}, {"args", go(Json::array({nullptr}), 0)}}})}}});
}

/// Frames hold every array that any frame changes, and no other: an animation keeps what the frame before it left.
inline Json frames_json(Figure const& figure, Json const& data) {
  std::set<std::pair<std::size_t, std::string>> changing;
  std::set<std::string> unused;
  Json frames = Json::array();
  for (Frame const& frame : figure.frames) {
    require(frame.traces.size() == figure.panels.size(), "figure \"", figure.title, "\": frame ", frame.label,
            ": expected ", figure.panels.size(), " panels, found ", frame.traces.size());
    Json traces = Json::array();
    for (std::size_t p = 0; p < frame.traces.size(); ++p) {
      const Place place = place_of(p, figure.panels.size(), std::min(figure.columns, figure.panels.size()));
      for (Trace const& trace : frame.traces[p]) {
        const std::size_t number = traces.size();
        require(number < data.size(), "figure \"", figure.title, "\": frame ", frame.label, " has more than ",
                data.size(), " traces");
        Json written = std::visit(TraceWriter(p, place, unused), trace);
        for (auto const& [key, value] : written.items()) {
          if (!data[number].contains(key) || data[number][key] != value) changing.insert({number, key});
        }
        traces.push_back(std::move(written));
      }
    }
    require(traces.size() == data.size(), "figure \"", figure.title, "\": frame ", frame.label, ": expected ",
            data.size(), " traces, found ", traces.size());
    frames.push_back({{"name", std::to_string(frames.size())}, {"data", std::move(traces)}});
  }
  for (Json& frame : frames) {
    Json kept = Json::array(), which = Json::array();
    for (std::size_t number = 0; number < data.size(); ++number) {
      Json part;
      for (auto& [key, value] : frame["data"][number].items()) {
        // The legend stays as it is.
        if (key != "showlegend" && changing.contains({number, key})) part[key] = std::move(value);
      }
      if (part.empty()) continue;
      part["type"] = data[number]["type"];
      kept.push_back(std::move(part));
      which.push_back(number);
    }
    frame["data"] = std::move(kept);
    frame["traces"] = std::move(which);
  }
  return frames;
}

}  // namespace detail

/// A figure as Plotly's JSON: `data`, `layout` and, where it is animated, `frames`, named "0", "1" and so on. Frames hold
/// only what differs from the first. `layout.meta` says what a page needs to lay panels out anew: their number, `columns`
/// and the `reading`. Numbers have `figure_digits` digits; what is not finite is null.
/// Errors: `Error` for a figure without panels, or with a trace whose arrays differ in length.
inline Json plotly_json(Figure const& figure) {
  require(!figure.panels.empty() && figure.columns > 0, "figure \"", figure.title, "\": no panels");
  const std::size_t panels = figure.panels.size(), columns = std::min(figure.columns, panels);
  const std::size_t rows = (panels + columns - 1) / columns;
  Json data = Json::array(), layout = Json::object();
  std::set<std::string> named;
  layout["title"] = {
      {"text", figure.title}, {"font", {{"size", 17}}}, {"x", 0.02},         {"xanchor", "left"}, {"y", 1},
      {"yanchor", "top"},     {"yref", "container"},    {"pad", {{"t", 32}}}};
  layout["annotations"] = Json::array();
  layout["shapes"] = Json::array();
  for (std::size_t p = 0; p < panels; ++p) {
    const detail::Place place = detail::place_of(p, panels, columns);
    detail::add_panel(layout, figure.panels[p], p, place);
    for (Trace const& trace : figure.panels[p].traces) {
      data.push_back(std::visit(detail::TraceWriter(p, place, named), trace));
    }
  }
  layout["barmode"] = "group";
  layout["hovermode"] = "closest";
  const int legend = detail::legend_height(named), slider = figure.frames.empty() ? 0 : 90;
  layout["margin"] = {{"l", 64}, {"r", 24}, {"t", 96 + legend}, {"b", 64}};
  layout["height"] = 140 + legend + detail::panel_height(figure) * static_cast<int>(rows) + slider;
  layout["paper_bgcolor"] = "rgba(0,0,0,0)";
  layout["plot_bgcolor"] = "rgba(0,0,0,0)";
  layout["legend"] = {{"orientation", "h"}, {"x", 0}, {"y", 1.02}, {"yanchor", "bottom"}};
  layout["meta"] = {{"panels", panels}, {"columns", columns}, {"reading", figure.reading}};
  Json frames = detail::frames_json(figure, data);
  if (!figure.frames.empty()) detail::add_slider(layout, figure);
  Json json;
  json["data"] = std::move(data);
  json["layout"] = std::move(layout);
  if (!frames.empty()) json["frames"] = std::move(frames);
  return json;
}

}  // namespace cayley
