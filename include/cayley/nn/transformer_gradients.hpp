/// From the activations and gradients of a chunk of sequences to the gradients of a transformer's weights.
#pragma once

#include <algorithm>
#include <cayley/backend/activation.hpp>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/backend/segment_sum.hpp>
#include <cayley/core/lanes.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/model_parameters.hpp>
#include <cayley/nn/transformer_memory.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <utility>
#include <vector>

namespace cayley::detail {

/// Adds the gradients of the weights, chunk after chunk. The result is cut among tasks, never the sum over rows, so that
/// the bits do not depend on the number of threads and no copies of gradients are needed.
template <class B, class Scalar>
class TransformerGradients {
 public:
  using Tensor = DeviceMatrix<B, Scalar>;
  using Memory = TransformerMemory<B, Scalar>;

  TransformerGradients(B const& backend, TransformerShape const& shape, TransformerPlaces const& places)
      : backend_(backend), shape_(shape), places_(places) {
    const Tensor packed(backend, shape.d_model, shape.n_heads * shape.d_head);
    packed_.assign(static_cast<std::size_t>(3 * shape.n_layers), packed);
  }

  /// All gradients zero.
  void clear(ParameterGradients<B, Scalar>& gradients) {
    for (auto* list : {&gradients, &packed_}) {
      for (Tensor& gradient : *list) {
        backend_.for_each(gradient.rows() * gradient.cols(), Fill<Scalar>{gradient.data(), Scalar(0)});
      }
    }
  }

  /// Adds what `rows` positions, of which `queries` are read, contribute. `by_token`: the rows by their token.
  void add(Memory const& memory, Index length, Index rows, Index queries, bool compact, Segments const& by_token,
           ParameterGradients<B, Scalar>& gradients) {
    products_.clear();
    columns_.clear();
    const auto part = [](Tensor const& tensor, Index count) { return row_block(tensor.view(), 0, count); };
    const auto bias = [&](std::size_t place, View gradient) {
      if (place != 0) columns_.push_back({gradient, gradients[place].data()});
    };
    const auto norm = [&](typename Memory::Norm const& n, TransformerPlaces::Norm const& at, Index count) {
      if (!shape_.has_layer_norm) return;
      const Index d = shape_.d_model;
      columns_.push_back({part(n.d_normalised, count), gradients[at.b].data()});
      backend_.for_each(d, AddScaleWeightGradient<Scalar>{n.d_normalised.data(), n.centred.data(), n.scale.data(),
                                                          count, d, gradients[at.w].data()});
    };
    Tensor const& last = shape_.has_layer_norm ? memory.ln_final.normalised : memory.last_residual;
    products_.push_back({part(last, queries), part(memory.logits, queries), gradients[places_.w_u].view()});
    bias(places_.b_u, part(memory.logits, queries));
    norm(memory.ln_final, places_.ln_final, queries);
    for (std::size_t l = 0; l < memory.layers.size(); ++l) {
      auto const& layer = memory.layers[l];
      auto const& at = places_.blocks[l];
      const bool is_last = l + 1 == memory.layers.size();
      const Index asked = is_last ? queries : rows;
      const bool hooked = layer.d_attn_out.rows() > 0;
      if (!shape_.attn_only) {
        const View d_out = part(hooked ? layer.d_mlp_out : layer.d_out, asked), d_pre = part(layer.d_pre, asked);
        Tensor const& mlp_input = shape_.has_layer_norm ? layer.ln2.normalised : layer.middle;
        products_.push_back({part(layer.post, asked), d_out, gradients[at.w_out].view()});
        products_.push_back({part(mlp_input, asked), d_pre, gradients[at.w_in].view()});
        bias(at.b_out, d_out);
        bias(at.b_in, d_pre);
        norm(layer.ln2, at.ln2, asked);
      }
      const View d_attn_out = part(hooked ? layer.d_attn_out : layer.d_middle, asked), z = part(layer.z, asked);
      for (Index h = 0; h < (layer.has_d_result ? shape_.n_heads : 0); ++h) {
        const Index d = shape_.d_model, e = shape_.d_head;
        products_.push_back({column_block(z, h * e, e), column_block(layer.d_result.view(), h * d, d),
                             row_block(gradients[at.w_o].view(), h * e, e)});
      }
      if (!layer.has_d_result) products_.push_back({z, d_attn_out, gradients[at.w_o].view()});
      bias(at.b_o, d_attn_out);
      Tensor const& input = shape_.has_layer_norm ? layer.ln1.normalised : layer.residual;
      Tensor const& query_input =
          !(compact && is_last) ? input : (shape_.has_layer_norm ? layer.query_input : layer.query_residual);
      products_.push_back({part(query_input, asked), part(layer.d_q, asked), packed_[3 * l].view()});
      products_.push_back({part(input, rows), part(layer.d_k, rows), packed_[3 * l + 1].view()});
      products_.push_back({part(input, rows), part(layer.d_v, rows), packed_[3 * l + 2].view()});
      bias(at.b_q, part(layer.d_q, asked));
      bias(at.b_k, part(layer.d_k, rows));
      bias(at.b_v, part(layer.d_v, rows));
      norm(layer.ln1, at.ln1, rows);
    }
    run_products();
    run_tasks(backend_, static_cast<Index>(columns_.size()), [&](Index i, int) {
      auto const& [values, out] = columns_[static_cast<std::size_t>(i)];
      backend_.for_each(values.cols, AddColumnSums<Scalar>{values.data, values.row_stride, values.rows, out});
    });
    add_embedding(memory, length, rows, by_token, gradients);
  }

