/// The commands of cayley-lab: what to run once the arguments are read.
#pragma once

#include <CLI/CLI.hpp>

namespace lab {

/// Each adds its command; running the parsed command throws `cayley::Error` for bad input.
void add_explain(CLI::App& app);
void add_train(CLI::App& app);
void add_resume(CLI::App& app);

}  // namespace lab
