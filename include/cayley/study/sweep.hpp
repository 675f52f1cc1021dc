/// The runs of a study, trained by any number of threads, processes and machines at once.
#pragma once

#include <algorithm>
#include <atomic>
#include <cayley/core/error.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cayley/io/file_lock.hpp>
#include <cayley/io/json.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/run_loop.hpp>
#include <cayley/study/sweep_plan.hpp>
#include <cayley/study/training_run.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace cayley {

/// Where a run of a sweep stands. `elsewhere`: another process, or machine, has it.
enum class SweepState { waiting, running, elsewhere, finished, failed };

struct SweepRunStatus {
  SweepState state = SweepState::waiting;
  std::int64_t epochs_before = 0;   ///< done when this process took the run
  std::int64_t epochs = 0;          ///< done now; known of runs of this process alone
  double seconds = 0;               ///< that this process spent on it
  std::optional<LogRow> last = {};  ///< the latest row of its log, of runs of this process alone
  std::string reason = {};          ///< why it failed
};

struct SweepOptions {
  int jobs = 1;                 ///< runs at a time, in this process
  bool retry = false;           ///< try again what failed before
  bool wait = true;             ///< stay until other processes have finished theirs, and take over what they leave
  TrainingRunOptions run;       ///< of each run; its `go_on` and `on_log` are not used
  std::function<bool()> go_on;  ///< asked after every epoch of every run; false interrupts them all
  double poll_seconds = 0.2;    ///< between two looks at the runs of others
  /// How to begin and to go on with a run, on `Cpu` by default.
  std::function<TrainingRunResult(PlannedRun const&, SweepPlan const&, std::filesystem::path const& directory,
                                  TrainingRunOptions const&)>
      start = {};
  std::function<TrainingRunResult(std::filesystem::path const& directory, TrainingRunOptions const&)> resume = {};
};

/// Trains the runs of a plan, each in its directory under `folder`. Whoever holds the lock of a run's directory has the
/// run, so any number of sweeps may share a folder; a run that was under way when its process died is gone on with from
/// its latest state. A run that fails leaves `failed.txt` with the reason, and the others go on.
class Sweep {
 public:
  /// Errors: `Error` unless there is at least one job.
  Sweep(SweepPlan plan, std::filesystem::path folder, SweepOptions options)
      : plan_(std::move(plan)),
        folder_(std::move(folder)),
        options_(std::move(options)),
        status_(plan_.runs.size()),
        order_(plan_.runs.size()) {
    require(options_.jobs >= 1 && options_.jobs <= 1024, "jobs: expected 1 .. 1024, found ", options_.jobs);
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    if (!options_.start) {
      options_.start = [](PlannedRun const& run, SweepPlan const& whole, std::filesystem::path const& directory,
                          TrainingRunOptions const& how) {
        return start_run(run.config, whole.origin, whole.where, directory, {}, how);
      };
    }
    if (!options_.resume) {
      options_.resume = [](std::filesystem::path const& directory, TrainingRunOptions const& how) {
        return resume_run(directory, how);
      };
    }
  }

  SweepPlan const& plan() const { return plan_; }
  std::filesystem::path directory(std::size_t run) const { return folder_ / plan_.runs[run].name; }

  /// Returns when every run has finished or failed, or is another's and `wait` is not set, or after an interrupt.
  /// Errors: `Error` when the folder cannot be made.
  void run() {
    std::error_code reason;
    std::filesystem::create_directories(folder_, reason);
    require(!reason, folder_.string(), ": cannot make the folder: ", reason.message());
    std::vector<std::thread> others;
    for (int i = 1; i < options_.jobs; ++i) others.emplace_back([this] { work(); });
    work();
    for (std::thread& other : others) other.join();
  }

  /// What is known of every run, in the order of the plan. May be asked while `run` runs.
  std::vector<SweepRunStatus> status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  using Clock = std::chrono::steady_clock;

  bool interrupted() const { return options_.go_on && !options_.go_on(); }

  /// Takes runs in order, then, again and again, those that others had.
  void work() {
    while (!interrupted()) {
      std::optional<std::size_t> taken;
      bool any_elsewhere = false;
      {
        const std::lock_guard lock(mutex_);
        if (next_ == order_.size()) begin_next_round();
        if (next_ < order_.size()) {
          taken = order_[next_++];
        } else {
          for (SweepRunStatus const& s : status_) any_elsewhere = any_elsewhere || s.state == SweepState::elsewhere;
        }
      }
      if (taken) {
        attempt(*taken);
      } else if (options_.wait && any_elsewhere) {
        std::this_thread::sleep_for(std::chrono::duration<double>(options_.poll_seconds));
      } else {
        return;
      }
    }
  }

  /// Another look at the runs of others, not before `poll_seconds` have passed since the last.
  void begin_next_round() {
    const auto now = Clock::now();
    if (!options_.wait || std::chrono::duration<double>(now - last_round_).count() < options_.poll_seconds) return;
    last_round_ = now;
    order_.clear();
    for (std::size_t i = 0; i < status_.size(); ++i) {
      if (status_[i].state == SweepState::elsewhere) order_.push_back(i);
    }
    next_ = 0;
  }

