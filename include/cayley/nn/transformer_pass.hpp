/// The general pass of a transformer: forward and backward through every position, with or without hooks.
#pragma once

#include <cayley/backend/activation.hpp>
#include <cayley/backend/attention.hpp>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/model_parameters.hpp>
#include <cayley/nn/transformer_memory.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace cayley::detail {

/// The arithmetic of a transformer on a block of sequences, whose activations lie in a `TransformerMemory`.
///
/// Without queries every position is computed to the end; with queries the last layer computes the positions alone that
/// are asked for. Hooks see whole tensors, so that a pass with hooks has one block, of all positions.
template <class B, class Scalar>
class TransformerPass {
 public:
  using Tensor = DeviceMatrix<B, Scalar>;
  using Memory = TransformerMemory<B, Scalar>;
  using HookSet = Hooks<B, Scalar>;

  /// A block: `rows` positions from `first_row` on, and `queries` read positions from `first_query` on, both numbered
  /// within the memory.
  struct Block {
    std::uint32_t const* tokens;
    Index length;
    Index first_row, rows;
    Index first_query, queries;
    std::uint32_t const* query_rows = nullptr;   ///< numbered within the block; null: every position
    std::uint32_t const* query_begin = nullptr;  ///< for each sequence, and the end
  };

  TransformerPass(TransformerShape const& shape, TransformerPlaces const& places,
                  std::span<Parameter<B, Scalar> const> parameters, TransformerWeights<B, Scalar> const& weights,
                  Tensor const* sinusoids, Memory& memory)
      : shape_(shape),
        places_(places),
        parameters_(parameters),
        weights_(weights),
        sinusoids_(sinusoids),
        memory_(memory) {}

  /// Logits of the block, into `memory.logits`. `hooks` may be null.
  void forward(Block const& block, HookSet const* hooks) {
    embed(block, hooks);
    for (std::size_t l = 0; l < memory_.layers.size(); ++l) forward_layer(l, block, hooks);
    const auto last = rows_of(memory_.last_residual, block.first_query, block.queries);
    if (shape_.has_layer_norm)
      normalise(memory_.ln_final, last, block.first_query, places_.ln_final, "ln_final", hooks);
    Tensor& read = shape_.has_layer_norm ? memory_.ln_final.normalised : memory_.last_residual;
    linear(rows_of(read, block.first_query, block.queries), weight(places_.w_u).view(), bias(places_.b_u),
           rows_of(memory_.logits, block.first_query, block.queries));
  }

  /// Gradients of everything that the weights' gradients need, from the gradient of the logits in `memory.logits`.
  /// `hooks` see gradients, last hook point first; may be null.
  void backward(Block const& block, HookSet const* hooks) {
    const auto logits = rows_of(memory_.logits, block.first_query, block.queries);
    auto& last = memory_.layers.back();
    const auto d_last = rows_of(last.d_out, block.first_query, block.queries);
    product(logits, weights_.wt_u.view(), d_last);
    if (shape_.has_layer_norm) {
      normalise_backward(memory_.ln_final, d_last, block.first_query, places_.ln_final, "ln_final", hooks);
    }
    for (std::size_t l = memory_.layers.size(); l-- > 0;) backward_layer(l, block, hooks);
    if (hooks != nullptr) {
      memory_.d_positions = memory_.d_embed;
      hooks->run("hook_pos_embed", memory_.d_positions);
      hooks->run("hook_embed", memory_.d_embed);
    }
  }

 private:
  using View = MatrixView<Scalar>;
  using ConstView = MatrixView<Scalar const>;
  using Layer = typename Memory::Layer;
  using Norm = typename Memory::Norm;

  B const& backend() const { return memory_.backend; }
  Tensor const& weight(std::size_t place) const { return parameters_[place].values(); }
  Scalar const* bias(std::size_t place) const { return place != 0 ? weight(place).data() : nullptr; }
  static View rows_of(Tensor& tensor, Index first, Index count) { return row_block(tensor.view(), first, count); }

