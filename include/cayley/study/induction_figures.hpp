/// The figures of a transformer with induction heads, besides the curves of `log_figures.hpp`.
///
/// Ref: Nanda et al. 2023, the notebook on phase changes, "Induction heads"; Olsson et al., In-context Learning and
///      Induction Heads (2022).
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/plot/numbered.hpp>
#include <cayley/study/sequence_explain.hpp>
#include <string>
#include <utility>

namespace cayley {

/// What each head attends to and what the loss is without it: one table each, a row for each layer.
inline Figure head_scores_figure(InductionAnalysis const& found) {
  Figure result{"Previous-token heads come first, induction heads read them",
                "Attention to the token before and to the token behind the first copy, and the loss without the head.",
                {}};
  const auto add = [&](char const* title, Matrix<double> values) {
    HeatMap map{.z = std::move(values), .row_labels = {}, .column_labels = {}, .scale = ColourScale::sequential};
    map.row_labels = numbered_names("layer", map.z.rows());
    map.column_labels = numbered_names("head", map.z.cols());
    map.text = true;
    result.panels.push_back({.title = title, .x = {"head"}, .y = {"layer"}, .traces = {std::move(map)}});
  };
  add("attention to the token before", found.previous_token_scores);
  add("attention to the token behind the first copy", found.induction_scores);
  add("loss without the head (nats)", found.ablated.head_losses());
  return result;
}

}  // namespace cayley
