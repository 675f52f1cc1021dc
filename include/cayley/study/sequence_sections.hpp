/// The reports of the sequence studies: every figure of their notebooks, in the notebooks' order.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/plot/page.hpp>
#include <cayley/study/digit_addition_figures.hpp>
#include <cayley/study/induction_figures.hpp>
#include <cayley/study/log_figures.hpp>
#include <cayley/study/max_of_n_figures.hpp>
#include <cayley/study/modular_addition_sections.hpp>
#include <cayley/study/sequence_evaluation.hpp>
#include <cayley/study/sequence_explain.hpp>
#include <cayley/study/sequence_measures.hpp>
#include <cayley/study/skip_trigram_figures.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cayley {

namespace detail {

/// What is known of a run's development, and why a part of it is not.
struct SequenceHistory {
  std::optional<CsvTable> log, measures;
  std::string no_log, no_measures;
};

/// The log in a run's directory as far as it is written; it may still grow.
/// Errors: `Error` naming the file when it is not there, has no rows, or is no table.
inline CsvTable written_log(std::filesystem::path const& directory) {
  const std::filesystem::path file = directory / "log.csv";
  CsvTable log = read_growing_csv(file);
  require(!log.rows.empty(), file.string(), ": no rows");
  return log;
}

template <class Scalar>
SequenceHistory sequence_history(StoredSequenceRun<Scalar> const& run, int threads) {
  SequenceHistory history;
  try {
    history.log = written_log(run.directory);
  } catch (Error const& error) {
    history.no_log = std::string("No curves of the training loss: ") + error.what();
  }
  try {
    history.measures = progress_measures(run, threads);
  } catch (Error const& error) {
    history.no_measures = std::string("No figures over checkpoints: ") + error.what();
  }
  return history;
}

constexpr char const* no_circuits =
    "Circuits are read off one layer of attention, without MLP and layer norm: none here.";

/// The curves of the losses on both scales, as the notebook on phase changes draws them.
inline void add_loss_figures(FigureSections& sections, SequenceHistory const& history, bool logarithmic_first) {
  if (!history.log) return sections.add_note(history.no_log);
  for (bool logarithmic : {logarithmic_first, !logarithmic_first}) {
    sections.add(loss_figure(*history.log, logarithmic));
  }
}

inline void add_part_figures(FigureSections& sections, SequenceHistory const& history, std::string const& part) {
  for (bool logarithmic : {false, true}) {
    if (history.log) sections.add(part_losses_figure(*history.log, part, logarithmic));
    if (history.measures) sections.add(fresh_part_losses_figure(*history.measures, part, logarithmic));
  }
  if (!history.measures) sections.add_note(history.no_measures);
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
  if (!history.log) return sections.add_note(history.no_log);
  if (history.measures) return sections.add(max_development_figure(*history.log, *history.measures));
  sections.add_note(history.no_measures);
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

/// `found`: what `explain` finds of the run. A note stands where figures need circuits that the network does not have, or
/// a log or checkpoints that are not there or cannot be read.
template <class Scalar>
std::vector<Section> sequence_sections(StoredSequenceRun<Scalar> const& run, SequenceExplanation const& found,
                                       int threads) {
  const detail::SequenceHistory history = detail::sequence_history(run, threads);
  detail::FigureSections sections;
  std::visit([&](auto const& analysis) { detail::add_figures(sections, analysis, history, run.config.sequences); },
             found.analysis);
  return sections.take();
}

}  // namespace cayley
