/// The weights of a one-layer transformer on pairs of group elements, as explanations read them.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cayley/nn/transformer.hpp>
#include <string>
#include <vector>

namespace cayley {

/// Weights in double, in the names of TransformerLens, by head. The tokens of a pair are (a, b, last); the last one is
/// the same for every pair, and the logits are read at its position. Biases that the model lacks are zero.
struct PairTransformer {
  struct Head {
    Matrix<double> W_Q, W_K, W_V;     ///< (d_model, d_head)
    Matrix<double> W_O;               ///< (d_head, d_model)
    RowVector<double> b_Q, b_K, b_V;  ///< (d_head)
  };
  Matrix<double> W_E;    ///< (order, d_model): the tokens of elements
  Matrix<double> W_pos;  ///< (3, d_model)
  /// The residual stream of the last position before attention: its token and its position.
  /// Shape: (d_model).
  RowVector<double> last;
  std::vector<Head> heads;
  RowVector<double> b_O;    ///< (d_model)
  Matrix<double> W_in;      ///< (d_model, d_mlp)
  RowVector<double> b_in;   ///< (d_mlp)
  Matrix<double> W_out;     ///< (d_mlp, d_model)
  RowVector<double> b_out;  ///< (d_model)
  Matrix<double> W_U;       ///< (d_model, order): the classes of elements
  RowVector<double> b_U;    ///< (order)

  Index order() const { return W_E.rows(); }
  Index d_model() const { return W_E.cols(); }
  Index head_count() const { return static_cast<Index>(heads.size()); }
};

/// The weights of a trained transformer. The last token is the one after the elements; a class of its own, where it has
/// one, is left out.
/// Errors: `Error` unless the transformer has one layer with an MLP of ReLUs, no layer norm, learned positions, a token
///         more than elements, and as many classes as elements or as tokens.
template <class B, class Scalar>
PairTransformer pair_transformer(Transformer<B, Scalar> const& model) {
  TransformerShape const& shape = model.shape();
  const bool fits = shape.n_layers == 1 && !shape.attn_only && shape.act_fn == ActFn::relu && !shape.has_layer_norm &&
                    !shape.doubled_residual && shape.positions == Positions::learned && shape.n_ctx >= 3;
  require(fits,
          "a transformer on pairs has one layer with an MLP of ReLUs, learned positions for three tokens and no "
          "layer norm");
  require(shape.d_vocab >= 2 && (shape.d_vocab_out == shape.d_vocab - 1 || shape.d_vocab_out == shape.d_vocab),
          "a transformer on group composition has a token more than elements, and a class for each element or each "
          "token, found ",
          shape.d_vocab, " tokens and ", shape.d_vocab_out, " classes");
  const Index n = shape.d_vocab - 1, d = shape.d_model, head_dim = shape.d_head;
  const auto read = [&](std::string const& name) { return detail::host_parameter(model, name); };
  const auto in_block = [&](char const* name) { return read(detail::in_block(0, name)); };
  const auto bias = [&](std::string const& name, Index size) -> RowVector<double> {
    const auto parameters = model.parameters();
    const bool is_there = std::any_of(parameters.begin(), parameters.end(),
                                      [&](auto const& parameter) { return parameter.name() == name; });
    if (!is_there) return RowVector<double>::Zero(size);
    const Matrix<double> values = read(name);
    return Eigen::Map<RowVector<double> const>(values.data(), size);
  };
  const auto block_bias = [&](char const* name, Index size) { return bias(detail::in_block(0, name), size); };

  PairTransformer weights;
  const Matrix<double> tokens = read("embed.W_E");  // (order + 1, d_model)
  weights.W_E = tokens.topRows(n);
  weights.W_pos = read("pos_embed.W_pos").topRows(3);
  weights.last = tokens.row(n) + weights.W_pos.row(2);
  const Matrix<double> w_q = in_block("attn.W_Q"), w_k = in_block("attn.W_K"), w_v = in_block("attn.W_V");
  const Matrix<double> w_o = in_block("attn.W_O");
  const Index all_heads = shape.n_heads * head_dim;
  const RowVector<double> b_q = block_bias("attn.b_Q", all_heads), b_k = block_bias("attn.b_K", all_heads);
  const RowVector<double> b_v = block_bias("attn.b_V", all_heads);
  for (Index h = 0; h < shape.n_heads; ++h) {
    const Index at = h * head_dim;
    weights.heads.push_back({w_q.middleRows(h * d, d), w_k.middleRows(h * d, d), w_v.middleRows(h * d, d),
                             w_o.middleRows(at, head_dim), b_q.segment(at, head_dim), b_k.segment(at, head_dim),
                             b_v.segment(at, head_dim)});
  }
  weights.b_O = block_bias("attn.b_O", d);
  weights.W_in = in_block("mlp.W_in");
  weights.b_in = block_bias("mlp.b_in", shape.d_mlp);
  weights.W_out = in_block("mlp.W_out");
  weights.b_out = block_bias("mlp.b_out", d);
  weights.W_U = read("unembed.W_U").leftCols(n);
  weights.b_U = bias("unembed.b_U", n);
  return weights;
}

}  // namespace cayley
