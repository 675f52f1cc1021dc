/// The transformer, with every hook point of TransformerLens.
#pragma once

#include <algorithm>
#include <cayley/backend/activation.hpp>
#include <cayley/backend/attention.hpp>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/embedding.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/model_parameters.hpp>
#include <cayley/nn/parameter.hpp>
#include <cayley/nn/token_batch.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <cmath>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// Row i, column 2k is sin(i / 10000^(2k / d)), column 2k + 1 the cosine.
template <class Scalar>
Matrix<Scalar> sinusoidal_positions(Index n_ctx, Index d_model) {
  Matrix<Scalar> result(n_ctx, d_model);
  for (Index i = 0; i < n_ctx; ++i) {
    for (Index c = 0; c < d_model; ++c) {
      const double rate = std::pow(10000.0, -static_cast<double>(c - c % 2) / static_cast<double>(d_model));
      const double angle = static_cast<double>(i) * rate;
      result(i, c) = static_cast<Scalar>(c % 2 == 0 ? std::sin(angle) : std::cos(angle));
    }
  }
  return result;
}

/// `blocks.<layer>.<name>`.
inline std::string in_block(Index layer, std::string_view name) {
  return std::string("blocks.").append(std::to_string(layer)).append(".").append(name);
}

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

}  // namespace detail

/// A decoder-only transformer: embeddings, L blocks of attention and MLP on a residual stream, unembedding.
///
/// Names and order of the parameters are those of TransformerLens; tensors of three indices are stored with the first two
/// as rows.
/// Shape: embed.W_E (d_vocab, d_model), pos_embed.W_pos (n_ctx, d_model); in blocks.l: attn.W_Q, W_K, W_V
///        (n_heads d_model, d_head), attn.W_O (n_heads d_head, d_model), mlp.W_in (d_model, d_mlp), mlp.W_out
///        (d_mlp, d_model); unembed.W_U (d_model, d_vocab_out). Biases attn.b_Q, b_K, b_V (n_heads, d_head), attn.b_O,
///        mlp.b_in, mlp.b_out, unembed.b_U (1, size). Layer norms ln1.w, ln1.b, ln2.w, ln2.b, ln_final.w, ln_final.b
///        (1, d_model).
/// Hook points, with a row for each position of each sequence: hook_embed, hook_pos_embed, hook_resid_pre,
/// hook_attn_out, hook_resid_mid, hook_mlp_out, hook_resid_post, hook_normalized (d_model columns), hook_scale (1),
/// attn.hook_q, hook_k, hook_v, hook_z (n_heads d_head, heads side by side), attn.hook_result (n_heads d_model),
/// mlp.hook_pre, hook_post (d_mlp). attn.hook_attn_scores and hook_pattern have a row for each sequence, head and query in
/// this order, and a column for each key. attn.hook_result is computed only for a callback.
/// Ref: Elhage et al., A Mathematical Framework for Transformer Circuits (2021).
template <class B, class Scalar>
class Transformer : public ModelParameters<B, Scalar> {
  using Base = ModelParameters<B, Scalar>;

 public:
  using typename Base::Tensor;
  using Batch = TokenBatch;

  /// All weights zero; the weights of layer norms one.
  /// Errors: `Error` when a size is below 1.
  Transformer(B const& device, TransformerShape const& shape)
      : Base(device, "Transformer", zero_parameters(device, shape)), shape_(shape) {
    auto points = std::make_shared<HookPoints>();
    points->names = detail::transformer_hook_points(shape);
    points->views.assign(points->names.begin(), points->names.end());
    hook_points_ = std::move(points);
    if (shape.positions == Positions::sinusoidal) {
      sinusoids_.emplace(device, detail::sinusoidal_positions<Scalar>(shape.n_ctx, shape.d_model));
    }
    for (auto& parameter : this->parameters()) {
      std::string const& name = parameter.name();
      if (name.ends_with("ln1.w") || name.ends_with("ln2.w") || name == "ln_final.w") {
        parameter.assign(Matrix<Scalar>::Ones(1, shape.d_model));
      }
    }
  }

