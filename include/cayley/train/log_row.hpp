/// One line of a training log.
#pragma once

#include <cstdint>
#include <vector>

namespace cayley {

/// Losses and accuracies after the step of an epoch. A mean over no examples is NaN.
struct LogRow {
  std::int64_t epoch = 0;  ///< from 0; row 0 is measured after the first epoch
  double train_loss = 0;   ///< mean cross-entropy, natural logarithm
  double test_loss = 0;
  double train_accuracy = 0;  ///< share of examples whose first largest logit is the label
  double test_accuracy = 0;
  std::vector<double> more{};  ///< further columns: the parts of the training loss, as a rule
};

}  // namespace cayley
