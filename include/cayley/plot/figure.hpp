/// A figure as plain data: panels of traces on axes, and frames of an animation.
#pragma once

#include <array>
#include <cayley/core/matrix.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cayley {

/// Diverging scales are centred at zero: blue is positive, red is negative. Both scales are safe for the colour-blind.
enum class ColourScale { diverging, sequential };

/// Smallest and largest value that are shown, in the units of the data, also where an axis is logarithmic.
using Limits = std::array<double, 2>;

/// Points that a line joins, in order. A value that is not finite leaves a gap.
/// Shape: x and y of one length; hover, where given, too.
struct Curve {
  std::string name;  ///< stands in the legend; curves of one name share a place in it
  std::vector<double> x, y;
  std::vector<std::string> hover = {};  ///< what a point is called
  std::size_t colour = 0;               ///< number of a colour; after eight they come again, with dotted lines
  bool faded = false;                   ///< a single run behind a median: pale, and not in the legend
  bool dashed = false;
};

/// Points that nothing joins, coloured by a value where there is one.
/// Shape: x and y of one length; hover and value, where given, too.
struct Points {
  std::string name;
  std::vector<double> x, y;
  std::vector<std::string> hover = {};
  std::vector<double> value = {};
  std::string value_title = {};  ///< names the values beside the colour bar
  ColourScale scale = ColourScale::sequential;
  std::size_t colour = 0;  ///< without values; after eight they come again, with other marks
};

/// A bar for each label. Several traces of bars in a panel stand side by side.
struct Bars {
  std::string name;
  std::vector<std::string> labels;
  std::vector<double> heights;
  std::size_t colour = 0;
};

/// How many values fall into each of `bins` intervals of equal width.
struct Histogram {
  std::string name;
  std::vector<double> values;
  int bins = 30;
  std::size_t colour = 0;
};

/// A matrix, its first row on top.
/// Shape: z (rows, columns); labels are empty, and rows and columns then numbered from 0, or one for each and all
/// different.
struct HeatMap {
  Matrix<double> z;
  std::vector<std::string> row_labels = {}, column_labels = {};
  ColourScale scale = ColourScale::diverging;
  std::string value_title = {};
  bool text = false;                  ///< writes each value into its cell
  std::optional<Limits> limits = {};  ///< default: those of the data, symmetric where the scale is diverging
};

using Trace = std::variant<Curve, Points, Bars, Histogram, HeatMap>;

/// A labelled place on an axis.
struct Tick {
  double at;
  std::string label;
};

/// Title and unit of an axis, its range where it is not that of the data, and its ticks where they are not numbers.
struct FigureAxis {
  std::string title = {};
  bool logarithmic = false;
  std::optional<Limits> range = {};
  std::vector<Tick> ticks = {};
};

/// A line across a panel: at x = `at` where it is vertical, else at y = `at`. In a heat map row r lies at y = r.
struct Marker {
  double at;
  std::string label = {};
  bool vertical = true;
};

/// One pair of axes and what is drawn on it.
struct Panel {
  std::string title = {};
  FigureAxis x = {}, y = {};
  std::vector<Trace> traces = {};
  std::vector<Marker> markers = {};
};

/// The traces of all panels at one stop of the slider. Shape: as those of the figure, trace for trace.
struct Frame {
  std::string label;
  std::vector<std::vector<Trace>> traces;
};

/// Panels in rows of `columns`, from the top left. With frames there is a slider, and the first frame is what is drawn.
struct Figure {
  std::string title;    ///< says what is seen
  std::string reading;  ///< a sentence on how to read it
  std::vector<Panel> panels;
  std::size_t columns = 1;
  std::string slider = {};  ///< what the frames are: "epoch", "head"
  std::vector<Frame> frames = {};
};

/// A figure of one panel.
inline Figure figure(std::string title, std::string reading, Panel panel) {
  return {std::move(title), std::move(reading), {std::move(panel)}};
}

}  // namespace cayley