  bool is_compact(std::size_t layer, Block const& block) const {
    return block.query_rows != nullptr && layer + 1 == memory_.layers.size();
  }
  static void run(HookSet const* hooks, std::size_t layer, char const* name, Tensor& tensor) {
    if (hooks != nullptr) hooks->run(in_block(static_cast<Index>(layer), name), tensor);
  }

  void embed(Block const& block, HookSet const* hooks) {
    const Index d = shape_.d_model;
    Tensor& residual = memory_.layers.front().residual;
    Scalar* out = rows_of(residual, block.first_row, block.rows).data;
    Tensor const& table = weight(places_.w_e);
    backend().for_each_row(block.rows, GatherRows<Scalar>{table.data(), d, block.tokens, 1, out, d, d});
    if (hooks != nullptr) hooks->run("hook_embed", residual);
    if (shape_.positions == Positions::none) return;
    Scalar const* positions = sinusoids_ != nullptr ? sinusoids_->data() : weight(places_.w_pos).data();
    if (hooks == nullptr) {
      backend().for_each_row(block.rows, AddRepeatedRows<Scalar>{positions, block.length, out, d});
      return;
    }
    Tensor repeated(backend(), block.rows, d);
    backend().for_each_row(block.rows, AddRepeatedRows<Scalar>{positions, block.length, repeated.data(), d});
    hooks->run("hook_pos_embed", repeated);
    backend().for_each_row(block.rows, AddRows<Scalar>{out, d, repeated.data(), d, d});
  }

  AttentionShape attention_shape(std::size_t l, Block const& block) const {
    AttentionShape shape{shape_.n_heads, block.length, shape_.d_head};
    if (is_compact(l, block)) {
      shape.queries = block.query_rows;
      shape.query_begin = block.query_begin;
    }
    return shape;
  }

  /// The range of rows that a layer computes past its keys and values.
  std::pair<Index, Index> query_range(std::size_t l, Block const& block) const {
    if (is_compact(l, block)) return {block.first_query, block.queries};
    return {block.first_row, block.rows};
  }

  Scalar* pattern_data(Tensor& pattern, std::size_t l, Block const& block) const {
    return pattern.data() + query_range(l, block).first * shape_.n_heads * block.length;
  }

