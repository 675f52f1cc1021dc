/// The one-layer MLP of the group composition studies.
#pragma once

#include <array>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/embedding.hpp>
#include <cayley/nn/folded_pairs.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/model_parameters.hpp>
#include <cayley/nn/pair.hpp>
#include <cayley/nn/pair_examples.hpp>
#include <cayley/nn/parameter.hpp>
#include <cayley/nn/unfolded_pairs.hpp>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// Sizes of a `OneLayerMlp`, each at least 1.
struct OneLayerMlpShape {
  Index order = 0;      ///< rows of the embeddings
  Index embed_dim = 0;  ///< of one operand
  Index hidden_dim = 0;
  Index classes = 0;
  bool has_bias = false;
  bool operator==(OneLayerMlpShape const&) const = default;
};

/// hidden(a, b) = relu([W_x[a], W_y[b]] W + b_hidden), logits = hidden W_U.
/// Shape: W_x and W_y (order, embed_dim), W (2 embed_dim, hidden_dim), W_U (hidden_dim, classes), in this
/// order; then b_hidden (1, hidden_dim) where there is a bias. The published networks have none.
/// Hook points: x_embed and y_embed (batch, embed_dim), embed_stack (batch, 2 embed_dim),
/// hidden (batch, hidden_dim) after the ReLU, out (batch, classes).
/// Ref: Chughtai, Chan and Nanda, A Toy Model of Universality (2023).
template <class B, class Scalar>
class OneLayerMlp : public ModelParameters<B, Scalar> {
  using Base = ModelParameters<B, Scalar>;

 public:
  using typename Base::Gradients;
  using typename Base::Tensor;
  using Batch = std::span<Pair const>;
  using Labels = std::span<Element const>;
  using Data = LabelledExamples<Pair>;
  using Examples = PairExamples<B>;

  /// All weights zero.
  /// Errors: `Error` when a size is below 1.
  OneLayerMlp(B const& device, OneLayerMlpShape const& shape)
      : Base(device, "OneLayerMlp", zero_parameters(device, shape)), shape_(shape) {}

  /// The network with these weights; it has a bias when b_hidden is among them.
  /// Errors: `Error` when a tensor is missing, unknown or of a shape that does not fit.
  static OneLayerMlp from_parameters(B const& device, NamedMatrices<Scalar> const& matrices) {
    const auto tensor = [&](std::string_view name) -> auto const& {
      return named_matrix(matrices, "OneLayerMlp", name);
    };
    OneLayerMlp model(device, {tensor("W_x").rows(), tensor("W_x").cols(), tensor("W").cols(), tensor("W_U").cols(),
                               matrices.contains("b_hidden")});
    model.set_parameters(matrices, "order and embed_dim from W_x, hidden_dim from W, classes from W_U");
    return model;
  }

  OneLayerMlpShape const& shape() const { return shape_; }

  static std::span<std::string_view const> hook_names() { return hook_points; }

  /// Logits, a row per pair, through every hook point.
  /// Shape: (pairs, classes).
  /// Errors: `Error` for an unknown hook name or an element that is not below the order.
  Tensor forward(Batch pairs, Hooks<B, Scalar> const& hooks = {}) const {
    hooks.check(hook_names());
    return activations(pairs, hooks).out;
  }

  /// The logits of `forward` without hook points, by way of tables: several times fewer operations.
  /// Shape: (pairs, classes).
  /// Accuracy: equal to `forward` up to the rounding of sums of embed_dim and hidden_dim terms.
  /// Errors: `Error` when an element is not below the order.
  Tensor forward_folded(Batch pairs) const {
    Tensor x(backend(), shape_.order, shape_.hidden_dim), y = x;
    fold(x, y);
    return folded_forward<AddRelu>(backend(), folded(x, y), pairs);
  }

  /// A batch in device memory.
  /// Errors: `Error` for an element not below the order, a label not below the classes, or unequal numbers of both.
  Examples examples(Batch pairs, Labels labels, BatchUse use = BatchUse::gradient) const {
    return Examples(backend(), pairs, labels, shape_.order, shape_.classes,
                    pair_chunk_rows<B, Scalar>(backend(), shape_.hidden_dim, shape_.classes), use);
  }

  Examples examples(Data const& data, BatchUse use = BatchUse::gradient) const {
    return examples(data.examples, data.labels, use);
  }

  /// The memory of a training step; grows to the largest batch that it has seen.
  class Workspace {
   public:
    explicit Workspace(OneLayerMlp const& model)
        : pass_(model.backend(), model.shape_.order, model.shape_.hidden_dim, model.shape_.classes),
          x_(model.backend(), model.shape_.order, model.shape_.hidden_dim),
          y_(x_),
          x_gradient_(x_),
          y_gradient_(x_) {}

