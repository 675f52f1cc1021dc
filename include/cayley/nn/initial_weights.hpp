/// Initial weights, drawn as the published runs draw them.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/core/random.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// A matrix of independent normal numbers of variance 1 / fan_in, drawn in float32 row by row and divided by the root.
/// Shape: (rows, cols).
inline Matrix<float> scaled_normal(TorchGenerator& generator, Index rows, Index cols, Index fan_in,
                                   NormalPath path = NormalPath::vector) {
  const std::vector<float> values = generator.randn(static_cast<std::size_t>(rows * cols), path);
  const auto divisor = static_cast<float>(std::sqrt(static_cast<double>(fan_in)));
  return Eigen::Map<Matrix<float> const>(values.data(), rows, cols) / divisor;
}

namespace detail {

template <class Model>
void draw(Model& model, std::string_view name, Index fan_in, TorchGenerator& generator, NormalPath path) {
  using Scalar = typename Model::ScalarType;
  for (auto& parameter : model.parameters()) {
    if (parameter.name() != name) continue;
    const Matrix<float> values = scaled_normal(generator, parameter.rows(), parameter.cols(), fan_in, path);
    parameter.assign(values.template cast<Scalar>());
  }
}

}  // namespace detail

/// W_x and W_y over sqrt(embed_dim), W over sqrt(2 embed_dim), W_U over sqrt(hidden_dim), drawn in this order; a bias
/// is zero and not drawn.
/// Ref: Chughtai, Chan and Nanda (2023), the code of the published runs.
template <class B, class Scalar>
void draw_initial_weights(OneLayerMlp<B, Scalar>& model, TorchGenerator& generator,
                          NormalPath path = NormalPath::vector) {
  OneLayerMlpShape const& shape = model.shape();
  detail::draw(model, "W_x", shape.embed_dim, generator, path);
  detail::draw(model, "W_y", shape.embed_dim, generator, path);
  detail::draw(model, "W", 2 * shape.embed_dim, generator, path);
  detail::draw(model, "W_U", shape.hidden_dim, generator, path);
  if (shape.has_bias) model.set_parameter("b_hidden", Matrix<Scalar>::Zero(1, shape.hidden_dim));
}

/// W_x, W_y and W_U, each over sqrt(embed_dim), drawn in this order.
template <class B, class Scalar>
void draw_initial_weights(Bilinear<B, Scalar>& model, TorchGenerator& generator, NormalPath path = NormalPath::vector) {
  for (std::string_view name : {"W_x", "W_y", "W_U"}) {
    detail::draw(model, name, model.shape().embed_dim, generator, path);
  }
}

}  // namespace cayley
