/// Attention pooling: the barest model of skip trigrams, in which each token has a score and logits of its own.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/backend/attention.hpp>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/cross_entropy.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/backend/segment_sum.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/lanes.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/batch_loss.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/model_parameters.hpp>
#include <cayley/nn/parameter.hpp>
#include <cayley/nn/sequence_examples.hpp>
#include <cayley/nn/token_batch.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// Sizes of an `AttentionPooling`, each at least 1.
struct AttentionPoolingShape {
  Index d_vocab = 0;
  Index d_vocab_out = 0;
  bool operator==(AttentionPoolingShape const&) const = default;
};

/// pattern(i, p) = softmax over p = 0 .. i of QK[x_p], logits(i) = sum over p of pattern(i, p) OV[x_p]: the weighted
/// mean of the logits of the tokens so far. It is one head of attention whose query never changes, with everything else
/// of a transformer folded into the two tables, and knows no positions. Sequences may have any length.
/// Shape: QK (1, d_vocab), OV (d_vocab, d_vocab_out). Parameters are in this order.
/// Hook points, with a row for each position of each sequence: values (d_vocab_out columns), scores and pattern (a
/// column for each key; minus infinity and 0 at later positions), out (d_vocab_out).
/// Ref: Elhage et al., A Mathematical Framework for Transformer Circuits (2021), skip trigrams; Nanda et al. (2023),
///      the notebook's bare model, which is read at the last position.
template <class B, class Scalar>
class AttentionPooling : public ModelParameters<B, Scalar> {
  using Base = ModelParameters<B, Scalar>;

 public:
  using typename Base::Gradients;
  using typename Base::Tensor;
  using Batch = TokenBatch;
  using Data = TokenSequences;
  using Examples = SequenceExamples<B>;

  /// All weights zero.
  /// Errors: `Error` when a size is below 1.
  AttentionPooling(B const& device, AttentionPoolingShape const& shape)
      : Base(device, "AttentionPooling", zero_parameters(device, shape)), shape_(shape) {}

  /// The model with these weights.
  /// Errors: `Error` when a tensor is missing, unknown or of a shape that does not fit.
  static AttentionPooling from_parameters(B const& device, NamedMatrices<Scalar> const& matrices) {
    auto const& ov = named_matrix(matrices, "AttentionPooling", "OV");
    AttentionPooling model(device, {ov.rows(), ov.cols()});
    model.set_parameters(matrices, "d_vocab and d_vocab_out from OV");
    return model;
  }

  AttentionPoolingShape const& shape() const { return shape_; }

  static std::span<std::string_view const> hook_names() { return hook_points; }

  /// Logits at every position, through every hook point.
  /// Shape: (sequences length, d_vocab_out).
  /// Errors: `Error` for an unknown hook name or tokens that do not fit, see `device_tokens`.
  Tensor forward(Batch batch, Hooks<B, Scalar> const& hooks = {}) const {
    hooks.check(hook_names());
    const auto tokens = device_tokens(backend(), batch, shape_.d_vocab, batch.length);
    Memory memory(*this, batch.length, tokens.size(), tokens.size(), false);
    pool({tokens.data(), batch.length, 0, tokens.size(), 0, tokens.size()}, memory, &hooks);
    return std::move(memory.logits);
  }

  /// A batch in device memory.
  /// Errors: `Error` for tokens, targets or labels that do not fit.
  Examples examples(Data const& data, BatchUse use = BatchUse::gradient) const {
    const Index length = std::max<Index>(1, data.length);
    const Index numbers = 2 * (length + shape_.d_vocab_out + 1) + shape_.d_vocab_out;
    const Index chunk = std::max<Index>(1, chunk_bytes / (static_cast<Index>(sizeof(Scalar)) * numbers));
    return Examples(backend(), data, shape_.d_vocab, length, shape_.d_vocab_out, chunk,
                    HasTasks<B> ? block_rows : chunk, use);
  }

  class Workspace;

  /// Losses of a batch; `workspace.losses()` has them.
  void loss(Examples const& batch, Workspace& workspace) const { run(batch, workspace, nullptr); }

  /// The same, and the gradient of the loss in every parameter, which overwrites those before. Only positions that are
  /// read ask for attention.
  /// Cost: about 8 targets length d_vocab_out operations.
  /// Accuracy: the same bits for any number of threads of the backend.
  /// Errors: `Error` when the batch is made for its loss alone.
  void loss_and_gradient(Examples const& batch, Workspace& workspace, Gradients& gradients) const {
    require(batch.has_segments(), "gradient: the batch was made for its loss alone");
    for (auto& gradient : gradients) {
      backend().for_each(gradient.rows() * gradient.cols(), Fill<Scalar>{gradient.data(), Scalar(0)});
    }
    run(batch, workspace, &gradients);
  }

