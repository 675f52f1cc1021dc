/// Splits of a data set into training and test examples.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/random.hpp>
#include <cstdint>
#include <limits>
#include <vector>

namespace cayley {

/// Indices of the training and of the test examples, each in the order drawn.
struct TrainTestSplit {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> test;
};

/// The published split of `count` examples: a random permutation of torch's generator, of which the first
/// int(fraction * count) are for training.
/// Index: of a pair (a, b) of elements in published order, a * order + b.
/// Errors: `Error` when the fraction is outside [0, 1] or there are 2^32 examples or more.
inline TrainTestSplit random_split(Index count, double fraction, std::uint64_t seed) {
  require(fraction >= 0 && fraction <= 1, "train/test split: the training fraction must be in 0 .. 1, found ",
          fraction);
  require(count >= 0 && count < std::numeric_limits<std::uint32_t>::max(), "train/test split: ", count,
          " examples, expected less than 2^32 - 1");
  std::vector<std::uint32_t> order = TorchGenerator(seed).randperm(static_cast<std::uint32_t>(count));
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(fraction * static_cast<double>(count));
  return {{order.begin(), middle}, {middle, order.end()}};
}

}  // namespace cayley
