/// What the general pass of a transformer keeps: weights as it multiplies with them, activations, and gradients.
#pragma once

#include <cayley/backend/activation.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/parameter.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <span>
#include <vector>

namespace cayley::detail {

/// Weights of the heads side by side, and transposes for the way back: made once a step instead of by each product.
template <class B, class Scalar>
struct TransformerWeights {
  using Tensor = DeviceMatrix<B, Scalar>;
  struct Layer {
    Tensor w_q, w_k, w_v;     // (d_model, n_heads d_head)
    Tensor wt_q, wt_k, wt_v;  // (n_heads d_head, d_model)
    Tensor wt_o;              // (d_model, n_heads d_head)
    Tensor wt_in, wt_out;     // (d_mlp, d_model), (d_model, d_mlp)
  };
  std::vector<Layer> layers;
  Tensor wt_u;  // (d_vocab_out, d_model)

  TransformerWeights(B const& backend, TransformerShape const& shape)
      : wt_u(backend, shape.d_vocab_out, shape.d_model) {
    const Index d = shape.d_model, width = shape.n_heads * shape.d_head, mlp = shape.attn_only ? 0 : shape.d_mlp;
    const Tensor by_model(backend, d, width), by_head(backend, width, d);
    const Layer layer{by_model, by_model, by_model,          by_head,          by_head,
                      by_head,  by_model, {backend, mlp, d}, {backend, d, mlp}};
    layers.assign(static_cast<std::size_t>(shape.n_layers), layer);
  }

  /// Reads the parameters.
  void read(TransformerShape const& shape, TransformerPlaces const& places,
            std::span<Parameter<B, Scalar> const> parameters, bool with_gradient) {
    B const& backend = wt_u.backend();
    const Index d = shape.d_model, e = shape.d_head, width = shape.n_heads * e;
    const auto transpose = [&](MatrixView<Scalar const> from, MatrixView<Scalar> to) {
      backend.for_each_row(to.rows, TransposeRows<Scalar>{from.data, from.row_stride, to.data, to.row_stride, to.cols});
    };
    const auto value = [&](std::size_t place) -> Tensor const& { return parameters[place].values(); };
    for (std::size_t l = 0; l < layers.size(); ++l) {
      Layer& to = layers[l];
      auto const& from = places.blocks[l];
      const auto pack = [&](Tensor const& w, Tensor& packed, Tensor& wt) {
        backend.for_each_row(shape.n_heads * d, CopyBlocks<Scalar>{w.data(), e, d * e, packed.data(), width, e, d, e});
        if (!with_gradient) return;
        backend.for_each_row(width, TransposeBlocks<Scalar>{w.data(), e, d * e, wt.data(), d, e, d});
      };
      pack(value(from.w_q), to.w_q, to.wt_q);
      pack(value(from.w_k), to.w_k, to.wt_k);
      pack(value(from.w_v), to.w_v, to.wt_v);
      if (!with_gradient) continue;
      transpose(value(from.w_o).view(), to.wt_o.view());
      if (shape.attn_only) continue;
      transpose(value(from.w_in).view(), to.wt_in.view());
      transpose(value(from.w_out).view(), to.wt_out.view());
    }
    if (with_gradient) transpose(value(places.w_u).view(), wt_u.view());
  }
};

/// Activations, and where asked for their gradients, of `rows` positions of which `queries` are read.
template <class B, class Scalar>
struct TransformerMemory {
  using Tensor = DeviceMatrix<B, Scalar>;

  struct Norm {
    Tensor centred, normalised;     // (rows, d_model)
    Tensor scale;                   // (rows, 1)
    Tensor gradient, d_normalised;  // (rows, d_model)
    Tensor d_scale;                 // (rows, 1)
  };
  /// In the last layer, `queries` are the positions that are read, else all.
  struct Layer {
    Norm ln1, ln2;
    Tensor residual;                        // (rows, d_model), before the layer
    Tensor query_residual, query_input;     // (queries, d_model), where only some positions are read
    Tensor q, z;                            // (queries, n_heads d_head)
    Tensor k, v;                            // (rows, n_heads d_head)
    Tensor pattern;                         // (n_heads queries, length)
    Tensor middle;                          // (queries, d_model)
    Tensor pre, post;                       // (queries, d_mlp)
    Tensor d_out, d_middle, d_query_input;  // (queries, d_model)
    Tensor d_pre;                           // (queries, d_mlp)
    Tensor d_q, d_z;                        // (queries, n_heads d_head)
    Tensor d_k, d_v;                        // (rows, n_heads d_head)
    Tensor d_scores;                        // (n_heads queries, length)
    // With hooks alone: what callbacks may set apart.
    Tensor softmax, d_mlp_out, d_attn_out, d_result;
    bool has_d_result = false;
  };

