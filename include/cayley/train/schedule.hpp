/// Learning-rate schedules.
#pragma once

#include <algorithm>
#include <cstdint>

namespace cayley {

/// The factor of the learning rate: constant, or rising linearly from 0 over the first steps.
struct Schedule {
  std::int64_t warmup_steps = 0;  ///< 0: constant

  /// min(step / warmup_steps, 1), with steps counted from 0: the first step of a warm-up changes no weight.
  double factor(std::int64_t step) const {
    if (warmup_steps <= 0) return 1;
    return std::min(static_cast<double>(step) / static_cast<double>(warmup_steps), 1.0);
  }
};

}  // namespace cayley