  /// The transformer of this shape with these weights.
  /// Errors: `Error` when a tensor is missing, unknown or of a shape that does not fit.
  static Transformer from_parameters(B const& device, TransformerShape const& shape,
                                     NamedMatrices<Scalar> const& matrices) {
    Transformer model(device, shape);
    model.assign(matrices, "sizes from the shape given");
    return model;
  }

  TransformerShape const& shape() const { return shape_; }

  std::span<std::string_view const> hook_names() const { return hook_points_->views; }

  /// Logits at every position, through every hook point.
  /// Shape: (sequences length, d_vocab_out).
  /// Errors: `Error` for an unknown hook name (with near ones) or tokens that do not fit, see `device_tokens`.
  Tensor forward(Batch batch, Hooks<B, Scalar> const& hooks = {}) const {
    hooks.check(hook_names());
    const auto tokens = device_tokens(backend(), batch, shape_.d_vocab, shape_.n_ctx);
    const Index rows = tokens.size(), d = shape_.d_model;

    Tensor residual = embed(weights("embed.W_E"), tokens, 0, 1);  // (rows, d_model)
    hooks.run("hook_embed", residual);
    if (shape_.positions != Positions::none) {
      Tensor positions(backend(), rows, d);
      Tensor const& table = sinusoids_ ? *sinusoids_ : weights("pos_embed.W_pos");
      backend().for_each_row(rows, RepeatRows<Scalar>{table.data(), batch.length, positions.data(), d});
      hooks.run("hook_pos_embed", positions);
      add(residual, positions);
    }
    for (Index layer = 0; layer < shape_.n_layers; ++layer) residual = block(layer, residual, batch, hooks);
    if (shape_.has_layer_norm) residual = normalised("ln_final", residual, hooks);
    return linear(residual, weights("unembed.W_U"), bias("unembed.b_U"));
  }

 private:
  struct HookPoints {
    std::vector<std::string> names;
    std::vector<std::string_view> views;
  };

  using Base::backend;

  Tensor block(Index layer, Tensor& residual, Batch batch, Hooks<B, Scalar> const& hooks) const {
    const auto name = [&](char const* part) { return detail::in_block(layer, part); };
    hooks.run(name("hook_resid_pre"), residual);
    const Tensor attention_input = shape_.has_layer_norm ? normalised(name("ln1"), residual, hooks) : residual;
    Tensor attention_out = attention(layer, attention_input, batch, hooks);
    hooks.run(name("hook_attn_out"), attention_out);
    Tensor middle = residual;  // (rows, d_model)
    if (shape_.doubled_residual) add(middle, residual);
    add(middle, attention_out);
    if (!shape_.attn_only) {
      hooks.run(name("hook_resid_mid"), middle);
      const Tensor mlp_input = shape_.has_layer_norm ? normalised(name("ln2"), middle, hooks) : middle;
      Tensor hidden = linear(mlp_input, weights(name("mlp.W_in")), bias(name("mlp.b_in")));  // (rows, d_mlp)
      hooks.run(name("mlp.hook_pre"), hidden);
      activate(hidden);
      hooks.run(name("mlp.hook_post"), hidden);
      Tensor mlp_out = linear(hidden, weights(name("mlp.W_out")), bias(name("mlp.b_out")));  // (rows, d_model)
      hooks.run(name("hook_mlp_out"), mlp_out);
      add(middle, mlp_out);
    }
    hooks.run(name("hook_resid_post"), middle);
    return middle;
  }

