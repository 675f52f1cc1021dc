// The report of a transformer on a cyclic group, in the order of notebook 000.
#include <fmt/core.h>
#include <cayley/study/metric_figures.hpp>
#include <cayley/study/modular_addition_sections.hpp>

#include <algorithm>
#include <iterator>

#include "report.hpp"

namespace lab {
namespace {

using namespace cayley;

std::string transformer_configuration(StoredRun const& run, std::size_t seeds) {
  const Index n = run.group.table.order();
  TransformerShape const& shape = run.transformer->shape();
  std::string text = fmt::format(
      "Transformer on {}: {} heads, d_model {}, {} neurons, trained on {} of {} pairs, weight decay {}, seed {}.",
      run.group.name(), shape.n_heads, shape.d_model, shape.d_mlp, std::count(run.train.begin(), run.train.end(), 1),
      n * n, run.config.training.optimizer.weight_decay, run.config.seed);
  if (seeds > 1) text += fmt::format(" Curves of the logs are medians of {} runs; all else shows the first.", seeds);
  return text;
}

std::string verdict(StoredRun const& run, ModularAddition const& found) {
  std::string text = fmt::format("Right on {:.4g} % of all pairs; loss {:.3g} on training pairs, {:.3g} on test pairs",
                                 100 * found.accuracy, found.losses.train, found.losses.test);
  std::vector<Index> const& key = found.clusters.irreps;
  if (key.empty()) return text + "; no neurons form a cluster of one frequency.";
  std::string names;
  for (Index irrep : key) names += (names.empty() ? "" : ", ") + run.group.irreps()[irrep].label();
  const auto most = std::max_element(found.excluded_losses.begin(), found.excluded_losses.end());
  const Index needed = key[static_cast<std::size_t>(most - found.excluded_losses.begin())];
  return text + fmt::format(
                    "; uses {}; waves of the sum at these frequencies make up {:.1f} % of the logits; without {} the "
                    "training loss is {:.3g}.",
                    names, 100 * found.logit_trig_share, run.group.irreps()[needed].label(), *most);
}

}  // namespace

Report report_on_transformer(ReportQuestion const& question, std::vector<StoredRun> const& runs) {
  StoredRun const& run = runs.front();
  const ModularAddition found = run_analysis(run);
  Report report;
  report.summary.push_back(transformer_configuration(run, runs.size()));
  report.summary.push_back(verdict(run, found));
  const auto curves = [&](std::string title, auto const& figure_of) {
    report.sections.push_back(figure_or_note(std::move(title), [&] {
      std::vector<CsvTable> logs;
      for (StoredRun const& each : runs) logs.push_back(training_curves(each.directory));
      return figure_of(logs);
    }));
  };
  curves("Losses", [](std::vector<CsvTable> const& logs) { return loss_figure(logs); });
  curves("Accuracies", [](std::vector<CsvTable> const& logs) {
    return metric_figure(logs, {{"train_acc", "training accuracy"}, {"test_acc", "test accuracy"}},
                         {"Accuracy on training and test pairs", "Share of pairs whose largest logit is their sum.",
                          "accuracy", false, false});
  });
  std::vector<Section> figures = modular_addition_sections(run, found, question.threads);
  std::move(figures.begin(), figures.end(), std::back_inserter(report.sections));
  return report;
}

}  // namespace lab
