/// Traces of figures as Plotly's JSON.
#pragma once

#include <array>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/io/json.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/plot/limits.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// Digits that numbers in figures are rounded to. Whole numbers keep all of theirs.
inline constexpr int figure_digits = 5;

namespace detail {

/// Colours that the colour-blind tell apart, on white and on black.
/// Ref: Okabe and Ito 2008, without black and yellow, with a grey and a violet.
inline constexpr std::array<char const*, 8> figure_colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                           "#56b4e9", "#e69f00", "#8a8a8a", "#7b52ab"};

/// A rounded number; null where it is not finite.
inline Json figure_number(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == std::round(value) && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*g", figure_digits, value);
  return std::strtod(text.data(), nullptr);
}

template <class Values>
Json figure_numbers(Values const& values) {
  Json result = Json::array();
  for (double value : values) result.push_back(figure_number(value));
  return result;
}

/// Where a panel lies, in shares of the drawing area from the bottom left.
struct Place {
  Limits x, y;
};

/// The name of the n-th axis, from 0: x, x2, x3.
inline std::string axis_name(char letter, std::size_t n) {
  return n == 0 ? std::string(1, letter) : letter + std::to_string(n + 1);
}

inline char const* figure_colour(std::size_t n) {
  return figure_colours[n % figure_colours.size()];
}

inline Json colour_scale(ColourScale scale) {
  if (scale == ColourScale::sequential) return "Viridis";
  // Ref: Brewer's RdBu, from red through white to blue.
  static constexpr std::array<char const*, 9> colours{"#67001f", "#b2182b", "#d6604d", "#f4a582", "#f7f7f7",
                                                      "#92c5de", "#4393c3", "#2166ac", "#053061"};
  Json result = Json::array();
  for (std::size_t i = 0; i < colours.size(); ++i) {
    result.push_back({static_cast<double>(i) / static_cast<double>(colours.size() - 1), colours[i]});
  }
  return result;
}

inline Json colour_bar(std::string const& title, Place const& place) {
  return {{"title", {{"text", title}, {"side", "right"}}},
          {"thickness", 12},
          {"len", figure_number(place.y[1] - place.y[0])},
          {"x", figure_number(place.x[1] + 0.01)},
          {"xanchor", "left"},
          {"y", figure_number((place.y[0] + place.y[1]) / 2)},
          {"yanchor", "middle"}};
}

/// Writes traces of one panel; the legend names each name of a figure once.
class TraceWriter {
 public:
  TraceWriter(std::size_t panel, Place const& place, std::set<std::string>& named)
      : panel_(panel), place_(place), named_(named) {}

