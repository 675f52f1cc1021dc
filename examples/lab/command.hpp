/// The commands of cayley-lab: what to run once the arguments are read.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

namespace lab {

/// Each adds its command; running the parsed command throws `cayley::Error` for bad input.
void add_explain(CLI::App& app);
void add_train(CLI::App& app);
void add_resume(CLI::App& app);
void add_report(CLI::App& app);
void add_watch(CLI::App& app);
void add_sweep(CLI::App& app);
void add_tables(CLI::App& app);

/// What `explain` is asked about a run on sequences of tokens.
struct SequenceQuestion {
  std::filesystem::path directory;
  std::string out;           // empty: nowhere but, for the checkpoints, the run's own directory
  bool checkpoints = false;  // instead of the tables
  int threads = 1;
};

/// Whether the `cfg.json` of a directory, if it has one, names a task on sequences.
bool is_sequence_run(std::filesystem::path const& directory);
void explain_sequences(SequenceQuestion const& question);

/// The directory, made where there is none.
std::filesystem::path made_directory(std::filesystem::path const& directory);

}  // namespace lab
