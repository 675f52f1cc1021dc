/// The transformer: embedding, blocks of attention and MLP on a residual stream, unembedding, every hook point.
#pragma once

#include <cayley/backend/cross_entropy.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/batch_loss.hpp>
#include <cayley/nn/folded_sequences.hpp>
#include <cayley/nn/folded_transformer.hpp>
#include <cayley/nn/general_transformer.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/model_parameters.hpp>
#include <cayley/nn/parameter.hpp>
#include <cayley/nn/sequence_examples.hpp>
#include <cayley/nn/token_batch.hpp>
#include <cayley/nn/transformer_gradients.hpp>
#include <cayley/nn/transformer_memory.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/nn/transformer_pass.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <cayley/nn/unfolded_pairs.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cayley {

namespace detail {

/// Shape: (length, d_model).
/// Ref: Vaswani et al., Attention Is All You Need (2017), section 3.5.
template <class Scalar>
Matrix<Scalar> sinusoidal_positions(Index length, Index d_model) {
  Matrix<Scalar> result(length, d_model);
  for (Index i = 0; i < length; ++i) {
    for (Index c = 0; c < d_model; ++c) {
      const double rate = std::pow(10000.0, -static_cast<double>(c - c % 2) / static_cast<double>(d_model));
      const double angle = static_cast<double>(i) * rate;
      result(i, c) = static_cast<Scalar>(c % 2 == 0 ? std::sin(angle) : std::cos(angle));
    }
  }
  return result;
}

}  // namespace detail

/// Sequences in device memory, prepared for one of the two ways to train: by tables, where that is exact, or through
/// every position.
template <class B>
class TransformerExamples {
 public:
  explicit TransformerExamples(FoldedSequences<B> examples) : examples_(std::move(examples)) {}
  explicit TransformerExamples(SequenceExamples<B> examples) : examples_(std::move(examples)) {}

  /// Sequences.
  Index size() const {
    return std::visit([](auto const& examples) { return examples.size(); }, examples_);
  }
  bool is_folded() const { return std::holds_alternative<FoldedSequences<B>>(examples_); }
  FoldedSequences<B> const& folded() const { return std::get<FoldedSequences<B>>(examples_); }
  SequenceExamples<B> const& general() const { return std::get<SequenceExamples<B>>(examples_); }

 private:
  std::variant<FoldedSequences<B>, SequenceExamples<B>> examples_;
};

/// A decoder-only transformer: embeddings, L blocks of attention and MLP on a residual stream, unembedding.
///
/// Names and order of the parameters are those of TransformerLens; tensors of three indices are stored with the first two
/// as rows.
/// Shape: embed.W_E (d_vocab, d_model), pos_embed.W_pos (n_ctx, d_model); in blocks.l: attn.W_Q, W_K, W_V
///        (n_heads d_model, d_head), attn.W_O (n_heads d_head, d_model), mlp.W_in (d_model, d_mlp), mlp.W_out
///        (d_mlp, d_model); unembed.W_U (d_model, d_vocab_out). Biases attn.b_Q, b_K, b_V (n_heads, d_head), attn.b_O,
///        mlp.b_in, mlp.b_out, unembed.b_U (1, size). Layer norms ln1.w, ln1.b, ln2.w, ln2.b, ln_final.w, ln_final.b
///        (1, d_model).
/// Hook points, with a row for each position of each sequence: hook_embed, hook_pos_embed, hook_resid_pre,
/// hook_attn_out, hook_resid_mid, hook_mlp_out, hook_resid_post, hook_normalized (d_model columns), hook_scale (1),
/// attn.hook_q, hook_k, hook_v, hook_z (n_heads d_head, heads side by side), attn.hook_result (n_heads d_model),
/// mlp.hook_pre, hook_post (d_mlp). attn.hook_attn_scores and hook_pattern have a row for each sequence, head and query in
/// this order, and a column for each key. attn.hook_result is computed only for a callback.
/// Ref: Elhage et al., A Mathematical Framework for Transformer Circuits (2021).
template <class B, class Scalar>
class Transformer : public ModelParameters<B, Scalar> {
  using Base = ModelParameters<B, Scalar>;

 public:
  using typename Base::Gradients;
  using typename Base::Tensor;
  using Batch = TokenBatch;
  using Data = TokenSequences;
  using Examples = TransformerExamples<B>;

