// cayley-lab train CFG.json --out DIR and cayley-lab resume DIR.
#include <fmt/core.h>
#include <cayley/study/training_run.hpp>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "command.hpp"
#include "interrupt.hpp"
#include "progress.hpp"
#include "ranks.hpp"
#include "train_on.hpp"

namespace lab {
namespace {

struct Common {
  int threads = 0;
  std::int64_t until = 0;
  double state_seconds = 10;
};

struct TrainArguments {
  Common common;
  std::string config;
  std::string out;
  std::string elements;
  std::string backend = "cpu";
  cayley::Index memory_budget = 0;          // MiB
  std::map<std::string, std::string> keys;  // given as flags
};

void add_common(CLI::App& command, Common& common) {
  command
      .add_option("--threads", common.threads,
                  "Threads; any number gives the same bits (default: all cores; in several processes one each)")
      ->check(CLI::Range(1, 1024));
  command.add_option("--until", common.until, "Stop once so many epochs are done, to be resumed later")
      ->check(CLI::PositiveNumber);
  command.add_option("--state-seconds", common.state_seconds, "Time between two saved states (default: 10)")
      ->check(CLI::NonNegativeNumber);
}

// Runs `begin(options)` with progress shown and an interrupt leading to a saved state, then says how it ended.
template <class Begin>
void run(Common const& common, cayley::RunConfig const& config, std::string const& directory, Begin const& begin) {
  Progress progress(config.num_epochs);
  cayley::TrainingRunOptions options;
  const int cores = Ranks::count() > 1 ? 1 : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  options.threads = common.threads > 0 ? common.threads : cores;
  if (common.until > 0) options.until = common.until;
  options.state_seconds = common.state_seconds;
  options.program = std::string("cayley-lab ") + CAYLEY_VERSION;
  options.flags = CAYLEY_FLAGS;
  options.go_on = [&](std::int64_t epochs, std::span<cayley::LogRow const> rows) {
    if (Ranks::rank() == 0) progress.show(epochs, rows);
    return !interrupted();
  };
  catch_interrupts();
  const cayley::TrainingRunResult result = begin(options);
  if (Ranks::rank() == 0) progress.finish(result.epochs, result.rows);

  switch (result.end) {
    case cayley::TrainingEnd::finished:
      fmt::print("{} epochs done\n", result.epochs);
      break;
    case cayley::TrainingEnd::stopped:
      fmt::print("stopped by rule after {} epochs\n", result.epochs);
      break;
    case cayley::TrainingEnd::interrupted:
      fmt::print("interrupted after {} epochs; go on with: cayley-lab resume {}\n", result.epochs, directory);
      break;
    case cayley::TrainingEnd::diverged:
      throw cayley::Error(
          fmt::format("{}: diverged within {} epochs: {}; its latest state and checkpoints are those from "
                      "before. A smaller "
                      "lr helps mostly, or a warm-up",
                      directory, result.epochs, result.trouble));
  }
  if (result.rows.empty()) return;
  cayley::LogRow const& last = result.rows.back();
  if (std::isnan(last.test_loss)) {  // no test set
    fmt::print("loss {:.6g}  accuracy {:.6g}\n", last.train_loss, last.train_accuracy);
  } else {
    fmt::print("loss      train {:.6g}  test {:.6g}\naccuracy  train {:.6g}  test {:.6g}\n", last.train_loss,
               last.test_loss, last.train_accuracy, last.test_accuracy);
    const auto epoch = cayley::grokking_epoch(result.rows);
    fmt::print("{}\n", epoch ? fmt::format("grokked at epoch {}", *epoch) : "not grokked");
  }
  const bool ended = result.end == cayley::TrainingEnd::finished || result.end == cayley::TrainingEnd::stopped;
  if (!ended) return;
  if (config.is_sequence_task()) fmt::print("what it does: cayley-lab explain {}\n", directory);
  if (config.task == "composition" || config.task == "add") {
    fmt::print("which irreps it uses: cayley-lab explain {}\n", directory);
  }
}

// A value given as a flag: JSON where it is JSON, else a string, so that `--lr 1e-3` and `--model BilinearNet` both do.
cayley::Json flag_value(std::string const& text) {
  auto value = cayley::Json::parse(text, nullptr, false);
  return value.is_discarded() ? cayley::Json(text) : value;
}

void run_train(TrainArguments const& arguments) {
  std::filesystem::path file = arguments.config;
  cayley::Json json = file.empty() ? cayley::Json::object() : cayley::read_json(file);
  if (file.empty()) file = "command line";
  for (auto const& [name, text] : arguments.keys) {
    cayley::require(json.is_object(), file.string(), ": expected an object");
    const auto dot = name.find('.');
    cayley::Json& object = dot == name.npos ? json : json[name.substr(0, dot)];
    object[dot == name.npos ? name : name.substr(dot + 1)] = flag_value(text);
  }
  const cayley::RunConfig config = cayley::parse_config(json, file.string());
  std::optional<std::filesystem::path> elements;
  if (!arguments.elements.empty()) elements = arguments.elements;
  LabBackend const& backend = backend_named(arguments.backend);
  cayley::require(arguments.memory_budget == 0 || backend.has_memory_budget, "--memory-budget: backend ", backend.name,
                  " has none: it works on as many rows as stay in a core's cache");
  const Place place{arguments.common.threads, arguments.memory_budget << 20};
  const NewRun new_run{config, file.parent_path(), file.string(), arguments.out, elements};
  run(arguments.common, config, arguments.out,
      [&](cayley::TrainingRunOptions const& options) { return backend.start(place, new_run, options); });
}

void run_resume(std::string const& directory, Common const& common) {
  const cayley::RunConfig config = cayley::read_config(std::filesystem::path(directory) / "cfg.json");
  const cayley::RecordedBackend recorded = cayley::recorded_backend(directory);
  LabBackend const& backend = backend_named(recorded.name);
  run(common, config, directory, [&](cayley::TrainingRunOptions const& options) {
    return backend.resume({common.threads, recorded.memory_budget}, directory, options);
  });
}

}  // namespace

void add_train(CLI::App& app) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* command =
      app.add_subcommand("train", "Train a network on a group's Cayley table or on a task of sequences, from its seed");
  command->add_option("CFG", arguments->config, "Configuration, cfg.json of a run; flags win over its keys");
  command->add_option("--out", arguments->out, "New directory for the run")->required();
  command->add_option("--elements", arguments->elements,
                      "JSON file with the element order of the data (default: the library's order)");
  command->add_option("--backend", arguments->backend, "Where to compute; a run goes on where it began (default: cpu)")
      ->check(CLI::IsMember(backend_names()));
  command
      ->add_option("--memory-budget", arguments->memory_budget,
                   "MiB for the rows of a batch that are worked on at a time, on other backends than cpu")
      ->check(CLI::PositiveNumber);
  add_common(*command, arguments->common);
  for (cayley::ConfigKey const& key : cayley::config_keys) {
    std::string flags = "--" + std::string(key.name);
    if (key.name == "num_epochs") flags = "--epochs,--num_epochs";
    const std::string name(key.name);
    command
        ->add_option_function<std::string>(
            flags, [arguments, name](std::string const& text) { arguments->keys[name] = text; },
            std::string(key.meaning))
        ->group("Keys of the configuration");
  }
  command->callback([arguments] { run_train(*arguments); });
}

void add_resume(CLI::App& app) {
  auto directory = std::make_shared<std::string>();
  auto common = std::make_shared<Common>();
  CLI::App* command = app.add_subcommand("resume", "Go on with a run that was interrupted or killed");
  command->add_option("DIR", *directory, "Run directory")->required();
  add_common(*command, *common);
  command->callback([directory, common] { run_resume(*directory, *common); });
}

}  // namespace lab
