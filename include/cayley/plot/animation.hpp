/// One figure with a slider out of several figures of one form.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/plot/limits.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cayley {

namespace detail {

/// The values of a trace along y, or x; none for axes of labels and for counts.
inline std::optional<Limits> trace_limits(Trace const& trace, bool along_x) {
  return std::visit(
      [&](auto const& t) -> std::optional<Limits> {
        if constexpr (requires { t.x; }) {
          return finite_limits(along_x ? t.x : t.y);
        } else if constexpr (requires { t.heights; }) {
          if (along_x) return {};
          return joined(finite_limits(t.heights), Limits{0, 0});
        } else {
          return {};
        }
      },
      trace);
}

/// Room around the data, so that no point lies on the border.
inline std::optional<Limits> widened(std::optional<Limits> limits, bool logarithmic) {
  if (!limits) return {};
  auto [low, high] = *limits;
  if (logarithmic) {
    if (!(low > 0)) return {};
    return Limits{low / 1.2, high * 1.2};
  }
  const double room = high > low ? 0.04 * (high - low) : 0.5;
  return Limits{low - room, high + room};
}

}  // namespace detail

/// The animated form of any figure: one figure for each stop of the slider, all with the same panels and the same traces.
/// Axes and colours span what any frame shows; the title, the reading and the markers are those of the first.
/// Errors: `Error` without figures, without a label for each, and when two differ in their panels or traces.
inline Figure animated(std::string slider, std::vector<std::string> labels, std::vector<Figure> figures) {
  require(!figures.empty(), "animation over ", slider, ": no figures");
  require(labels.size() == figures.size(), "animation over ", slider, ": expected ", figures.size(), " labels, found ",
          labels.size());
  Figure result = figures.front();
  for (std::size_t p = 0; p < result.panels.size(); ++p) {
    std::optional<Limits> x, y;
    for (std::size_t f = 0; f < figures.size(); ++f) {
      require(figures[f].panels.size() == result.panels.size(), "animation over ", slider, ": frame ", labels[f],
              ": expected ", result.panels.size(), " panels, found ", figures[f].panels.size());
      std::vector<Trace> const& expected = result.panels[p].traces;
      std::vector<Trace> const& found = figures[f].panels[p].traces;
      bool same = expected.size() == found.size();
      for (std::size_t t = 0; same && t < found.size(); ++t) same = expected[t].index() == found[t].index();
      require(same, "animation over ", slider, ": frame ", labels[f], ": the traces of panel ", p,
              " are not those of the first frame");
      for (Trace const& trace : found) {
        x = joined(x, detail::trace_limits(trace, true));
        y = joined(y, detail::trace_limits(trace, false));
      }
    }
    Panel& panel = result.panels[p];
    if (!panel.x.range) panel.x.range = detail::widened(x, panel.x.logarithmic);
    if (!panel.y.range) panel.y.range = detail::widened(y, panel.y.logarithmic);
  }
  result.slider = std::move(slider);
  for (std::size_t f = 0; f < figures.size(); ++f) {
    Frame frame{std::move(labels[f]), {}};
    for (Panel& panel : figures[f].panels) frame.traces.push_back(std::move(panel.traces));
    result.frames.push_back(std::move(frame));
  }
  // Each heat map keeps its place, and its colours, over the frames.
  for (std::size_t p = 0; p < result.panels.size(); ++p) {
    for (std::size_t t = 0; t < result.panels[p].traces.size(); ++t) {
      std::optional<Limits> shared;
      if (!std::holds_alternative<HeatMap>(result.panels[p].traces[t])) continue;
      for (Frame& frame : result.frames) shared = joined(shared, colour_limits(std::get<HeatMap>(frame.traces[p][t])));
      for (Frame& frame : result.frames) std::get<HeatMap>(frame.traces[p][t]).limits = shared;
      std::get<HeatMap>(result.panels[p].traces[t]).limits = shared;
    }
  }
  return result;
}

/// A figure as it is at the last stop of its slider, which the title then names, and without the slider.
inline Figure last_still(Figure figure) {
  if (figure.frames.empty()) return figure;
  Frame& last = figure.frames.back();
  for (std::size_t p = 0; p < figure.panels.size(); ++p) figure.panels[p].traces = std::move(last.traces[p]);
  if (!last.label.empty()) figure.title += " (" + figure.slider + " " + last.label + ")";
  figure.slider.clear();
  figure.frames.clear();
  return figure;
}

/// The panels of several figures below one another, in a figure with the first one's slider. Panels of figures without
/// frames stay as they are while the slider moves.
/// Errors: `Error` without figures, and when two have different frames.
inline Figure stacked(std::string title, std::string reading, std::vector<Figure> figures) {
  require(!figures.empty(), "stacked figure \"", title, "\": no figures");
  Figure result{std::move(title), std::move(reading), {}};
  for (Figure const& part : figures) {
    if (part.frames.empty()) continue;
    if (result.slider.empty()) {
      result.slider = part.slider;
      for (Frame const& frame : part.frames) result.frames.push_back({frame.label, {}});
    }
    require(part.frames.size() == result.frames.size() && part.slider == result.slider, "stacked figure \"",
            result.title, "\": expected ", result.frames.size(), " frames over ", result.slider, ", found ",
            part.frames.size(), " over ", part.slider);
  }
  for (Figure& part : figures) {
    for (std::size_t f = 0; f < result.frames.size(); ++f) {
      for (std::size_t p = 0; p < part.panels.size(); ++p) {
        result.frames[f].traces.push_back(part.frames.empty() ? part.panels[p].traces : part.frames[f].traces[p]);
      }
    }
    for (Panel& panel : part.panels) result.panels.push_back(std::move(panel));
  }
  return result;
}

}  // namespace cayley