  /// All weights zero; the weights of layer norms one.
  /// Errors: `Error` when a size is below 1.
  Transformer(B const& device, TransformerShape const& shape)
      : Base(device, "Transformer", zero_parameters(device, shape)), shape_(shape) {
    auto layout = std::make_shared<Layout>();
    layout->places = detail::each_transformer_parameter(shape, [](auto&&...) {});
    layout->hook_points = detail::transformer_hook_points(shape);
    layout->hook_names.assign(layout->hook_points.begin(), layout->hook_points.end());
    layout_ = std::move(layout);
    if (shape.positions == Positions::sinusoidal) {
      sinusoids_ =
          std::make_shared<Tensor const>(device, detail::sinusoidal_positions<Scalar>(shape.n_ctx, shape.d_model));
    }
    for (auto& parameter : this->parameters()) {
      std::string const& name = parameter.name();
      if (name.ends_with("ln1.w") || name.ends_with("ln2.w") || name == "ln_final.w") {
        parameter.assign(Matrix<Scalar>::Ones(1, shape.d_model));
      }
    }
  }

  /// The transformer of this shape with these weights.
  /// Errors: `Error` when a tensor is missing, unknown or of a shape that does not fit.
  static Transformer from_parameters(B const& device, TransformerShape const& shape,
                                     NamedMatrices<Scalar> const& matrices) {
    Transformer model(device, shape);
    model.set_parameters(matrices, "sizes from the shape given");
    return model;
  }

  TransformerShape const& shape() const { return shape_; }

  std::span<std::string_view const> hook_names() const { return layout_->hook_names; }

  /// Logits at every position, through every hook point.
  /// Shape: (sequences length, d_vocab_out).
  /// Errors: `Error` for an unknown hook name (with near ones) or tokens that do not fit, see `device_tokens`.
  Tensor forward(Batch batch, Hooks<B, Scalar> const& hooks = {}) const {
    hooks.check(hook_names());
    const auto tokens = device_tokens(backend(), batch, shape_.d_vocab, shape_.n_ctx);
    HookedPass run(*this, batch.length, tokens, false);
    run.pass.forward(run.block, &hooks);
    return std::move(run.memory.logits);
  }

  /// Whether sequences with a constant last token that is read alone are trained by way of tables.
  static bool folds(TransformerShape const& shape) { return shape.n_layers == 1 && !shape.has_layer_norm; }

  /// A batch in device memory, for the way of training that its sequences and the model's shape allow: by way of tables
  /// where the model `folds` and the batch `has_constant_reader`.
  /// Errors: `Error` for tokens, targets or labels that do not fit.
  Examples examples(Data const& data, BatchUse use = BatchUse::gradient) const {
    if (folds(shape_) && has_constant_reader(data)) {
      using Pass = FoldedTransformerPass<B, Scalar>;
      return Examples(FoldedSequences<B>(backend(), data, shape_.d_vocab, shape_.n_ctx, shape_.d_vocab_out,
                                         Pass::pass_rows, Pass::chunk_rows(backend(), shape_), use));
    }
    return general_examples(data, use);
  }

  /// The same batch for the general way, which fits every model and batch.
  Examples general_examples(Data const& data, BatchUse use = BatchUse::gradient) const {
    using Pass = GeneralTransformerPass<B, Scalar>;
    const Index chunk = Pass::chunk_rows(backend(), shape_, std::max<Index>(1, data.length));
    const Index block = HasTasks<B> ? Pass::block_rows : chunk;
    return Examples(
        SequenceExamples<B>(backend(), data, shape_.d_vocab, shape_.n_ctx, shape_.d_vocab_out, chunk, block, use));
  }

  /// The memory of a training step; grows to the largest batch that it has seen.
  class Workspace {
   public:
    explicit Workspace(Transformer const& model)
        : backend_(model.backend()),
          shape_(model.shape_),
          places_(model.layout_->places),
          sinusoids_(model.sinusoids_) {}

    /// The losses of the last pass.
    BatchLoss losses() const { return was_folded_ ? folded_->losses() : general_ ? general_->losses() : BatchLoss{}; }

   private:
    friend Transformer;
    FoldedTransformerPass<B, Scalar>& folded() {
      if (!folded_) folded_.emplace(backend_, shape_, places_, sinusoids_);
      was_folded_ = true;
      return *folded_;
    }
    GeneralTransformerPass<B, Scalar>& general() {
      if (!general_) general_.emplace(backend_, shape_, places_, sinusoids_);
      was_folded_ = false;
      return *general_;
    }

    B backend_;
    TransformerShape shape_;
    detail::TransformerPlaces places_;
    std::shared_ptr<Tensor const> sinusoids_;
    std::optional<FoldedTransformerPass<B, Scalar>> folded_;
    std::optional<GeneralTransformerPass<B, Scalar>> general_;
    bool was_folded_ = false;
  };

  /// Losses of a batch; `workspace.losses()` has them.
  void loss(Examples const& batch, Workspace& workspace) const {
    if (batch.is_folded()) return workspace.folded().loss(this->parameters(), batch.folded());
    workspace.general().loss(this->parameters(), batch.general());
  }

