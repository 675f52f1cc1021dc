/// Initial weights, drawn as the published runs draw them.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/core/random.hpp>
#include <cayley/nn/attention_pooling.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cayley/nn/older_layout.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/nn/transformer.hpp>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
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

/// QK, then OV, each over sqrt(d_vocab).
/// Ref: Nanda et al. (2023), the notebook's bare model of skip trigrams.
template <class B, class Scalar>
void draw_initial_weights(AttentionPooling<B, Scalar>& model, TorchGenerator& generator,
                          NormalPath path = NormalPath::vector) {
  for (std::string_view name : {"QK", "OV"}) detail::draw(model, name, model.shape().d_vocab, generator, path);
}

/// How a published study draws the weights of its transformers.
enum class TransformerInit {
  /// Transformers on group composition: every weight times 0.8 / sqrt(d_model), W_Q before W_K.
  /// Ref: Chughtai, Chan and Nanda (2023); the default of TransformerLens.
  group_composition,
  /// Modular addition: over sqrt(d_model), W_U over sqrt(d_vocab_out), W_K before W_Q, each matrix as the older layout
  /// stores it (`older_layout_blocks`).
  /// Ref: Nanda et al. (2023), like the two below.
  modular_addition,
  /// Addition of digits and skip trigrams: as `modular_addition`, but W_O as (n_heads, d_model, d_head).
  sequences,
  /// Induction heads: as `modular_addition`, but W_Q, W_K and W_V over sqrt(d_head).
  induction
};

namespace detail {

/// One weight of a transformer, stored as in `Transformer`. Shape: (rows, cols).
inline Matrix<float> transformer_weight(TransformerShape const& shape, TransformerInit init, std::string_view name,
                                        Index rows, Index cols, TorchGenerator& generator, NormalPath path) {
  if (init == TransformerInit::group_composition) {
    const auto factor = static_cast<float>(0.8 / std::sqrt(static_cast<double>(shape.d_model)));
    return factor * scaled_normal(generator, rows, cols, 1, path);
  }
  const bool projects_to_head = name.ends_with(".W_Q") || name.ends_with(".W_K") || name.ends_with(".W_V");
  Index fan_in = shape.d_model;
  if (name == "unembed.W_U") fan_in = shape.d_vocab_out;
  if (init == TransformerInit::induction && projects_to_head) fan_in = shape.d_head;
  Index blocks = older_layout_blocks(shape, name);
  if (init == TransformerInit::sequences && name.ends_with(".W_O")) blocks = shape.n_heads;
  if (blocks == 0) return scaled_normal(generator, rows, cols, fan_in, path);
  return transposed_blocks(scaled_normal(generator, blocks * cols, rows / blocks, fan_in, path), blocks);
}

}  // namespace detail

/// embed.W_E, pos_embed.W_pos, then for each layer the weights of attention, mlp.W_in and mlp.W_out, then unembed.W_U,
/// as the study draws them; biases are zero and the weights of layer norms one, and not drawn.
template <class B, class Scalar>
void draw_initial_weights(Transformer<B, Scalar>& model, TorchGenerator& generator,
                          TransformerInit init = TransformerInit::group_composition,
                          NormalPath path = NormalPath::vector) {
  TransformerShape const& shape = model.shape();
  const bool older = init != TransformerInit::group_composition;
  std::vector<std::string> drawn{"embed.W_E"};
  if (shape.positions == Positions::learned) drawn.emplace_back("pos_embed.W_pos");
  for (Index layer = 0; layer < shape.n_layers; ++layer) {
    const auto add = [&](std::initializer_list<char const*> names) {
      for (char const* name : names) drawn.push_back(detail::in_block(layer, name));
    };
    if (older) {
      add({"attn.W_K", "attn.W_Q", "attn.W_V", "attn.W_O"});
    } else {
      add({"attn.W_Q", "attn.W_K", "attn.W_V", "attn.W_O"});
    }
    if (!shape.attn_only) add({"mlp.W_in", "mlp.W_out"});
  }
  drawn.emplace_back("unembed.W_U");

  for (auto& parameter : model.parameters()) {
    const bool is_norm_weight = parameter.name().ends_with(".w");
    parameter.assign(Matrix<Scalar>::Constant(parameter.rows(), parameter.cols(), is_norm_weight ? 1 : 0));
  }
  for (std::string const& name : drawn) {
    for (auto& parameter : model.parameters()) {
      if (parameter.name() != name) continue;
      const Matrix<float> values =
          detail::transformer_weight(shape, init, name, parameter.rows(), parameter.cols(), generator, path);
      parameter.assign(values.template cast<Scalar>());
    }
  }
}

}  // namespace cayley
