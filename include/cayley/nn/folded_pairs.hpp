/// Networks on pairs with everything before their nonlinearity folded into tables.
#pragma once

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/cross_entropy.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/backend/ranks.hpp>
#include <cayley/backend/segment_sum.hpp>
#include <cayley/core/lanes.hpp>
#include <cayley/nn/batch_loss.hpp>
#include <cayley/nn/pair.hpp>
#include <cayley/nn/pair_examples.hpp>
#include <cstdint>
#include <span>
#include <vector>

namespace cayley {

/// hidden(a, b) = relu(X[a] + Y[b]).
struct AddRelu {
  template <class Scalar>
  using Forward = GatherAddRelu<Scalar>;
};

/// hidden(a, b) = X[a] * Y[b], entry by entry.
struct Multiply {
  template <class Scalar>
  using Forward = GatherMultiply<Scalar>;
};

/// logits = hidden U with hidden made of rows of X and Y: one table row per group element where the unfolded network
/// has one row per example. Views; owns nothing.
/// Shape: X and Y (order, hidden_dim), U (hidden_dim, classes).
template <class Scalar>
struct FoldedPairs {
  MatrixView<Scalar const> x;  ///< what the left operand contributes
  MatrixView<Scalar const> y;  ///< what the right operand and the bias contribute
  MatrixView<Scalar const> u;  ///< from the hidden layer to the logits

  Index order() const { return x.rows; }
  Index hidden_dim() const { return x.cols; }
  Index classes() const { return u.cols; }
};

/// How many rows of a batch to work on at a time.
template <class B, class Scalar>
Index pair_chunk_rows(B const& backend, Index hidden_dim, Index classes) {
  const Index row_bytes = static_cast<Index>(sizeof(Scalar)) * (2 * hidden_dim + classes);
  return preferred_rows(backend, row_bytes);
}

/// The memory and the passes of a folded network over labelled pairs: losses, and the gradients of X, Y and U.
/// `Hidden`: `AddRelu` or `Multiply`.
template <class B, class Scalar, class Hidden>
class FoldedPairsPass {
 public:
  using Tensor = DeviceMatrix<B, Scalar>;
  using Examples = PairExamples<B>;

  FoldedPairsPass(B const& backend, Index order, Index hidden_dim, Index classes)
      : backend_(backend),
        order_(order),
        hidden_dim_(hidden_dim),
        classes_(classes),
        u_transposed_(backend, classes, hidden_dim) {}

  /// Losses of every example, to be read by `losses`.
  void loss(FoldedPairs<Scalar> const& network, Examples const& examples) {
    run(network, examples, [](Index) { return LossAlone{}; });
  }

  /// The same, and the gradients of the mean loss, which overwrite those before.
  /// Shape: gradients of X and Y (order, hidden_dim), of U (hidden_dim, classes).
  /// Errors: `Error` when the batch is not made for gradients.
  void loss_and_gradient(FoldedPairs<Scalar> const& network, Examples const& examples, Tensor& x_gradient,
                         Tensor& y_gradient, Tensor& u_gradient) {
    require(examples.has_segments(), "gradient: the batch was made for its loss alone");
    // Once, instead of by the product of every chunk.
    backend_.for_each_row(classes_, TransposeRows<Scalar>{network.u.data, network.u.row_stride, u_transposed_.data(),
                                                          hidden_dim_, hidden_dim_});
    if (examples.size() == 0) {
      for (Tensor* gradient : {&x_gradient, &y_gradient, &u_gradient}) {
        backend_.for_each(gradient->rows() * gradient->cols(), Fill<Scalar>{gradient->data(), Scalar(0)});
      }
      run(network, examples, [](Index) { return LossAlone{}; });
      return;
    }
    if (examples.lanes() == 1) {
      run(network, examples, [&](Index) { return Sums{x_gradient.data(), y_gradient.data(), u_gradient.data()}; });
      return;
    }
    const Index table = order_ * hidden_dim_;
    const auto reserved = examples.lanes() * gradient_size();
    if (lane_gradients_.size() < reserved) lane_gradients_ = typename B::template Buffer<Scalar>(reserved);
    run(network, examples, [&](Index lane) {
      Scalar* first = lane_gradients_.data() + lane * gradient_size();
      return Sums{first, first + table, first + 2 * table};
    });
    gather_lanes(backend_, lane_gradients_.data(), examples.lanes(),
                 [&](Index lane) { return lane * gradient_size(); });
    add_lanes(examples.lanes(), 0, x_gradient);
    add_lanes(examples.lanes(), table, y_gradient);
    add_lanes(examples.lanes(), 2 * table, u_gradient);
  }

