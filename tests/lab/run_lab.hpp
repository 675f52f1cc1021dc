/// Runs cayley-lab as a user does.
#pragma once

#include <sys/wait.h>

#include <boost/test/unit_test.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "io/scratch_folder.hpp"

struct Outcome {
  int exit_code;
  std::string output;  // standard output and error together
};

inline Outcome run_lab(std::string const& arguments) {
  const ScratchFolder scratch;
  const std::string log = (scratch / "log").string();
  const int status = std::system((std::string(CAYLEY_LAB) + " " + arguments + " >" + log + " 2>&1").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, cayley::read_file(log)};
}

inline void check_lab(std::string const& arguments, int exit_code, std::vector<std::string> const& parts) {
  const Outcome outcome = run_lab(arguments);
  BOOST_TEST_CONTEXT(arguments << "\n" << outcome.output) {
    BOOST_TEST(outcome.exit_code == exit_code);
    for (auto const& part : parts) BOOST_TEST(outcome.output.find(part) != std::string::npos, "expected: " << part);
  }
}
