// cayley-lab tables DIR: what the runs of a study learned, as Markdown and CSV.
#include <fmt/core.h>
#include <cayley/study/universality_figures.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "command.hpp"
#include "report.hpp"

namespace lab {
namespace {

struct TablesArguments {
  std::string directory;
  std::string out;
  std::string compare;
  std::string figures;
  bool no_pictures = false;
  int threads = 1;
};

// The run directories in a folder, by name; what has not ended or is no run on a group is named on standard error.
std::vector<cayley::RunRecord> records_in(std::filesystem::path const& folder, int threads) {
  cayley::require(std::filesystem::is_directory(folder), folder.string(), ": expected a folder of runs, found ",
                  std::filesystem::exists(folder) ? "a file" : "nothing");
  std::vector<std::filesystem::path> paths;
  for (auto const& entry : std::filesystem::directory_iterator(folder)) {
    if (std::filesystem::exists(entry.path() / "cfg.json")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<cayley::RunRecord> records;
  for (std::filesystem::path const& path : paths) {
    const auto left_out = [&](std::string const& reason) {
      fmt::print(stderr, "left out: {}: {}\n", path.filename().string(), reason);
    };
    if (!std::filesystem::exists(path / "model.safetensors")) {
      left_out("it has not ended");
    } else if (is_sequence_run(path)) {
      left_out("a run on sequences, which has no irreps");
    } else {
      try {
        records.push_back(cayley::run_record(path, threads));
      } catch (cayley::Error const& error) {
        left_out(error.what());
      }
    }
  }
  cayley::require(!records.empty(), folder.string(), ": no run on a group that has ended");
  return records;
}

std::vector<cayley::RunRecord> published_in(std::filesystem::path const& folder) {
  cayley::require(std::filesystem::is_directory(folder), folder.string(),
                  ": expected a folder of published runs, found ",
                  std::filesystem::exists(folder) ? "a file" : "nothing");
  std::vector<std::filesystem::path> paths;
  for (auto const& entry : std::filesystem::directory_iterator(folder)) {
    const bool metrics = std::filesystem::exists(entry.path() / "summary_metrics.json") ||
                         std::filesystem::exists(entry.path() / "exact_metrics.json");
    if (metrics && std::filesystem::exists(entry.path() / "cfg.json")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<cayley::RunRecord> records;
  for (std::filesystem::path const& path : paths) records.push_back(cayley::published_record(path));
  cayley::require(!records.empty(), folder.string(), ": no run with cfg.json and summary_metrics.json");
  return records;
}

std::string joined(std::vector<std::string> const& words, char const* between) {
  std::string text;
  for (std::string const& word : words) {
    if (!text.empty()) text += between;
    text += word;
  }
  return text;
}

// Shares as per cent with one digit, losses with three significant ones.
std::string cell(double value, bool is_share) {
  if (std::isnan(value)) return "";
  return is_share ? fmt::format("{:.1f} %", 100 * value) : fmt::format("{:.3g}", value);
}

std::string header(std::vector<std::string> const& first, std::vector<std::string> const& last) {
  std::vector<std::string> titles = first;
  for (cayley::UniversalityColumn const& column : cayley::universality_columns) titles.emplace_back(column.title);
  titles.insert(titles.end(), last.begin(), last.end());
  std::string rule;
  for (std::size_t i = 0; i < titles.size(); ++i) rule += " --- |";
  return fmt::format("| {} |\n|{}\n", joined(titles, " | "), rule);
}

// Whether a published run has the subject, model, sizes and data of a configuration.
bool is_same_setting(cayley::RunRecord const& record, cayley::RunConfig const& config) {
  cayley::RunConfig const& other = record.config;
  const bool sizes =
      config.model == "Transformer" || (other.embed_dim == config.embed_dim && other.hidden_dim == config.hidden_dim);
  return cayley::subject_name(other) == cayley::subject_name(config) && other.model == config.model && sizes &&
         other.frac_train == config.frac_train;
}

// The published runs of a setting, whatever their seeds.
std::vector<std::size_t> published_runs(std::vector<cayley::RunRecord> const& published,
                                        cayley::RunConfig const& config) {
  std::vector<std::size_t> same;
  for (std::size_t i = 0; i < published.size(); ++i) {
    if (is_same_setting(published[i], config)) same.push_back(i);
  }
  return same;
}

std::string grokking_text(cayley::RunRecord const& record) {
  if (!record.has_log) return "";
  return record.grokked ? std::to_string(*record.grokked) : "never";
}

// One line for each run, then, where there is one, the published run of the same configuration.
std::string runs_markdown(std::vector<cayley::RunRecord> const& records,
                          std::vector<cayley::RunRecord> const& published) {
  std::string text = header({"run", "epochs", "grokked at"}, {"key irreps, as learned"});
  const auto line = [&](std::string const& name, std::string const& grokked, cayley::RunRecord const& record) {
    text += fmt::format("| {} | {} | {} |", name, record.epochs, grokked);
    for (cayley::UniversalityColumn const& column : cayley::universality_columns) {
      text += fmt::format(" {} |", cell(record.metric(column.key), column.is_share));
    }
    text += " " + joined(record.key_irreps, ", ") + (record.order_known ? "" : " (in listed order)") + " |\n";
  };
  for (cayley::RunRecord const& record : records) {
    line(record.name, grokking_text(record), record);
    const auto same = std::find_if(published.begin(), published.end(), [&](cayley::RunRecord const& other) {
      return is_same_setting(other, record.config) && other.config.seed == record.config.seed;
    });
    if (same != published.end()) line("published: " + same->name, "", *same);
  }
  return text;
}

std::string means_markdown(std::vector<cayley::RunRecord> const& records,
                           std::vector<cayley::RunRecord> const& published) {
  std::string text = header({"setting", "runs", "grokked"}, {});
  const auto line = [&](std::string const& name, std::vector<cayley::RunRecord> const& all,
                        std::vector<std::size_t> const& runs, std::string const& grokked) {
    text += fmt::format("| {} | {} | {} |", name, runs.size(), grokked);
    for (cayley::UniversalityColumn const& column : cayley::universality_columns) {
      text += fmt::format(" {} |", cell(cayley::mean_metric(all, runs, column.key), column.is_share));
    }
    text += "\n";
  };
  for (cayley::Setting const& setting : cayley::settings(records)) {
    std::size_t grokked = 0;
    for (std::size_t i : setting.runs) grokked += records[i].grokked ? 1 : 0;
    line(setting.name, records, setting.runs, std::to_string(grokked));
    const std::vector<std::size_t> same = published_runs(published, records[setting.runs.front()].config);
    if (!same.empty()) line("published", published, same, "");
  }
  return text;
}

// With published runs, a column of theirs, and lines for what they alone learned.
std::string frequencies_markdown(std::vector<cayley::RunRecord> const& records,
                                 std::vector<cayley::RunRecord> const& published) {
  const bool beside = !published.empty();
  std::string text = std::string("| setting | irrep | runs that learned it | share | 95 % interval |") +
                     (beside ? " published |" : "") + "\n| --- | --- | --- | --- | --- |" + (beside ? " --- |" : "") +
                     "\n";
  for (cayley::Setting const& setting : cayley::settings(records)) {
    auto ours = cayley::irrep_frequencies(records, setting.runs);
    const std::vector<std::size_t> same = published_runs(published, records[setting.runs.front()].config);
    const auto theirs = cayley::irrep_frequencies(published, same);
    const auto find = [](auto const& shares, std::string const& irrep) {
      return std::find_if(shares.begin(), shares.end(), [&](auto const& item) { return item.first == irrep; });
    };
    for (auto const& [irrep, share] : theirs) {
      if (find(ours, irrep) == ours.end()) ours.emplace_back(irrep, cayley::binomial_share(0, setting.runs.size()));
    }
    for (auto const& [irrep, share] : ours) {
      text += fmt::format("| {} | {} | {} of {} | {:.2f} | {:.2f} .. {:.2f} |", setting.name, irrep, share.successes,
                          share.trials, static_cast<double>(share.successes) / static_cast<double>(share.trials),
                          share.low, share.high);
      if (!same.empty()) {
        const auto found = find(theirs, irrep);
        text += fmt::format(" {} of {}", found == theirs.end() ? 0 : found->second.successes, same.size());
      }
      text += beside ? " |\n" : "\n";
    }
  }
  return text;
}

std::string runs_csv(std::vector<cayley::RunRecord> const& records) {
  std::string text =
      "run,subject,model,seed,frac_train,embed_dim,hidden_dim,epochs,grokked_at,train_loss,train_acc,test_acc";
  for (cayley::UniversalityColumn const& column : cayley::universality_columns) text += std::string(",") + column.key;
  text += ",key_irreps\n";
  for (cayley::RunRecord const& record : records) {
    cayley::RunConfig const& c = record.config;
    text += fmt::format("{},{},{},{},{},{},{},{},{}", record.name, cayley::subject_name(c), c.model, c.seed,
                        cayley::csv_number(c.frac_train), c.embed_dim, c.hidden_dim, record.epochs,
                        record.grokked ? std::to_string(*record.grokked) : "nan");
    for (char const* key : {"train_loss", "train_acc", "test_acc"})
      text += fmt::format(",{}", cayley::csv_number(record.metric(key)));
    for (cayley::UniversalityColumn const& column : cayley::universality_columns) {
      text += fmt::format(",{}", cayley::csv_number(record.metric(column.key)));
    }
    text += fmt::format(",{}\n", joined(record.key_irreps, " "));
  }
  return text;
}

std::string means_csv(std::vector<cayley::RunRecord> const& records) {
  std::string text = "setting,runs,grokked";
  for (cayley::UniversalityColumn const& column : cayley::universality_columns) text += std::string(",") + column.key;
  text += "\n";
  for (cayley::Setting const& setting : cayley::settings(records)) {
    const auto grokked = std::count_if(setting.runs.begin(), setting.runs.end(),
                                       [&](std::size_t i) { return records[i].grokked.has_value(); });
    text += fmt::format("{},{},{}", setting.name, setting.runs.size(), grokked);
    for (cayley::UniversalityColumn const& column : cayley::universality_columns) {
      text += fmt::format(",{}", cayley::csv_number(cayley::mean_metric(records, setting.runs, column.key)));
    }
    text += "\n";
  }
  return text;
}

std::string frequencies_csv(std::vector<cayley::RunRecord> const& records) {
  std::string text = "setting,irrep,learned,runs,low_95,high_95\n";
  for (cayley::Setting const& setting : cayley::settings(records)) {
    for (auto const& [irrep, share] : cayley::irrep_frequencies(records, setting.runs)) {
      text += fmt::format("{},{},{},{},{},{}\n", setting.name, irrep, share.successes, share.trials,
                          cayley::csv_number(share.low), cayley::csv_number(share.high));
    }
  }
  return text;
}

void run_tables(TablesArguments const& arguments) {
  const std::vector<cayley::RunRecord> records = records_in(arguments.directory, arguments.threads);
  std::vector<cayley::RunRecord> published;
  if (!arguments.compare.empty()) published = published_in(arguments.compare);
  const std::filesystem::path out =
      made_directory(arguments.out.empty() ? std::filesystem::path(arguments.directory) / "tables"
                                           : std::filesystem::path(arguments.out));
  const std::string text =
      fmt::format("# Runs\n\n{}\n# Means over seeds\n\n{}\n# Irreps\n\n{}", runs_markdown(records, published),
                  means_markdown(records, published), frequencies_markdown(records, published));
  cayley::write_file_atomically(out / "tables.md", text);
  cayley::write_file_atomically(out / "runs.csv", runs_csv(records));
  cayley::write_file_atomically(out / "means.csv", means_csv(records));
  cayley::write_file_atomically(out / "irreps.csv", frequencies_csv(records));
  fmt::print("{}\nwrote tables.md, runs.csv, means.csv and irreps.csv to {}\n", text, out.string());
  if (arguments.figures.empty()) return;
  std::vector<cayley::Section> sections;
  for (cayley::GrokkingAxis axis : {cayley::GrokkingAxis::fraction, cayley::GrokkingAxis::width}) {
    cayley::Section section = figure_or_note("", [&] { return cayley::grokking_figure(records, axis); });
    if (section.figure) sections.push_back(std::move(section));
  }
  for (cayley::Setting const& setting : cayley::settings(records)) {
    sections.push_back(figure_or_note("", [&] { return cayley::irrep_frequency_figure(records, setting); }));
  }
  write_figures(sections, arguments.figures, arguments.no_pictures);
}

}  // namespace

void add_tables(CLI::App& app) {
  auto arguments = std::make_shared<TablesArguments>();
  arguments->threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  CLI::App* command = app.add_subcommand(
      "tables",
      "The universality tables of a folder of runs: what each learned, means over seeds, irreps by frequency");
  command->add_option("DIR", arguments->directory, "Folder of run directories, such as that of sweep")->required();
  command->add_option("--out", arguments->out, "Folder for the tables (default: DIR/tables)");
  command->add_option("--compare", arguments->compare,
                      "Folder of published runs with cfg.json and summary_metrics.json, to stand beside those of DIR");
  command->add_option("--figures-dir", arguments->figures,
                      "Also figures: when networks grok by share of data and by width, and which irreps are learned");
  command->add_flag("--no-pictures", arguments->no_pictures, "With --figures-dir: JSON alone");
  command->add_option("--threads", arguments->threads, "Threads for checkpoints (default: all cores)")
      ->check(CLI::Range(1, 1024));
  command->callback([arguments] { run_tables(*arguments); });
}

}  // namespace lab
