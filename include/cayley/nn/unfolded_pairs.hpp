/// What the unfolded passes of the networks on pairs share: the loss of their logits, and gradients of embeddings.
#pragma once

#include <cayley/backend/cross_entropy.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/segment_sum.hpp>
#include <cayley/nn/batch_loss.hpp>
#include <cayley/nn/model_parameters.hpp>
#include <cayley/nn/pair_examples.hpp>
#include <cstdint>

namespace cayley {

/// The loss of a batch, and the gradient of its mean in each parameter.
template <class B, class Scalar>
struct LossAndGradients {
  BatchLoss loss;
  ParameterGradients<B, Scalar> gradients;
};

namespace detail {

/// The loss of a batch of logits, which become the gradient of the mean loss.
/// Shape: (examples, classes).
template <class B, class Scalar>
BatchLoss to_loss_gradient(DeviceMatrix<B, Scalar>& logits, PairExamples<B> const& examples) {
  B const& backend = logits.backend();
  const Index rows = logits.rows();
  typename B::template Buffer<Scalar> losses(rows);
  typename B::template Buffer<std::uint32_t> correct(rows);
  backend.for_each_row(
      rows, SoftmaxCrossEntropy<Scalar>{logits.data(), logits.cols(), examples.labels(), losses.data(), correct.data(),
                                        logits.cols(), Scalar(1) / static_cast<Scalar>(rows)});
  return downloaded_loss(backend, losses, correct, rows);
}

/// Adds each row of `gradient` to the row of `table_gradient` that its left or right operand looked up.
/// Shape: gradient (examples, cols), table_gradient (order, cols).
template <class B, class Scalar>
void add_embedding_gradient(DeviceMatrix<B, Scalar> const& gradient, PairExamples<B> const& examples, bool is_left,
                            DeviceMatrix<B, Scalar>& table_gradient) {
  const Index cols = gradient.cols();
  for (Index lane = 0; lane < examples.lanes(); ++lane) {
    for (auto const& chunk : examples.chunks(lane)) {
      const Segments segments = is_left ? examples.by_left(chunk) : examples.by_right(chunk);
      gradient.backend().for_each_row(segments.count, SegmentSum<Scalar>{segments, gradient.data() + chunk.first * cols,
                                                                         cols, table_gradient.data(), cols, cols});
    }
  }
}

}  // namespace detail

}  // namespace cayley