  B backend;
  bool with_gradient;
  bool keeps_pre;  ///< the activations before the nonlinearity of the MLPs are needed for the way back
  std::vector<Layer> layers;
  Tensor last_residual;  // (queries, d_model)
  Norm ln_final;
  Tensor logits;                // (queries, d_vocab_out)
  Tensor d_embed, d_positions;  // (rows, d_model)

  TransformerMemory(B const& device, TransformerShape const& shape, Index length, Index rows, Index queries,
                    bool gradients, bool hooks)
      : backend(device),
        with_gradient(gradients),
        keeps_pre(gradients && !shape.attn_only && (hooks || shape.act_fn != ActFn::relu)),
        last_residual(tensor(queries, shape.d_model)),
        ln_final(norm(shape, queries)),
        logits(tensor(queries, shape.d_vocab_out)),
        d_embed(tensor(gradients ? rows : 0, shape.d_model)),
        d_positions(tensor(0, 0)) {
    const Index d = shape.d_model, width = shape.n_heads * shape.d_head, mlp = shape.attn_only ? 0 : shape.d_mlp;
    for (Index l = 0; l < shape.n_layers; ++l) {
      const Index asked = l + 1 == shape.n_layers ? queries : rows;
      const Index gathered = asked < rows || (!hooks && l + 1 == shape.n_layers) ? asked : 0;
      const Index back = gradients ? rows : 0, asked_back = gradients ? asked : 0;
      layers.push_back({norm(shape, rows),
                        norm(shape, asked),
                        tensor(rows, d),
                        tensor(gathered, d),
                        tensor(gathered, d),
                        tensor(asked, width),
                        tensor(asked, width),
                        tensor(rows, width),
                        tensor(rows, width),
                        tensor(shape.n_heads * asked, length),
                        tensor(asked, d),
                        tensor(keeps_pre ? asked : 0, mlp),
                        tensor(asked, mlp),
                        tensor(asked_back, d),
                        tensor(asked_back, d),
                        tensor(gradients ? gathered : 0, d),
                        tensor(asked_back, mlp),
                        tensor(asked_back, width),
                        tensor(asked_back, width),
                        tensor(back, width),
                        tensor(back, width),
                        tensor(shape.n_heads * asked_back, length),
                        tensor(0, 0),
                        tensor(0, 0),
                        tensor(0, 0),
                        tensor(0, 0)});
    }
  }

 private:
  Tensor tensor(Index rows, Index cols) const { return Tensor(backend, rows, cols); }
  Norm norm(TransformerShape const& shape, Index rows) const {
    const Index n = shape.has_layer_norm ? rows : 0, back = with_gradient ? n : 0, d = shape.d_model;
    return {tensor(n, d), tensor(n, d), tensor(n, 1), tensor(back, d), tensor(back, d), tensor(back, 1)};
  }
};

/// Calls run(functor) with the rows of the nonlinearity of an MLP, in place.
template <class Scalar, class Run>
void with_activation(ActFn function, MatrixView<Scalar> x, Run const& run) {
  switch (function) {
    case ActFn::relu:
      return run(Relu<Scalar>{x.data, x.row_stride, x.cols});
    case ActFn::gelu:
      return run(Gelu<Scalar>{x.data, x.row_stride, x.cols});
    case ActFn::gelu_new:
      return run(GeluTanh<Scalar>{x.data, x.row_stride, x.cols});
  }
}

/// The same with its gradient, in place. `at`: the nonlinearity's input; for the ReLU its output will do.
template <class Scalar, class Run>
void with_activation_backward(ActFn function, MatrixView<Scalar> at, MatrixView<Scalar> gradient, Run const& run) {
  Scalar *g = gradient.data, *x = at.data;
  const Index stride = gradient.row_stride, at_stride = at.row_stride, cols = gradient.cols;
  switch (function) {
    case ActFn::relu:
      return run(ReluBackward<Scalar>{g, stride, x, at_stride, cols});
    case ActFn::gelu:
      return run(GeluBackward<Scalar>{g, stride, x, at_stride, cols});
    case ActFn::gelu_new:
      return run(GeluTanhBackward<Scalar>{g, stride, x, at_stride, cols});
  }
}

/// The nonlinearity of an MLP, in place.
template <class B, class Scalar>
void activate(ActFn function, B const& backend, MatrixView<Scalar> x) {
  with_activation(function, x, [&](auto const& functor) { backend.for_each_row(x.rows, functor); });
}

/// Its gradient, in place, `at` as above.
template <class B, class Scalar>
void activate_backward(ActFn function, B const& backend, MatrixView<Scalar> at, MatrixView<Scalar> gradient) {
  with_activation_backward(function, at, gradient,
                           [&](auto const& functor) { backend.for_each_row(gradient.rows, functor); });
}

}  // namespace cayley::detail
