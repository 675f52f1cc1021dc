// cayley-lab report DIR...: one page with every figure of the notebook that the runs belong to. What a study's report says
// stands in report_on_group.cpp and report_on_sequences.cpp; here are the page and the files of figures.
#include "report.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cayley/plot/animation.hpp>
#include <cctype>
#include <memory>
#include <optional>
#include <thread>

#include "command.hpp"

extern char** environ;

namespace lab {
namespace {

struct ReportArguments {
  ReportQuestion question;
  std::string out;
  std::string plotly;
  std::string figures;
  bool cdn = false;
  bool no_pictures = false;
};

std::string plotly_element(ReportArguments const& arguments) {
  if (arguments.cdn) return cayley::linked_plotly(cayley::public_plotly_address);
  return cayley::embedded_plotly(plotly_file(arguments.plotly));
}

// "03-losses-fall" for the figure "Losses fall".
std::string file_stem(std::size_t number, std::string const& title) {
  std::string stem = fmt::format("{:02}", number);
  bool word = false;
  for (char c : title) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) == 0) {
      word = false;
      continue;
    }
    if (!word) stem += '-';
    word = true;
    stem += static_cast<char>(std::tolower(byte));
  }
  return stem;
}

std::optional<std::string> chromium() {
  for (char const* folder : {"/usr/bin/", "/usr/local/bin/"}) {
    for (char const* name : {"chromium", "chromium-browser", "google-chrome"}) {
      const std::string path = std::string(folder) + name;
      if (std::filesystem::exists(path)) return path;
    }
  }
  return {};
}

// Whether a program ran and said that all was well; its output is discarded.
bool ran(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  const bool started = posix_spawn(&process, argv[0], &actions, nullptr, argv.data(), environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  return started && waitpid(process, &status, 0) == process && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// In pixels.
constexpr int picture_width = 960;

void write_figure_files(std::vector<cayley::Section> const& sections, std::filesystem::path const& folder,
                        std::string const& plotly, std::optional<std::string> const& browser) {
  std::size_t number = 0, pictures = 0;
  for (cayley::Section const& section : sections) {
    if (!section.figure) continue;
    const std::string stem = file_stem(++number, section.figure->title);
    cayley::write_file_atomically(folder / (stem + ".json"), cayley::plotly_json(*section.figure).dump());
    if (!browser) continue;
    const std::filesystem::path html = folder / (stem + ".html");
    const cayley::Figure still = cayley::last_still(*section.figure);
    cayley::write_file_atomically(html, cayley::picture_html(still, plotly, picture_width));
    const int height = cayley::plotly_json(still)["layout"]["height"].get<int>();
    const std::string address = "file://" + std::filesystem::absolute(html).string();
    const auto print = [&](std::string const& option) {
      return ran({*browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                  "--no-pdf-header-footer", fmt::format("--window-size={},{}", picture_width, height),
                  "--virtual-time-budget=10000", option, address});
    };
    const bool done = print("--screenshot=" + (folder / (stem + ".png")).string()) &&
                      print("--print-to-pdf=" + (folder / (stem + ".pdf")).string());
    std::filesystem::remove(html);
    pictures += done ? 1 : 0;
  }
  fmt::print("wrote {} figures to {}", number, folder.string());
  if (browser) fmt::print(", {} of them as PNG and PDF too", pictures);
  fmt::print("\n");
}

void run_report(ReportArguments const& arguments) {
  ReportQuestion const& question = arguments.question;
  const std::string plotly = plotly_element(arguments);
  const bool sequences = is_sequence_run(question.directories.front());
  Report report;
  std::string title;
  if (sequences) {
    report = report_on_sequences(question);
    title = cayley::read_config(question.directories.front() / "cfg.json").task;
  } else {
    std::optional<std::filesystem::path> elements;
    if (!question.elements.empty()) elements = question.elements;
    std::vector<cayley::StoredRun> runs;
    for (auto const& directory : question.directories) runs.push_back(cayley::read_run(directory, elements));
    const bool adds = runs.front().transformer && runs.front().config.group == "CyclicGroup";
    report = adds ? report_on_transformer(question, runs) : report_on_group(question, runs);
    title = runs.front().config.model + " on " + runs.front().group.name();
  }
  const cayley::Page page{std::move(title), std::move(report.summary), std::move(report.sections)};
  const std::filesystem::path out =
      arguments.out.empty() ? question.directories.front() / "report.html" : std::filesystem::path(arguments.out);
  if (out.has_parent_path()) made_directory(out.parent_path());
  cayley::write_file_atomically(out, cayley::page_html(page, plotly));
  std::size_t figures = 0;
  for (cayley::Section const& section : page.sections) figures += section.figure ? 1 : 0;
  fmt::print("wrote {} figures to {}\n", figures, out.string());
  if (arguments.figures.empty()) return;
  write_figures(page.sections, arguments.figures, arguments.no_pictures, plotly);
}

}  // namespace

void write_figures(std::vector<cayley::Section> const& sections, std::filesystem::path const& folder, bool no_pictures,
                   std::optional<std::string> plotly) {
  const std::optional<std::string> browser = no_pictures ? std::nullopt : chromium();
  if (browser && !plotly) plotly = cayley::embedded_plotly(plotly_file(""));
  write_figure_files(sections, made_directory(folder), plotly.value_or(""), browser);
  if (!browser && !no_pictures) fmt::print("for PNG and PDF, install chromium\n");
}

std::filesystem::path plotly_file(std::string const& named) {
  if (!named.empty()) return named;
  cayley::require(std::filesystem::exists(cayley::debian_plotly_path), cayley::debian_plotly_path,
                  ": no such file; install python3-plotly, or name a plotly.js with --plotly");
  return cayley::debian_plotly_path;
}

void add_report(CLI::App& app) {
  auto arguments = std::make_shared<ReportArguments>();
  ReportQuestion& question = arguments->question;
  question.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  CLI::App* command = app.add_subcommand("report", "A page with every figure of the study that a run belongs to");
  command
      ->add_option("DIR", question.directories,
                   "Run directories: seeds of one study; figures of a network show the first")
      ->required();
  command->add_option("--out", arguments->out, "The page (default: report.html in the first DIR)");
  command->add_option("--reference", question.reference,
                      "JSON file with published metrics, to stand beside those of the run");
  command->add_option("--elements", question.elements, "JSON file with the element order of the data, as for explain");
  CLI::Option* plotly = command->add_option(
      "--plotly", arguments->plotly, "plotly.js to put into the page (default: that of Debian's python3-plotly)");
  command
      ->add_flag("--cdn", arguments->cdn,
                 "Link plotly.js from its public address instead: a small page, not for offline use")
      ->excludes(plotly);
  command->add_option("--figures-dir", arguments->figures,
                      "Also write each figure as JSON for Plotly and, where Chromium is installed, as PNG and PDF");
  command->add_flag("--no-pictures", arguments->no_pictures, "With --figures-dir: JSON alone");
  command->add_option("--threads", question.threads, "Threads (default: all cores)")->check(CLI::Range(1, 1024));
  command->callback([arguments] { run_report(*arguments); });
}

}  // namespace lab