  /// The same, and the gradient of the loss in every parameter, which overwrites those before.
  /// Accuracy: the same bits for any number of threads of the backend.
  void loss_and_gradient(Examples const& batch, Workspace& workspace, Gradients& gradients) const {
    if (batch.is_folded()) {
      return workspace.folded().loss_and_gradient(this->parameters(), batch.folded(), gradients);
    }
    workspace.general().loss_and_gradient(this->parameters(), batch.general(), gradients);
  }

  /// The reference for `loss_and_gradient`: every position to the end, through every hook point. `hooks` edit
  /// activations; `gradient_hooks` see the gradients of the loss at the hook points, last one first, and may edit them. An
  /// edit counts as a constant that was added.
  /// Errors: as `examples` and `forward`.
  LossAndGradients<B, Scalar> unfolded_loss_and_gradient(Data const& data, Hooks<B, Scalar> const& hooks = {},
                                                         Hooks<B, Scalar> const& gradient_hooks = {}) const {
    hooks.check(hook_names());
    gradient_hooks.check(hook_names());
    require(!data.empty(), "gradient: no sequences");
    const Index rows = static_cast<Index>(data.tokens.size());
    const SequenceExamples<B> batch(backend(), data, shape_.d_vocab, shape_.n_ctx, shape_.d_vocab_out, rows, rows,
                                    BatchUse::gradient);
    const auto tokens = device_tokens(backend(), {data.tokens, data.length}, shape_.d_vocab, shape_.n_ctx);
    HookedPass run(*this, data.length, tokens, true);
    run.pass.forward(run.block, &hooks);
    LossAndGradients<B, Scalar> result{to_logit_gradient(batch, run.memory.logits), this->zero_gradients()};
    run.pass.backward(run.block, &gradient_hooks);
    detail::TransformerGradients<B, Scalar> gradients(backend(), shape_, layout_->places);
    gradients.add(run.memory, data.length, rows, rows, false, batch.by_token(batch.chunks().front()), result.gradients);
    gradients.finish(result.gradients);
    return result;
  }

  using Base::backend;

 private:
  struct Layout {
    detail::TransformerPlaces places;
    std::vector<std::string> hook_points;
    std::vector<std::string_view> hook_names;
  };

  /// A pass through every position of a batch, with hooks.
  struct HookedPass {
    using Pass = detail::TransformerPass<B, Scalar>;
    detail::TransformerWeights<B, Scalar> weights;
    detail::TransformerMemory<B, Scalar> memory;
    Pass pass;
    typename Pass::Block block;

    HookedPass(Transformer const& model, Index length, typename B::template Buffer<std::uint32_t> const& tokens,
               bool with_gradient)
        : weights(model.backend(), model.shape_),
          memory(model.backend(), model.shape_, length, tokens.size(), tokens.size(), with_gradient, true),
          pass(model.shape_, model.layout_->places, model.parameters(), weights, model.sinusoids_.get(), memory),
          block{tokens.data(), length, 0, tokens.size(), 0, tokens.size()} {
      weights.read(model.shape_, model.layout_->places, model.parameters(), with_gradient);
    }
  };

  /// The loss of the targets; logits become their gradient, which is zero where nothing is read.
  BatchLoss to_logit_gradient(SequenceExamples<B> const& batch, Tensor& logits) const {
    SequenceRange const& all = batch.blocks(0).front();
    const Index targets = batch.targets(), classes = shape_.d_vocab_out;
    Tensor read(backend(), targets, classes);
    backend().for_each_row(
        targets, GatherRows<Scalar>{logits.data(), classes, batch.queries(all), 1, read.data(), classes, classes});
    typename B::template Buffer<Scalar> losses(targets);
    typename B::template Buffer<std::uint32_t> correct(targets);
    const double mean = batch.loss_scale() / static_cast<double>(targets);
    backend().for_each_row(targets, SoftmaxCrossEntropy<Scalar>{read.data(), classes, batch.labels(all), losses.data(),
                                                                correct.data(), classes, static_cast<Scalar>(mean)});
    backend().for_each(logits.rows() * classes, Fill<Scalar>{logits.data(), Scalar(0)});
    backend().for_each_row(
        targets, ScatterAddRows<Scalar>{read.data(), classes, batch.queries(all), logits.data(), classes, classes});
    BatchLoss loss = downloaded_loss(backend(), losses, correct, targets);
    loss.scale = batch.loss_scale();
    return loss;
  }

  static std::vector<Parameter<B, Scalar>> zero_parameters(B const& device, TransformerShape const& shape) {
    shape.check();
    std::vector<Parameter<B, Scalar>> parameters;
    detail::each_transformer_parameter(shape, [&](std::string name, ParameterSide rows, ParameterSide cols) {
      parameters.emplace_back(device, std::move(name), std::move(rows), std::move(cols));
    });
    return parameters;
  }

  TransformerShape shape_;
  std::shared_ptr<Layout const> layout_;
  std::shared_ptr<Tensor const> sinusoids_;  // (n_ctx, d_model)
};

}  // namespace cayley
