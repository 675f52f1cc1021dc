/// Transformers on sequences whose circuits are written by hand.
#pragma once

#include <algorithm>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/task/induction.hpp>
#include <cayley/task/max_of_n.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

namespace cayley::testing {

/// How sharply the heads written by hand attend, before division by sqrt(d_head), and how much they write.
constexpr double toy_sharpness = 200, toy_gain = 30;

inline const Induction toy_induction{13, 3, 2, 12};

/// Two sequences of the toy task whose tokens repeat in the copies alone.
inline TokenSequences toy_induction_sequences() {
  return {13,
          {0, 1, 2, 3, 4, 5, 6, 7, 2, 3, 4, 8, 9,   //
           0, 9, 8, 7, 6, 5, 4, 7, 6, 5, 3, 2, 1},  //
          {8, 9, 20, 21},
          {3, 4, 6, 5},
          {0, 1, 0, 1},
          13.0 / 12};
}

/// Two layers of attention. Head 0 of layer 0 attends to the token before and writes it to coordinates of its own; head
/// 0 of layer 1 attends to where the present token stands there, and copies. Heads 1 do nothing.
inline Transformer<Cpu, double> toy_induction_model(bool doubled_residual = false) {
  const Index v = toy_induction.vocabulary, length = toy_induction.length, d_head = std::max(v, length);
  const Index prev = v, out = 2 * v, pos = 3 * v, d = 3 * v + length;
  Transformer<Cpu, double> model(Cpu{}, {.n_layers = 2,
                                         .d_model = d,
                                         .n_heads = 2,
                                         .d_head = d_head,
                                         .d_vocab = v,
                                         .d_vocab_out = v,
                                         .n_ctx = length,
                                         .attn_only = true,
                                         .has_biases = false,
                                         .doubled_residual = doubled_residual});
  const auto zero = [](Index rows, Index cols) { return Matrix<double>(Matrix<double>::Zero(rows, cols)); };
  const auto identity = [](Index size) { return Matrix<double>::Identity(size, size); };
  Matrix<double> w_e = zero(v, d), w_pos = zero(length, d), w_u = zero(d, v);
  w_e.leftCols(v) = identity(v);
  w_pos.rightCols(length) = identity(length);
  w_u.middleRows(out, v) = toy_gain * identity(v);
  model.set_parameter("embed.W_E", w_e);
  model.set_parameter("pos_embed.W_pos", w_pos);
  model.set_parameter("unembed.W_U", w_u);
  for (Index layer = 0; layer < 2; ++layer) {
    Matrix<double> w_q = zero(2 * d, d_head), w_k = w_q, w_v = w_q, w_o = zero(2 * d_head, d);
    if (layer == 0) {
      for (Index p = 0; p < length; ++p) w_q(pos + p, std::max<Index>(p - 1, 0)) = toy_sharpness;
      w_k.block(pos, 0, length, length) = identity(length);
    } else {
      w_q.block(0, 0, v, v) = toy_sharpness * identity(v);
      w_k.block(prev, 0, v, v) = identity(v);
    }
    w_v.block(0, 0, v, v) = identity(v);
    w_o.block(0, layer == 0 ? prev : out, v, v) = identity(v);
    const auto set = [&](char const* name, Matrix<double> const& values) {
      model.set_parameter(detail::in_block(layer, name), values);
    };
    set("attn.W_Q", w_q);
    set("attn.W_K", w_k);
    set("attn.W_V", w_v);
    set("attn.W_O", w_o);
  }
  return model;
}

/// One head that scores a number t by `sharpness` (t + 1), and `=` by 0, and copies what it attends to.
inline Transformer<Cpu, double> toy_max_model(MaxOfN const& task, double sharpness = toy_sharpness) {
  const Index v = task.vocabulary, d = task.d_vocab();
  Transformer<Cpu, double> model(Cpu{}, {.d_model = d,
                                         .n_heads = 1,
                                         .d_head = d,
                                         .d_vocab = d,
                                         .d_vocab_out = v,
                                         .n_ctx = task.n_ctx(),
                                         .attn_only = true,
                                         .has_biases = false});
  const Matrix<double> identity = Matrix<double>::Identity(d, d);
  Matrix<double> w_q = Matrix<double>::Zero(d, d);
  for (Index t = 0; t < v; ++t) w_q(v, t) = sharpness * static_cast<double>(t + 1);
  model.set_parameter("embed.W_E", identity);
  model.set_parameter("blocks.0.attn.W_Q", w_q);
  model.set_parameter("blocks.0.attn.W_K", identity);
  model.set_parameter("blocks.0.attn.W_V", identity);
  model.set_parameter("blocks.0.attn.W_O", identity);
  model.set_parameter("unembed.W_U", toy_gain * identity.leftCols(v));
  return model;
}

}  // namespace cayley::testing
