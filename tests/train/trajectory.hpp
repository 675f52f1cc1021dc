/// Published losses and accuracies of a run, by epoch.
#pragma once

#include <cayley/train/log_row.hpp>
#include <fstream>
#include <reference.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace cayley::testing {

/// The rows of trajectories/<run>.csv.
inline std::vector<LogRow> trajectory(std::string const& run) {
  std::ifstream file(reference_file("trajectories/" + run + ".csv"));
  std::string line;
  std::getline(file, line);
  if (line != "epoch,train_loss,test_loss,train_acc,test_acc") throw std::runtime_error("unknown columns: " + line);
  std::vector<LogRow> rows;
  while (std::getline(file, line)) {
    std::istringstream numbers(line);
    LogRow row;
    char comma = 0;
    numbers >> row.epoch >> comma >> row.train_loss >> comma >> row.test_loss >> comma >> row.train_accuracy >> comma >>
        row.test_accuracy;
    if (numbers.fail()) throw std::runtime_error("no row of numbers: " + line);
    rows.push_back(row);
  }
  return rows;
}

}  // namespace cayley::testing
