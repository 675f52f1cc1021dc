// cayley-lab sweep STUDY.json --out DIR: every run of a study.
#include <fmt/core.h>
#include <unistd.h>
#include <cayley/study/sweep.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "command.hpp"
#include "interrupt.hpp"
#include "progress.hpp"
#include "train_on.hpp"

namespace lab {
namespace {

struct SweepArguments {
  std::string study;
  std::string out;
  int jobs = 0;
  int threads = 1;
  double state_seconds = 10;
  std::string backend = "cpu";
  bool retry = false;
  bool no_wait = false;
  bool list = false;
};

struct Tally {
  std::size_t of_state(cayley::SweepState state) const { return counts[static_cast<std::size_t>(state)]; }
  std::array<std::size_t, 5> counts{};
};

Tally tally(std::vector<cayley::SweepRunStatus> const& status) {
  Tally result;
  for (cayley::SweepRunStatus const& s : status) ++result.counts[static_cast<std::size_t>(s.state)];
  return result;
}

// Seconds until the runs of this process and those that nobody has are done, at the pace of runs of the same subject and
// model so far, or else of all; infinite before there is any. Where runs end early, those to come are expected to end after
// the same share of their epochs.
double time_left(cayley::Sweep const& sweep, std::vector<cayley::SweepRunStatus> const& status, int jobs) {
  struct Pace {
    double seconds = 0, epochs = 0;                  // trained by this process
    double epochs_of_ended = 0, epochs_at_most = 0;  // of the runs that have ended
  };
  Pace all;
  std::map<std::string, Pace> by_kind;
  const auto kind = [&](std::size_t i) {
    cayley::RunConfig const& config = sweep.plan().runs[i].config;
    return cayley::subject_name(config) + config.model;
  };
  const auto most = [&](std::size_t i) { return static_cast<double>(sweep.plan().runs[i].config.num_epochs); };
  for (std::size_t i = 0; i < status.size(); ++i) {
    const auto trained = static_cast<double>(status[i].epochs - status[i].epochs_before);
    if (trained <= 0) continue;
    for (Pace* pace : {&all, &by_kind[kind(i)]}) {
      pace->seconds += status[i].seconds;
      pace->epochs += trained;
      if (status[i].state != cayley::SweepState::finished) continue;
      pace->epochs_of_ended += static_cast<double>(status[i].epochs);
      pace->epochs_at_most += most(i);
    }
  }
  double seconds = 0;
  for (std::size_t i = 0; i < status.size(); ++i) {
    const bool ours = status[i].state == cayley::SweepState::waiting || status[i].state == cayley::SweepState::running;
    if (!ours) continue;
    if (all.epochs == 0) return INFINITY;
    Pace const& known = by_kind[kind(i)];
    Pace const& pace = known.epochs > 0 ? known : all;
    Pace const& ended = known.epochs_at_most > 0 ? known : all;
    const double expected = most(i) * (ended.epochs_at_most > 0 ? ended.epochs_of_ended / ended.epochs_at_most : 1.0);
    seconds += std::max(0.0, expected - static_cast<double>(status[i].epochs)) * pace.seconds / pace.epochs;
  }
  return seconds / jobs;
}

// The whole study on one screen: on a terminal a few lines that are written over, elsewhere a line for each run that ends.
class StudyScreen {
 public:
  StudyScreen(cayley::Sweep const& sweep, int jobs)
      : sweep_(sweep), jobs_(jobs), is_terminal_(::isatty(STDERR_FILENO) == 1), shown_(sweep.plan().runs.size()) {}

  void show(bool last) {
    const std::vector<cayley::SweepRunStatus> status = sweep_.status();
    const Tally counts = tally(status);
    const std::size_t finished = counts.of_state(cayley::SweepState::finished),
                      failed = counts.of_state(cayley::SweepState::failed);
    const double left = time_left(sweep_, status, jobs_);
    const std::string summary = fmt::format("{} of {} runs done, {} failed, {} here, {} elsewhere, {} left", finished,
                                            status.size(), failed, counts.of_state(cayley::SweepState::running),
                                            counts.of_state(cayley::SweepState::elsewhere), duration(left));
    if (!is_terminal_) {
      for (std::size_t i = 0; i < status.size(); ++i) {
        const bool ended =
            status[i].state == cayley::SweepState::finished || status[i].state == cayley::SweepState::failed;
        if (ended && !shown_[i]) {
          shown_[i] = true;
          fmt::print(stderr, "{}; {}\n", line(i, status[i]), summary);
        }
      }
      return;
    }
    std::string text = lines_ > 0 ? fmt::format("\033[{}A\r\033[J", lines_) : "";
    const auto done = static_cast<std::int64_t>(finished + failed);
    text += fmt::format("{} {}\n", bar(done, static_cast<std::int64_t>(status.size()), 24), summary);
    lines_ = 1;
    for (std::size_t i = 0; i < status.size(); ++i) {
      if (status[i].state != cayley::SweepState::running || lines_ > 20) continue;
      text += "  " + line(i, status[i]) + "\n";
      ++lines_;
    }
    if (last) lines_ = 0;
    fmt::print(stderr, "{}", text);
  }

