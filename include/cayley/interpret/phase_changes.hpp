/// When a loss, or a part of it, falls for good.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace cayley {

/// The first step from which on a loss stays below a threshold to the end of its curve; none where it does not end
/// there. NaN is not below.
/// Errors: `Error` when there are not as many steps as losses.
inline std::optional<double> phase_change(std::span<double const> steps, std::span<double const> losses,
                                          double threshold) {
  require(steps.size() == losses.size(), "phase change: expected a loss for each of ", steps.size(), " steps, found ",
          losses.size());
  std::size_t first = losses.size();
  while (first > 0 && losses[first - 1] < threshold) --first;
  if (first == losses.size()) return std::nullopt;
  return steps[first];
}

/// The same for each part of a loss.
/// Shape: losses (steps, parts).
inline std::vector<std::optional<double>> phase_changes(std::span<double const> steps, Matrix<double> const& losses,
                                                        double threshold) {
  std::vector<std::optional<double>> changes;
  for (Index part = 0; part < losses.cols(); ++part) {
    const Vector<double> curve = losses.col(part);
    changes.push_back(phase_change(steps, {curve.data(), static_cast<std::size_t>(curve.size())}, threshold));
  }
  return changes;
}

/// The mean of each loss and the `window` - 1 before it, of fewer at the beginning: a curve without the noise of
/// batches.
/// Errors: `Error` when the window is below 1.
/// Accuracy: each window is added anew, so that no large loss leaves rounding errors behind.
inline std::vector<double> moving_mean(std::span<double const> losses, Index window) {
  require(window >= 1, "moving mean: expected a window of at least 1, found ", window);
  std::vector<double> means;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const std::size_t count = std::min(i + 1, static_cast<std::size_t>(window));
    double sum = 0;
    for (double loss : losses.subspan(i + 1 - count, count)) sum += loss;
    means.push_back(sum / static_cast<double>(count));
  }
  return means;
}

}  // namespace cayley