    /// The losses of the last pass.
    BatchLoss losses() const { return pass_.losses(); }

   private:
    friend OneLayerMlp;
    FoldedPairsPass<B, Scalar, AddRelu> pass_;
    Tensor x_, y_, x_gradient_, y_gradient_;  // (order, hidden_dim)
  };

  /// Losses of a batch, by way of tables; `workspace.losses()` has them.
  void loss(Examples const& batch, Workspace& workspace) const {
    fold(workspace.x_, workspace.y_);
    workspace.pass_.loss(folded(workspace.x_, workspace.y_), batch);
  }

  /// The same, and the gradient of the mean loss in every parameter, which overwrites those before.
  ///
  /// X = W_x W[0 : embed_dim] and Y = W_y W[embed_dim : ] + b_hidden are tables with a row per element, so the batch
  /// pays for nothing in front of the ReLU but two sums of rows; the gradients of X and Y flow back through the tables.
  /// Cost: 6 rows * hidden_dim * classes + 12 order * embed_dim * hidden_dim operations.
  /// Accuracy: the same bits for any number of threads of the backend.
  void loss_and_gradient(Examples const& batch, Workspace& workspace, Gradients& gradients) const {
    fold(workspace.x_, workspace.y_);
    workspace.pass_.loss_and_gradient(folded(workspace.x_, workspace.y_), batch, workspace.x_gradient_,
                                      workspace.y_gradient_, gradients[3]);
    const Index d = shape_.embed_dim;
    const auto dx = std::as_const(workspace.x_gradient_).view(), dy = std::as_const(workspace.y_gradient_).view();
    const auto top = row_block(w().view(), 0, d), bottom = row_block(w().view(), d, d);
    const auto w_gradient = gradients[2].view();
    run_tasks(backend(), shape_.has_bias ? 5 : 4, [&](Index task, int) {
      if (task == 0) product(dx, transposed(top), gradients[0].view());                   // dW_x = dX W_top^T
      if (task == 1) product(dy, transposed(bottom), gradients[1].view());                // dW_y
      if (task == 2) product(transposed(w_x().view()), dx, row_block(w_gradient, 0, d));  // dW_top = W_x^T dX
      if (task == 3) product(transposed(w_y().view()), dy, row_block(w_gradient, d, d));  // dW_bottom
      if (task == 4) {
        backend().for_each(dy.cols, Fill<Scalar>{gradients[4].data(), Scalar(0)});
        backend().for_each(dy.cols, AddColumnSums<Scalar>{dy.data, dy.cols, dy.rows, gradients[4].data()});
      }
    });
  }

  /// The reference for `loss_and_gradient`: a row per example throughout, through every hook point.
  /// `gradient_hooks` see the gradients of the mean loss at the hook points, last one first, and may edit them.
  /// Errors: as `examples` and `forward`.
  LossAndGradients<B, Scalar> unfolded_loss_and_gradient(Batch pairs, Labels labels, Hooks<B, Scalar> const& hooks = {},
                                                         Hooks<B, Scalar> const& gradient_hooks = {}) const {
    hooks.check(hook_names());
    gradient_hooks.check(hook_names());
    const Examples batch = examples(pairs, labels);
    Activations a = activations(pairs, hooks);
    LossAndGradients<B, Scalar> result{detail::to_loss_gradient(a.out, batch), this->zero_gradients()};
    auto& gradients = result.gradients;
    Tensor const& out = a.out;
    gradient_hooks.run("out", a.out);

    product(transposed(std::as_const(a.hidden).view()), out.view(), gradients[3].view());
    Tensor hidden(backend(), out.rows(), shape_.hidden_dim);
    product(out.view(), transposed(w_u().view()), hidden.view());
    gradient_hooks.run("hidden", hidden);
    backend().for_each_row(hidden.rows(), ReluBackward<Scalar>{hidden.data(), hidden.cols(), a.rectified.data(),
                                                               hidden.cols(), hidden.cols()});
    if (shape_.has_bias) {
      backend().for_each(hidden.cols(),
                         AddColumnSums<Scalar>{hidden.data(), hidden.cols(), hidden.rows(), gradients[4].data()});
    }
    product(transposed(std::as_const(a.embed_stack).view()), std::as_const(hidden).view(), gradients[2].view());
    const Index d = shape_.embed_dim;
    Tensor stack(backend(), out.rows(), 2 * d);
    product(std::as_const(hidden).view(), transposed(w().view()), stack.view());
    gradient_hooks.run("embed_stack", stack);
    for (const bool is_left : {false, true}) {
      Tensor embed(backend(), out.rows(), d);
      const auto half = column_block(stack.view(), is_left ? 0 : d, d);
      backend().for_each_row(out.rows(), CopyRows<Scalar>{half.data, 2 * d, embed.data(), d, d});
      gradient_hooks.run(is_left ? "x_embed" : "y_embed", embed);
      detail::add_embedding_gradient(embed, batch, is_left, gradients[is_left ? 0 : 1]);
    }
    return result;
  }

