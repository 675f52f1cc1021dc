/// The figures of a transformer that finds the largest of n numbers, as the notebook on the max of two draws them.
///
/// Ref: Gross et al., the notebook max_of_2_grokking.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/interpret/max_circuits.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/plot/animation.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/plot/numbered.hpp>
#include <cayley/study/log_figures.hpp>
#include <cayley/study/modular_addition_development_figures.hpp>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// A heat map for each head: a frame each where there are several.
inline Figure head_maps(Figure const& text, Panel const& axes, std::vector<HeatMap> maps) {
  std::vector<Figure> figures;
  for (HeatMap& map : maps) {
    figures.push_back(text);
    figures.back().panels = {axes};
    figures.back().panels[0].traces = {std::move(map)};
  }
  if (figures.size() == 1) return std::move(figures.front());
  const auto heads = number_names(static_cast<Index>(figures.size()));
  return animated("head", heads, std::move(figures));
}

/// " of head 1", or nothing where there is one head alone.
inline std::string of_head(MaxCircuits const& circuits, std::size_t head) {
  return circuits.heads.size() == 1 ? "" : " of head " + std::to_string(head);
}

}  // namespace detail

/// The score of each number, seen from `=`.
inline Figure score_figure(MaxCircuits const& circuits) {
  Panel panel{.x = {"number"}, .y = {"score times sqrt(d_head)"}};
  for (std::size_t h = 0; h < circuits.heads.size(); ++h) {
    panel.traces.emplace_back(numbered_curve("QK" + detail::of_head(circuits, h), circuits.heads[h].QK, h));
  }
  return figure("QK: larger numbers get more attention",
                "The score that = gives to a number, less that of = itself; it should rise from left to right.",
                std::move(panel));
}

/// The logits that each number writes when it is attended to.
inline Figure copying_figure(MaxCircuits const& circuits) {
  std::vector<HeatMap> maps;
  for (MaxCircuits::Head const& head : circuits.heads) maps.push_back({.z = head.OV, .value_title = "logit"});
  return detail::head_maps({"OV: a number that is attended to is copied",
                            "A row is what a number writes to the logits; its own class should be the largest.",
                            {}},
                           {.x = {"class"}, .y = {"number attended to"}}, std::move(maps));
}

/// The same less each number's own logit.
inline Figure centred_copying_figure(MaxCircuits const& circuits) {
  std::vector<HeatMap> maps;
  for (MaxCircuits::Head const& head : circuits.heads) {
    maps.push_back({.z = head.centred_OV(), .value_title = "logit less that of the number itself"});
  }
  return detail::head_maps({"OV less its diagonal: no other class beats the number itself",
                            "Zero on the diagonal; a positive entry is a class that the number raises above its own.",
                            {}},
                           {.x = {"class"}, .y = {"number attended to"}}, std::move(maps));
}

/// What each position adds to the score.
inline Figure position_scores_figure(MaxCircuits const& circuits) {
  Panel panel{.x = {"position"}, .y = {"score times sqrt(d_head)"}};
  for (std::size_t h = 0; h < circuits.heads.size(); ++h) {
    panel.traces.emplace_back(numbered_points("QK" + detail::of_head(circuits, h), circuits.heads[h].QK_positions, h));
  }
  return figure("Positions add next to nothing to the score",
                "Differences here make a head prefer a place whatever stands there; compare them with QK of numbers.",
                std::move(panel));
}

/// Parts of the logits that do not help: without attention, of `=` attended to, of each position.
inline Figure irrelevant_logits_figure(MaxCircuits const& circuits) {
  Panel panel{.x = {"class"}, .y = {"logit"}};
  const auto add = [&](std::string const& name, RowVector<double> const& logits) {
    panel.traces.emplace_back(numbered_points(name, logits, panel.traces.size()));
  };
  add("= without attention", circuits.direct);
  for (std::size_t h = 0; h < circuits.heads.size(); ++h) {
    MaxCircuits::Head const& head = circuits.heads[h];
    const std::string of_head = detail::of_head(circuits, h);
    add("= attended to" + of_head, head.OV_equals);
    for (Index p = 0; p < head.OV_positions.rows(); ++p) {
      add("position " + std::to_string(p) + of_head, head.OV_positions.row(p));
    }
  }
  return figure("Irrelevant contributions to the logits",
                "What is added to the logits whatever the numbers are; it should be flat, or small beside OV.",
                std::move(panel));
}

/// Attention, losses and accuracies below one another, a frame for each checkpoint: curves of the log grow up to it.
/// `measures`: `progress_measures` of a run whose network has `MaxCircuits`.
/// Errors: `Error` when the measures have no attention.
inline Figure max_development_figure(CsvTable const& log, CsvTable const& measures) {
  std::vector<Matrix<double>> overlap;  // by head, (checkpoints, vocabulary)
  for (;;) {
    overlap.push_back(detail::columns_with(measures, "overlap_head_" + std::to_string(overlap.size()) + "_number_"));
    if (overlap.back().cols() == 0) break;
  }
  overlap.pop_back();
  require(!overlap.empty(), measures.source, ": no columns overlap_head_0_number_..");
  const std::vector<double> epochs = measures.column("epoch");
  std::vector<Figure> figures;
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    Panel attention{.title = "attention", .x = {"number"}, .y = {"score times sqrt(d_head)"}};
    for (std::size_t h = 0; h < overlap.size(); ++h) {
      attention.traces.emplace_back(
          numbered_curve("head " + std::to_string(h), overlap[h].row(static_cast<Index>(i)), h));
    }
    CsvTable so_far{log.columns, {}, log.source};
    const std::vector<double> logged = log.column("epoch");
    for (std::size_t row = 0; row < logged.size() && logged[row] <= epochs[i]; ++row) {
      so_far.rows.push_back(log.rows[row]);
    }
    Panel losses{.title = "loss", .x = {"epoch"}, .y = {"loss (nats)"}};
    Panel accuracies{.title = "accuracy", .x = {"epoch"}, .y = {.title = "accuracy", .range = Limits{0, 1.02}}};
    for (auto const& [column, name] : {std::pair{"train", "training"}, std::pair{"test", "test"}}) {
      for (Panel* panel : {&losses, &accuracies}) {
        const std::string whole = std::string(column) + (panel == &losses ? "_loss" : "_acc");
        if (!detail::has_values(log, whole)) continue;
        panel->traces.emplace_back(Curve{.name = name + std::string(panel == &losses ? " loss" : " accuracy"),
                                         .x = so_far.column("epoch"),
                                         .y = so_far.column(whole),
                                         .colour = panel->traces.size()});
      }
    }
    figures.push_back({"Attention, losses and accuracies over training",
                       "As the slider moves, the score of numbers begins to rise when the losses fall.",
                       {std::move(attention), std::move(losses), std::move(accuracies)}});
  }
  return animated("epoch", detail::epoch_labels(measures), std::move(figures));
}

}  // namespace cayley
