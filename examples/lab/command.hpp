/// A command of cayley-lab: what to run once its arguments are read.
#pragma once

#include <CLI/CLI.hpp>

namespace lab {

/// Adds `cayley-lab explain`; running the parsed command throws `cayley::Error` for bad input.
void add_explain(CLI::App& app);

}  // namespace lab
