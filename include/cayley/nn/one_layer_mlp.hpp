/// The one-layer MLP of the group composition studies.
#pragma once

#include <array>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/embedding.hpp>
#include <cayley/nn/folded_mlp.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/pair.hpp>
#include <cayley/nn/parameter.hpp>
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
  requires Backend<B, Scalar>
class OneLayerMlp {
 public:
  using BackendType = B;
  using ScalarType = Scalar;
  using Batch = std::span<Pair const>;
  using Tensor = DeviceMatrix<B, Scalar>;

  /// All weights zero.
  /// Errors: `Error` when a size is below 1.
  OneLayerMlp(B const& backend, OneLayerMlpShape const& shape)
      : backend_(backend), shape_(shape), parameters_("OneLayerMlp", zero_parameters(backend, shape)) {}

  /// The network with these weights; it has a bias when b_hidden is among them.
  /// Errors: `Error` when a tensor is missing, unknown or of a shape that does not fit.
  static OneLayerMlp from_parameters(B const& backend, NamedMatrices<Scalar> const& matrices) {
    const auto tensor = [&](std::string_view name) -> auto const& {
      return named_matrix(matrices, "OneLayerMlp", name);
    };
    OneLayerMlp model(backend, {tensor("W_x").rows(), tensor("W_x").cols(), tensor("W").cols(), tensor("W_U").cols(),
                                matrices.contains("b_hidden")});
    model.parameters_.assign(matrices, "order and embed_dim from W_x, hidden_dim from W, classes from W_U");
    return model;
  }

  OneLayerMlpShape const& shape() const { return shape_; }
  B const& backend() const { return backend_; }

  std::span<Parameter<B, Scalar>> parameters() { return parameters_.all(); }
  std::span<Parameter<B, Scalar> const> parameters() const { return parameters_.all(); }

  /// Errors: `Error` with near names for an unknown name; `Error` when the shape differs.
  void set_parameter(std::string_view name, ConstMatrixRef<Scalar> const& matrix) { parameters_.assign(name, matrix); }

  static std::span<std::string_view const> hook_names() { return hook_points; }

  /// Logits, a row per pair, through every hook point.
  /// Shape: (pairs, classes).
  /// Errors: `Error` for an unknown hook name or an element that is not below the order.
  Tensor forward(Batch pairs, Hooks<B, Scalar> const& hooks = {}) const {
    hooks.check(hook_names());
    const auto indices = device_pairs(backend_, pairs, shape_.order);  // (batch, 2)
    const auto rows = static_cast<Index>(pairs.size());
    const Index d = shape_.embed_dim;

    Tensor x_embed = embed(w_x(), indices, 0, 2);  // (batch, embed_dim)
    hooks.run("x_embed", x_embed);
    Tensor y_embed = embed(w_y(), indices, 1, 2);  // (batch, embed_dim)
    hooks.run("y_embed", y_embed);

    Tensor embed_stack(backend_, rows, 2 * d);
    backend_.for_each_row(rows, CopyRows<Scalar>{x_embed.data(), d, embed_stack.data(), 2 * d, d});
    backend_.for_each_row(rows,
                          CopyRows<Scalar>{y_embed.data(), d, column_block(embed_stack.view(), d, d).data, 2 * d, d});
    hooks.run("embed_stack", embed_stack);

    Tensor hidden(backend_, rows, shape_.hidden_dim);
    backend_.matrix_product(std::as_const(embed_stack).view(), w().view(), hidden.view(), Scalar(1), Scalar(0));
    if (shape_.has_bias) add_bias(hidden);
    backend_.for_each_row(rows, Relu<Scalar>{hidden.data(), hidden.cols(), hidden.cols()});
    hooks.run("hidden", hidden);

    Tensor out(backend_, rows, shape_.classes);
    backend_.matrix_product(std::as_const(hidden).view(), w_u().view(), out.view(), Scalar(1), Scalar(0));
    hooks.run("out", out);
    return out;
  }

  /// The tables X = W_x W[0 : embed_dim], Y = W_y W[embed_dim : ] + b_hidden and U = W_U.
  /// Cost: 2 order * embed_dim * hidden_dim multiplications.
  FoldedMlp<B, Scalar> folded() const {
    const Index d = shape_.embed_dim;
    Tensor x(backend_, shape_.order, shape_.hidden_dim);
    Tensor y(backend_, shape_.order, shape_.hidden_dim);
    backend_.matrix_product(w_x().view(), row_block(w().view(), 0, d), x.view(), Scalar(1), Scalar(0));
    backend_.matrix_product(w_y().view(), row_block(w().view(), d, d), y.view(), Scalar(1), Scalar(0));
    if (shape_.has_bias) add_bias(y);
    return FoldedMlp<B, Scalar>(std::move(x), std::move(y), w_u());
  }

  /// The logits of `forward` without hook points, by way of `folded`: several times fewer operations.
  /// Shape: (pairs, classes).
  /// Accuracy: equal to `forward` up to the rounding of sums of embed_dim and hidden_dim terms.
  /// Errors: `Error` when an element is not below the order.
  Tensor forward_folded(Batch pairs) const { return folded().forward(pairs); }

 private:
  static constexpr std::array<std::string_view, 5> hook_points{"x_embed", "y_embed", "embed_stack", "hidden", "out"};

  static std::vector<Parameter<B, Scalar>> zero_parameters(B const& backend, OneLayerMlpShape const& shape) {
    const ParameterSide order{shape.order, "order"}, embed_dim{shape.embed_dim, "embed_dim"};
    const ParameterSide stack{2 * shape.embed_dim, "2 embed_dim"}, hidden_dim{shape.hidden_dim, "hidden_dim"};
    std::vector<Parameter<B, Scalar>> parameters;
    parameters.reserve(5);
    parameters.emplace_back(backend, "W_x", order, embed_dim);
    parameters.emplace_back(backend, "W_y", order, embed_dim);
    parameters.emplace_back(backend, "W", stack, hidden_dim);
    parameters.emplace_back(backend, "W_U", hidden_dim, ParameterSide{shape.classes, "classes"});
    if (shape.has_bias) parameters.emplace_back(backend, "b_hidden", ParameterSide{1, "1"}, hidden_dim);
    return parameters;
  }

  Tensor const& w_x() const { return parameters()[0].values(); }
  Tensor const& w_y() const { return parameters()[1].values(); }
  Tensor const& w() const { return parameters()[2].values(); }
  Tensor const& w_u() const { return parameters()[3].values(); }

  void add_bias(Tensor& values) const {
    Tensor const& bias = parameters()[4].values();
    backend_.for_each_row(values.rows(), AddBias<Scalar>{values.data(), values.cols(), bias.data(), values.cols()});
  }

  [[no_unique_address]] B backend_;
  OneLayerMlpShape shape_;
  ParameterList<B, Scalar> parameters_;
};

}  // namespace cayley