  /// The losses of the last pass.
  BatchLoss losses() const { return downloaded_loss(backend_, row_loss_, row_correct_, rows_); }

 private:
  using Chunk = typename Examples::Chunk;

  /// Memory for a chunk, one for each worker: it stays in the caches of a core.
  struct Scratch {
    Tensor hidden;           // (chunk, hidden_dim)
    Tensor logits;           // (chunk, classes); their gradient after the loss
    Tensor hidden_gradient;  // (chunk, hidden_dim)
  };

  /// Where the chunks of a lane add their gradients; the first one overwrites what is there.
  struct Sums {
    Scalar *x, *y, *u;
  };
  struct LossAlone {};

  Index gradient_size() const { return 2 * order_ * hidden_dim_ + hidden_dim_ * classes_; }

  void reserve(Examples const& examples) {
    rows_ = examples.size();
    if (row_loss_.size() < rows_) {
      row_loss_ = typename B::template Buffer<Scalar>(rows_);
      row_correct_ = typename B::template Buffer<std::uint32_t>(rows_);
    }
    const Index chunk = examples.largest_chunk();
    if (chunk > chunk_rows_) {
      chunk_rows_ = chunk;
      scratch_.clear();
      for (int worker = 0; worker < task_workers(backend_); ++worker) {
        scratch_.push_back({Tensor(backend_, chunk_rows_, hidden_dim_), Tensor(backend_, chunk_rows_, classes_),
                            Tensor(backend_, chunk_rows_, hidden_dim_)});
      }
    }
  }

  /// `sums_of(lane)`: `Sums`, or `LossAlone`.
  template <class SumsOf>
  void run(FoldedPairs<Scalar> const& network, Examples const& examples, SumsOf const& sums_of) {
    reserve(examples);
    const Index lanes = examples.lanes();
    const Part mine = lanes_of_rank(backend_, lanes);
    run_tasks(backend_, mine.count, [&](Index i, int worker) {
      const Index lane = mine.first + i;
      for (Chunk const& chunk : examples.chunks(lane)) {
        run_chunk(network, examples, chunk, scratch_[static_cast<std::size_t>(worker)], sums_of(lane));
      }
    });
    const auto first_row = [&](Index lane) {
      return lane < lanes ? part_of(examples.size(), lanes, lane).first : examples.size();
    };
    gather_lanes(backend_, row_loss_.data(), lanes, first_row);
    gather_lanes(backend_, row_correct_.data(), lanes, first_row);
  }