  void forward_layer(std::size_t l, Block const& block, HookSet const* hooks) {
    Layer& layer = memory_.layers[l];
    auto const& places = places_.blocks[l];
    auto const& weights = weights_.layers[l];
    const Index d = shape_.d_model;
    const auto [first, count] = query_range(l, block);
    const auto residual = rows_of(layer.residual, block.first_row, block.rows);
    run(hooks, l, "hook_resid_pre", layer.residual);
    if (shape_.has_layer_norm) {
      normalise(layer.ln1, residual, block.first_row, places.ln1, norm_name(l, "ln1"), hooks);
    }
    Tensor& input_tensor = shape_.has_layer_norm ? layer.ln1.normalised : layer.residual;
    const ConstView input = rows_of(input_tensor, block.first_row, block.rows);
    ConstView query_input = input, query_residual = residual;
    if (is_compact(l, block)) {
      query_residual = gathered(residual, block, layer.query_residual);
      query_input = shape_.has_layer_norm ? gathered(input, block, layer.query_input) : query_residual;
    }
    const auto q = rows_of(layer.q, first, count), k = rows_of(layer.k, block.first_row, block.rows);
    const auto v = rows_of(layer.v, block.first_row, block.rows), z = rows_of(layer.z, first, count);
    linear(query_input, weights.w_q.view(), bias(places.b_q), q);
    run(hooks, l, "attn.hook_q", layer.q);
    linear(input, weights.w_k.view(), bias(places.b_k), k);
    run(hooks, l, "attn.hook_k", layer.k);
    linear(input, weights.w_v.view(), bias(places.b_v), v);
    run(hooks, l, "attn.hook_v", layer.v);

    const AttentionShape shape = attention_shape(l, block);
    const Index pattern_rows = count * shape.heads;
    Scalar* pattern = pattern_data(layer.pattern, l, block);
    backend().for_each_row(pattern_rows, AttentionScores<Scalar>{shape, q.data, k.data, pattern, score_scale(),
                                                                 shape_.is_causal, -Scalar(INFINITY)});
    run(hooks, l, "attn.hook_attn_scores", layer.pattern);
    backend().for_each_row(pattern_rows, SoftmaxRows<Scalar>{pattern, block.length});
    // An edited pattern may look ahead; the gradient of the softmax is taken where it was.
    if (hooks != nullptr && memory_.with_gradient) layer.softmax = layer.pattern;
    run(hooks, l, "attn.hook_pattern", layer.pattern);
    backend().for_each_row(pattern_rows, AttentionValues<Scalar>{shape, pattern, v.data, z.data, skips(hooks)});
    run(hooks, l, "attn.hook_z", layer.z);

    const auto middle = rows_of(layer.middle, first, count);
    attention_out(l, z, middle, hooks);
    for (Index i = 0; i < residuals(); ++i) add(middle, query_residual);
    View out = middle;
    if (!shape_.attn_only) {
      run(hooks, l, "hook_resid_mid", layer.middle);
      if (shape_.has_layer_norm) normalise(layer.ln2, middle, first, places.ln2, norm_name(l, "ln2"), hooks);
      const auto mlp_input = rows_of(shape_.has_layer_norm ? layer.ln2.normalised : layer.middle, first, count);
      const auto post = rows_of(layer.post, first, count);  // (queries, d_mlp)
      linear(mlp_input, weight(places.w_in).view(), bias(places.b_in), post);
      run(hooks, l, "mlp.hook_pre", layer.post);
      if (memory_.keeps_pre) {
        const auto pre = rows_of(layer.pre, first, count);
        backend().for_each_row(count, CopyRows<Scalar>{post.data, post.cols, pre.data, post.cols, post.cols});
      }
      activate(shape_.act_fn, backend(), post);
      run(hooks, l, "mlp.hook_post", layer.post);
      Tensor& out_tensor = l + 1 == memory_.layers.size() ? memory_.last_residual : memory_.layers[l + 1].residual;
      out = rows_of(out_tensor, first, count);
      linear(post, weight(places.w_out).view(), bias(places.b_out), out);
      run(hooks, l, "hook_mlp_out", out_tensor);
      add(out, middle);
      run(hooks, l, "hook_resid_post", out_tensor);
    } else {
      Tensor& out_tensor = l + 1 == memory_.layers.size() ? memory_.last_residual : memory_.layers[l + 1].residual;
      out = rows_of(out_tensor, first, count);
      backend().for_each_row(count, CopyRows<Scalar>{middle.data, d, out.data, d, d});
      run(hooks, l, "hook_resid_post", out_tensor);
    }
  }

  /// What the heads write to the residual stream; by head only for a callback at `attn.hook_result`.
  void attention_out(std::size_t l, ConstView z, View out, HookSet const* hooks) {
    Layer& layer = memory_.layers[l];
    auto const& places = places_.blocks[l];
    Tensor const& w_o = weight(places.w_o);
    const std::string name = hooks == nullptr ? std::string() : in_block(static_cast<Index>(l), "attn.hook_result");
    if (hooks == nullptr || !hooks->contains(name)) {
      linear(z, w_o.view(), bias(places.b_o), out);
    } else {
      const Index d = shape_.d_model, e = shape_.d_head;
      Tensor result(backend(), z.rows, shape_.n_heads * d);  // (rows, n_heads d_model)
      for (Index h = 0; h < shape_.n_heads; ++h) {
        product(column_block(z, h * e, e), row_block(w_o.view(), h * e, e), column_block(result.view(), h * d, d));
      }
      hooks->run(name, result);
      copy(column_block(std::as_const(result).view(), 0, d), out);
      for (Index h = 1; h < shape_.n_heads; ++h) add(out, column_block(std::as_const(result).view(), h * d, d));
      add_bias(out, bias(places.b_o));
    }
    run(hooks, l, "hook_attn_out", layer.middle);
  }

