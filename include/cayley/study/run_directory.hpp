/// The files of one training run, so that a run which is killed at any moment can go on.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/core/error.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/io/file_lock.hpp>
#include <cayley/io/json.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/io/tensor_file.hpp>
#include <cayley/study/state_file.hpp>
#include <cayley/train/log_row.hpp>
#include <cayley/train/training_state.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// The entries of `folder`; none when there is no such folder.
inline std::vector<std::filesystem::path> folder_entries(std::filesystem::path const& folder) {
  if (std::error_code none; !std::filesystem::exists(folder, none)) return {};
  std::error_code reason;
  std::vector<std::filesystem::path> entries;
  std::filesystem::directory_iterator entry(folder, reason);
  for (; !reason && entry != std::filesystem::directory_iterator(); entry.increment(reason)) {
    entries.push_back(entry->path());
  }
  if (reason) fail_with_reason(folder, "cannot list", reason.value());
  return entries;
}

inline void remove_file(std::filesystem::path const& path) {
  std::error_code reason;
  std::filesystem::remove(path, reason);
  if (reason) fail_with_reason(path, "cannot remove", reason.value());
}

}  // namespace detail

/// The epochs of the checkpoints of the run in `directory`, in ascending order. Needs no lock: the run may go on.
/// Errors: `Error` naming the folder `checkpoints` and the reason when it cannot be listed.
inline std::vector<std::int64_t> checkpoint_epochs(std::filesystem::path const& directory) {
  std::vector<std::int64_t> epochs;
  for (auto const& path : detail::folder_entries(directory / "checkpoints")) {
    if (path.extension() != ".safetensors") continue;
    if (const auto epoch = detail::count_named(path.stem().string())) epochs.push_back(*epoch);
  }
  std::sort(epochs.begin(), epochs.end());
  return epochs;
}

/// A file of weights, and the epoch of its checkpoint where it is one.
struct StoredWeights {
  std::filesystem::path file;
  std::optional<std::int64_t> checkpoint = {};
};

/// The weights of a run: `model.safetensors`, or the latest checkpoint where it is still in training.
/// Errors: `Error` naming `model.safetensors` when there is neither.
inline StoredWeights latest_weights(std::filesystem::path const& directory) {
  std::filesystem::path model = directory / "model.safetensors";
  if (std::filesystem::exists(model)) return {std::move(model)};
  const std::vector<std::int64_t> epochs = checkpoint_epochs(directory);
  require(!epochs.empty(), model.string(), ": no such file, and no checkpoints");
  return {directory / "checkpoints" / std::to_string(epochs.back()).append(".safetensors"), epochs.back()};
}

/// The first epoch of a log with a test accuracy above 0.99.
/// Ref: docs/conventions.md, run directories.
inline std::optional<double> grokked_epoch(CsvTable const& log) {
  const std::vector<double> epochs = log.column("epoch"), accuracy = log.column("test_acc");
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    if (accuracy[i] > 0.99) return epochs[i];
  }
  return {};
}

/// The directory of one training run, held against other processes for as long as this object lives. Whatever moment
/// the process is killed at, `open`, `latest_state` and `rewind_to` its epoch give back the run as it was then.
///
///     cfg.json, elements.json, run.json    what the run is; written once, `cfg.json` last
///     log.csv                              a row per measured epoch
///     checkpoints/<epoch>.safetensors      weights after the step of that epoch
///     state_a.safetensors, state_b...      the latest two states, in turn, so that one is whole whatever happens
///     model.safetensors                    the weights at the end
///     .lock                                see `FileLock`
class RunDirectory {
 public:
  /// Begins a run. Makes the directory and those above it. `elements`: null where there are none.
  /// Errors: `Error` naming what was found when the directory holds a run already; when it is in use or cannot be
  ///         written.
  static RunDirectory create(std::filesystem::path const& path, Json const& config, Json const& elements,
                             Json const& run_info) {
    std::error_code reason;
    std::filesystem::create_directories(path, reason);
    if (reason) detail::fail_with_reason(path, "cannot make the directory", reason.value());
    RunDirectory run(path);
    for (char const* name : {"cfg.json", "model.safetensors", state_names[0], state_names[1], "log.csv"}) {
      require(!run.holds(name), path.string(), ": expected no run in this directory, found ", name);
    }
    const auto epochs = run.checkpoints();
    require(epochs.empty(), path.string(), ": expected no run in this directory, found ", epochs.size(),
            " checkpoints");
    if (!elements.is_null()) write_json(path / "elements.json", elements);
    write_json(path / "run.json", run_info);
    // Last, since it makes the directory a run: one that was killed before can be begun again.
    write_json(run.config_path(), config);
    return run;
  }

