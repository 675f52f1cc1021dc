/// How a training run shows itself: a bar on a terminal, plain lines elsewhere.
#pragma once

#include <cayley/train/log_row.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace lab {

/// `done` of `total` as a bar of `width` cells.
std::string bar(std::int64_t done, std::int64_t total, int width);

/// Seconds as 0:42, 12:05 or 3:04:05.
std::string duration(double seconds);

/// Prints to standard error, at most ten times a second on a terminal and once a second elsewhere.
class Progress {
 public:
  explicit Progress(std::int64_t num_epochs);

  /// After an epoch; `rows` is the log so far.
  void show(std::int64_t epochs, std::span<cayley::LogRow const> rows);
  /// After the last one: prints what has not been printed, and ends the line.
  void finish(std::int64_t epochs, std::span<cayley::LogRow const> rows);

  /// Epochs a second since the first call of `show`.
  double speed(std::int64_t epochs) const;

 private:
  using Clock = std::chrono::steady_clock;
  void print(std::int64_t epochs, std::span<cayley::LogRow const> rows);
  void announce_grokking(std::span<cayley::LogRow const> rows);

  bool is_terminal_;
  std::int64_t num_epochs_;
  std::optional<std::int64_t> first_epochs_;
  Clock::time_point start_;
  Clock::time_point last_;
  std::int64_t printed_epochs_ = -1;
  std::size_t rows_seen_ = 0;
  bool grokked_ = false;
};

}  // namespace lab
