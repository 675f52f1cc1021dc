/// Figures of metrics over training: a curve for each column of a table, or of several, one for each seed.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/plot/median.hpp>
#include <cayley/study/run_directory.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// A column of a table of metrics, and what the reader calls it.
struct NamedColumn {
  std::string column, name;
};

/// What a figure of curves over epochs says, and its scales.
struct MetricFigureText {
  std::string title, reading, y;
  bool logarithmic_x = true, logarithmic_y = false;
};

namespace detail {

/// Epochs and values of one column; on logarithmic axes without what has no place there. The first epoch, 0, is drawn at 1.
inline Curve metric_curve(CsvTable const& table, NamedColumn const& column, bool logarithmic_x, bool logarithmic_y) {
  Curve curve{column.name, {}, {}};
  const std::vector<double> epochs = table.column("epoch"), values = table.column(column.column);
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    if (logarithmic_y && !(values[i] > 0)) continue;
    curve.x.push_back(logarithmic_x ? std::max(epochs[i], 1.0) : epochs[i]);
    curve.y.push_back(values[i]);
  }
  return curve;
}

}  // namespace detail

/// Whether every table has a column.
inline bool all_have(std::span<const CsvTable> tables, std::string const& column) {
  return std::all_of(tables.begin(), tables.end(), [&](CsvTable const& table) {
    return std::find(table.columns.begin(), table.columns.end(), column) != table.columns.end();
  });
}

/// Columns over the epochs; of several tables the median, with the single runs faded.
/// Errors: `Error` without tables, and for a column that one of them lacks.
inline Figure metric_figure(std::span<const CsvTable> tables, std::vector<NamedColumn> const& columns,
                            MetricFigureText const& text, std::vector<Marker> markers = {}) {
  require(!tables.empty(), "figure \"", text.title, "\": no tables of metrics");
  Panel panel{"", {"epoch", text.logarithmic_x}, {text.y, text.logarithmic_y}, {}, std::move(markers)};
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::vector<Curve> runs;
    for (CsvTable const& table : tables) {
      runs.push_back(detail::metric_curve(table, columns[c], text.logarithmic_x, text.logarithmic_y));
      runs.back().colour = c;
    }
    for (Trace& trace : with_median(std::move(runs))) panel.traces.push_back(std::move(trace));
  }
  return figure(text.title, text.reading, std::move(panel));
}

/// The same of one metric of each irrep: columns `prefix` label `suffix`.
inline Figure irrep_metric_figure(std::span<const CsvTable> tables, std::vector<std::string> const& irreps,
                                  std::string const& prefix, std::string const& suffix, MetricFigureText const& text,
                                  std::vector<Marker> markers = {}) {
  std::vector<NamedColumn> columns;
  for (std::string const& irrep : irreps) columns.push_back({prefix + irrep + suffix, irrep});
  return metric_figure(tables, columns, text, std::move(markers));
}

/// Training and test loss over the epochs of one or several logs.
/// Errors: as `metric_figure`.
inline Figure loss_figure(std::span<const CsvTable> logs) {
  const bool all_grokked =
      std::all_of(logs.begin(), logs.end(), [](CsvTable const& log) { return grokked_epoch(log).has_value(); });
  return metric_figure(
      logs, {{"train_loss", "training loss"}, {"test_loss", "test loss"}},
      {all_grokked ? "The training loss falls first, the test loss long after it" : "Training and test loss",
       "Mean cross-entropy over training and test pairs. The network has memorised where the curves part, and grokked "
       "where the test loss falls too.",
       "loss (nats)", false, true});
}

}  // namespace cayley