  /// Goes on with a run.
  /// Errors: `Error` when there is no such directory, no `cfg.json` in it, or it is in use.
  static RunDirectory open(std::filesystem::path const& path) {
    std::error_code none;
    require(std::filesystem::is_directory(path, none), path.string(), ": expected the directory of a run, found ",
            std::filesystem::exists(path, none) ? "a file" : "none");
    // Looked for before the lock, which would leave its file in a directory that is no run.
    require(std::filesystem::exists(path / "cfg.json", none), path.string(),
            ": expected the directory of a run, found no cfg.json in it");
    return RunDirectory(path);
  }

  std::filesystem::path const& path() const { return path_; }
  std::filesystem::path config_path() const { return path_ / "cfg.json"; }
  std::filesystem::path checkpoint_path(std::int64_t epoch) const {
    return path_ / "checkpoints" / (std::to_string(epoch) + ".safetensors");
  }

  /// Names the columns that `LogRow::more` holds, for `append` and `log`; none at first.
  void name_more_columns(std::vector<std::string> names) {
    columns_.resize(log_columns.size());
    columns_.insert(columns_.end(), names.begin(), names.end());
  }

  /// Appends to `log.csv`.
  /// Errors: as `CsvAppender`.
  void append(LogRow const& row) {
    std::vector<double> values{static_cast<double>(row.epoch), row.train_loss, row.test_loss, row.train_accuracy,
                               row.test_accuracy};
    values.insert(values.end(), row.more.begin(), row.more.end());
    opened_log().append(values);
  }

  /// The rows of `log.csv`, without one that a crash cut short; none when there is no file.
  /// Errors: `Error` naming the file, the line, what was expected and what was found.
  std::vector<LogRow> log() const;

  /// Errors: `Error` when `epoch` is negative; as `write_safetensors`.
  void write_checkpoint(std::int64_t epoch, TensorFile const& weights) {
    require(epoch >= 0, path_.string(), ": checkpoint: expected an epoch of at least 0, found ", epoch);
    const std::filesystem::path file = checkpoint_path(epoch);
    std::error_code reason;
    std::filesystem::create_directory(file.parent_path(), reason);
    if (reason) detail::fail_with_reason(file.parent_path(), "cannot make the directory", reason.value());
    write_safetensors(file, weights);
  }

  /// As `checkpoint_epochs`.
  std::vector<std::int64_t> checkpoints() const { return checkpoint_epochs(path_); }

  /// Writes a state in place of the older one, after the log has reached the disk: no state is ahead of the log.
  /// Errors: `Error` when a state of a later epoch is there; as `latest_state`, but for element types, and
  ///         `write_safetensors`.
  template <class Scalar>
  void write_state(TrainingState<Scalar> const& state) {
    if (holds("log.csv")) opened_log().sync();
    if (!turn_) {
      const std::optional<Newest> newest = newest_state();
      turn_ = newest ? Turn{1 - newest->place, newest->state.epoch} : Turn{0, 0};
    }
    const std::filesystem::path file = state_path(turn_->place);
    require(state.epoch >= turn_->epoch, file.string(), ": the state of epoch ", state.epoch,
            " would be lost beside that of epoch ", turn_->epoch);
    write_safetensors(file, state_tensors(state, file.string()));
    turn_ = Turn{1 - turn_->place, state.epoch};
  }

  /// The state of the latest epoch that can be read; nullopt when none was written.
  /// Errors: `Error` naming the files and the reasons when there are some and none can be read; naming the tensor when
  ///         the element type is not that of `Scalar`.
  template <class Scalar>
  std::optional<TrainingState<Scalar>> latest_state() const {
    const std::optional<Newest> newest = newest_state();
    if (!newest) return std::nullopt;
    return training_state<Scalar>(newest->state);
  }

  /// Takes the directory back to where `epochs_done` epochs were done, which a run does before it goes on from the
  /// latest state: removes rows and checkpoints of later epochs, and what a killed write left behind.
  /// Errors: `Error` when a state of a later epoch is there; naming the file that cannot be read, written or removed.
  void rewind_to(std::int64_t epochs_done);

