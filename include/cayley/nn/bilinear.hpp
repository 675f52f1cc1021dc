/// The bilinear network: embeddings multiplied entry by entry, then unembedded.
#pragma once

#include <array>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/embedding.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/pair.hpp>
#include <cayley/nn/parameter.hpp>
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
  requires Backend<B, Scalar>
class Bilinear {
 public:
  using BackendType = B;
  using ScalarType = Scalar;
  using Batch = std::span<Pair const>;
  using Tensor = DeviceMatrix<B, Scalar>;

  /// All weights zero.
  /// Errors: `Error` when a size is below 1.
  Bilinear(B const& backend, BilinearShape const& shape)
      : backend_(backend), shape_(shape), parameters_("Bilinear", zero_parameters(backend, shape)) {}

  /// The network with these weights.
  /// Errors: `Error` when a tensor is missing, unknown or of a shape that does not fit.
  static Bilinear from_parameters(B const& backend, NamedMatrices<Scalar> const& matrices) {
    const auto tensor = [&](std::string_view name) -> auto const& {
      return named_matrix(matrices, "Bilinear", name);
    };
    Bilinear model(backend, {tensor("W_x").rows(), tensor("W_x").cols(), tensor("W_U").cols()});
    model.parameters_.assign(matrices, "order and embed_dim from W_x, classes from W_U");
    return model;
  }

  BilinearShape const& shape() const { return shape_; }
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

    Tensor product(backend_, rows, d);
    backend_.for_each_row(rows, MultiplyRows<Scalar>{x_embed.data(), d, y_embed.data(), d, product.data(), d, d});
    hooks.run("product", product);

    Tensor out(backend_, rows, shape_.classes);
    backend_.matrix_product(std::as_const(product).view(), w_u().view(), out.view(), Scalar(1), Scalar(0));
    hooks.run("out", out);
    return out;
  }

 private:
  static constexpr std::array<std::string_view, 4> hook_points{"x_embed", "y_embed", "product", "out"};

  static std::vector<Parameter<B, Scalar>> zero_parameters(B const& backend, BilinearShape const& shape) {
    const ParameterSide order{shape.order, "order"}, embed_dim{shape.embed_dim, "embed_dim"};
    std::vector<Parameter<B, Scalar>> parameters;
    parameters.reserve(3);
    parameters.emplace_back(backend, "W_x", order, embed_dim);
    parameters.emplace_back(backend, "W_y", order, embed_dim);
    parameters.emplace_back(backend, "W_U", embed_dim, ParameterSide{shape.classes, "classes"});
    return parameters;
  }

  Tensor const& w_x() const { return parameters()[0].values(); }
  Tensor const& w_y() const { return parameters()[1].values(); }
  Tensor const& w_u() const { return parameters()[2].values(); }

  [[no_unique_address]] B backend_;
  BilinearShape shape_;
  ParameterList<B, Scalar> parameters_;
};

}  // namespace cayley