  Json operator()(Curve const& t) const {
    require(t.x.size() == t.y.size(), "curve \"", t.name, "\": ", t.x.size(), " values of x and ", t.y.size(), " of y");
    Json json = start("scatter", t.name, !t.faded);
    json["mode"] = t.x.size() == 1 ? "markers" : "lines";
    json["line"] = {{"color", figure_colour(t.colour)}, {"width", t.faded ? 1 : 2}};
    if (t.dashed) {
      json["line"]["dash"] = "dash";
    } else if (t.colour >= figure_colours.size()) {
      json["line"]["dash"] = t.colour < 2 * figure_colours.size() ? "dot" : "dashdot";
    }
    if (t.faded) json["opacity"] = 0.3;
    json["x"] = figure_numbers(t.x);
    json["y"] = figure_numbers(t.y);
    if (!t.hover.empty()) json["text"] = t.hover;
    return json;
  }
  Json operator()(Points const& t) const {
    require(t.x.size() == t.y.size(), "points \"", t.name, "\": ", t.x.size(), " values of x and ", t.y.size(),
            " of y");
    Json json = start("scatter", t.name, t.value.empty());
    json["mode"] = "markers";
    json["marker"] = {{"size", 7}};
    if (t.value.empty()) {
      json["marker"]["color"] = figure_colour(t.colour);
      if (t.colour >= figure_colours.size()) {
        json["marker"]["symbol"] = t.colour < 2 * figure_colours.size() ? "diamond" : "square";
      }
    } else {
      require(t.value.size() == t.x.size(), "points \"", t.name, "\": ", t.value.size(), " colours of ", t.x.size());
      json["marker"]["color"] = figure_numbers(t.value);
      json["marker"]["colorscale"] = colour_scale(t.scale);
      if (t.scale == ColourScale::diverging) json["marker"]["cmid"] = 0;
      json["marker"]["showscale"] = true;
      json["marker"]["colorbar"] = colour_bar(t.value_title, place_);
    }
    json["x"] = figure_numbers(t.x);
    json["y"] = figure_numbers(t.y);
    if (!t.hover.empty()) json["text"] = t.hover;
    return json;
  }
  Json operator()(Bars const& t) const {
    require(t.labels.size() == t.heights.size(), "bars \"", t.name, "\": ", t.labels.size(), " labels of ",
            t.heights.size());
    Json json = start("bar", t.name, true);
    json["marker"] = {{"color", figure_colour(t.colour)}};
    json["x"] = t.labels;
    json["y"] = figure_numbers(t.heights);
    return json;
  }
  Json operator()(Histogram const& t) const {
    require(t.bins > 0, "histogram \"", t.name, "\": ", t.bins, " bins");
    Json json = start("histogram", t.name, true);
    json["marker"] = {{"color", figure_colour(t.colour)}};
    json["x"] = figure_numbers(t.values);
    const Limits limits = finite_limits(t.values).value_or(Limits{0, 1});
    const double width = limits[1] > limits[0] ? (limits[1] - limits[0]) / t.bins : 1;
    // The last bin takes in the largest value, also where it is rounded up.
    json["xbins"] = {{"start", limits[0]}, {"end", limits[1] + 0.5 * width}, {"size", width}};
    json["autobinx"] = false;
    return json;
  }
  Json operator()(HeatMap const& t) const {
    const auto labelled = [&](std::vector<std::string> const& labels, Index expected, char const* what) {
      require(labels.empty() || static_cast<Index>(labels.size()) == expected, "heat map: ", labels.size(),
              " labels of ", expected, " ", what);
      require(std::set<std::string>(labels.begin(), labels.end()).size() == labels.size(), "heat map: two ", what,
              " with one label");
    };
    labelled(t.row_labels, t.z.rows(), "rows");
    labelled(t.column_labels, t.z.cols(), "columns");
    Json json = start("heatmap", t.value_title, false);
    if (!t.column_labels.empty()) json["x"] = t.column_labels;
    if (!t.row_labels.empty()) json["y"] = t.row_labels;
    Json rows = Json::array();
    for (Index r = 0; r < t.z.rows(); ++r) rows.push_back(figure_numbers(t.z.row(r)));
    json["z"] = std::move(rows);
    const Limits limits = colour_limits(t);
    json["zmin"] = figure_number(limits[0]);
    json["zmax"] = figure_number(limits[1]);
    json["zhoverformat"] = ".4~g";
    json["colorscale"] = colour_scale(t.scale);
    json["colorbar"] = colour_bar(t.value_title, place_);
    if (t.text) json["texttemplate"] = "%{z:.3~g}";
    return json;
  }

 private:
  Json start(char const* type, std::string const& name, bool in_legend) const {
    Json json{{"type", type}, {"name", name}};
    if (panel_ != 0) {
      json["xaxis"] = axis_name('x', panel_);
      json["yaxis"] = axis_name('y', panel_);
    }
    if (std::string_view(type) != "heatmap") {
      json["showlegend"] = in_legend && !name.empty() && named_.insert(name).second;
      json["legendgroup"] = name;
    }
    return json;
  }

  std::size_t panel_;
  Place place_;
  std::set<std::string>& named_;
};

}  // namespace detail

}  // namespace cayley