  /// Errors: as `write_safetensors`.
  void write_model(TensorFile const& weights) { write_safetensors(path_ / "model.safetensors", weights); }

  /// Whether the run has written its model.
  bool has_model() const { return holds("model.safetensors"); }

 private:
  static constexpr std::array<char const*, 2> state_names{"state_a.safetensors", "state_b.safetensors"};
  static constexpr std::array<char const*, 5> log_columns{"epoch", "train_loss", "test_loss", "train_acc", "test_acc"};

  /// A state and which of the two files holds it.
  struct Newest {
    std::size_t place;
    StoredState state;
  };

  /// The file that the next state goes to, and the epoch of the last one.
  struct Turn {
    std::size_t place;
    std::int64_t epoch;
  };

  explicit RunDirectory(std::filesystem::path const& path) : path_(path), lock_(path / ".lock") {}

  bool holds(char const* name) const {
    std::error_code none;
    return std::filesystem::exists(path_ / name, none);
  }
  std::filesystem::path state_path(std::size_t place) const { return path_ / state_names[place]; }

  CsvAppender& opened_log() {
    if (!log_) log_.emplace(path_ / "log.csv", columns_);
    return *log_;
  }

  std::optional<Newest> newest_state() const;

  std::filesystem::path path_;
  FileLock lock_;
  std::vector<std::string> columns_{log_columns.begin(), log_columns.end()};
  std::optional<CsvAppender> log_;
  std::optional<Turn> turn_;
};

inline std::vector<LogRow> RunDirectory::log() const {
  if (!holds("log.csv")) return {};
  const std::filesystem::path file = path_ / "log.csv";
  const CsvTable table = read_growing_csv(file);
  require(table.columns == columns_, file.string(), ": expected the columns ", joined_names(columns_), ", found ",
          joined_names(table.columns));
  std::vector<LogRow> rows;
  rows.reserve(table.rows.size());
  for (auto const& row : table.rows) {
    const bool counts = row[0] >= 0 && row[0] < 0x1p53 && std::trunc(row[0]) == row[0];
    require(counts, file.string(), ": line ", rows.size() + 2,
            ": column \"epoch\": expected an integer of at least 0, ", "found ", csv_number(row[0]));
    rows.push_back({static_cast<std::int64_t>(row[0]), row[1], row[2], row[3], row[4],
                    std::vector<double>(row.begin() + log_columns.size(), row.end())});
  }
  return rows;
}

inline std::optional<RunDirectory::Newest> RunDirectory::newest_state() const {
  std::optional<Newest> newest;
  std::string reasons;
  for (std::size_t place = 0; place < state_names.size(); ++place) {
    if (!holds(state_names[place])) continue;
    try {
      StoredState state = read_stored_state(state_path(place));
      if (!newest || state.epoch > newest->state.epoch) newest = Newest{place, std::move(state)};
    } catch (Error const& error) {
      reasons.append(reasons.empty() ? "" : "; ").append(error.what());
    }
  }
  require(newest || reasons.empty(), path_.string(), ": no state can be read: ", reasons);
  return newest;
}

inline void RunDirectory::rewind_to(std::int64_t epochs_done) {
  require(epochs_done >= 0, path_.string(), ": expected at least 0 epochs done, found ", epochs_done);
  const std::optional<Newest> newest = newest_state();
  if (newest) {
    require(newest->state.epoch <= epochs_done, path_.string(), ": cannot go back to epoch ", epochs_done, ", since ",
            state_names[newest->place], " is of epoch ", newest->state.epoch);
  }
  // Cutting makes a new file, of which an open appender would know nothing.
  log_.reset();
  if (holds("log.csv")) cut_csv_after(path_ / "log.csv", static_cast<double>(epochs_done) - 1);
  for (std::int64_t epoch : checkpoints()) {
    if (epoch >= epochs_done) detail::remove_file(checkpoint_path(epoch));
  }
  for (auto const& folder : {path_, path_ / "checkpoints"}) {
    for (auto const& entry : detail::folder_entries(folder)) {
      const std::string name = entry.filename().string();
      if (name.starts_with(".cayley-") && name.ends_with(".tmp")) detail::remove_file(entry);
    }
  }
}

static_assert(std::is_move_constructible_v<RunDirectory> && !std::is_copy_constructible_v<RunDirectory>);

}  // namespace cayley
