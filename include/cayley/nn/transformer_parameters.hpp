/// The parameters and hook points of a transformer: their names, order and shapes.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/nn/parameter.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley::detail {

/// `blocks.<layer>.<name>`.
inline std::string in_block(Index layer, std::string_view name) {
  return std::string("blocks.").append(std::to_string(layer)).append(".").append(name);
}

/// Where the parameters of a transformer stand in their order; those that it does not have are 0.
struct TransformerPlaces {
  struct Norm {
    std::size_t w = 0, b = 0;
  };
  struct Block {
    Norm ln1, ln2;
    std::size_t w_q = 0, w_k = 0, w_v = 0, w_o = 0, b_q = 0, b_k = 0, b_v = 0, b_o = 0;
    std::size_t w_in = 0, b_in = 0, w_out = 0, b_out = 0;
  };
  std::size_t w_e = 0, w_pos = 0;
  std::vector<Block> blocks;
  Norm ln_final;
  std::size_t w_u = 0, b_u = 0;
};

/// Calls add(name, rows, meaning of rows, cols, meaning of cols) for each parameter in order.
template <class Add>
TransformerPlaces each_transformer_parameter(TransformerShape const& shape, Add const& add_parameter) {
  TransformerPlaces places;
  std::size_t next = 0;
  const auto add = [&](std::string name, Index rows, char const* row_meaning, Index cols, char const* col_meaning) {
    add_parameter(std::move(name), ParameterSide{rows, row_meaning}, ParameterSide{cols, col_meaning});
    return next++;
  };
  const Index d = shape.d_model, heads = shape.n_heads;
  const auto add_norm = [&](std::string const& name) {
    const std::size_t w = add(name + ".w", 1, "1", d, "d_model");
    return TransformerPlaces::Norm{w, add(name + ".b", 1, "1", d, "d_model")};
  };
  places.w_e = add("embed.W_E", shape.d_vocab, "d_vocab", d, "d_model");
  if (shape.positions == Positions::learned) places.w_pos = add("pos_embed.W_pos", shape.n_ctx, "n_ctx", d, "d_model");
  for (Index layer = 0; layer < shape.n_layers; ++layer) {
    TransformerPlaces::Block block;
    const auto name = [&](char const* part) { return in_block(layer, part); };
    if (shape.has_layer_norm) block.ln1 = add_norm(name("ln1"));
    const auto add_heads = [&](char const* weight) {
      return add(name(weight), heads * d, "n_heads d_model", shape.d_head, "d_head");
    };
    block.w_q = add_heads("attn.W_Q");
    block.w_k = add_heads("attn.W_K");
    block.w_v = add_heads("attn.W_V");
    block.w_o = add(name("attn.W_O"), heads * shape.d_head, "n_heads d_head", d, "d_model");
    if (shape.has_attention_biases()) {
      const auto add_bias = [&](char const* bias) { return add(name(bias), heads, "n_heads", shape.d_head, "d_head"); };
      block.b_q = add_bias("attn.b_Q");
      block.b_k = add_bias("attn.b_K");
      block.b_v = add_bias("attn.b_V");
      block.b_o = add(name("attn.b_O"), 1, "1", d, "d_model");
    }
    if (!shape.attn_only) {
      if (shape.has_layer_norm) block.ln2 = add_norm(name("ln2"));
      block.w_in = add(name("mlp.W_in"), d, "d_model", shape.d_mlp, "d_mlp");
      if (shape.has_biases) block.b_in = add(name("mlp.b_in"), 1, "1", shape.d_mlp, "d_mlp");
      block.w_out = add(name("mlp.W_out"), shape.d_mlp, "d_mlp", d, "d_model");
      if (shape.has_biases) block.b_out = add(name("mlp.b_out"), 1, "1", d, "d_model");
    }
    places.blocks.push_back(block);
  }
  if (shape.has_layer_norm) places.ln_final = add_norm("ln_final");
  places.w_u = add("unembed.W_U", d, "d_model", shape.d_vocab_out, "d_vocab_out");
  if (shape.has_attention_biases()) places.b_u = add("unembed.b_U", 1, "1", shape.d_vocab_out, "d_vocab_out");
  return places;
}

/// The hook points in the order in which `forward` reaches them.
inline std::vector<std::string> transformer_hook_points(TransformerShape const& shape) {
  std::vector<std::string> names{"hook_embed"};
  if (shape.positions != Positions::none) names.push_back("hook_pos_embed");
  for (Index layer = 0; layer < shape.n_layers; ++layer) {
    const auto add = [&](std::initializer_list<char const*> block_names) {
      for (char const* name : block_names) names.push_back(in_block(layer, name));
    };
    add({"hook_resid_pre"});
    if (shape.has_layer_norm) add({"ln1.hook_scale", "ln1.hook_normalized"});
    add({"attn.hook_q", "attn.hook_k", "attn.hook_v", "attn.hook_attn_scores", "attn.hook_pattern", "attn.hook_z",
         "attn.hook_result", "hook_attn_out"});
    if (!shape.attn_only) {
      add({"hook_resid_mid"});
      if (shape.has_layer_norm) add({"ln2.hook_scale", "ln2.hook_normalized"});
      add({"mlp.hook_pre", "mlp.hook_post", "hook_mlp_out"});
    }
    add({"hook_resid_post"});
  }
  if (shape.has_layer_norm) {
    names.push_back("ln_final.hook_scale");
    names.push_back("ln_final.hook_normalized");
  }
  return names;
}

}  // namespace cayley::detail
