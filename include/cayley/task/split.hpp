/// Splits of a data set into training and test examples.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/python_random.hpp>
#include <cayley/core/random.hpp>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

namespace cayley {

/// Indices of the training and of the test examples, each in the order drawn.
struct TrainTestSplit {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> test;
};

namespace detail {

/// Errors: as `random_split`.
inline void check_split(Index count, double fraction) {
  require(fraction >= 0 && fraction <= 1, "train/test split: the training fraction must be in 0 .. 1, found ",
          fraction);
  require(count >= 0 && count < std::numeric_limits<std::uint32_t>::max(), "train/test split: ", count,
          " examples, expected less than 2^32 - 1");
}

/// The first int(fraction * size) of `order` are for training.
inline TrainTestSplit cut(std::vector<std::uint32_t> const& order, double fraction) {
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(fraction * static_cast<double>(order.size()));
  return {{order.begin(), middle}, {middle, order.end()}};
}

}  // namespace detail

/// Whose generator shuffles: `random_split` or `shuffled_split`.
enum class SplitKind { torch, python };

/// The published split of `count` examples: a random permutation of torch's generator, of which the first
/// int(fraction * count) are for training.
/// Index: of a pair (a, b) of elements in published order, a * order + b.
/// Errors: `Error` when the fraction is outside [0, 1] or there are 2^32 examples or more.
inline TrainTestSplit random_split(Index count, double fraction, std::uint64_t seed) {
  detail::check_split(count, fraction);
  return detail::cut(TorchGenerator(seed).randperm(static_cast<std::uint32_t>(count)), fraction);
}

/// The split of the published modular-addition networks: 0 .. count-1, shuffled by Python's `random.shuffle` after
/// `random.seed(seed)`, of which the first int(fraction * count) are for training.
/// Index: of a pair (x, y), x p + y.
/// Errors: as `random_split`.
/// Ref: Nanda et al., Progress measures for grokking (2023), `gen_train_test` of the published code.
inline TrainTestSplit shuffled_split(Index count, double fraction, std::uint64_t seed) {
  detail::check_split(count, fraction);
  std::vector<std::uint32_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0u);
  PythonGenerator(seed).shuffle(order);
  return detail::cut(order, fraction);
}

/// The split of that kind.
inline TrainTestSplit split_examples(SplitKind kind, Index count, double fraction, std::uint64_t seed) {
  return kind == SplitKind::python ? shuffled_split(count, fraction, seed) : random_split(count, fraction, seed);
}

}  // namespace cayley
