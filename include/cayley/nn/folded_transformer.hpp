/// A one-layer transformer that is read where the last token never changes, with everything up to its MLP folded into
/// tables.
#pragma once

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/cross_entropy.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/backend/segment_sum.hpp>
#include <cayley/backend/token_tables.hpp>
#include <cayley/core/lanes.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/batch_loss.hpp>
#include <cayley/nn/folded_sequences.hpp>
#include <cayley/nn/token_tables.hpp>
#include <cayley/nn/transformer_memory.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace cayley {

/// The memory and the passes of a folded transformer over sequences.
///
/// A row of the mixed tables holds what reaches the MLP's neurons and, past the MLP, the logits:
/// mixed(tokens) = rest + sum over positions p but the last and heads h of attention[p, h] table[p, token_p, h],
/// logits = act(mixed[0 : d_mlp]) W_out W_U + mixed[d_mlp : d_mlp + d_vocab_out]; the columns behind stay zero.
template <class B, class Scalar>
class FoldedTransformerPass {
 public:
  using Tensor = DeviceMatrix<B, Scalar>;
  using Examples = FoldedSequences<B>;
  using Parameters = std::span<Parameter<B, Scalar> const>;

  FoldedTransformerPass(B const& backend, TransformerShape const& shape, detail::TransformerPlaces const& places,
                        std::shared_ptr<Tensor const> sinusoids)
      : backend_(backend), shape_(shape), tables_(backend, shape, places, std::move(sinusoids)) {}

  /// Losses of every sequence, to be read by `losses`.
  void loss(Parameters parameters, Examples const& examples) {
    tables_.fold(parameters, examples.length(), examples.last_token(), false);
    run<false>(examples);
  }

  /// The same, and the gradients of the loss, which overwrite those before.
  /// Errors: `Error` when the batch is not made for gradients.
  void loss_and_gradient(Parameters parameters, Examples const& examples, ParameterGradients<B, Scalar>& gradients) {
    require(examples.has_segments(), "gradient: the batch was made for its loss alone");
    tables_.fold(parameters, examples.length(), examples.last_token(), true);
    tables_.clear_gradients();
    run<true>(examples);
    tables_.unfold_gradients(parameters, gradients);
  }

  /// The losses of the last pass.
  BatchLoss losses() const {
    BatchLoss loss = downloaded_loss(backend_, row_loss_, row_correct_, rows_, parts_);
    loss.scale = loss_scale_;
    return loss;
  }

  /// How many sequences to work on at a time, and how many to keep the gradients of.
  static Index chunk_rows(B const& backend, TransformerShape const& shape) {
    const Index mlp = shape.attn_only ? 0 : shape.d_mlp;
    return preferred_rows(backend, static_cast<Index>(sizeof(Scalar)) * (3 * mlp + shape.d_vocab_out));
  }
  static constexpr Index pass_rows = 4096;

 private:
  using Pass = typename Examples::Pass;
  using Buffer = typename B::template Buffer<Scalar>;

  /// Memory for a chunk, one for each worker.
  struct Scratch {
    Tensor hidden;  // (chunk, d_mlp), then its gradient
  };

  Index mlp() const { return shape_.attn_only ? 0 : shape_.d_mlp; }

  void reserve(Examples const& examples) {
    rows_ = examples.size();
    loss_scale_ = examples.loss_scale();
    parts_.assign(examples.parts().begin(), examples.parts().end());
    if (row_loss_.size() < rows_) {
      row_loss_ = Buffer(rows_);
      row_correct_ = typename B::template Buffer<std::uint32_t>(rows_);
    }
    if (examples.largest_chunk() > chunk_capacity_) {
      chunk_capacity_ = examples.largest_chunk();
      const Tensor hidden(backend_, chunk_capacity_, mlp());
      scratch_.assign(static_cast<std::size_t>(task_workers(backend_)), Scratch{hidden});
    }
    const Index weights = examples.largest_pass() * (examples.length() - 1) * shape_.n_heads;
    const auto grow = [](Buffer& buffer, Index size) {
      if (buffer.size() < size) buffer = Buffer(size);
    };
    grow(mixed_, examples.largest_pass() * tables_.cols());
    grow(weights_, weights);
    grow(score_gradient_, weights);
    grow(lane_gradients_, examples.largest_lanes() * lane_size());
  }

  template <bool WithGradient>
  void run(Examples const& examples) {
    reserve(examples);
    for (Pass const& pass : examples.passes()) {
      run_tasks(backend_, pass.lanes(), [&](Index lane, int worker) {
        const auto l = static_cast<std::size_t>(lane);
        for (Index i = pass.lane[l]; i < pass.lane[l + 1]; ++i) {
          const bool is_first = i == pass.lane[l] && &pass == examples.passes().data();
          run_chunk<WithGradient>(examples, pass, pass.chunks[static_cast<std::size_t>(i)], is_first,
                                  lane_gradients_.data() + lane * lane_size(),
                                  scratch_[static_cast<std::size_t>(worker)]);
        }
      });
      if (WithGradient) table_gradients(examples, pass);
    }
    if (WithGradient) add_lanes(examples.largest_lanes());
  }

  TokenTableShape table_shape(Examples const& examples, Index row) const {
    return {examples.length(), shape_.n_heads, tables_.cols(), tables_.cols(), examples.index(row)};
  }

  /// Numbers of a lane's sum: the gradients of W_out W_U and of `rest`.
  Index lane_size() const { return mlp() * (tables_.cols() - mlp()) + tables_.cols(); }

