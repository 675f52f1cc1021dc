/// A one-layer transformer that is read where the last token never changes, with everything up to its MLP folded into
/// tables.
#pragma once

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/cross_entropy.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/backend/ranks.hpp>
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
    Tensor pre;  // (chunk, d_mlp): what the nonlinearity is applied to
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
      const Tensor pre(backend_, chunk_capacity_, mlp());
      scratch_.assign(static_cast<std::size_t>(task_workers(backend_)), Scratch{pre});
    }
    const Index weights = examples.largest_pass() * (examples.length() - 1) * shape_.n_heads;
    const auto grow = [](Buffer& buffer, Index size) {
      if (buffer.size() < size) buffer = Buffer(size);
    };
    grow(mixed_, examples.largest_pass() * tables_.cols());
    grow(weights_, weights);
    grow(score_gradient_, weights);
    if (has_lane_sums(examples)) grow(lane_u_, examples.largest_lanes() * u_size());
    if (has_rest_sums(examples)) grow(lane_rest_, examples.largest_lanes() * tables_.cols());
  }

  /// Whether gradients of W_out W_U are summed in lanes first, not in their place.
  static bool has_lane_sums(Examples const& examples) { return examples.largest_lanes() > 1; }
  /// Whether gradients of `rest` are summed chunk by chunk, as chunks do not all stay in memory or have lanes.
  static bool has_rest_sums(Examples const& examples) {
    return examples.passes().size() > 1 || examples.passes().front().chunks.size() > 1;
  }
  Index u_size() const { return mlp() * (tables_.cols() - mlp()); }

  template <bool WithGradient>
  void run(Examples const& examples) {
    reserve(examples);
    // A lane is the same process's in every pass, as it adds to what it has summed before.
    const Part mine = lanes_of_rank(backend_, examples.largest_lanes());
    for (Pass const& pass : examples.passes()) {
      const bool is_first = &pass == &examples.passes().front(), is_last = &pass == &examples.passes().back();
      const Index count = std::clamp<Index>(pass.lanes() - mine.first, 0, mine.count);
      run_tasks(backend_, count, [&](Index of_mine, int worker) {
        const Index lane = mine.first + of_mine;
        const auto l = static_cast<std::size_t>(lane);
        for (Index i = pass.lane[l]; i < pass.lane[l + 1]; ++i) {
          run_chunk<WithGradient>(examples, pass, pass.chunks[static_cast<std::size_t>(i)], lane,
                                  is_first && i == pass.lane[l], scratch_[static_cast<std::size_t>(worker)]);
        }
      });
      gather_pass<WithGradient>(examples, pass, is_last);
      if constexpr (WithGradient) table_gradients(examples, pass, is_first, is_last);
    }
    if (WithGradient && has_lane_sums(examples)) {
      gather_lanes(backend_, lane_u_.data(), examples.largest_lanes(), [&](Index lane) { return lane * u_size(); });
      add_lanes(examples.largest_lanes());
    }
  }

  /// Makes everyone's what other processes computed of a pass: losses and, for gradients, what the tables are read by.
  template <bool WithGradient>
  void gather_pass(Examples const& examples, Pass const& pass, bool is_last) {
    if constexpr (HasRanks<B>) {
      const Index lanes = examples.largest_lanes();
      const auto first_row = [&](Index lane) {  // within the pass
        if (lane >= pass.lanes()) return pass.rows.count;
        return pass.chunks[static_cast<std::size_t>(pass.lane[static_cast<std::size_t>(lane)])].first - pass.rows.first;
      };
      gather_lanes(backend_, row_loss_.data() + pass.rows.first, lanes, first_row);
      gather_lanes(backend_, row_correct_.data() + pass.rows.first, lanes, first_row);
      if (!WithGradient) return;
      const Index weights = table_shape(examples, pass.rows.first).weights();
      gather_lanes(backend_, mixed_.data(), lanes, [&](Index lane) { return first_row(lane) * tables_.cols(); });
      gather_lanes(backend_, weights_.data(), lanes, [&](Index lane) { return first_row(lane) * weights; });
      gather_lanes(backend_, score_gradient_.data(), lanes, [&](Index lane) { return first_row(lane) * weights; });
      if (is_last && has_rest_sums(examples)) {
        gather_lanes(backend_, lane_rest_.data(), lanes, [&](Index lane) { return lane * tables_.cols(); });
      }
    }
  }

  TokenTableShape table_shape(Examples const& examples, Index row) const {
    return {examples.length(), shape_.n_heads,         tables_.cols(),
            tables_.cols(),    tables_.score_stride(), examples.index(row)};
  }

  /// One chunk of a lane, which adds to the lane's gradients, or begins them.
  template <bool WithGradient>
  void run_chunk(Examples const& examples, Pass const& pass, Part chunk, Index lane, bool is_first, Scratch& memory) {
    const Index stride = tables_.cols(), classes = stride - mlp(), rows = chunk.count,
                at = chunk.first - pass.rows.first;
    const TokenTableShape shape = table_shape(examples, chunk.first);
    Scalar* weights = weights_.data() + at * shape.weights();
    const MatrixView<Scalar> mixed{mixed_.data() + at * stride, rows, stride, stride};
    const auto hidden = column_block(mixed, 0, mlp()), logits = column_block(mixed, mlp(), classes);
    const auto pre = row_block(memory.pre.view(), 0, rows);
    const TokenAttention<Scalar> attend{shape, tables_.scores(), weights};
    const MixTokenTables<Scalar> mix{shape, tables_.table().data(), weights, tables_.rest().data(), mixed.data, stride};
    if (mlp() > 0) {
      const CopyRows<Scalar> keep_pre{hidden.data, stride, pre.data, mlp(), WithGradient ? mlp() : 0};
      detail::with_activation(shape_.act_fn, hidden, [&](auto const& activate) {
        for_each_row_in_turn(backend_, rows, attend, mix, keep_pre, activate);
      });
      backend_.template matrix_product<Scalar>(hidden, tables_.u(), logits, Scalar(1), Scalar(1));
    } else {
      for_each_row_in_turn(backend_, rows, attend, mix);
    }
    const double mean = examples.loss_scale() / static_cast<double>(examples.size());
    backend_.for_each_row(
        rows, SoftmaxCrossEntropy<Scalar>{logits.data, stride, examples.labels(chunk.first),
                                          row_loss_.data() + chunk.first, row_correct_.data() + chunk.first,
                                          shape_.d_vocab_out, WithGradient ? static_cast<Scalar>(mean) : Scalar(0)});
    if constexpr (WithGradient) {
      const TokenAttentionBackward<Scalar> attend_backward{
          shape, tables_.table().data(), weights, mixed.data, stride, score_gradient_.data() + at * shape.weights()};
      if (mlp() > 0) {
        const auto u_gradient = has_lane_sums(examples) ? matrix_view(lane_u_.data() + lane * u_size(), mlp(), classes)
                                                        : tables_.u_gradient();
        backend_.template matrix_product<Scalar>(transposed(hidden), logits, u_gradient, Scalar(1),
                                                 is_first ? Scalar(0) : Scalar(1));
        // The gradient of the hidden activations takes their place.
        backend_.template matrix_product<Scalar>(column_block(logits, 0, shape_.d_vocab_out), tables_.u_transposed(),
                                                 hidden, Scalar(1), Scalar(0));
        detail::with_activation_backward(shape_.act_fn, pre, hidden, [&](auto const& activate_backward) {
          for_each_row_in_turn(backend_, rows, activate_backward, attend_backward);
        });
      } else {
        backend_.for_each_row(rows, attend_backward);
      }
      if (has_rest_sums(examples)) {
        Scalar* d_rest = lane_rest_.data() + lane * stride;
        if (is_first) backend_.for_each(stride, Fill<Scalar>{d_rest, Scalar(0)});
        backend_.for_each(stride, AddColumnSums<Scalar>{mixed.data, stride, rows, d_rest});
      }
    }
  }

  /// The gradients of the table rows that the sequences of a pass read and, after the last one, of `rest`. The table is
  /// cut among tasks, not the sequences.
  void table_gradients(Examples const& examples, Pass const& pass, bool is_first, bool is_last) {
    const Index heads = shape_.n_heads, cols = tables_.cols();
    const auto table = [&](Part part) {
      return RowsOf{heads * part.count,
                    TokenTableGradient<Scalar>{table_shape(examples, pass.rows.first), examples.segments(part),
                                               !is_first, weights_.data(), mixed_.data(), cols, score_gradient_.data(),
                                               tables_.table_gradient(), tables_.score_gradient()}};
    };
    const RowsOf rest{is_last ? cols : 0, has_rest_sums(examples)
                                              ? tables_.rest_gradient(lane_rest_.data(), cols, examples.largest_lanes())
                                              : tables_.rest_gradient(mixed_.data(), cols, pass.rows.count)};
    if constexpr (HasTasks<B>) {
      const Index count = pass.segments.count, tasks = std::min<Index>(16, count);
      run_tasks(backend_, tasks, [&](Index i, int) {
        const Part part = part_of(count, tasks, i);
        const auto rows = table({pass.segments.first + part.first, part.count});
        backend_.for_each_row(rows.rows, rows.functor);
      });
      backend_.for_each_row(rest.rows, rest.functor);
    } else {
      for_each_row_of(backend_, table(pass.segments), rest);
    }
  }

  /// The gradient of W_out W_U: the sum over lanes.
  void add_lanes(Index lanes) {
    const auto out = tables_.u_gradient();
    const Index tasks = std::min<Index>(8, out.rows);
    run_tasks(backend_, tasks, [&](Index i, int) {
      const Part rows = part_of(out.rows, tasks, i);
      const Index begin = rows.first * out.cols;
      backend_.for_each_row(rows.count,
                            AddParts<Scalar>{lane_u_.data() + begin, u_size(), lanes, out.data + begin, out.cols});
    });
  }

  [[no_unique_address]] B backend_;
  TransformerShape shape_;
  TokenTables<B, Scalar> tables_;
  Index rows_ = 0, chunk_capacity_ = 0;
  double loss_scale_ = 1;
  std::vector<std::uint32_t> parts_;
  std::vector<Scratch> scratch_;
  Buffer mixed_;                     // (pass, cols): activations, hidden ones and logits, then their gradients
  Buffer weights_, score_gradient_;  // (pass, (length - 1) n_heads)
  Buffer lane_u_;                    // (lanes, u_size())
  Buffer lane_rest_;                 // (lanes, cols)
  Buffer row_loss_;
  typename B::template Buffer<std::uint32_t> row_correct_;
};

}  // namespace cayley
