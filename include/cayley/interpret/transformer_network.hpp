/// A one-layer transformer on pairs of group elements, as explanations see it.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/task/group_composition.hpp>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cayley {

namespace detail {

/// The attention of the last position to a pair (a, b), folded: the last token is the same for every pair, so that each
/// head has a table of scores and one of values, already through W_O, for each of the first two positions.
struct PairAttention {
  struct Head {
    Matrix<double> scores;         // (tokens, 2): of a at position 0 and of b at position 1
    Matrix<double> values[2];      // (tokens, d_model)
    double last_score = 0;         // of the last position to itself
    RowVector<double> last_value;  // (d_model)
  };
  std::vector<Head> heads;
  RowVector<double> rest;  // (d_model): the last position of the residual stream, and the bias b_O

  /// The residual stream behind the attention at the last position.
  /// Shape: pairs -> (pairs, d_model).
  Matrix<double> residual(std::span<const Pair> pairs) const {
    Matrix<double> result(static_cast<Index>(pairs.size()), rest.size());
    for (Index i = 0; i < result.rows(); ++i) {
      const Pair pair = pairs[static_cast<std::size_t>(i)];
      result.row(i) = rest;
      for (Head const& head : heads) {
        const double a = head.scores(pair.a, 0), b = head.scores(pair.b, 1), last = head.last_score;
        const double largest = std::max({a, b, last});
        const double of_a = std::exp(a - largest), of_b = std::exp(b - largest), of_last = std::exp(last - largest);
        const double total = of_a + of_b + of_last;
        result.row(i) += of_a / total * head.values[0].row(pair.a) + of_b / total * head.values[1].row(pair.b) +
                         of_last / total * head.last_value;
      }
    }
    return result;
  }
};

}  // namespace detail

/// hidden = the MLP's activations at the last position of the tokens (a, b, order), and U = W_out W_U; the residual
/// stream's own way to the logits is `direct`. Ex = Ey = the rows of W_E that belong to elements. The sum of squared
/// weights is left at 0, as in the published metrics of transformers.
/// Errors: `Error` unless the transformer has one layer with an MLP of ReLUs, no layer norm, positions, order + 1 tokens
///         and order classes.
template <class B, class Scalar>
PairNetwork pair_network(Transformer<B, Scalar> const& model) {
  TransformerShape const& shape = model.shape();
  const bool fits = shape.n_layers == 1 && !shape.attn_only && shape.act_fn == ActFn::relu && !shape.has_layer_norm &&
                    !shape.doubled_residual && shape.positions == Positions::learned && shape.n_ctx >= 3;
  require(fits,
          "a transformer on pairs has one layer with an MLP of ReLUs, learned positions for three tokens and no "
          "layer norm");
  require(shape.d_vocab == shape.d_vocab_out + 1,
          "a transformer on group composition has a token more than classes, found ", shape.d_vocab, " tokens and ",
          shape.d_vocab_out, " classes");
  const Index n = shape.d_vocab_out, d = shape.d_model;
  const auto read = [&](std::string const& name) { return detail::host_parameter(model, name); };
  const auto in_block = [&](char const* name) { return read(detail::in_block(0, name)); };
  const auto bias = [&](char const* name, Index size) -> RowVector<double> {
    if (!shape.has_biases) return RowVector<double>::Zero(size);
    const Matrix<double> values = std::string_view(name) == "b_U" ? read("unembed.b_U") : in_block(name);
    return Eigen::Map<RowVector<double> const>(values.data(), values.size());
  };
  const Matrix<double> tokens = read("embed.W_E"), positions = read("pos_embed.W_pos");  // (order + 1, d), (n_ctx, d)
  const Matrix<double> w_q = in_block("attn.W_Q"), w_k = in_block("attn.W_K"), w_v = in_block("attn.W_V");
  const Matrix<double> w_o = in_block("attn.W_O");
  const Index head_dim = shape.d_head, all_heads = shape.n_heads * head_dim;
  const RowVector<double> b_q = bias("attn.b_Q", all_heads), b_k = bias("attn.b_K", all_heads);
  const RowVector<double> b_v = bias("attn.b_V", all_heads);

  auto attention = std::make_shared<detail::PairAttention>();
  const RowVector<double> last = tokens.row(n) + positions.row(2);
  for (Index h = 0; h < shape.n_heads; ++h) {
    const auto of_head = [&](Matrix<double> const& w, RowVector<double> const& b, Matrix<double> const& x) {
      Matrix<double> y = times<double>(x, w.middleRows(h * d, d));  // (rows, d_head)
      y.rowwise() += b.segment(h * head_dim, head_dim);
      return y;
    };
    detail::PairAttention::Head head;
    const Matrix<double> query = of_head(w_q, b_q, last) / std::sqrt(static_cast<double>(head_dim));  // (1, d_head)
    const Matrix<double> out = w_o.middleRows(h * head_dim, head_dim);
    head.scores.resize(n, 2);
    for (Index p = 0; p < 2; ++p) {
      const Matrix<double> x = tokens.topRows(n).rowwise() + positions.row(p);  // (order, d)
      head.scores.col(p) = times_transposed<double>(of_head(w_k, b_k, x), query);
      head.values[p] = times<double>(of_head(w_v, b_v, x), out);
    }
    head.last_score = times_transposed<double>(of_head(w_k, b_k, last), query)(0, 0);
    head.last_value = times<double>(of_head(w_v, b_v, last), out).row(0);
    attention->heads.push_back(std::move(head));
  }
  attention->rest = last + bias("attn.b_O", d);

  const Matrix<double> w_in = in_block("mlp.W_in"), w_u = read("unembed.W_U");
  const RowVector<double> b_in = bias("mlp.b_in", shape.d_mlp), b_out = bias("mlp.b_out", d), b_u = bias("b_U", n);
  PairNetwork network;
  network.left_embedding = tokens.topRows(n);
  network.right_embedding = network.left_embedding;
  network.unembedding = times<double>(in_block("mlp.W_out"), w_u);
  network.hidden = [attention, w_in, b_in](std::span<const Pair> pairs, MatrixRef<double> out) {
    out = (times<double>(attention->residual(pairs), w_in).rowwise() + b_in).cwiseMax(0);
  };
  network.direct = [attention, w_u, b_out, b_u](std::span<const Pair> pairs, MatrixRef<double> out) {
    const Matrix<double> residual = attention->residual(pairs).rowwise() + b_out;
    out = times<double>(residual, w_u).rowwise() + b_u;
  };
  return network;
}

}  // namespace cayley