 private:
  std::string line(std::size_t i, cayley::SweepRunStatus const& s) const {
    cayley::PlannedRun const& run = sweep_.plan().runs[i];
    if (s.state == cayley::SweepState::failed) return run.name + " failed";
    if (!s.last) return run.name;
    return fmt::format("{}  epoch {} of {}  test loss {:.2e}  test acc {:.3f}", run.name, s.last->epoch,
                       run.config.num_epochs, s.last->test_loss, s.last->test_accuracy);
  }

  cayley::Sweep const& sweep_;
  int jobs_;
  bool is_terminal_;
  std::vector<bool> shown_;
  int lines_ = 0;
};

void run_sweep(SweepArguments const& arguments) {
  cayley::SweepPlan plan = cayley::read_sweep_plan(arguments.study);
  if (arguments.list) {
    for (cayley::PlannedRun const& run : plan.runs) fmt::print("{}\n", run.name);
    return;
  }
  cayley::require(!arguments.out.empty(), "--out is required");
  LabBackend const& backend = backend_named(arguments.backend);
  cayley::SweepOptions options;
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  options.jobs = arguments.jobs > 0 ? arguments.jobs : std::max(1, cores / arguments.threads);
  options.jobs = std::min(options.jobs, static_cast<int>(plan.runs.size()));
  options.retry = arguments.retry;
  options.wait = !arguments.no_wait;
  options.run.threads = arguments.threads;
  options.run.state_seconds = arguments.state_seconds;
  options.run.program = std::string("cayley-lab ") + CAYLEY_VERSION;
  options.run.flags = CAYLEY_FLAGS;
  options.go_on = [] { return !interrupted(); };
  options.start = [&](cayley::PlannedRun const& run, cayley::SweepPlan const& whole,
                      std::filesystem::path const& directory, cayley::TrainingRunOptions const& how) {
    return backend.start({how.threads, 0}, {run.config, whole.origin, whole.where, directory, {}}, how);
  };
  options.resume = [](std::filesystem::path const& directory, cayley::TrainingRunOptions const& how) {
    const cayley::RecordedBackend recorded = cayley::recorded_backend(directory);
    return backend_named(recorded.name).resume({how.threads, recorded.memory_budget}, directory, how);
  };
  const int jobs = options.jobs;
  cayley::Sweep sweep(std::move(plan), arguments.out, std::move(options));
  catch_interrupts();
  std::atomic<bool> ended = false;
  std::exception_ptr trouble;
  std::thread worker([&] {
    try {
      sweep.run();
    } catch (...) {
      trouble = std::current_exception();
    }
    ended = true;
    ended.notify_all();
  });
  StudyScreen screen(sweep, jobs);
  for (int tick = 0; !ended; ++tick) {
    if (tick % 5 == 4) screen.show(false);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  worker.join();
  if (trouble) std::rethrow_exception(trouble);
  screen.show(true);

  const std::vector<cayley::SweepRunStatus> status = sweep.status();
  const Tally counts = tally(status);
  fmt::print("{} runs: {} finished, {} failed, {} elsewhere, {} to be done\n", status.size(),
             counts.of_state(cayley::SweepState::finished), counts.of_state(cayley::SweepState::failed),
             counts.of_state(cayley::SweepState::elsewhere), counts.of_state(cayley::SweepState::waiting));
  for (std::size_t i = 0; i < status.size(); ++i) {
    if (status[i].state == cayley::SweepState::failed) {
      fmt::print("failed: {}: {}\n", sweep.plan().runs[i].name, status[i].reason);
    }
  }
  const std::size_t failed = counts.of_state(cayley::SweepState::failed);
  cayley::require(failed == 0, arguments.out, ": ", failed, " of ", status.size(),
                  " runs failed; --retry tries them again");
}

}  // namespace

void add_sweep(CLI::App& app) {
  auto arguments = std::make_shared<SweepArguments>();
  CLI::App* command = app.add_subcommand(
      "sweep",
      "Train every run of a study; several at once, or on several machines, share the work and go on after a crash");
  command->add_option("STUDY", arguments->study, "A configuration in which keys have lists of values")->required();
  command->add_option("--out", arguments->out, "Folder of the runs; another sweep may be at work in it");
  command->add_option("--jobs", arguments->jobs, "Runs at a time (default: cores by --threads)")
      ->check(CLI::Range(1, 1024));
  command->add_option("--threads", arguments->threads, "Threads of each run (default: 1)")->check(CLI::Range(1, 1024));
  command->add_option("--state-seconds", arguments->state_seconds, "Time between two saved states (default: 10)")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--backend", arguments->backend, "Where new runs compute (default: cpu)")
      ->check(CLI::IsMember(backend_names()));
  command->add_flag("--retry", arguments->retry, "Try again the runs that failed before");
  command->add_flag("--no-wait", arguments->no_wait, "End when all runs left are those of other sweeps");
  command->add_flag("--list", arguments->list, "Print the names of the runs, and do nothing");
  command->callback([arguments] { run_sweep(*arguments); });
}

}  // namespace lab
