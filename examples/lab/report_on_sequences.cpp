// The report of a run on sequences of tokens.
#include <cayley/study/metric_figures.hpp>

#include "report.hpp"

namespace lab {

using namespace cayley;

Report report_on_sequences(ReportQuestion const& question) {
  const RunConfig config = read_config(question.directories.front() / "cfg.json");
  Report report;
  report.summary.push_back("A transformer on the task " + config.task + ", seed " + std::to_string(config.seed) + ".");
  report.sections.push_back(figure_or_note("Losses", [&] {
    std::vector<CsvTable> logs;
    for (auto const& directory : question.directories) logs.push_back(training_curves(directory));
    std::vector<NamedColumn> columns;
    for (NamedColumn const& column : {NamedColumn{"train_loss", "training"}, NamedColumn{"test_loss", "test"}}) {
      if (all_have(logs, column.column)) columns.push_back(column);
    }
    return metric_figure(
        logs, columns,
        {"The loss over training", "Mean cross-entropy; a sudden fall is a phase change.", "loss (nats)", false, true});
  }));
  return report;
}

}  // namespace lab