  Tensor attention(Index layer, Tensor const& input, Batch batch, Hooks<B, Scalar> const& hooks) const {
    const auto name = [&](char const* part) { return detail::in_block(layer, part); };
    const Index heads = shape_.n_heads, rows = input.rows(), width = heads * shape_.d_head;
    const auto projected = [&](char const* weight, char const* bias_name, char const* hook) {
      Tensor const& w = weights(name(weight));
      Tensor out(backend(), rows, width);  // (rows, n_heads d_head)
      for (Index h = 0; h < heads; ++h) {
        backend().template matrix_product<Scalar>(input.view(), row_block(w.view(), h * shape_.d_model, shape_.d_model),
                                                  column_block(out.view(), h * shape_.d_head, shape_.d_head), Scalar(1),
                                                  Scalar(0));
      }
      add_bias(out, bias(name(bias_name)));
      hooks.run(name(hook), out);
      return out;
    };
    const Tensor q = projected("attn.W_Q", "attn.b_Q", "attn.hook_q");
    const Tensor k = projected("attn.W_K", "attn.b_K", "attn.hook_k");
    const Tensor v = projected("attn.W_V", "attn.b_V", "attn.hook_v");

    const AttentionShape shape{heads, batch.length, shape_.d_head};
    Tensor pattern(backend(), rows * heads, batch.length);  // (sequences n_heads queries, keys)
    const auto scale = static_cast<Scalar>(1 / std::sqrt(static_cast<double>(shape_.d_head)));
    backend().for_each_row(pattern.rows(),
                           AttentionScores<Scalar>{shape, q.data(), k.data(), pattern.data(), scale, shape_.is_causal});
    hooks.run(name("attn.hook_attn_scores"), pattern);
    backend().for_each_row(pattern.rows(), SoftmaxRows<Scalar>{pattern.data(), batch.length});
    hooks.run(name("attn.hook_pattern"), pattern);

    Tensor z(backend(), rows, width);  // (rows, n_heads d_head)
    backend().for_each_row(pattern.rows(), AttentionValues<Scalar>{shape, pattern.data(), v.data(), z.data()});
    hooks.run(name("attn.hook_z"), z);
    Tensor const& w_o = weights(name("attn.W_O"));
    if (!hooks.contains(name("attn.hook_result"))) return linear(z, w_o, bias(name("attn.b_O")));

    const Index d = shape_.d_model;
    Tensor result(backend(), rows, heads * d);  // (rows, n_heads d_model)
    for (Index h = 0; h < heads; ++h) {
      backend().template matrix_product<Scalar>(column_block(std::as_const(z).view(), h * shape_.d_head, shape_.d_head),
                                                row_block(w_o.view(), h * shape_.d_head, shape_.d_head),
                                                column_block(result.view(), h * d, d), Scalar(1), Scalar(0));
    }
    hooks.run(name("attn.hook_result"), result);
    Tensor out(backend(), rows, d);
    for (Index h = 0; h < heads; ++h) {
      const auto head = column_block(result.view(), h * d, d);
      backend().for_each_row(rows, AddRows<Scalar>{out.data(), d, head.data, head.row_stride, d});
    }
    add_bias(out, bias(name("attn.b_O")));
    return out;
  }

  /// Layer norm with the weights `name`.w and `name`.b.
  Tensor normalised(std::string const& name, Tensor const& input, Hooks<B, Scalar> const& hooks) const {
    Tensor out = input;
    const Index d = shape_.d_model;
    backend().for_each_row(out.rows(), CentreRows<Scalar>{out.data(), d, d});
    Tensor scale(backend(), out.rows(), 1);
    backend().for_each_row(out.rows(), RowScale<Scalar>{out.data(), d, d, Scalar(1e-5), scale.data()});
    hooks.run(name + ".hook_scale", scale);
    backend().for_each_row(out.rows(), ScaleRows<Scalar>{out.data(), d, d, scale.data(), weights(name + ".w").data(),
                                                         weights(name + ".b").data()});
    hooks.run(name + ".hook_normalized", out);
    return out;
  }

  void activate(Tensor& hidden) const {
    const Index cols = hidden.cols();
    switch (shape_.act_fn) {
      case ActFn::relu:
        return backend().for_each_row(hidden.rows(), Relu<Scalar>{hidden.data(), cols, cols});
      case ActFn::gelu:
        return backend().for_each_row(hidden.rows(), Gelu<Scalar>{hidden.data(), cols, cols});
      case ActFn::gelu_new:
        return backend().for_each_row(hidden.rows(), GeluTanh<Scalar>{hidden.data(), cols, cols});
    }
  }