  /// Moves the gradients of the heads to where they belong, after the last chunk.
  void finish(ParameterGradients<B, Scalar>& gradients) {
    const Index d = shape_.d_model, e = shape_.d_head;
    for (std::size_t l = 0; l < places_.blocks.size(); ++l) {
      auto const& at = places_.blocks[l];
      std::size_t next = 3 * l;
      for (const std::size_t place : {at.w_q, at.w_k, at.w_v}) {
        Tensor const& packed = packed_[next++];
        backend_.for_each_row(shape_.n_heads * d, CopyBlocks<Scalar>{packed.data(), packed.cols(), e,
                                                                     gradients[place].data(), e, d * e, d, e});
      }
    }
  }

 private:
  using View = MatrixView<Scalar const>;

  /// out += in^T gradient.
  struct Product {
    View in, gradient;
    MatrixView<Scalar> out;
  };

  void run_products() {
    std::vector<std::pair<std::size_t, Index>> tasks;  // product and first row of its result
    const auto task_rows = [](Product const& product) { return HasTasks<B> ? Index{64} : product.out.rows; };
    for (std::size_t i = 0; i < products_.size(); ++i) {
      Product const& product = products_[i];
      for (Index first = 0; first < product.out.rows; first += task_rows(product)) tasks.emplace_back(i, first);
    }
    run_tasks(backend_, static_cast<Index>(tasks.size()), [&](Index i, int) {
      const auto [index, first] = tasks[static_cast<std::size_t>(i)];
      Product const& p = products_[index];
      const Index count = std::min(task_rows(p), p.out.rows - first);
      backend_.template matrix_product<Scalar>(transposed(column_block(p.in, first, count)), p.gradient,
                                               row_block(p.out, first, count), Scalar(1), Scalar(1));
    });
  }

  void add_embedding(Memory const& memory, Index length, Index rows, Segments const& by_token,
                     ParameterGradients<B, Scalar>& gradients) {
    const Index d = shape_.d_model, tasks = std::min<Index>(HasTasks<B> ? 8 : 1, by_token.count);
    run_tasks(backend_, tasks, [&](Index i, int) {
      const Part part = part_of(by_token.count, tasks, i);
      const Segments segments{by_token.target + part.first, by_token.begin + part.first, by_token.position, part.count};
      backend_.for_each_row(
          part.count, SegmentSum<Scalar>{segments, memory.d_embed.data(), d, gradients[places_.w_e].data(), d, d});
    });
    if (shape_.positions != Positions::learned) return;
    Tensor& out = gradients[places_.w_pos];
    Tensor const& d_positions = memory.d_positions.rows() > 0 ? memory.d_positions : memory.d_embed;
    const Index cols = length * d;  // of a row for each sequence
    backend_.for_each(cols, AddColumnSums<Scalar>{d_positions.data(), cols, rows / length, out.data()});
  }

  [[no_unique_address]] B backend_;
  TransformerShape shape_;
  TransformerPlaces places_;
  ParameterGradients<B, Scalar> packed_;  // W_Q, W_K and W_V of each layer, (d_model, n_heads d_head)
  std::vector<Product> products_;
  std::vector<std::pair<View, Scalar*>> columns_;
};

}  // namespace cayley::detail