  using Base::backend;

 private:
  static constexpr std::array<std::string_view, 4> hook_points{"values", "scores", "pattern", "out"};
  static constexpr Index chunk_bytes = Index{32} << 20, block_rows = 512;

  /// What a chunk of sequences needs; a row for each of its positions, or of those that are read.
  struct Memory {
    Memory(AttentionPooling const& model, Index length_of_sequence, Index positions, Index reads, bool gradients)
        : length(length_of_sequence),
          rows(positions),
          queries(reads),
          with_gradient(gradients),
          keys(model.backend(), rows, 1),
          values(model.backend(), rows, model.shape_.d_vocab_out),
          ones(model.backend(), queries, 1),
          pattern(model.backend(), queries, length),
          logits(model.backend(), queries, model.shape_.d_vocab_out),
          d_keys(model.backend(), gradients ? rows : 0, 1),
          d_values(model.backend(), gradients ? rows : 0, model.shape_.d_vocab_out),
          d_pattern(model.backend(), gradients ? queries : 0, length) {
      model.backend().for_each(queries, Fill<Scalar>{ones.data(), Scalar(1)});
    }

    Index length, rows, queries;
    bool with_gradient;
    Tensor keys, values, ones, pattern, logits;  // logits: their gradient after the loss
    Tensor d_keys, d_values, d_pattern;
  };

  /// Some of a chunk's sequences: their tokens, and where they and their queries lie in the memory.
  struct Block {
    std::uint32_t const* tokens;
    Index length;
    Index first_row, rows;
    Index first_query, queries;
    std::uint32_t const* query_rows = nullptr;  // null: every position asks
    std::uint32_t const* query_begins = nullptr;

    AttentionShape attention(Index head_dim) const { return {1, length, head_dim, query_rows, query_begins}; }
  };

  /// A token's row of a table, for every position.
  void look_up(Tensor const& table, Index cols, Block const& block, Tensor& out) const {
    backend().for_each_row(block.rows, GatherRows<Scalar>{table.data(), cols, block.tokens, 1,
                                                          out.data() + block.first_row * cols, cols, cols});
  }

  /// The logits of a block. The score of a token is its product with a query that is 1.
  void pool(Block const& block, Memory& m, Hooks<B, Scalar> const* hooks) const {
    const auto visit = [&](std::string_view name, Tensor& tensor) {
      if (hooks != nullptr) hooks->run(name, tensor);
    };
    const Index classes = shape_.d_vocab_out;
    Scalar* pattern = m.pattern.data() + block.first_query * m.length;
    look_up(ov(), classes, block, m.values);
    visit("values", m.values);
    look_up(qk(), 1, block, m.keys);
    backend().for_each_row(
        block.queries, AttentionScores<Scalar>{block.attention(1), m.ones.data() + block.first_query,
                                               std::as_const(m.keys).data() + block.first_row, pattern, Scalar(1), true,
                                               -static_cast<Scalar>(INFINITY)});
    visit("scores", m.pattern);
    backend().for_each_row(block.queries, SoftmaxRows<Scalar>{pattern, m.length});
    visit("pattern", m.pattern);
    backend().for_each_row(block.queries,
                           AttentionValues<Scalar>{block.attention(classes), pattern,
                                                   std::as_const(m.values).data() + block.first_row * classes,
                                                   m.logits.data() + block.first_query * classes, true});
    visit("out", m.logits);
  }

  /// From the gradient of a block's logits to those of its values and keys.
  void pool_backward(Block const& block, Memory& m) const {
    const Index classes = shape_.d_vocab_out;
    Scalar const* d_logits = m.logits.data() + block.first_query * classes;
    Scalar const* pattern = m.pattern.data() + block.first_query * m.length;
    Scalar* d_pattern = m.d_pattern.data() + block.first_query * m.length;
    backend().for_each_row(block.queries, AttentionScores<Scalar>{block.attention(classes), d_logits,
                                                                  m.values.data() + block.first_row * classes,
                                                                  d_pattern, Scalar(1), true, Scalar(0)});
    backend().for_each_row(block.queries, SoftmaxRowsBackward<Scalar>{pattern, d_pattern, m.length});
    backend().for_each_row(block.rows,
                           AttentionValuesBackward<Scalar>{block.attention(classes), pattern, d_logits,
                                                           m.d_values.data() + block.first_row * classes, true});
    backend().for_each_row(
        block.rows, AttentionValuesBackward<Scalar>{block.attention(1), d_pattern, m.ones.data() + block.first_query,
                                                    m.d_keys.data() + block.first_row, true});
  }

