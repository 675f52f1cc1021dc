/// The reports of the sequence studies: every figure of their notebooks, in the notebooks' order.
#pragma once

#include <cayley/io/atomic_file.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/plot/page.hpp>
#include <cayley/study/digit_addition_figures.hpp>
#include <cayley/study/induction_figures.hpp>
#include <cayley/study/log_figures.hpp>
#include <cayley/study/max_of_n_figures.hpp>
#include <cayley/study/modular_addition_sections.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/sequence_evaluation.hpp>
#include <cayley/study/sequence_explain.hpp>
#include <cayley/study/sequence_measures.hpp>
#include <cayley/study/skip_trigram_figures.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cayley {

namespace detail {

/// What is known of a run's development.
struct SequenceHistory {
  std::optional<CsvTable> log;       ///< none where there is no `log.csv`
  std::optional<CsvTable> measures;  ///< none where there are no checkpoints
};

/// The log in a run's directory as far as it is written; it may still grow.
inline std::optional<CsvTable> written_log(std::filesystem::path const& directory) {
  const std::filesystem::path file = directory / "log.csv";
  if (!std::filesystem::exists(file)) return {};
  const std::string bytes = read_file(file);
  CsvTable log = parse_csv(std::string_view(bytes).substr(0, bytes.rfind('\n') + 1), file.string());
  if (log.rows.empty()) return {};
  return log;
}

constexpr char const* no_log = "No log.csv with rows, so no curves of the training loss.";
constexpr char const* no_checkpoints =
    "No checkpoints, so no figures over them: train with checkpoint_every or checkpoint_points.";
constexpr char const* no_circuits =
    "Circuits are read off one layer of attention, without MLP and layer norm: none here.";

/// The curves of the losses on both scales, as the notebook on phase changes draws them.
inline void add_loss_figures(FigureSections& sections, SequenceHistory const& history, bool logarithmic_first) {
  if (!history.log) return sections.add_note(no_log);
  for (bool logarithmic : {logarithmic_first, !logarithmic_first}) {
    sections.add(loss_figure(*history.log, logarithmic));
  }
}

inline void add_part_figures(FigureSections& sections, SequenceHistory const& history, std::string const& part) {
  for (bool logarithmic : {false, true}) {
    if (history.log) sections.add(part_losses_figure(*history.log, part, logarithmic));
    if (history.measures) sections.add(fresh_part_losses_figure(*history.measures, part, logarithmic));
  }
  if (!history.measures) sections.add_note(no_checkpoints);
}

inline void add_figures(FigureSections& sections, MaxOfNAnalysis const& found, SequenceHistory const& history,
                        SequenceConfig const&) {
  sections.begin("Interpretation: attend to the largest number and copy it");
  if (!found.circuits) {
    sections.add_note(no_circuits);
    return add_loss_figures(sections, history, false);
  }
  sections.add(score_figure(*found.circuits));
  sections.add(copying_figure(*found.circuits));
  sections.add(centred_copying_figure(*found.circuits));
  sections.add(position_scores_figure(*found.circuits));
  sections.add(irrelevant_logits_figure(*found.circuits));
  sections.begin("Training");
  if (!history.log) return sections.add_note(no_log);
  if (history.measures) return sections.add(max_development_figure(*history.log, *history.measures));
  sections.add_note(no_checkpoints);
  add_loss_figures(sections, history, false);
  sections.add(accuracy_figure(*history.log));
}

inline void add_figures(FigureSections& sections, DigitAdditionAnalysis const& found, SequenceHistory const& history,
                        SequenceConfig const&) {
  sections.begin("Setup");
  sections.add(digit_basis_figure());
  sections.add(fourier_gram_figure(digit_basis()));
  sections.begin("Training");
  add_loss_figures(sections, history, false);
  add_part_figures(sections, history, "digit");
  sections.begin("The trained network");
  sections.add(digit_spectra_figure(found));
}

inline void add_figures(FigureSections& sections, SkipTrigramAnalysis const&, SequenceHistory const& history,
                        SequenceConfig const& config) {
  sections.begin("Training");
  add_loss_figures(sections, history, true);
  add_part_figures(sections, history, "trigram");
  if (history.measures) sections.add(attention_gradient_figure(*history.measures, config.skip_trigram.keys));
}

inline void add_figures(FigureSections& sections, InductionAnalysis const& found, SequenceHistory const& history,
                        SequenceConfig const&) {
  sections.begin("Training");
  add_loss_figures(sections, history, false);
  sections.begin("The trained network");
  sections.add(head_scores_figure(found));
}

}  // namespace detail

/// A note stands where figures need a log, checkpoints or circuits that the run does not have.
/// Errors: as `explain` and, where there are checkpoints, `progress_measures`.
template <class Scalar>
std::vector<Section> sequence_sections(StoredSequenceRun<Scalar> const& run, SequenceExplanation const& found,
                                       int threads) {
  detail::SequenceHistory history{detail::written_log(run.directory), std::nullopt};
  if (!checkpoint_epochs(run.directory).empty()) history.measures = progress_measures(run, threads);
  detail::FigureSections sections;
  std::visit([&](auto const& analysis) { detail::add_figures(sections, analysis, history, run.config.sequences); },
             found.analysis);
  return sections.take();
}

}  // namespace cayley
