// The progress bar of cayley-lab train and resume.
#include "progress.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace lab {
namespace {

int terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string bar(std::int64_t done, std::int64_t total, int width) {
  const double share = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 1.0;
  const int full = std::clamp(static_cast<int>(share * width), 0, width);
  std::string cells(static_cast<std::size_t>(width), '.');
  std::fill_n(cells.begin(), full, '#');
  return fmt::format("[{}]", cells);
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return "?";
  const auto total = static_cast<long long>(std::llround(seconds));
  const long long hours = total / 3600, minutes = total / 60 % 60;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, total % 60);
  return fmt::format("{}:{:02}", minutes, total % 60);
}

Progress::Progress(std::int64_t num_epochs)
    : is_terminal_(::isatty(STDERR_FILENO) == 1), num_epochs_(num_epochs), start_(Clock::now()), last_(start_) {}

double Progress::speed(std::int64_t epochs) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  return seconds > 0 ? static_cast<double>(epochs - first_epochs_.value_or(0)) / seconds : 0;
}

void Progress::show(std::int64_t epochs, std::span<cayley::LogRow const> rows) {
  if (!first_epochs_) {
    // What was done before this process does not count for its speed.
    first_epochs_ = epochs - 1;
    grokked_ = std::any_of(rows.begin(), rows.end() - (rows.empty() ? 0 : 1),
                           [](cayley::LogRow const& row) { return row.test_accuracy > 0.99; });
  }
  announce_grokking(rows);
  const auto now = Clock::now();
  const auto pause = std::chrono::milliseconds(is_terminal_ ? 100 : 1000);
  if (rows.empty() || now - last_ < pause) return;
  if (!is_terminal_ && rows.size() == rows_seen_) return;
  last_ = now;
  print(epochs, rows);
}

void Progress::finish(std::int64_t epochs, std::span<cayley::LogRow const> rows) {
  if (!rows.empty() && printed_epochs_ != epochs) print(epochs, rows);
  if (is_terminal_) fmt::print(stderr, "\n");
}

void Progress::announce_grokking(std::span<cayley::LogRow const> rows) {
  if (grokked_ || rows.empty() || !(rows.back().test_accuracy > 0.99)) return;
  grokked_ = true;
  fmt::print(stderr, "{}grokked at epoch {}: test accuracy {:.2f} %\n", is_terminal_ ? "\r\033[K" : "",
             rows.back().epoch, 100 * rows.back().test_accuracy);
}

void Progress::print(std::int64_t epochs, std::span<cayley::LogRow const> rows) {
  printed_epochs_ = epochs;
  rows_seen_ = rows.size();
  cayley::LogRow const& row = rows.back();
  const double rate = speed(epochs);
  const double left = rate > 0 ? static_cast<double>(num_epochs_ - epochs) / rate : INFINITY;
  const bool tests = !std::isnan(row.test_loss);  // there is a test set
  if (!is_terminal_) {
    const std::string test = tests ? fmt::format("  test loss {:.4g}", row.test_loss) : "";
    const std::string accuracy = tests ? fmt::format("  test acc {:.4f}", row.test_accuracy) : "";
    fmt::print(stderr, "epoch {}  train loss {:.4g}{}  train acc {:.4f}{}  {:.0f} epochs/s\n", row.epoch,
               row.train_loss, test, row.train_accuracy, accuracy, rate);
    return;
  }
  const std::string test = tests ? fmt::format(" / {:.2e}", row.test_loss) : "";
  const std::string accuracy = tests ? fmt::format(" / {:5.1f}", 100 * row.test_accuracy) : "";
  const std::string numbers =
      fmt::format(" {}/{}  loss {:.2e}{}  acc {:5.1f}{} %  {:.0f}/s  {} left", epochs, num_epochs_, row.train_loss,
                  test, 100 * row.train_accuracy, accuracy, rate, duration(left));
  const int width = std::clamp(terminal_width() - static_cast<int>(numbers.size()) - 3, 0, 40);
  fmt::print(stderr, "\r{}{}\033[K", width >= 5 ? bar(epochs, num_epochs_, width) : "", numbers);
  std::fflush(stderr);
}

}  // namespace lab
