/// What `cayley-lab watch` shows of a run, as JSON for its page, and the page.
#pragma once

#include <cayley/study/config.hpp>
#include <cayley/study/live_run.hpp>
#include <filesystem>
#include <string>

namespace lab {

/// Where the run stands, in a sentence. `directory`: tells whether it has ended, and when it last logged.
std::string live_status(std::filesystem::path const& directory, cayley::RunConfig const& config,
                        cayley::CsvTable const& log);

/// Losses, accuracies and losses by part: a list of `{"id", "title"}` with `"reading"` and `"figure"`, which is
/// `cayley::packed`, or with `"note"`.
cayley::Json live_log_sections(cayley::RunConfig const& config, cayley::CsvTable const& log);

/// Similarity by irrep and the spectrum of the embedding, in the same form. `problem`: why there is none, or empty.
cayley::Json live_checkpoint_sections(cayley::LiveCheckpoints const& checkpoints, std::string const& problem);

/// The page, which fetches `/plotly.js` once and `/figures.json` every second: `{"status", "sections"}`.
std::string live_page_html(std::string const& title);

}  // namespace lab
