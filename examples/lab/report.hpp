/// What `cayley-lab report` puts on its page, by study.
#pragma once

#include <cayley/plot/page.hpp>
#include <cayley/study/explain.hpp>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lab {

/// What a report says of the runs: a verdict in words, then tables and figures in the order of the study's notebook.
struct Report {
  std::vector<std::string> summary;
  std::vector<cayley::Section> sections;
};

/// What a report is asked.
struct ReportQuestion {
  std::vector<std::filesystem::path> directories;  ///< seeds of one study; figures of a network show the first
  std::string elements;                            ///< as for `explain`
  std::string reference;                           ///< a file with published metrics, or empty
  int threads = 1;
};

/// A figure under its own title, or a note that says why there is none: what a run lacks costs a figure, not the report.
template <class Make>
cayley::Section figure_or_note(std::string title, Make const& make) {
  try {
    cayley::Figure figure = make();
    return {figure.title, "", {}, std::move(figure), ""};
  } catch (std::exception const& error) {
    return {std::move(title), "", {}, {}, std::string("No figure: ") + error.what()};
  }
}

/// Runs on a group: an MLP or a bilinear network as in notebooks 004 and 001.
Report report_on_group(ReportQuestion const& question, std::vector<cayley::StoredRun> const& runs);
/// Transformers on a cyclic group, as in notebook 000.
Report report_on_transformer(ReportQuestion const& question, std::vector<cayley::StoredRun> const& runs);
/// Runs on sequences of tokens, as in notebooks 002 and 003.
Report report_on_sequences(ReportQuestion const& question);

/// JSON of every figure and, where Chromium is installed, a picture and a page for print. `plotly`: the element that brings
/// plotly.js, default that of Debian's file.
void write_figures(std::vector<cayley::Section> const& sections, std::filesystem::path const& folder, bool no_pictures,
                   std::optional<std::string> plotly = {});

/// plotly.js: the file that was named, or where that is empty Debian's.
/// Errors: `cayley::Error` when Debian's is not there.
std::filesystem::path plotly_file(std::string const& named);

/// Losses and accuracies of a run from log.csv, or from its table of metrics.
/// Errors: `cayley::Error` naming log.csv when there is neither.
cayley::CsvTable training_curves(std::filesystem::path const& directory);

}  // namespace lab