  void backward_layer(std::size_t l, Block const& block, HookSet const* hooks) {
    Layer& layer = memory_.layers[l];
    auto const& places = places_.blocks[l];
    auto const& weights = weights_.layers[l];
    const auto [first, count] = query_range(l, block);
    const auto d_out = rows_of(layer.d_out, first, count), d_middle = rows_of(layer.d_middle, first, count);
    run(hooks, l, "hook_resid_post", layer.d_out);
    copy(d_out, d_middle);
    if (!shape_.attn_only) {
      if (hooks != nullptr) {
        layer.d_mlp_out = layer.d_out;
        run(hooks, l, "hook_mlp_out", layer.d_mlp_out);
      }
      const ConstView d_mlp_out = hooks != nullptr ? rows_of(layer.d_mlp_out, first, count) : d_out;
      const auto d_pre = rows_of(layer.d_pre, first, count);  // (queries, d_mlp)
      product(d_mlp_out, weights.wt_out.view(), d_pre);
      run(hooks, l, "mlp.hook_post", layer.d_pre);
      Tensor& at = memory_.keeps_pre ? layer.pre : layer.post;
      activate_backward(shape_.act_fn, backend(), rows_of(at, first, count), d_pre);
      run(hooks, l, "mlp.hook_pre", layer.d_pre);
      if (shape_.has_layer_norm) {
        const auto d_input = rows_of(layer.ln2.gradient, first, count);
        product(d_pre, weights.wt_in.view(), d_input);
        normalise_backward(layer.ln2, d_input, first, places.ln2, norm_name(l, "ln2"), hooks);
        add(d_middle, d_input);
      } else {
        product(d_pre, weights.wt_in.view(), d_middle, Scalar(1));
      }
      run(hooks, l, "hook_resid_mid", layer.d_middle);
    }
    backward_attention(l, block, hooks);
  }

  void backward_attention(std::size_t l, Block const& block, HookSet const* hooks) {
    Layer& layer = memory_.layers[l];
    auto const& places = places_.blocks[l];
    auto const& weights = weights_.layers[l];
    const auto [first, count] = query_range(l, block);
    const auto d_middle = rows_of(layer.d_middle, first, count);
    const auto rows = [&](Tensor& tensor) { return rows_of(tensor, block.first_row, block.rows); };
    const auto queries = [&, first = first, count = count](Tensor& tensor) { return rows_of(tensor, first, count); };
    if (hooks != nullptr) {
      layer.d_attn_out = layer.d_middle;
      run(hooks, l, "hook_attn_out", layer.d_attn_out);
    }
    const auto d_z = queries(layer.d_z);
    backward_result(l, hooks != nullptr ? queries(layer.d_attn_out) : d_middle, d_z, hooks);
    run(hooks, l, "attn.hook_z", layer.d_z);

    const AttentionShape shape = attention_shape(l, block);
    const Index pattern_rows = count * shape.heads;
    Scalar *pattern = pattern_data(layer.pattern, l, block), *d_scores = pattern_data(layer.d_scores, l, block);
    const auto q = queries(layer.q), d_q = queries(layer.d_q);
    const auto k = rows(layer.k), v = rows(layer.v), d_k = rows(layer.d_k), d_v = rows(layer.d_v);
    const bool is_causal = skips(hooks);
    backend().for_each_row(pattern_rows,
                           AttentionScores<Scalar>{shape, d_z.data, v.data, d_scores, Scalar(1), is_causal, Scalar(0)});
    run(hooks, l, "attn.hook_pattern", layer.d_scores);
    Scalar const* softmax = hooks != nullptr ? layer.softmax.data() : pattern;
    backend().for_each_row(pattern_rows, SoftmaxRowsBackward<Scalar>{softmax, d_scores, block.length});
    run(hooks, l, "attn.hook_attn_scores", layer.d_scores);
    backend().for_each_row(block.rows * shape.heads,
                           AttentionValuesBackward<Scalar>{shape, pattern, d_z.data, d_v.data, is_causal});
    run(hooks, l, "attn.hook_v", layer.d_v);
    backend().for_each_row(block.rows * shape.heads,
                           AttentionValuesBackward<Scalar>{shape, d_scores, q.data, d_k.data, is_causal});
    scale(d_k, score_scale());
    run(hooks, l, "attn.hook_k", layer.d_k);
    backend().for_each_row(pattern_rows, AttentionValues<Scalar>{shape, d_scores, k.data, d_q.data, is_causal});
    scale(d_q, score_scale());
    run(hooks, l, "attn.hook_q", layer.d_q);

    // The gradient of the layer's input: through the residual stream, the queries, keys and values.
    Tensor& d_residual_tensor = l == 0 ? memory_.d_embed : memory_.layers[l - 1].d_out;
    const auto d_residual = rows(d_residual_tensor);
    const bool compact = is_compact(l, block);
    const View d_input = shape_.has_layer_norm ? rows(layer.ln1.gradient) : d_residual;
    product(d_k, weights.wt_k.view(), d_input);
    product(d_v, weights.wt_v.view(), d_input, Scalar(1));
    if (!compact) {
      product(d_q, weights.wt_q.view(), d_input, Scalar(1));
      if (shape_.has_layer_norm) {
        normalise_backward(layer.ln1, d_input, block.first_row, places.ln1, norm_name(l, "ln1"), hooks);
        copy(d_input, d_residual);
      }
      for (Index i = 0; i < residuals(); ++i) add(d_residual, d_middle);
    } else if (shape_.has_layer_norm) {
      const auto d_query = queries(layer.d_query_input);
      product(d_q, weights.wt_q.view(), d_query);
      scatter(d_query, block, d_input);
      normalise_backward(layer.ln1, d_input, block.first_row, places.ln1, norm_name(l, "ln1"), hooks);
      copy(d_input, d_residual);
      for (Index i = 0; i < residuals(); ++i) scatter(d_middle, block, d_residual);
    } else {
      const auto d_query = queries(layer.d_query_input);
      product(d_q, weights.wt_q.view(), d_query);
      for (Index i = 0; i < residuals(); ++i) add(d_query, d_middle);
      scatter(d_query, block, d_residual);
    }
    run(hooks, l, "hook_resid_pre", d_residual_tensor);
  }

