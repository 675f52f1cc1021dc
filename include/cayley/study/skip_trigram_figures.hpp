/// The figures of a transformer that learns skip trigrams, besides the curves of `log_figures.hpp`.
///
/// Ref: Nanda et al. 2023, the notebook on phase changes, "Skip trigram".
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/study/log_figures.hpp>
#include <string>
#include <utility>

namespace cayley {

/// The gradient of the loss in the attention of one head to each trigram's marked token, over checkpoints.
/// `measures`: `progress_measures` of a run on skip trigrams.
/// Errors: `Error` when the trigrams have no such columns.
inline Figure attention_gradient_figure(CsvTable const& measures, Index trigrams, Index head = 0) {
  Panel panel{.x = {"epoch"}, .y = {"gradient of the loss in the attention"}};
  for (Index k = 0; k < trigrams; ++k) {
    const std::string number = std::to_string(k);
    panel.traces.emplace_back(
        Curve{.name = "trigram " + number,
              .x = measures.column("epoch"),
              .y = measures.column("attention_gradient_head_" + std::to_string(head) + "_trigram_" + number),
              .colour = panel.traces.size()});
  }
  return figure("Gradient of the loss in the attention to each marked token",
                "Below zero, more attention to the marked token would lower the loss; a trigram that is learned has "
                "none left.",
                std::move(panel));
}

}  // namespace cayley
