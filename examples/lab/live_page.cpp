// The figures of a run in training, and the script of the page that draws them anew as they change.
#include "live_page.hpp"

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <cayley/plot/page.hpp>
#include <cayley/study/log_figures.hpp>
#include <cayley/study/metric_figures.hpp>
#include <cayley/study/spectrum_figures.hpp>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <utility>

namespace lab {
namespace {

// A curve of more points would not look different.
constexpr std::size_t most_live_rows = 4000;

constexpr char const* live_script = R"js(
(() => {
  const status = document.querySelector('.summary'), main = document.querySelector('main');
  let tag = null;
  status.setAttribute('role', 'status');
  function place(id) {
    let section = document.getElementById(id);
    if (section) return section;
    section = document.createElement('section');
    section.id = id;
    section.innerHTML = '<h2></h2><p class="reading"></p><p class="note"></p><div class="figure" role="img"></div>';
    main.append(section);
    return section;
  }
  async function show({id, title, reading, figure, note}) {
    const section = place(id), drawing = section.querySelector('.figure');
    section.querySelector('h2').textContent = title;
    section.querySelector('.reading').textContent = reading || '';
    section.querySelector('.note').textContent = note || '';
    drawing.hidden = !figure;
    drawing.setAttribute('aria-label', title);
    if (!figure) return;
    delete figure.layout.title;  // the heading says it
    figure.layout.uirevision = id;  // what the reader zoomed into stays
    await cayley.draw(drawing, figure);
  }
  async function update() {
    try {
      const answer = await fetch('/figures.json', {cache: 'no-store', headers: tag ? {'If-None-Match': tag} : {}});
      if (answer.status === 200) {
        const view = await answer.json();
        status.textContent = view.status;
        for (const section of view.sections) await show(section);
        const there = new Set(view.sections.map(section => section.id));
        for (const section of main.querySelectorAll('section')) if (!there.has(section.id)) section.remove();
        tag = answer.headers.get('ETag');
      } else if (answer.status !== 304) {
        throw new Error('answer ' + answer.status);
      }
    } catch (error) {
      status.textContent = 'cayley-lab watch does not answer; this is what it showed last.';
      tag = null;
    }
    setTimeout(update, 1000);
  }
  update();
})();
)js";

// The table with every k-th row and the last.
cayley::CsvTable thinned(cayley::CsvTable const& log) {
  const std::size_t rows = log.rows.size(), step = (rows + most_live_rows - 1) / most_live_rows;
  if (step <= 1) return log;
  cayley::CsvTable result{log.columns, {}, log.source};
  for (std::size_t i = 0; i < rows; i += step) result.rows.push_back(log.rows[i]);
  if ((rows - 1) % step != 0) result.rows.push_back(log.rows.back());
  return result;
}

cayley::Json drawn(char const* id, cayley::Figure const& figure) {
  return {{"id", id},
          {"title", figure.title},
          {"reading", figure.reading},
          {"figure", cayley::packed(cayley::plotly_json(figure))}};
}

cayley::Json missing(char const* id, char const* title, std::string note) {
  return {{"id", id}, {"title", title}, {"note", std::move(note)}};
}

double last_value(cayley::CsvTable const& log, std::string const& column) {
  return log.column(column).back();
}

}  // namespace

std::string live_status(std::filesystem::path const& directory, cayley::RunConfig const& config,
                        cayley::CsvTable const& log) {
  if (log.rows.empty()) return "Nothing is logged yet.";
  std::error_code none;
  const bool ended = std::filesystem::exists(directory / "model.safetensors", none);
  std::string text = fmt::format("{}: epoch {:.0f} of {}, training loss {:.3g}", ended ? "Ended" : "In training",
                                 last_value(log, "epoch"), config.num_epochs, last_value(log, "train_loss"));
  for (auto const& [column, name] : {std::pair{"test_loss", "test loss"}, std::pair{"test_acc", "test accuracy"}}) {
    const double value = last_value(log, column);
    if (std::isfinite(value)) text += fmt::format(", {} {:.3g}", name, value);
  }
  const auto written = std::filesystem::last_write_time(directory / "log.csv", none);
  if (!none) {
    const auto time = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::file_clock::to_sys(written)));
    text += fmt::format("; logged last at {:%H:%M:%S}", fmt::localtime(time));
  }
  return text + ".";
}

cayley::Json live_log_sections(cayley::RunConfig const& config, cayley::CsvTable const& log) {
  cayley::Json sections = cayley::Json::array();
  if (log.rows.empty()) {
    sections.push_back(missing("losses", "Loss over training", "Nothing is logged yet."));
    return sections;
  }
  const cayley::CsvTable table = thinned(log);
  sections.push_back(drawn("losses", cayley::loss_figure(table, true)));
  const cayley::Figure accuracy = cayley::accuracy_figure(table);
  if (!accuracy.panels.front().traces.empty()) sections.push_back(drawn("accuracies", accuracy));
  char const* part = config.task == "digit_addition" ? "digit" : config.task == "skip_trigram" ? "trigram" : nullptr;
  if (part != nullptr) sections.push_back(drawn("parts", cayley::part_losses_figure(table, part, true)));
  return sections;
}

cayley::Json live_checkpoint_sections(cayley::LiveCheckpoints const& checkpoints, std::string const& problem) {
  cayley::Json sections = cayley::Json::array();
  const std::string note = problem.empty() ? "No checkpoint yet." : problem;
  std::vector<std::string> irreps = checkpoints.irreps_by_similarity();
  if (irreps.size() > 8) irreps.resize(8);  // more colours cannot be told apart
  if (irreps.empty()) {
    sections.push_back(missing("similarities", "Irreps in the logits", note));
  } else {
    const cayley::CsvTable table = checkpoints.similarities();
    sections.push_back(
        drawn("similarities",
              cayley::irrep_metric_figure(
                  {&table, 1}, irreps, "logit_", "_rep_trace_similarity",
                  {"Irreps in the logits",
                   "Cosine between the logits and the character of a b c^-1, by irrep: 1 is all of the logits, 0 none. "
                   "At most the eight largest are shown.",
                   "cosine similarity"})));
  }
  const std::optional<cayley::LiveCheckpoints::Spectrum> spectrum = checkpoints.spectrum();
  if (!spectrum) {
    sections.push_back(missing("spectrum", "The embedding in the Fourier basis", note));
  } else {
    std::vector<cayley::NamedSpectrum> spectra{{"left", spectrum->left}};
    if (spectrum->left != spectrum->right) spectra.push_back({"right", spectrum->right});
    sections.push_back(drawn(
        "spectrum",
        cayley::weight_spectrum_figure(
            spectrum->basis, spectra, fmt::format("The embedding in the Fourier basis at epoch {}", spectrum->epoch))));
  }
  std::string left_out;
  for (std::string const& problem_of_one : checkpoints.problems()) left_out += problem_of_one + ". ";
  if (!left_out.empty()) sections.push_back(missing("problems", "Checkpoints left out", left_out));
  return sections;
}

std::string live_page_html(std::string const& title) {
  return cayley::page_html({title, {"Waiting for the first figures."}, {}}, cayley::linked_plotly("/plotly.js"),
                           live_script);
}

}  // namespace lab
