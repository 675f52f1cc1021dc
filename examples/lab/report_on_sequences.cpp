// The report of a run on sequences of tokens: notebook 002 for the largest of n numbers, notebook 003 for the others.
#include <fmt/core.h>
#include <cayley/study/metric_figures.hpp>
#include <cayley/study/sequence_sections.hpp>

#include <iterator>
#include <variant>

#include "report.hpp"

namespace lab {
namespace {

using namespace cayley;

std::string configuration(StoredSequenceRun<double> const& run, std::size_t seeds) {
  TransformerShape const& shape = run.model.shape();
  std::string text = fmt::format(
      "Transformer on {}: {} {}, {} {} in each, d_model {}{}, seed {}.", run.config.task, shape.n_layers,
      shape.n_layers == 1 ? "layer" : "layers", shape.n_heads, shape.n_heads == 1 ? "head" : "heads", shape.d_model,
      shape.attn_only ? ", attention only" : fmt::format(", {} neurons", shape.d_mlp), run.config.seed);
  if (run.checkpoint) text += fmt::format(" Still in training: weights of epoch {}.", *run.checkpoint);
  if (seeds > 1) text += fmt::format(" The first figure is of {} runs; all else shows the first.", seeds);
  return text;
}

std::string verdict(MaxOfNAnalysis const& found) {
  return fmt::format(
      "Right on {:.4g} % of the inputs, loss {:.3g}; attends most to the largest number on {:.4g} % and answers with "
      "the "
      "number attended to most on {:.4g} %.",
      100 * found.behaviour.accuracy, found.behaviour.loss, 100 * found.behaviour.attends_to_largest,
      100 * found.behaviour.copies_attended);
}

std::string verdict(DigitAdditionAnalysis const& found) {
  return fmt::format("Right on {:.4g} % of the digits and {:.4g} % of whole sums, loss {:.3g}.",
                     100 * found.losses.accuracy, 100 * found.whole_sums, found.losses.loss);
}

std::string verdict(SkipTrigramAnalysis const& found) {
  return fmt::format("Right on {:.4g} % of the sequences, loss {:.3g}.", 100 * found.losses.accuracy,
                     found.losses.loss);
}

std::string verdict(InductionAnalysis const& found) {
  return fmt::format("Loss {:.3g}; {:.3g} for a guess, {:.3g} at best.", found.ablated.intact.loss, found.uniform_loss,
                     found.optimal_loss);
}

// Losses of all runs, with their median.
Figure losses_of_all(std::vector<std::filesystem::path> const& directories) {
  std::vector<CsvTable> logs;
  for (auto const& directory : directories) logs.push_back(training_curves(directory));
  std::vector<NamedColumn> columns;
  for (NamedColumn const& column : {NamedColumn{"train_loss", "training"}, NamedColumn{"test_loss", "test"}}) {
    if (all_have(logs, column.column)) columns.push_back(column);
  }
  return metric_figure(
      logs, columns,
      {"The loss of every run", "Mean cross-entropy; a sudden fall is a phase change.", "loss (nats)", false, true});
}

}  // namespace

Report report_on_sequences(ReportQuestion const& question) {
  const StoredSequenceRun<double> run = read_sequence_run(question.directories.front());
  const SequenceExplanation found = explain(run);
  Report report;
  report.summary.push_back(configuration(run, question.directories.size()));
  report.summary.push_back(std::visit([](auto const& analysis) { return verdict(analysis); }, found.analysis));
  if (question.directories.size() > 1) {
    report.sections.push_back(figure_or_note("Losses", [&] { return losses_of_all(question.directories); }));
  }
  std::vector<Section> figures = sequence_sections(run, found, question.threads);
  std::move(figures.begin(), figures.end(), std::back_inserter(report.sections));
  return report;
}

}  // namespace lab
