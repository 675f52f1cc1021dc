/// The bilinear network: embeddings multiplied entry by entry, then unembedded.
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

/// Sizes of a `Bilinear`, each at least 1.
struct BilinearShape {
  Index order = 0;      ///< rows of the embeddings
  Index embed_dim = 0;  ///< of either operand
  Index classes = 0;
  bool operator==(BilinearShape const&) const = default;
};

/// product(a, b) = W_x[a] * W_y[b] entry by entry, logits = product W_U.
/// Shape: W_x and W_y (order, embed_dim), W_U (embed_dim, classes). Parameters are in this order.
/// Hook points: x_embed, y_embed and product (batch, embed_dim), out (batch, classes).
template <class B, class Scalar>
class Bilinear : public ModelParameters<B, Scalar> {
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
  Bilinear(B const& device, BilinearShape const& shape)
      : Base(device, "Bilinear", zero_parameters(device, shape)), shape_(shape) {}

  /// The network with these weights.
  /// Errors: `Error` when a tensor is missing, unknown or of a shape that does not fit.
  static Bilinear from_parameters(B const& device, NamedMatrices<Scalar> const& matrices) {
    const auto tensor = [&](std::string_view name) -> auto const& {
      return named_matrix(matrices, "Bilinear", name);
    };
    Bilinear model(device, {tensor("W_x").rows(), tensor("W_x").cols(), tensor("W_U").cols()});
    model.set_parameters(matrices, "order and embed_dim from W_x, classes from W_U");
    return model;
  }

  BilinearShape const& shape() const { return shape_; }

  static std::span<std::string_view const> hook_names() { return hook_points; }

  /// Logits, a row per pair, through every hook point.
  /// Shape: (pairs, classes).
  /// Errors: `Error` for an unknown hook name or an element that is not below the order.
  Tensor forward(Batch pairs, Hooks<B, Scalar> const& hooks = {}) const {
    hooks.check(hook_names());
    return activations(pairs, hooks).out;
  }

  /// A batch in device memory.
  /// Errors: `Error` for an element not below the order, a label not below the classes, or unequal numbers of both.
  Examples examples(Batch pairs, Labels labels, BatchUse use = BatchUse::gradient) const {
    return Examples(backend(), pairs, labels, shape_.order, shape_.classes,
                    pair_chunk_rows<B, Scalar>(backend(), shape_.embed_dim, shape_.classes), use);
  }

  Examples examples(Data const& data, BatchUse use = BatchUse::gradient) const {
    return examples(data.examples, data.labels, use);
  }

  /// The memory of a training step; grows to the largest batch that it has seen.
  class Workspace {
   public:
    explicit Workspace(Bilinear const& model)
        : pass_(model.backend(), model.shape_.order, model.shape_.embed_dim, model.shape_.classes) {}

    /// The losses of the last pass.
    BatchLoss losses() const { return pass_.losses(); }

   private:
    friend Bilinear;
    FoldedPairsPass<B, Scalar, Multiply> pass_;
  };

  /// Losses of a batch; `workspace.losses()` has them. The embeddings are the tables of the folded network as they are.
  void loss(Examples const& batch, Workspace& workspace) const { workspace.pass_.loss(folded(), batch); }

  /// The same, and the gradient of the mean loss in every parameter, which overwrites those before.
  /// Cost: 6 rows * embed_dim * classes operations.
  /// Accuracy: the same bits for any number of threads of the backend.
  void loss_and_gradient(Examples const& batch, Workspace& workspace, Gradients& gradients) const {
    workspace.pass_.loss_and_gradient(folded(), batch, gradients[0], gradients[1], gradients[2]);
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

    matrix_product(transposed(std::as_const(a.product).view()), out.view(), gradients[2].view());
    const Index d = shape_.embed_dim;
    Tensor product(backend(), out.rows(), d);
    matrix_product(out.view(), transposed(w_u().view()), product.view());
    gradient_hooks.run("product", product);
    for (const bool is_left : {false, true}) {
      Tensor const& other = is_left ? a.y_embed : a.x_embed;
      Tensor embed(backend(), out.rows(), d);
      backend().for_each_row(out.rows(), MultiplyRows<Scalar>{product.data(), d, other.data(), d, embed.data(), d, d});
      gradient_hooks.run(is_left ? "x_embed" : "y_embed", embed);
      detail::add_embedding_gradient(embed, batch, is_left, gradients[is_left ? 0 : 1]);
    }
    return result;
  }

  using Base::backend;

 private:
  static constexpr std::array<std::string_view, 4> hook_points{"x_embed", "y_embed", "product", "out"};

  /// What a backward pass needs of a forward pass, as hooks left it.
  struct Activations {
    Tensor x_embed, y_embed;  // (batch, embed_dim)
    Tensor product;           // (batch, embed_dim)
    Tensor out;               // (batch, classes)
  };

  Activations activations(Batch pairs, Hooks<B, Scalar> const& hooks) const {
    const auto indices = device_pairs(backend(), pairs, shape_.order);  // (batch, 2)
    const auto rows = static_cast<Index>(pairs.size());
    const Index d = shape_.embed_dim;

    Tensor x_embed = embed(w_x(), indices, 0, 2);  // (batch, embed_dim)
    hooks.run("x_embed", x_embed);
    Tensor y_embed = embed(w_y(), indices, 1, 2);  // (batch, embed_dim)
    hooks.run("y_embed", y_embed);

    Tensor product(backend(), rows, d);
    backend().for_each_row(rows, MultiplyRows<Scalar>{x_embed.data(), d, y_embed.data(), d, product.data(), d, d});
    hooks.run("product", product);

    Tensor out(backend(), rows, shape_.classes);
    matrix_product(std::as_const(product).view(), w_u().view(), out.view());
    hooks.run("out", out);
    return {std::move(x_embed), std::move(y_embed), std::move(product), std::move(out)};
  }

  FoldedPairs<Scalar> folded() const { return {w_x().view(), w_y().view(), w_u().view()}; }

  static std::vector<Parameter<B, Scalar>> zero_parameters(B const& device, BilinearShape const& shape) {
    const ParameterSide order{shape.order, "order"}, embed_dim{shape.embed_dim, "embed_dim"};
    std::vector<Parameter<B, Scalar>> parameters;
    parameters.reserve(3);
    parameters.emplace_back(device, "W_x", order, embed_dim);
    parameters.emplace_back(device, "W_y", order, embed_dim);
    parameters.emplace_back(device, "W_U", embed_dim, ParameterSide{shape.classes, "classes"});
    return parameters;
  }

  Tensor const& w_x() const { return this->values(0); }
  Tensor const& w_y() const { return this->values(1); }
  Tensor const& w_u() const { return this->values(2); }

  void matrix_product(MatrixView<Scalar const> a, MatrixView<Scalar const> b, MatrixView<Scalar> c) const {
    backend().template matrix_product<Scalar>(a, b, c, Scalar(1), Scalar(0));
  }

  BilinearShape shape_;
};

}  // namespace cayley