  void run(Examples const& batch, Workspace& workspace, Gradients* gradients) const {
    workspace.reserve(*this, batch, gradients != nullptr);
    if (batch.size() == 0) return;
    Memory& m = *workspace.memory_;
    const Index classes = shape_.d_vocab_out;
    const double mean = batch.loss_scale() / static_cast<double>(batch.targets());
    const Scalar scale = gradients != nullptr ? static_cast<Scalar>(mean) : Scalar(0);
    for (std::size_t c = 0; c < batch.chunks().size(); ++c) {
      SequenceRange const& chunk = batch.chunks()[c];
      const auto blocks = batch.blocks(c);
      run_tasks(backend(), static_cast<Index>(blocks.size()), [&](Index i, int) {
        SequenceRange const& range = blocks[static_cast<std::size_t>(i)];
        const Block block{batch.tokens(range),
                          m.length,
                          range.first_row - chunk.first_row,
                          range.rows,
                          range.first_target - chunk.first_target,
                          range.targets,
                          batch.queries(range),
                          batch.query_begins(range)};
        pool(block, m, nullptr);
        backend().for_each_row(
            block.queries, SoftmaxCrossEntropy<Scalar>{m.logits.data() + block.first_query * classes, classes,
                                                       batch.labels(range), workspace.loss_.data() + range.first_target,
                                                       workspace.correct_.data() + range.first_target, classes, scale});
        if (gradients != nullptr) pool_backward(block, m);
      });
      if (gradients != nullptr) add_by_token(batch.by_token(chunk), m, *gradients);
    }
  }

  /// Adds what the positions of a chunk hand to their tokens. Tokens are cut among tasks, not positions.
  void add_by_token(Segments const& all, Memory const& m, Gradients& gradients) const {
    const Index tasks = std::min<Index>(8, all.count), classes = shape_.d_vocab_out;
    run_tasks(backend(), tasks, [&](Index i, int) {
      const Part part = part_of(all.count, tasks, i);
      const Segments some{all.target + part.first, all.begin + part.first, all.position, part.count};
      backend().for_each_row(part.count, SegmentSum<Scalar>{some, m.d_keys.data(), 1, gradients[0].data(), 1, 1});
      backend().for_each_row(
          part.count, SegmentSum<Scalar>{some, m.d_values.data(), classes, gradients[1].data(), classes, classes});
    });
  }

  static std::vector<Parameter<B, Scalar>> zero_parameters(B const& device, AttentionPoolingShape const& shape) {
    const ParameterSide d_vocab{shape.d_vocab, "d_vocab"};
    std::vector<Parameter<B, Scalar>> parameters;
    parameters.reserve(2);
    parameters.emplace_back(device, "QK", ParameterSide{1, "one"}, d_vocab);
    parameters.emplace_back(device, "OV", d_vocab, ParameterSide{shape.d_vocab_out, "d_vocab_out"});
    return parameters;
  }

  Tensor const& qk() const { return this->values(0); }
  Tensor const& ov() const { return this->values(1); }

  AttentionPoolingShape shape_;
};

/// The memory of a training step; grows to the largest batch that it has seen.
template <class B, class Scalar>
class AttentionPooling<B, Scalar>::Workspace {
 public:
  explicit Workspace(AttentionPooling const& model) : backend_(model.backend()) {}

  /// The losses of the last pass.
  BatchLoss losses() const {
    BatchLoss loss = downloaded_loss(backend_, loss_, correct_, targets_, parts_);
    loss.scale = loss_scale_;
    return loss;
  }

 private:
  friend AttentionPooling;

  void reserve(AttentionPooling const& model, Examples const& batch, bool with_gradient) {
    targets_ = batch.targets();
    loss_scale_ = batch.loss_scale();
    parts_.assign(batch.parts().begin(), batch.parts().end());
    if (loss_.size() < targets_) {
      loss_ = typename B::template Buffer<Scalar>(targets_);
      correct_ = typename B::template Buffer<std::uint32_t>(targets_);
    }
    const Index rows = batch.largest_chunk_rows(), queries = batch.largest_chunk_targets();
    const bool fits = memory_ && memory_->length == batch.length() && memory_->rows >= rows &&
                      memory_->queries >= queries && (memory_->with_gradient || !with_gradient);
    if (!fits && batch.size() > 0) memory_.emplace(model, batch.length(), rows, queries, with_gradient);
  }

  [[no_unique_address]] B backend_;
  std::optional<Memory> memory_;
  Index targets_ = 0;
  double loss_scale_ = 1;
  std::vector<std::uint32_t> parts_;
  typename B::template Buffer<Scalar> loss_;
  typename B::template Buffer<std::uint32_t> correct_;
};

}  // namespace cayley
