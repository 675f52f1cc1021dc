/// Softmax, cross-entropy and its gradient, accurate where the loss is tiny. Includes no Eigen.
#pragma once

#include <cayley/backend/exponential.hpp>
#include <cayley/backend/host_device.hpp>
#include <cayley/backend/lane_group.hpp>
#include <cmath>
#include <cstdint>

namespace cayley {

/// Cross-entropy of a row of logits z against its label y, and, where asked for, its gradient in place of z.
///
/// With m the largest logit and O the sum of exp(z_c - m) over c other than y, the loss is log1p(O) where z_y is m,
/// else (m - z_y) + log(O + exp(z_y - m)); the gradient of z_y is minus the sum of the others, never p - 1.
/// Shape: logits (rows, cols), labels, loss and is_correct (rows).
/// Accuracy: relative error of loss and gradient about (cols + largest difference of two logits) roundings, however
///           small they are, down to the smallest normal number in double and to `exp_nonpositive_least` in float.
template <class Scalar>
struct SoftmaxCrossEntropy {
  Scalar* logits;  ///< overwritten by gradients when `gradient_scale` is not 0
  Index stride;
  std::uint32_t const* labels;  ///< each below `cols`
  Scalar* loss;
  std::uint32_t* is_correct;  ///< 1 where the label has the first largest logit, else 0
  Index cols;
  Scalar gradient_scale;  ///< factor of the gradient, 1 / batch size mostly

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* z = logits + row * stride;
    const auto label = static_cast<Index>(labels[row]);
    const Scalar at_label = z[label];
    const Scalar largest = max_over(lanes, cols, at_label, [&](Index c) { return z[c]; });
    const Scalar before = max_over(lanes, cols, Scalar(-1),
                                   [&](Index c) { return c < label && z[c] >= at_label ? Scalar(1) : Scalar(-1); });
    lanes.sync();
    const auto exponential = [&](Index c) { return c == label ? Scalar(0) : exp_nonpositive(z[c] - largest); };
    const Scalar others = gradient_scale == Scalar(0) ? sum_over<Scalar>(lanes, cols, exponential)
                                                      : sum_over<Scalar>(lanes, cols, [&](Index c) {
                                                          z[c] = exponential(c);
                                                          return z[c];
                                                        });
    const Scalar total = others + exp_nonpositive(at_label - largest);
    if (gradient_scale != Scalar(0)) {
      const Scalar factor = gradient_scale / total;
      for (Index c = lanes.rank(); c < cols; c += lanes.size()) z[c] = c == label ? -others * factor : z[c] * factor;
    }
    if (lanes.rank() == 0) {
      loss[row] = at_label == largest ? std::log1p(others) : (largest - at_label) + std::log(total);
      is_correct[row] = at_label == largest && before < Scalar(0) ? 1u : 0u;
    }
  }
};

}  // namespace cayley