  template <class Change>
  void change(std::size_t run, Change const& how) {
    const std::lock_guard lock(mutex_);
    how(status_[run]);
  }

  void attempt(std::size_t run) {
    // Between a look at the directory and taking its lock, another process may begin or finish the run: look again.
    for (int tries = 0; tries < 3; ++tries) {
      if (known_end(run)) return;
      bool began = false;
      try {
        const TrainingRunResult result = train(run, began);
        change(run, [&](SweepRunStatus& s) {
          s.epochs = result.epochs;
          s.state = result.end == TrainingEnd::interrupted ? SweepState::waiting : SweepState::finished;
        });
        if (result.end == TrainingEnd::diverged) {
          failed(run, "diverged within " + std::to_string(result.epochs) + " epochs: " + result.trouble);
        }
        return;
      } catch (InUse const&) {
        change(run, [](SweepRunStatus& s) { s.state = SweepState::elsewhere; });
        return;
      } catch (std::exception const& error) {
        const bool begun_by_another = !began && tries < 2 && std::filesystem::exists(directory(run) / "cfg.json");
        if (!begun_by_another) return failed(run, error.what());
      }
    }
  }

  /// Whether the run has ended, or its directory is another's, as its files say.
  bool known_end(std::size_t run) {
    const std::filesystem::path path = directory(run), marker = path / "failed.txt";
    const auto fails = [&](std::string const& reason) {
      change(run, [&](SweepRunStatus& s) { s = {SweepState::failed, 0, 0, 0, {}, reason}; });
      return true;
    };
    try {
      if (std::filesystem::exists(path / "cfg.json")) require_same_config(run);
    } catch (std::exception const& error) {
      return fails(error.what());
    }
    if (std::filesystem::exists(path / "model.safetensors")) {
      change(run, [](SweepRunStatus& s) { s.state = SweepState::finished; });
      return true;
    }
    if (options_.retry || !std::filesystem::exists(marker)) return false;
    try {
      std::string reason = read_file(marker);
      if (!reason.empty() && reason.back() == '\n') reason.pop_back();
      return fails(reason);
    } catch (Error const&) {
      return false;  // removed meanwhile, by one who tries again
    }
  }

  void require_same_config(std::size_t run) const {
    const std::filesystem::path file = directory(run) / "cfg.json";
    Json planned = config_json(plan_.runs[run].config);
    const Json found = config_json(read_config(file));
    if (plan_.runs[run].config.group == "TableGroup") planned["group_parameter"] = found["group_parameter"];
    for (auto const& item : planned.items()) {
      require(found.contains(item.key()) && found[item.key()] == item.value(), file.string(), ": key \"", item.key(),
              "\": the study has ", item.value().dump(), ", this run ",
              found.contains(item.key()) ? found[item.key()].dump() : "nothing", "; give the study another folder");
    }
  }

  TrainingRunResult train(std::size_t run, bool& began) {
    const std::filesystem::path path = directory(run);
    const auto start = Clock::now();
    change(run, [](SweepRunStatus& s) { s.state = SweepState::running; });
    TrainingRunOptions how = options_.run;
    std::optional<std::int64_t> epochs_before;
    auto last_shown = start;
    how.on_log = {};
    how.go_on = [&](std::int64_t epochs, std::span<LogRow const> rows) {
      began = true;
      const auto now = Clock::now();
      if (!epochs_before || now - last_shown > std::chrono::milliseconds(100)) {
        if (!epochs_before) epochs_before = epochs - 1;
        last_shown = now;
        change(run, [&](SweepRunStatus& s) {
          s.epochs_before = *epochs_before;
          s.epochs = epochs;
          s.seconds = std::chrono::duration<double>(now - start).count();
          if (!rows.empty()) s.last = rows.back();
        });
      }
      return !interrupted();
    };
    std::filesystem::remove(path / "failed.txt");
    TrainingRunResult result = std::filesystem::exists(path / "cfg.json")
                                   ? options_.resume(path, how)
                                   : options_.start(plan_.runs[run], plan_, path, how);
    change(run, [&](SweepRunStatus& s) {
      s.epochs_before = epochs_before.value_or(result.epochs);
      s.seconds = std::chrono::duration<double>(Clock::now() - start).count();
      if (!result.rows.empty()) s.last = result.rows.back();
    });
    return result;
  }

  void failed(std::size_t run, std::string const& reason) {
    change(run, [&](SweepRunStatus& s) {
      s.state = SweepState::failed;
      s.reason = reason;
    });
    try {
      std::filesystem::create_directories(directory(run));
      write_file_atomically(directory(run) / "failed.txt", reason + "\n");
    } catch (std::exception const&) {
      // Where nothing can be written, this process still reports it.
    }
  }

  SweepPlan plan_;
  std::filesystem::path folder_;
  SweepOptions options_;

  mutable std::mutex mutex_;  // of what follows
  std::vector<SweepRunStatus> status_;
  std::vector<std::size_t> order_;  // of this round
  std::size_t next_ = 0;            // place in it
  Clock::time_point last_round_;
};

}  // namespace cayley