  /// The gradient of z, by head where a callback waits for the gradient of `attn.hook_result`.
  void backward_result(std::size_t l, ConstView d_attn_out, View d_z, HookSet const* hooks) {
    Layer& layer = memory_.layers[l];
    if (hooks == nullptr) return product(d_attn_out, weights_.layers[l].wt_o.view(), d_z);
    const std::string name = in_block(static_cast<Index>(l), "attn.hook_result");
    layer.has_d_result = hooks->contains(name);  // a pass with hooks has one block, so that no other thread looks
    if (!layer.has_d_result) return product(d_attn_out, weights_.layers[l].wt_o.view(), d_z);
    const Index d = shape_.d_model, e = shape_.d_head;
    layer.d_result = Tensor(backend(), d_attn_out.rows, shape_.n_heads * d);
    for (Index h = 0; h < shape_.n_heads; ++h) copy(d_attn_out, column_block(layer.d_result.view(), h * d, d));
    hooks->run(name, layer.d_result);
    for (Index h = 0; h < shape_.n_heads; ++h) {
      const ConstView wt = column_block(weights_.layers[l].wt_o.view(), h * e, e);  // (d_model, d_head)
      product(column_block(std::as_const(layer.d_result).view(), h * d, d), wt, column_block(d_z, h * e, e));
    }
  }

  static std::string norm_name(std::size_t l, char const* name) { return in_block(static_cast<Index>(l), name); }

  void normalise(Norm& norm, ConstView in, Index first, TransformerPlaces::Norm const& places, std::string const& name,
                 HookSet const* hooks) {
    const Index d = shape_.d_model, rows = in.rows;
    const auto centred = rows_of(norm.centred, first, rows), out = rows_of(norm.normalised, first, rows);
    Scalar* scale = norm.scale.data() + first;
    copy(in, centred);
    backend().for_each_row(rows, CentreRows<Scalar>{centred.data, d, d});
    backend().for_each_row(rows, RowScale<Scalar>{centred.data, d, d, Scalar(1e-5), scale});
    if (hooks != nullptr) hooks->run(name + ".hook_scale", norm.scale);
    copy(centred, out);
    backend().for_each_row(rows,
                           ScaleRows<Scalar>{out.data, d, d, scale, weight(places.w).data(), weight(places.b).data()});
    if (hooks != nullptr) hooks->run(name + ".hook_normalized", norm.normalised);
  }

