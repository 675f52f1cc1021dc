/// The weights that the attention circuits of a transformer are made of, by layer and head.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cayley/interpret/pair_transformer.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// One head of a transformer.
struct HeadPlace {
  Index layer = 0, head = 0;
};

/// Weights in double, in the names of TransformerLens. Biases and positions that the model lacks are zero.
struct AttentionWeights {
  using Head = PairTransformer::Head;
  struct Layer {
    std::vector<Head> heads;
    RowVector<double> b_O;  ///< (d_model)
  };
  Matrix<double> W_E;    ///< (d_vocab, d_model)
  Matrix<double> W_pos;  ///< (n_ctx, d_model)
  std::vector<Layer> layers;
  Matrix<double> W_U;     ///< (d_model, d_vocab_out)
  RowVector<double> b_U;  ///< (d_vocab_out)
  /// What a layer multiplies the stream by before it adds to it: 2 where the residual is doubled, else 1.
  double residual_factor = 1;

  /// Errors: `Error` for a layer or head that is not there.
  Head const& head(HeadPlace place) const {
    const auto layer_count = static_cast<Index>(layers.size());
    require(place.layer >= 0 && place.layer < layer_count, "attention weights: expected a layer of 0 .. ",
            layer_count - 1, ", found ", place.layer);
    auto const& heads = layers[static_cast<std::size_t>(place.layer)].heads;
    require(place.head >= 0 && place.head < static_cast<Index>(heads.size()),
            "attention weights: expected a head of 0 .. ", heads.size() - 1, ", found ", place.head);
    return heads[static_cast<std::size_t>(place.head)];
  }

  /// What the embeddings are multiplied by before they enter a layer.
  double before(Index layer) const { return std::pow(residual_factor, static_cast<double>(layer)); }

  /// What a layer's output is multiplied by before it enters a later one; the unembedding is the last "layer".
  double between(Index layer, Index later) const { return before(later - layer - 1); }
  double to_logits(Index layer) const { return between(layer, static_cast<Index>(layers.size())); }
};

/// Errors: `Error` for a transformer with layer norms, whose circuits are not products of weights.
template <class B, class Scalar>
AttentionWeights attention_weights(Transformer<B, Scalar> const& model) {
  TransformerShape const& shape = model.shape();
  require(!shape.has_layer_norm, "attention weights: expected a transformer without layer norms");
  const auto read = [&](std::string const& name) { return detail::host_parameter(model, name); };
  const auto bias = [&](std::string const& name, Index size) -> RowVector<double> {
    if (!shape.has_attention_biases()) return RowVector<double>::Zero(size);
    const Matrix<double> values = read(name);
    return Eigen::Map<RowVector<double> const>(values.data(), size);
  };
  AttentionWeights weights;
  weights.W_E = read("embed.W_E");
  switch (shape.positions) {
    case Positions::learned:
      weights.W_pos = read("pos_embed.W_pos");
      break;
    case Positions::sinusoidal:
      weights.W_pos = detail::sinusoidal_positions<double>(shape.n_ctx, shape.d_model);
      break;
    case Positions::none:
      weights.W_pos = Matrix<double>::Zero(shape.n_ctx, shape.d_model);
      break;
  }
  const Index d = shape.d_model, e = shape.d_head;
  for (Index l = 0; l < shape.n_layers; ++l) {
    const auto in_layer = [&](char const* name) { return read(detail::in_block(l, name)); };
    const auto layer_bias = [&](char const* name, Index size) { return bias(detail::in_block(l, name), size); };
    const Matrix<double> w_q = in_layer("attn.W_Q"), w_k = in_layer("attn.W_K"), w_v = in_layer("attn.W_V");
    const Matrix<double> w_o = in_layer("attn.W_O");
    const Index all = shape.n_heads * e;
    const RowVector<double> b_q = layer_bias("attn.b_Q", all), b_k = layer_bias("attn.b_K", all);
    const RowVector<double> b_v = layer_bias("attn.b_V", all);
    AttentionWeights::Layer layer;
    for (Index h = 0; h < shape.n_heads; ++h) {
      layer.heads.push_back({w_q.middleRows(h * d, d), w_k.middleRows(h * d, d), w_v.middleRows(h * d, d),
                             w_o.middleRows(h * e, e), b_q.segment(h * e, e), b_k.segment(h * e, e),
                             b_v.segment(h * e, e)});
    }
    layer.b_O = layer_bias("attn.b_O", d);
    weights.layers.push_back(std::move(layer));
  }
  weights.W_U = read("unembed.W_U");
  weights.b_U = bias("unembed.b_U", shape.d_vocab_out);
  if (shape.doubled_residual) weights.residual_factor = 2;
  return weights;
}

}  // namespace cayley
