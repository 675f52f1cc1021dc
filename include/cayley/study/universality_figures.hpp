/// Figures of a study of many runs: how often irreps are learned, and when networks grok.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/plot/median.hpp>
#include <cayley/study/universality.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// What a grokking epoch is drawn against.
enum class GrokkingAxis { fraction, width };

/// The value of a run on that axis: the share of the pairs in its training set, or its number of hidden neurons.
inline double grokking_axis_value(RunConfig const& config, GrokkingAxis axis) {
  if (axis == GrokkingAxis::fraction) return config.frac_train;
  if (config.model == "Transformer") return static_cast<double>(config.transformer.d_mlp);
  return static_cast<double>(config.model == "BilinearNet" ? config.embed_dim : config.hidden_dim);
}

/// The grokking epochs of every run against the share of the data or the width, and their median, by group and model.
/// Errors: `Error` where that does not vary within any group and model.
inline Figure grokking_figure(std::vector<RunRecord> const& records, GrokkingAxis axis) {
  const bool fraction = axis == GrokkingAxis::fraction;
  std::map<std::string, std::map<double, std::vector<double>>> by_subject;
  std::size_t shown = 0, never = 0;
  for (RunRecord const& record : records) {
    auto& values = by_subject[subject_name(record.config) + " " + record.config.model];
    auto& epochs = values[grokking_axis_value(record.config, axis)];
    if (record.grokked) epochs.push_back(static_cast<double>(std::max<std::int64_t>(*record.grokked, 1)));
  }
  std::erase_if(by_subject, [](auto const& item) { return item.second.size() < 2; });
  require(!by_subject.empty(), "grokking against ", fraction ? "the share of data" : "the width",
          ": it is the same in all runs of a group and model");
  Panel panel;
  panel.x.title = fraction ? "share of the pairs in the training set" : "hidden neurons";
  panel.x.logarithmic = !fraction;
  panel.y.title = "epoch";
  panel.y.logarithmic = true;
  std::size_t colour = 0;
  for (auto const& [subject, by_value] : by_subject) {
    Points points{subject, {}, {}};
    Curve middle{subject + ", median", {}, {}};
    points.colour = middle.colour = colour++;
    for (auto const& [value, epochs] : by_value) {
      for (double epoch : epochs) {
        points.x.push_back(value);
        points.y.push_back(epoch);
      }
      if (epochs.empty()) continue;
      middle.x.push_back(value);
      middle.y.push_back(median(epochs));
    }
    shown += points.x.size();
    panel.traces.emplace_back(std::move(middle));
    panel.traces.emplace_back(std::move(points));
  }
  for (RunRecord const& record : records) {
    const bool drawn = by_subject.count(subject_name(record.config) + " " + record.config.model) > 0;
    never += drawn && !record.grokked ? 1 : 0;
  }
  return figure(fraction ? "When networks grok, by the share of the data" : "When networks grok, by width",
                "A point is a run, at the first logged epoch with a test accuracy above 0.99: " +
                    std::to_string(shown) + " runs; " + std::to_string(never) + " never got there and are left out.",
                std::move(panel));
}

/// The share of a setting's runs in which each irrep is a key irrep.
inline Figure irrep_frequency_figure(std::vector<RunRecord> const& records, Setting const& setting) {
  Bars bars{setting.name, {}, {}};
  for (auto const& [irrep, share] : irrep_frequencies(records, setting.runs)) {
    bars.labels.push_back(irrep);
    bars.heights.push_back(static_cast<double>(share.successes) / static_cast<double>(share.trials));
  }
  Panel panel;
  panel.x.title = "irrep";
  panel.y.title = "share of runs";
  panel.y.range = Limits{0, 1};
  panel.traces.emplace_back(std::move(bars));
  return figure(
      "Which irreps are learned: " + setting.name,
      "The share of " + std::to_string(setting.runs.size()) + " runs that end with the irrep among their keys.",
      std::move(panel));
}

}  // namespace cayley
