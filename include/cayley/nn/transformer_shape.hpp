/// The configuration of a transformer, in the names of TransformerLens.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>

namespace cayley {

/// The nonlinearity of an MLP.
enum class ActFn {
  relu,
  gelu,     ///< exact, with the error function
  gelu_new  ///< the approximation with tanh
};

/// What tells positions apart.
enum class Positions {
  learned,     ///< `pos_embed.W_pos`
  sinusoidal,  ///< sines and cosines of Vaswani et al. (2017), section 3.5; not trained
  none
};

/// Sizes and variants of a `Transformer`.
struct TransformerShape {
  Index n_layers = 1;
  Index d_model = 0;  ///< of the residual stream
  Index n_heads = 0;
  Index d_head = 0;
  Index d_mlp = 0;        ///< not used when `attn_only`
  Index d_vocab = 0;      ///< input tokens
  Index d_vocab_out = 0;  ///< output classes
  Index n_ctx = 0;        ///< longest sequence
  ActFn act_fn = ActFn::relu;
  bool attn_only = false;
  bool has_biases = true;
  bool mlp_biases_alone = false;  ///< of the biases, there are b_in and b_out alone, as in the older studies
  bool has_layer_norm = false;    ///< before attention, MLP and unembedding
  Positions positions = Positions::learned;
  bool is_causal = true;
  /// The residual stream is doubled before attention is added, x -> 2 x + attn(x): a variant of one published study.
  bool doubled_residual = false;

  bool operator==(TransformerShape const&) const = default;

  bool has_attention_biases() const { return has_biases && !mlp_biases_alone; }  ///< and one of the unembedding

  /// Errors: `Error` naming the size that is below 1.
  void check() const {
    const auto at_least_one = [](Index size, char const* name) {
      require(size >= 1, "Transformer: expected ", name, " of at least 1, found ", size);
    };
    at_least_one(n_layers, "n_layers");
    at_least_one(d_model, "d_model");
    at_least_one(n_heads, "n_heads");
    at_least_one(d_head, "d_head");
    if (!attn_only) at_least_one(d_mlp, "d_mlp");
    at_least_one(d_vocab, "d_vocab");
    at_least_one(d_vocab_out, "d_vocab_out");
    at_least_one(n_ctx, "n_ctx");
  }
};

}  // namespace cayley
