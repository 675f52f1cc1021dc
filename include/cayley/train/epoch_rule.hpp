/// Which epochs are logged, or kept as checkpoints.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

namespace cayley {

/// A set of epochs in 0 .. num_epochs-1. Every rule but `none` holds the last epoch.
class EpochRule {
 public:
  /// No epoch.
  static EpochRule none() { return {}; }

  /// Epochs 0 and min(floor(N^(i / (points-1))), N-1) for i = 0 .. points-1, N = num_epochs: dense at first, evenly
  /// spaced on a logarithmic scale later. With 1000 points, the published rule.
  /// Errors: `Error` when points is below 2.
  static EpochRule logarithmic(std::int64_t num_epochs, std::int64_t points = 1000) {
    require(points >= 2, "logged epochs: expected at least 2 points, found ", points);
    EpochRule rule;
    if (num_epochs < 1) return rule;
    rule.epochs_.push_back(0);
    for (std::int64_t i = 0; i < points; ++i) {
      const double exponent = static_cast<double>(i) / static_cast<double>(points - 1);
      // By powers of 10, as the published runs: pow(1e6, 1.0 / 3) is just below 100.
      const auto epoch =
          static_cast<std::int64_t>(std::pow(10.0, std::log10(static_cast<double>(num_epochs)) * exponent));
      if (const std::int64_t held = std::min(epoch, num_epochs - 1); held != rule.epochs_.back()) {
        rule.epochs_.push_back(held);
      }
    }
    return rule;
  }

  /// Epochs 0, k, 2k, .. and the last.
  /// Errors: `Error` when k is below 1.
  static EpochRule every(std::int64_t num_epochs, std::int64_t k) {
    require(k >= 1, "logged epochs: expected a distance of at least 1, found ", k);
    EpochRule rule;
    for (std::int64_t epoch = 0; epoch < num_epochs; epoch += k) rule.epochs_.push_back(epoch);
    if (num_epochs > 0 && rule.epochs_.back() != num_epochs - 1) rule.epochs_.push_back(num_epochs - 1);
    return rule;
  }

  bool contains(std::int64_t epoch) const { return std::binary_search(epochs_.begin(), epochs_.end(), epoch); }
  /// In ascending order.
  std::vector<std::int64_t> const& epochs() const { return epochs_; }

 private:
  EpochRule() = default;
  std::vector<std::int64_t> epochs_;
};

}  // namespace cayley
