/// Runs cayley-lab as a user does.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
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

/// Starts cayley-lab and leaves it running; what it says goes to a file.
inline pid_t begin_lab(std::vector<std::string> arguments, std::filesystem::path const& output = "/dev/null") {
  std::fflush(nullptr);  // or the child would write it again
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<char*> pointers{const_cast<char*>(CAYLEY_LAB)};
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    for (std::FILE* stream : {stdout, stderr}) {
      if (std::freopen(output.c_str(), "w", stream) == nullptr) ::_exit(1);
    }
    ::execv(CAYLEY_LAB, pointers.data());
    ::_exit(127);
  }
  return child;
}

/// Waits for its end, and gives the status of waitpid.
inline int end_of_lab(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}
