// cayley-lab: trains networks on finite groups, and explains what they learned.
// Exit codes: 0 done, 1 bad input (a file that is missing, broken or does not fit), 2 bad usage.
#include <fmt/core.h>

#include <exception>

#include "command.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Train networks on finite groups, and read the algorithm back that they learned.", "cayley-lab"};
  app.require_subcommand(1);
  app.set_version_flag("--version", CAYLEY_VERSION);
  lab::add_train(app);
  lab::add_resume(app);
  lab::add_explain(app);
  lab::add_report(app);
  lab::add_watch(app);
  try {
    app.parse(argc, argv);
  } catch (CLI::Success const& help) {
    return app.exit(help);
  } catch (CLI::Error const& error) {
    app.exit(error);
    return 2;
  } catch (std::exception const& error) {
    fmt::print(stderr, "cayley-lab: {}\n", error.what());
    return 1;
  }
  return 0;
}
