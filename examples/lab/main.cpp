// cayley-lab: trains networks on finite groups, and explains what they learned.
// Exit codes: 0 done, 1 bad input (a file that is missing, broken or does not fit), 2 bad usage.
#include <fmt/core.h>

#include <algorithm>
#include <cayley/core/near_names.hpp>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "ranks.hpp"

namespace {

// Why `name`, given where a command belongs, is none; empty where it is one.
std::string no_command(CLI::App const& app, std::string const& name) {
  std::vector<std::string> names;
  for (CLI::App const* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (name.starts_with('-') || std::find(names.begin(), names.end(), name) != names.end()) return {};
  return fmt::format("no command \"{}\"{}", name, cayley::name_suggestion(name, names));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Train networks on finite groups, and read the algorithm back that they learned.", "cayley-lab"};
  app.require_subcommand(1);
  app.set_version_flag("--version", CAYLEY_VERSION);
  std::optional<lab::Ranks> ranks;
  try {
    ranks.emplace();
  } catch (std::exception const& error) {
    fmt::print(stderr, "cayley-lab: {}\n", error.what());
    return 1;
  }
  lab::add_train(app);
  lab::add_resume(app);
  lab::add_explain(app);
  lab::add_report(app);
  lab::add_watch(app);
  lab::add_sweep(app);
  lab::add_tables(app);
  if (const std::string problem = argc > 1 ? no_command(app, argv[1]) : ""; !problem.empty()) {
    if (lab::Ranks::rank() == 0) {
      fmt::print(stderr, "cayley-lab: {}\nRun with --help for more information.\n", problem);
    }
    return 2;
  }
  const std::string command = argc > 1 ? argv[1] : "";
  if (lab::Ranks::count() > 1 && command != "train" && command != "resume") {
    if (lab::Ranks::rank() == 0) fmt::print(stderr, "cayley-lab: only train and resume run in several processes\n");
    return 2;
  }
  try {
    app.parse(argc, argv);
  } catch (CLI::Success const& help) {
    return app.exit(help);
  } catch (CLI::Error const& error) {
    if (lab::Ranks::rank() == 0) app.exit(error);
    return 2;
  } catch (std::exception const& error) {
    if (lab::Ranks::count() > 1) lab::Ranks::give_up(error.what());
    fmt::print(stderr, "cayley-lab: {}\n", error.what());
    return 1;
  }
  return 0;
}