  /// The gradient of the output, which `norm.d_normalised` keeps, becomes that of the input, in place.
  void normalise_backward(Norm& norm, View gradient, Index first, TransformerPlaces::Norm const& places,
                          std::string const& name, HookSet const* hooks) {
    const Index d = shape_.d_model, rows = gradient.rows;
    const auto kept = rows_of(norm.d_normalised, first, rows), centred = rows_of(norm.centred, first, rows);
    Scalar *scale = norm.scale.data() + first, *d_scale = norm.d_scale.data() + first;
    copy(gradient, kept);
    if (hooks != nullptr) {
      hooks->run(name + ".hook_normalized", norm.d_normalised);
      copy(kept, gradient);
    }
    backend().for_each_row(
        rows, ScaleRowsBackward<Scalar>{gradient.data, d, d, centred.data, scale, weight(places.w).data(), d_scale});
    if (hooks != nullptr) hooks->run(name + ".hook_scale", norm.d_scale);
    backend().for_each_row(rows, RowScaleBackward<Scalar>{gradient.data, d, d, centred.data, scale, d_scale});
    backend().for_each_row(rows, CentreRows<Scalar>{gradient.data, d, d});
  }

  /// How often the residual stream is added to what a layer writes.
  Index residuals() const { return shape_.doubled_residual ? 2 : 1; }
  /// Whether what a causal mask hides is left out: not where a callback may have put something there.
  bool skips(HookSet const* hooks) const { return shape_.is_causal && hooks == nullptr; }
  Scalar score_scale() const { return static_cast<Scalar>(1 / std::sqrt(static_cast<double>(shape_.d_head))); }

  void product(ConstView a, ConstView b, View c, Scalar beta = Scalar(0)) const {
    backend().template matrix_product<Scalar>(a, b, c, Scalar(1), beta);
  }
  void linear(ConstView in, ConstView w, Scalar const* b, View out) const {
    product(in, w, out);
    add_bias(out, b);
  }
  void add_bias(View values, Scalar const* b) const {
    if (b == nullptr) return;
    backend().for_each_row(values.rows, AddBias<Scalar>{values.data, values.row_stride, b, values.cols});
  }
  void add(View to, ConstView addend) const {
    backend().for_each_row(to.rows, AddRows<Scalar>{to.data, to.row_stride, addend.data, addend.row_stride, to.cols});
  }
  void copy(ConstView from, View to) const {
    backend().for_each_row(to.rows, CopyRows<Scalar>{from.data, from.row_stride, to.data, to.row_stride, to.cols});
  }
  void scale(View values, Scalar factor) const {
    if (factor == Scalar(1)) return;
    backend().for_each(values.rows * values.cols, Scale<Scalar>{values.data, factor});
  }
  /// The block's queries alone.
  ConstView gathered(ConstView rows, Block const& block, Tensor& into) const {
    const auto out = rows_of(into, block.first_query, block.queries);
    backend().for_each_row(block.queries, GatherRows<Scalar>{rows.data, rows.row_stride, block.query_rows, 1, out.data,
                                                             out.row_stride, out.cols});
    return out;
  }
  void scatter(ConstView queries, Block const& block, View to) const {
    backend().for_each_row(block.queries, ScatterAddRows<Scalar>{queries.data, queries.row_stride, block.query_rows,
                                                                 to.data, to.row_stride, to.cols});
  }

  TransformerShape const& shape_;
  TransformerPlaces const& places_;
  std::span<Parameter<B, Scalar> const> parameters_;
  TransformerWeights<B, Scalar> const& weights_;
  Tensor const* sinusoids_;
  Memory& memory_;
};

}  // namespace cayley::detail
