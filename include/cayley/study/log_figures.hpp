/// Curves of a run's log: losses, accuracies and losses by part.
#pragma once

#include <algorithm>
#include <cayley/io/csv.hpp>
#include <cayley/plot/figure.hpp>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// Whether a log has such a column with a number in it. A run without a test set logs `nan`.
inline bool has_values(CsvTable const& log, std::string const& column) {
  if (std::find(log.columns.begin(), log.columns.end(), column) == log.columns.end()) return false;
  const std::vector<double> values = log.column(column);
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

/// A column over epochs, where it has values.
inline void add_log_curve(Panel& panel, CsvTable const& log, std::string const& column, std::string name) {
  if (!has_values(log, column)) return;
  panel.traces.emplace_back(
      Curve{.name = std::move(name), .x = log.column("epoch"), .y = log.column(column), .colour = panel.traces.size()});
}

}  // namespace detail

/// Training loss and, where there is a test set, test loss.
inline Figure loss_figure(CsvTable const& log, bool logarithmic) {
  Panel panel{.x = {"epoch"}, .y = {"loss (nats)", logarithmic}};
  detail::add_log_curve(panel, log, "train_loss", "train");
  detail::add_log_curve(panel, log, "test_loss", "test");
  return figure(logarithmic ? "Loss over training, logarithmic" : "Loss over training",
                "A sudden fall is a phase change; a gap between the curves is what was learned by heart.",
                std::move(panel));
}

/// Training and, where there is a test set, test accuracy.
inline Figure accuracy_figure(CsvTable const& log) {
  Panel panel{.x = {"epoch"}, .y = {"accuracy"}};
  detail::add_log_curve(panel, log, "train_acc", "train");
  detail::add_log_curve(panel, log, "test_acc", "test");
  return figure("Accuracy over training", "Share of right answers.", std::move(panel));
}

namespace detail {

/// The columns that begin with `prefix`, beside the column `whole`.
inline Figure losses_by_part(CsvTable const& table, std::string const& prefix, std::string const& whole,
                             std::string const& part, std::string title, bool logarithmic) {
  Panel panel{.x = {"epoch"}, .y = {"loss (nats)", logarithmic}};
  for (std::string const& column : table.columns) {
    if (!std::string_view(column).starts_with(prefix)) continue;
    add_log_curve(panel, table, column, part + " " + column.substr(prefix.size()));
  }
  add_log_curve(panel, table, whole, "all");
  return figure(std::move(title) + (logarithmic ? ", logarithmic" : ""),
                "Each " + part + " has a phase change of its own; the loss as a whole is their mean.",
                std::move(panel));
}

}  // namespace detail

/// The training loss of each part of a log, beside the whole; `part` is "digit" or "trigram".
inline Figure part_losses_figure(CsvTable const& log, std::string const& part, bool logarithmic) {
  return detail::losses_by_part(log, "train_loss_" + part + "_", "train_loss", part, "Training loss of each " + part,
                                logarithmic);
}

/// The same of fresh sequences at every checkpoint. `measures`: `progress_measures` of a run on sequences.
inline Figure fresh_part_losses_figure(CsvTable const& measures, std::string const& part, bool logarithmic) {
  return detail::losses_by_part(measures, "loss_" + part + "_", "loss", part,
                                "Loss of each " + part + " on fresh sequences", logarithmic);
}

}  // namespace cayley
