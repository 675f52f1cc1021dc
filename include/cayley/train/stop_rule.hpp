/// When a run may stop before its last epoch.
#pragma once

#include <algorithm>
#include <cayley/train/log_row.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cayley {

/// Conditions on the rows of the log; the run stops as soon as one holds. It depends on the logged rows alone, so a
/// run that was interrupted stops where it would have stopped.
struct StopRule {
  double train_loss = 0;     ///< stop when the training loss is at most this; 0: never
  double test_loss = 0;      ///< stop when the test loss is at most this; 0: never
  double test_accuracy = 0;  ///< stop when all of the last `flat_rows` rows have at least this test accuracy, and
                             ///< their test losses differ by at most `flat_change` of the largest; 0: never
  std::int64_t flat_rows = 10;
  double flat_change = 0.1;

  /// Whether the last row ends the run.
  bool holds(std::span<LogRow const> rows) const {
    if (rows.empty()) return false;
    LogRow const& last = rows.back();
    if (train_loss > 0 && last.train_loss <= train_loss) return true;
    if (test_loss > 0 && last.test_loss <= test_loss) return true;
    const auto window = static_cast<std::size_t>(std::max<std::int64_t>(1, flat_rows));
    if (!(test_accuracy > 0) || rows.size() < window) return false;
    double smallest = last.test_loss, largest = last.test_loss;
    for (LogRow const& row : rows.last(window)) {
      if (!(row.test_accuracy >= test_accuracy)) return false;
      smallest = std::min(smallest, row.test_loss);
      largest = std::max(largest, row.test_loss);
    }
    return largest - smallest <= flat_change * largest;
  }
};

/// The first logged epoch with a test accuracy above 0.99; nothing when there is none.
inline std::optional<std::int64_t> grokking_epoch(std::span<LogRow const> rows) {
  const auto found = std::find_if(rows.begin(), rows.end(), [](LogRow const& row) { return row.test_accuracy > 0.99; });
  if (found == rows.end()) return std::nullopt;
  return found->epoch;
}

}  // namespace cayley