  template <class Gradients>
  void run_chunk(FoldedPairs<Scalar> const& network, Examples const& examples, Chunk const& chunk, Scratch& memory,
                 Gradients const& sums) {
    constexpr bool with_gradient = std::same_as<Gradients, Sums>;
    const Index h = hidden_dim_, c = classes_, rows = chunk.count;
    std::uint32_t const* pairs = examples.pairs() + 2 * chunk.first;
    const auto hidden = row_block(memory.hidden.view(), 0, rows);  // (rows, hidden_dim)
    const auto logits = row_block(memory.logits.view(), 0, rows);  // (rows, classes)
    backend_.for_each_row(
        rows, typename Hidden::template Forward<Scalar>{network.x.data, network.x.row_stride, network.y.data,
                                                        network.y.row_stride, pairs, hidden.data, h, h});
    backend_.template matrix_product<Scalar>(hidden, network.u, logits, Scalar(1), Scalar(0));
    const Scalar scale = with_gradient ? Scalar(1) / static_cast<Scalar>(examples.size()) : Scalar(0);
    backend_.for_each_row(
        rows, SoftmaxCrossEntropy<Scalar>{logits.data, c, examples.labels() + chunk.first,
                                          row_loss_.data() + chunk.first, row_correct_.data() + chunk.first, c, scale});
    if constexpr (with_gradient) {
      const bool is_first = examples.is_first(chunk);
      const auto hidden_gradient = row_block(memory.hidden_gradient.view(), 0, rows);  // (rows, hidden_dim)
      backend_.template matrix_product<Scalar>(transposed(hidden), logits, matrix_view(sums.u, h, c), Scalar(1),
                                               is_first ? Scalar(0) : Scalar(1));
      backend_.template matrix_product<Scalar>(logits, std::as_const(u_transposed_).view(), hidden_gradient, Scalar(1),
                                               Scalar(0));
      const Segments left = examples.by_left(chunk), right = examples.by_right(chunk);
      Scalar const* gradient = hidden_gradient.data;
      if constexpr (std::same_as<Hidden, AddRelu>) {
        const auto sum = [&](Segments const& segments, Scalar* out) {
          return RowsOf{segments.count, SegmentSum<Scalar>{segments, gradient, h, out, h, h, is_first, hidden.data}};
        };
        for_each_row_of(backend_, sum(left, sums.x), sum(right, sums.y));
      } else {
        const auto sum = [&](Segments const& segments, MatrixView<Scalar const> factor, Index operand, Scalar* out) {
          return RowsOf{segments.count, SegmentProductSum<Scalar>{segments, gradient, h, factor.data, factor.row_stride,
                                                                  pairs + operand, 2, out, h, h, is_first}};
        };
        for_each_row_of(backend_, sum(left, network.y, 1, sums.x), sum(right, network.x, 0, sums.y));
      }
    }
  }

  /// out = sum over lanes of the part of their gradients that begins at `offset`.
  void add_lanes(Index lanes, Index offset, Tensor& out) {
    Scalar const* parts = lane_gradients_.data() + offset;
    const Index tasks = std::min<Index>(8, out.rows());
    run_tasks(backend_, tasks, [&](Index i, int) {
      const Part rows = part_of(out.rows(), tasks, i);
      const Index begin = rows.first * out.cols();
      backend_.for_each_row(rows.count,
                            AddParts<Scalar>{parts + begin, gradient_size(), lanes, out.data() + begin, out.cols()});
    });
  }

  [[no_unique_address]] B backend_;
  Index order_, hidden_dim_, classes_;
  Index rows_ = 0, chunk_rows_ = 0;
  Tensor u_transposed_;  // (classes, hidden_dim)
  std::vector<Scratch> scratch_;
  typename B::template Buffer<Scalar> lane_gradients_;  // (lanes, gradient_size): X, Y and U of each lane
  typename B::template Buffer<Scalar> row_loss_;
  typename B::template Buffer<std::uint32_t> row_correct_;
};

/// Logits, a row per pair; hidden activations exist for one chunk of rows at a time.
/// Shape: (pairs, classes).
/// Cost: pairs * hidden_dim * classes multiplications.
/// Errors: `Error` when an element is not below the order.
template <class Hidden, class B, class Scalar>
DeviceMatrix<B, Scalar> folded_forward(B const& backend, FoldedPairs<Scalar> const& network,
                                       std::span<Pair const> pairs) {
  const Index h = network.hidden_dim();
  const auto indices = device_pairs(backend, pairs, network.order());  // (pairs, 2)
  const auto rows = static_cast<Index>(pairs.size());
  DeviceMatrix<B, Scalar> logits(backend, rows, network.classes());
  const Index chunk = std::min(rows, pair_chunk_rows<B, Scalar>(backend, h, network.classes()));
  DeviceMatrix<B, Scalar> hidden(backend, chunk, h);
  for (Index first = 0; first < rows; first += chunk) {
    const Index count = std::min(chunk, rows - first);
    backend.for_each_row(count, typename Hidden::template Forward<Scalar>{
                                    network.x.data, network.x.row_stride, network.y.data, network.y.row_stride,
                                    indices.data() + 2 * first, hidden.data(), h, h});
    backend.template matrix_product<Scalar>(row_block(hidden.view(), 0, count), network.u,
                                            row_block(logits.view(), first, count), Scalar(1), Scalar(0));
  }
  return logits;
}

}  // namespace cayley