  using Base::backend;

 private:
  static constexpr std::array<std::string_view, 5> hook_points{"x_embed", "y_embed", "embed_stack", "hidden", "out"};

  /// What a backward pass needs of a forward pass.
  struct Activations {
    Tensor embed_stack;  // (batch, 2 embed_dim), as hooks left it
    Tensor rectified;    // (batch, hidden_dim), before hooks edited it
    Tensor hidden;       // (batch, hidden_dim)
    Tensor out;          // (batch, classes)
  };

  Activations activations(Batch pairs, Hooks<B, Scalar> const& hooks) const {
    const auto indices = device_pairs(backend(), pairs, shape_.order);  // (batch, 2)
    const auto rows = static_cast<Index>(pairs.size());
    const Index d = shape_.embed_dim;

    Tensor x_embed = embed(w_x(), indices, 0, 2);  // (batch, embed_dim)
    hooks.run("x_embed", x_embed);
    Tensor y_embed = embed(w_y(), indices, 1, 2);  // (batch, embed_dim)
    hooks.run("y_embed", y_embed);

    Tensor embed_stack(backend(), rows, 2 * d);
    backend().for_each_row(rows, CopyRows<Scalar>{x_embed.data(), d, embed_stack.data(), 2 * d, d});
    backend().for_each_row(rows,
                           CopyRows<Scalar>{y_embed.data(), d, column_block(embed_stack.view(), d, d).data, 2 * d, d});
    hooks.run("embed_stack", embed_stack);

    Tensor hidden(backend(), rows, shape_.hidden_dim);
    product(std::as_const(embed_stack).view(), w().view(), hidden.view());
    if (shape_.has_bias) add_bias(hidden);
    backend().for_each_row(rows, Relu<Scalar>{hidden.data(), hidden.cols(), hidden.cols()});
    Tensor rectified = hidden;
    hooks.run("hidden", hidden);

    Tensor out(backend(), rows, shape_.classes);
    product(std::as_const(hidden).view(), w_u().view(), out.view());
    hooks.run("out", out);
    return {std::move(embed_stack), std::move(rectified), std::move(hidden), std::move(out)};
  }

  /// Writes the tables X and Y.
  void fold(Tensor& x, Tensor& y) const {
    const Index d = shape_.embed_dim;
    run_tasks(backend(), 2, [&](Index task, int) {
      if (task == 0) product(w_x().view(), row_block(w().view(), 0, d), x.view());
      if (task == 1) {
        product(w_y().view(), row_block(w().view(), d, d), y.view());
        if (shape_.has_bias) add_bias(y);
      }
    });
  }

  FoldedPairs<Scalar> folded(Tensor const& x, Tensor const& y) const { return {x.view(), y.view(), w_u().view()}; }

  static std::vector<Parameter<B, Scalar>> zero_parameters(B const& device, OneLayerMlpShape const& shape) {
    const ParameterSide order{shape.order, "order"}, embed_dim{shape.embed_dim, "embed_dim"};
    const ParameterSide stack{2 * shape.embed_dim, "2 embed_dim"}, hidden_dim{shape.hidden_dim, "hidden_dim"};
    std::vector<Parameter<B, Scalar>> parameters;
    parameters.reserve(5);
    parameters.emplace_back(device, "W_x", order, embed_dim);
    parameters.emplace_back(device, "W_y", order, embed_dim);
    parameters.emplace_back(device, "W", stack, hidden_dim);
    parameters.emplace_back(device, "W_U", hidden_dim, ParameterSide{shape.classes, "classes"});
    if (shape.has_bias) parameters.emplace_back(device, "b_hidden", ParameterSide{1, "1"}, hidden_dim);
    return parameters;
  }

  Tensor const& w_x() const { return this->values(0); }
  Tensor const& w_y() const { return this->values(1); }
  Tensor const& w() const { return this->values(2); }
  Tensor const& w_u() const { return this->values(3); }

  void add_bias(Tensor& values) const {
    backend().for_each_row(values.rows(),
                           AddBias<Scalar>{values.data(), values.cols(), this->values(4).data(), values.cols()});
  }

  void product(MatrixView<Scalar const> a, MatrixView<Scalar const> b, MatrixView<Scalar> c) const {
    backend().template matrix_product<Scalar>(a, b, c, Scalar(1), Scalar(0));
  }

  OneLayerMlpShape shape_;
};

}  // namespace cayley