  Tensor linear(Tensor const& input, Tensor const& w, Tensor const* b) const {
    Tensor out(backend(), input.rows(), w.cols());
    backend().template matrix_product<Scalar>(input.view(), w.view(), out.view(), Scalar(1), Scalar(0));
    add_bias(out, b);
    return out;
  }

  void add_bias(Tensor& values, Tensor const* b) const {
    if (b == nullptr) return;
    backend().for_each_row(values.rows(), AddBias<Scalar>{values.data(), values.cols(), b->data(), values.cols()});
  }

  void add(Tensor& values, Tensor const& addend) const {
    const Index cols = values.cols();
    backend().for_each_row(values.rows(), AddRows<Scalar>{values.data(), cols, addend.data(), cols, cols});
  }

  Tensor const& weights(std::string_view name) const { return this->named(name); }
  /// Nothing where the model has no biases.
  Tensor const* bias(std::string_view name) const { return shape_.has_biases ? &this->named(name) : nullptr; }

  static std::vector<Parameter<B, Scalar>> zero_parameters(B const& device, TransformerShape const& shape) {
    shape.check();
    std::vector<Parameter<B, Scalar>> parameters;
    const auto add = [&](std::string name, Index rows, char const* row_meaning, Index cols, char const* col_meaning) {
      parameters.emplace_back(device, std::move(name), ParameterSide{rows, row_meaning},
                              ParameterSide{cols, col_meaning});
    };
    const auto add_norm = [&](std::string const& name) {
      add(name + ".w", 1, "1", shape.d_model, "d_model");
      add(name + ".b", 1, "1", shape.d_model, "d_model");
    };
    add("embed.W_E", shape.d_vocab, "d_vocab", shape.d_model, "d_model");
    if (shape.positions == Positions::learned) add("pos_embed.W_pos", shape.n_ctx, "n_ctx", shape.d_model, "d_model");
    for (Index layer = 0; layer < shape.n_layers; ++layer) {
      const auto name = [&](char const* part) { return detail::in_block(layer, part); };
      if (shape.has_layer_norm) add_norm(name("ln1"));
      for (char const* weight : {"attn.W_Q", "attn.W_K", "attn.W_V"}) {
        add(name(weight), shape.n_heads * shape.d_model, "n_heads d_model", shape.d_head, "d_head");
      }
      add(name("attn.W_O"), shape.n_heads * shape.d_head, "n_heads d_head", shape.d_model, "d_model");
      if (shape.has_biases) {
        for (char const* b : {"attn.b_Q", "attn.b_K", "attn.b_V"}) {
          add(name(b), shape.n_heads, "n_heads", shape.d_head, "d_head");
        }
        add(name("attn.b_O"), 1, "1", shape.d_model, "d_model");
      }
      if (shape.attn_only) continue;
      if (shape.has_layer_norm) add_norm(name("ln2"));
      add(name("mlp.W_in"), shape.d_model, "d_model", shape.d_mlp, "d_mlp");
      if (shape.has_biases) add(name("mlp.b_in"), 1, "1", shape.d_mlp, "d_mlp");
      add(name("mlp.W_out"), shape.d_mlp, "d_mlp", shape.d_model, "d_model");
      if (shape.has_biases) add(name("mlp.b_out"), 1, "1", shape.d_model, "d_model");
    }
    if (shape.has_layer_norm) add_norm("ln_final");
    add("unembed.W_U", shape.d_model, "d_model", shape.d_vocab_out, "d_vocab_out");
    if (shape.has_biases) add("unembed.b_U", 1, "1", shape.d_vocab_out, "d_vocab_out");
    return parameters;
  }

  TransformerShape shape_;
  std::shared_ptr<HookPoints const> hook_points_;
  std::optional<Tensor> sinusoids_;  // (n_ctx, d_model)
};

}  // namespace cayley
