/// The loss and the accuracy of a batch.
#pragma once

#include <cayley/core/matrix.hpp>

namespace cayley {

/// What a batch is for: gradients need more prepared than losses.
enum class BatchUse { loss, gradient };

/// Sums over the examples of a batch.
struct BatchLoss {
  double sum = 0;     ///< of cross-entropies, natural logarithm, added in double
  Index correct = 0;  ///< examples whose first largest logit is the label
  Index examples = 0;

  /// Mean cross-entropy; NaN without examples.
  double mean() const { return sum / static_cast<double>(examples); }
  /// Share of correct examples, 0 .. 1; NaN without examples.
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(examples); }
};

}  // namespace cayley
