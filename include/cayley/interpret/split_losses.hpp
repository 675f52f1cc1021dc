/// Losses of logits of all pairs of a group, over the training and the test pairs.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/interpret/losses.hpp>
#include <cayley/interpret/product_spectrum.hpp>

namespace cayley {

/// Mean cross-entropies over all, training and test pairs; a mean over no pairs is NaN.
struct SplitLosses {
  double all, train, test;
};

/// The losses of given logits.
/// Shape: logits (order^2, order), the pair (a, b) in row a order + b; `train` has order^2 entries.
/// Errors: `Error` when sizes differ.
inline SplitLosses split_losses(CayleyTable const& table, TrainingSet const& train,
                                ConstMatrixRef<double> const& logits) {
  detail::require_all_pairs(table.order(), logits.rows(), "losses");
  require(static_cast<Index>(train.size()) == logits.rows(), "training set: expected ", logits.rows(), " pairs, found ",
          train.size());
  double sums[2] = {0, 0};
  Index counts[2] = {0, 0};
  for (Index row = 0; row < logits.rows(); ++row) {
    const auto pair = static_cast<std::size_t>(row);
    const int set = train[pair] != 0 ? 1 : 0;
    sums[set] += cross_entropy(logits.row(row), table.products()[pair]);
    ++counts[set];
  }
  const auto mean = [](double sum, Index count) { return sum / static_cast<double>(count); };
  return {mean(sums[0] + sums[1], counts[0] + counts[1]), mean(sums[1], counts[1]), mean(sums[0], counts[0])};
}

/// Share of pairs whose first largest logit is the product.
/// Shape: logits (order^2, order).
inline double accuracy_of_all(CayleyTable const& table, ConstMatrixRef<double> const& logits) {
  detail::require_all_pairs(table.order(), logits.rows(), "accuracy");
  Index correct = 0;
  for (Index row = 0; row < logits.rows(); ++row) {
    Index guess = 0;
    logits.row(row).maxCoeff(&guess);
    if (guess == static_cast<Index>(table.products()[static_cast<std::size_t>(row)])) ++correct;
  }
  return static_cast<double>(correct) / static_cast<double>(logits.rows());
}

/// The logits Z of a part of a network with what the rest gives every pair alike, Z + mean over pairs of (logits - Z).
/// Shape: (pairs, order).
inline Matrix<double> bias_corrected(ConstMatrixRef<double> const& part, ConstMatrixRef<double> const& logits) {
  const RowVector<double> rest = logits.colwise().mean() - part.colwise().mean();
  return part.rowwise() + rest;
}

}  // namespace cayley
