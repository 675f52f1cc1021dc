/// The training step of any transformer, through every position.
#pragma once

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/cross_entropy.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/batch_loss.hpp>
#include <cayley/nn/model_parameters.hpp>
#include <cayley/nn/sequence_examples.hpp>
#include <cayley/nn/transformer_gradients.hpp>
#include <cayley/nn/transformer_memory.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/nn/transformer_pass.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace cayley {

/// The memory and the passes of a transformer over batches of sequences. Blocks of sequences go forward and backward at
/// once; then the weights' gradients are products over a chunk of them. The last layer computes only what is read.
template <class B, class Scalar>
class GeneralTransformerPass {
 public:
  using Tensor = DeviceMatrix<B, Scalar>;
  using Examples = SequenceExamples<B>;
  using Parameters = std::span<Parameter<B, Scalar> const>;

  GeneralTransformerPass(B const& backend, TransformerShape const& shape, detail::TransformerPlaces const& places,
                         std::shared_ptr<Tensor const> sinusoids)
      : backend_(backend),
        shape_(shape),
        places_(places),
        sinusoids_(std::move(sinusoids)),
        weights_(backend, shape),
        weight_gradients_(backend, shape, places) {}

  /// Losses of every target, to be read by `losses`.
  void loss(Parameters parameters, Examples const& examples) { run(parameters, examples, nullptr); }

  /// The same, and the gradients of the loss, which overwrite those before.
  /// Errors: `Error` when the batch is not made for gradients.
  void loss_and_gradient(Parameters parameters, Examples const& examples, ParameterGradients<B, Scalar>& gradients) {
    require(examples.has_segments(), "gradient: the batch was made for its loss alone");
    weight_gradients_.clear(gradients);
    run(parameters, examples, &gradients);
    weight_gradients_.finish(gradients);
  }

  /// The losses of the last pass.
  BatchLoss losses() const {
    BatchLoss loss = downloaded_loss(backend_, loss_, correct_, targets_, parts_);
    loss.scale = loss_scale_;
    return loss;
  }

  /// How many positions to keep the activations of: where tasks work on blocks of them, as many as fit in 32 MiB, else as
  /// the backend prefers.
  static Index chunk_rows(B const& backend, TransformerShape const& shape, Index length) {
    const Index width = shape.n_heads * shape.d_head, mlp = shape.attn_only ? 0 : shape.d_mlp;
    const Index numbers = shape.n_layers * (4 * shape.d_model + 8 * width + 2 * shape.n_heads * length + 2 * mlp);
    const Index row_bytes = static_cast<Index>(sizeof(Scalar)) * (numbers + shape.d_vocab_out);
    if constexpr (HasTasks<B>) return std::max<Index>(1, (Index{32} << 20) / row_bytes);
    return preferred_rows(backend, row_bytes);
  }
  /// How many of them a task works on at a time: so many that products do not wait for weights, read anew each time.
  static constexpr Index block_rows = 384;

 private:
  using Pass = detail::TransformerPass<B, Scalar>;
  using Memory = detail::TransformerMemory<B, Scalar>;

  void reserve(Examples const& examples, bool with_gradient) {
    targets_ = examples.targets();
    loss_scale_ = examples.loss_scale();
    parts_.assign(examples.parts().begin(), examples.parts().end());
    if (loss_.size() < targets_) {
      loss_ = typename B::template Buffer<Scalar>(targets_);
      correct_ = typename B::template Buffer<std::uint32_t>(targets_);
    }
    const Index rows = examples.largest_chunk_rows(), queries = examples.largest_chunk_targets();
    const bool fits = memory_ && rows <= rows_ && queries <= queries_ && examples.length() == length_ &&
                      (memory_->with_gradient || !with_gradient);
    if (fits) return;
    rows_ = rows;
    queries_ = queries;
    length_ = examples.length();
    memory_.emplace(backend_, shape_, length_, rows, queries, with_gradient, false);
  }

  void run(Parameters parameters, Examples const& examples, ParameterGradients<B, Scalar>* gradients) {
    targets_ = examples.targets();
    if (examples.size() == 0) return;
    reserve(examples, gradients != nullptr);
    weights_.read(shape_, places_, parameters, gradients != nullptr);
    const double mean = examples.loss_scale() / static_cast<double>(targets_);
    const Scalar scale = gradients != nullptr ? static_cast<Scalar>(mean) : Scalar(0);
    for (std::size_t c = 0; c < examples.chunks().size(); ++c) {
      SequenceRange const& chunk = examples.chunks()[c];
      const auto blocks = examples.blocks(c);
      run_tasks(backend_, static_cast<Index>(blocks.size()), [&](Index i, int) {
        SequenceRange const& range = blocks[static_cast<std::size_t>(i)];
        const typename Pass::Block block{examples.tokens(range),
                                         length_,
                                         range.first_row - chunk.first_row,
                                         range.rows,
                                         range.first_target - chunk.first_target,
                                         range.targets,
                                         examples.queries(range),
                                         examples.query_begins(range)};
        Pass pass(shape_, places_, parameters, weights_, sinusoids_.get(), *memory_);
        pass.forward(block, nullptr);
        const auto logits = row_block(memory_->logits.view(), block.first_query, block.queries);
        backend_.for_each_row(block.queries,
                              SoftmaxCrossEntropy<Scalar>{logits.data, logits.cols, examples.labels(range),
                                                          loss_.data() + range.first_target,
                                                          correct_.data() + range.first_target, logits.cols, scale});
        if (gradients != nullptr) pass.backward(block, nullptr);
      });
      if (gradients == nullptr) continue;
      weight_gradients_.add(*memory_, length_, chunk.rows, chunk.targets, true, examples.by_token(chunk), *gradients);
    }
  }

  [[no_unique_address]] B backend_;
  TransformerShape shape_;
  detail::TransformerPlaces places_;
  std::shared_ptr<Tensor const> sinusoids_;
  detail::TransformerWeights<B, Scalar> weights_;
  detail::TransformerGradients<B, Scalar> weight_gradients_;
  std::optional<Memory> memory_;
  Index rows_ = 0, queries_ = 0, length_ = 0, targets_ = 0;
  double loss_scale_ = 1;
  std::vector<std::uint32_t> parts_;
  typename B::template Buffer<Scalar> loss_;
  typename B::template Buffer<std::uint32_t> correct_;
};

}  // namespace cayley
