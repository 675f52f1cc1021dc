/// Small random transformers on pairs, and what their unfolded forward pass computes.
#pragma once

#include <cayley/backend/cpu.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/task/group_composition.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "interpret/toy_network.hpp"

namespace cayley::testing {

/// Two heads, d_model 8, d_head 3, d_mlp 10. `last_class`: whether the last token is a class too.
inline Transformer<Cpu, double> toy_transformer(Index order, bool has_biases = true, bool last_class = false) {
  Transformer<Cpu, double> model(Cpu{}, {.d_model = 8,
                                         .n_heads = 2,
                                         .d_head = 3,
                                         .d_mlp = 10,
                                         .d_vocab = order + 1,
                                         .d_vocab_out = last_class ? order + 1 : order,
                                         .n_ctx = 3,
                                         .has_biases = has_biases});
  unsigned seed = 1;
  for (auto& parameter : model.parameters()) {
    parameter.assign(random_matrix(parameter.rows(), parameter.cols(), seed++));
  }
  return model;
}

/// What a hook point, or with no name the unembedding, gives at the last position of all pairs.
/// Shape: (order^2, columns); the patterns of attention have a row for each pair and a column for each head and key.
inline Matrix<double> at_last_position(Transformer<Cpu, double> const& model, Index order, std::string const& hook) {
  std::vector<std::uint32_t> tokens;
  for (Pair pair : all_pairs(order)) {
    tokens.insert(tokens.end(), {pair.a, pair.b, static_cast<std::uint32_t>(order)});
  }
  Matrix<double> values;
  Hooks<Cpu, double> hooks;
  if (!hook.empty()) hooks.add(hook, [&](HookedTensor<Cpu, double>& tensor) { values = tensor.host(); });
  const Matrix<double> logits = model.forward({tokens, 3}, hooks).host();
  if (hook.empty()) values = logits;
  const bool patterns = hook.ends_with("hook_pattern");  // rows by sequence, head and query
  const Index heads = patterns ? model.shape().n_heads : 1;
  Matrix<double> result(order * order, heads * values.cols());
  for (Index pair = 0; pair < result.rows(); ++pair) {
    for (Index h = 0; h < heads; ++h) {
      result.row(pair).segment(h * values.cols(), values.cols()) = values.row((pair * heads + h) * 3 + 2);
    }
  }
  return result;
}

}  // namespace cayley::testing