  /// One chunk of a lane, which adds to the lane's gradients, or begins them.
  template <bool WithGradient>
  void run_chunk(Examples const& examples, Pass const& pass, Part chunk, bool is_first, Scalar* lane_gradient,
                 Scratch& memory) {
    const Index stride = tables_.cols(), classes = stride - mlp(), rows = chunk.count,
                at = chunk.first - pass.rows.first;
    const TokenTableShape shape = table_shape(examples, chunk.first);
    Scalar* weights = weights_.data() + at * shape.weights();
    const MatrixView<Scalar> mixed{mixed_.data() + at * stride, rows, tables_.cols(), stride};
    const auto pre = column_block(mixed, 0, mlp()), logits = column_block(mixed, mlp(), classes);
    const auto hidden = row_block(memory.hidden.view(), 0, rows);
    backend_.for_each(rows, TokenAttention<Scalar>{shape, tables_.scores().data(), weights});
    backend_.for_each_row(rows, MixTokenTables<Scalar>{shape, tables_.table().data(), weights, tables_.rest().data(),
                                                       mixed.data, stride});
    if (mlp() > 0) {
      copy(pre, hidden);
      detail::activate(shape_.act_fn, backend_, hidden);
      backend_.template matrix_product<Scalar>(hidden, tables_.u().view(), logits, Scalar(1), Scalar(1));
    }
    const double mean = examples.loss_scale() / static_cast<double>(examples.size());
    backend_.for_each_row(
        rows, SoftmaxCrossEntropy<Scalar>{logits.data, stride, examples.labels(chunk.first),
                                          row_loss_.data() + chunk.first, row_correct_.data() + chunk.first,
                                          shape_.d_vocab_out, WithGradient ? static_cast<Scalar>(mean) : Scalar(0)});
    if constexpr (WithGradient) {
      if (mlp() > 0) {
        backend_.template matrix_product<Scalar>(transposed(hidden), logits, matrix_view(lane_gradient, mlp(), classes),
                                                 Scalar(1), is_first ? Scalar(0) : Scalar(1));
        backend_.template matrix_product<Scalar>(column_block(logits, 0, shape_.d_vocab_out),
                                                 tables_.u_transposed().view(), hidden, Scalar(1), Scalar(0));
        detail::activate_backward(shape_.act_fn, backend_, pre, hidden);
        copy(hidden, pre);
      }
      Scalar* d_rest = lane_gradient + mlp() * classes;
      if (is_first) backend_.for_each(stride, Fill<Scalar>{d_rest, Scalar(0)});
      backend_.for_each(stride, AddColumnSums<Scalar>{mixed.data, stride, rows, d_rest});
      backend_.for_each_row(rows,
                            TokenAttentionBackward<Scalar>{shape, tables_.table().data(), weights, mixed.data, stride,
                                                           score_gradient_.data() + at * shape.weights()});
    }
  }

  /// Adds the gradients of the table rows that the sequences of a pass read. The table is cut among tasks, not the
  /// sequences.
  void table_gradients(Examples const& examples, Pass const& pass) {
    struct Task {
      Index position;
      Part part;  // segments
    };
    std::vector<Task> tasks;
    for (std::size_t p = 0; p < pass.segments.size(); ++p) {
      const Part all = pass.segments[p];
      const Index count = std::min<Index>(8, all.count);
      for (Index i = 0; i < count; ++i) {
        const Part part = part_of(all.count, count, i);
        tasks.push_back({static_cast<Index>(p), {all.first + part.first, part.count}});
      }
    }
    const TokenTableShape shape = table_shape(examples, pass.rows.first);
    run_tasks(backend_, static_cast<Index>(tasks.size()), [&](Index i, int) {
      auto const& [position, part] = tasks[static_cast<std::size_t>(i)];
      backend_.for_each_row(
          part.count, TokenTableGradient<Scalar>{shape, position, examples.segments(part), weights_.data(),
                                                 mixed_.data(), tables_.cols(), score_gradient_.data(),
                                                 tables_.table_gradient().data(), tables_.score_gradient().data()});
    });
  }

  /// The gradients of W_out W_U and of `rest`: the sums over lanes.
  void add_lanes(Index lanes) {
    Tensor &out = tables_.u_gradient(), &rest = tables_.rest_gradient();
    const Index tasks = std::min<Index>(8, out.rows());
    run_tasks(backend_, tasks, [&](Index i, int) {
      const Part rows = part_of(out.rows(), tasks, i);
      const Index begin = rows.first * out.cols();
      backend_.for_each_row(rows.count, AddParts<Scalar>{lane_gradients_.data() + begin, lane_size(), lanes,
                                                         out.data() + begin, out.cols()});
    });
    backend_.for_each_row(1, AddParts<Scalar>{lane_gradients_.data() + out.rows() * out.cols(), lane_size(), lanes,
                                              rest.data(), rest.cols()});
  }

  void copy(MatrixView<Scalar const> from, MatrixView<Scalar> to) const {
    backend_.for_each_row(to.rows, CopyRows<Scalar>{from.data, from.row_stride, to.data, to.row_stride, to.cols});
  }

  [[no_unique_address]] B backend_;
  TransformerShape shape_;
  TokenTables<B, Scalar> tables_;
  Index rows_ = 0, chunk_capacity_ = 0;
  double loss_scale_ = 1;
  std::vector<std::uint32_t> parts_;
  std::vector<Scratch> scratch_;
  Buffer mixed_;                     // (pass, cols): activations, then their gradients
  Buffer weights_, score_gradient_;  // (pass, (length - 1) n_heads)
  Buffer lane_gradients_;            // (lanes, lane_size())
  Buffer row_loss_;
  typename B::template Buffer<std::uint32_t> row_correct_;
};

}  // namespace cayley
