/// The backend `Cpu`: buffers in host memory, vector instructions through Eigen.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/cpu_attention.hpp>
#include <cayley/backend/cross_entropy.hpp>
#include <cayley/backend/exponential.hpp>
#include <cayley/backend/optimizer_update.hpp>
#include <cayley/backend/segment_sum.hpp>
#include <cayley/backend/token_tables.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/packet_product.hpp>
#include <cayley/core/packet_rows.hpp>
#include <cayley/core/thread_pool.hpp>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cayley {

/// Computes on the host. A cheap value: copies share their threads.
///
/// `run_tasks` spreads tasks over the threads; every other operation runs in the thread that calls it.
class Cpu {
 public:
  static constexpr std::string_view name = "cpu";

  /// The calling thread alone.
  Cpu() = default;
  /// The calling thread and threads - 1 others, which wait for tasks.
  /// Errors: `Error` unless 1 <= threads <= 1024.
  explicit Cpu(int threads) : pool_(std::make_shared<ThreadPool>(threads)) {}

  int threads() const { return pool_ ? pool_->threads() : 1; }

  /// `size` values in host memory, aligned for vector instructions, zero at first.
  template <class T>
  class Buffer {
   public:
    Buffer() = default;
    explicit Buffer(Index size) : values_(static_cast<std::size_t>(size)) {}
    T* data() { return values_.data(); }
    T const* data() const { return values_.data(); }
    Index size() const { return static_cast<Index>(values_.size()); }

   private:
    std::vector<T, Eigen::aligned_allocator<T>> values_;
  };

  /// Errors: `Error` when the sizes differ.
  template <class T>
  void upload(std::span<T const> host, Buffer<T>& buffer) const {
    require_same_size(host.size(), buffer.size());
    std::copy(host.begin(), host.end(), buffer.data());
  }
  template <class T>
  void upload(std::span<T> host, Buffer<T>& buffer) const {
    upload(std::span<T const>(host), buffer);
  }

  /// Errors: `Error` when the sizes differ.
  template <class T>
  void download(Buffer<T> const& buffer, std::span<T> host) const {
    require_same_size(host.size(), buffer.size());
    std::copy(buffer.data(), buffer.data() + buffer.size(), host.begin());
  }

  /// The buffer itself, to read and write in place.
  template <class T>
  std::span<T> host_view(Buffer<T>& buffer) const {
    return {buffer.data(), static_cast<std::size_t>(buffer.size())};
  }

  /// c = alpha a b + beta c for every matrix of the batch; c shares no memory with a or b.
  /// Errors: `Error` as in `check_product`.
  template <class T>
  void matrix_product(MatrixView<std::type_identity_t<T> const> a, MatrixView<std::type_identity_t<T> const> b,
                      MatrixView<T> c, std::type_identity_t<T> alpha, std::type_identity_t<T> beta) const {
    check_product<T>(a, b, c);
    for (Index k = 0; k < c.batches; ++k) {
      packet_product<T>(c.rows, c.cols, a.product_cols(), operand(a.matrix(k)), operand(b.matrix(k)), c.matrix(k).data,
                        c.row_stride, alpha, beta);
    }
  }

  /// Calls functor(i) for i = 0 .. count-1.
  template <class Functor>
  void for_each(Index count, Functor const& functor) const {
    for (Index i = 0; i < count; ++i) functor(i);
  }

  /// Calls functor(row, OneLane{}) for row = 0 .. rows-1.
  template <class Functor>
  void for_each_row(Index rows, Functor const& functor) const {
    for (Index row = 0; row < rows; ++row) functor(row, OneLane{});
  }

  /// Calls task(i, worker) for i = 0 .. count-1 on the threads of this backend, worker in 0 .. threads()-1, and waits for
  /// all. One caller at a time; a task does not call it.
  /// Errors: whatever a task throws first.
  template <class Task>
  void run_tasks(Index count, Task const& task) const {
    if (pool_) {
      pool_->run(count, task);
    } else {
      for (Index i = 0; i < count; ++i) task(i, 0);
    }
  }

  /// The functor's own arithmetic with Eigen's vector instructions.
  /// Accuracy: as the functor; equal to it up to the order of sums and the rounding of exp.
  template <class Scalar>
  void for_each_row(Index rows, SoftmaxCrossEntropy<Scalar> const& f) const {
    using Row = Eigen::Map<Eigen::Array<Scalar, 1, Eigen::Dynamic>>;
    for (Index r = 0; r < rows; ++r) {
      Scalar* const start = f.logits + r * f.stride;
      Row z(start, f.cols);
      const auto label = static_cast<Index>(f.labels[r]);
      const Scalar at_label = z[label], largest = z.maxCoeff();
      const bool is_largest = at_label == largest;
      f.is_correct[r] = is_largest && (label == 0 || Row(start, label).maxCoeff() < largest) ? 1u : 0u;
      Row e(scratch_row<Scalar>(f.cols), f.cols);
      e = z - largest;
      for (Scalar& x : std::span<Scalar>(e.data(), static_cast<std::size_t>(f.cols))) x = exp_nonpositive(x);
      const Scalar of_label = e[label];
      e[label] = 0;
      const Scalar others = e.sum(), total = others + of_label;
      f.loss[r] = is_largest ? std::log1p(others) : (largest - at_label) + std::log(total);
      if (f.gradient_scale != Scalar(0)) {
        const Scalar factor = f.gradient_scale / total;
        z = e * factor;
        z[label] = -others * factor;
      }
    }
  }

  /// The functor's own arithmetic with Eigen's vector instructions.
  /// Accuracy: as the functor; equal to it up to the rounding of the square root.
  template <class Scalar>
  void for_each(Index count, AdamUpdate<Scalar> const& f) const {
    using Values = Eigen::Map<Eigen::Array<Scalar, Eigen::Dynamic, 1>>;
    constexpr Index block = 1024;  // stays in the first-level cache
    alignas(64) Scalar scratch[block];
    const Scalar keep = f.step[0], step_size = f.step[1], root_correction = f.step[2];
    for (Index first = 0; first < count; first += block) {
      const Index size = std::min(block, count - first);
      Values w(f.weight + first, size), m(f.exp_avg + first, size), v(f.exp_avg_sq + first, size), g(scratch, size);
      g = Eigen::Map<Eigen::Array<Scalar, Eigen::Dynamic, 1> const>(f.gradient + first, size);
      if (f.l2 != Scalar(0)) g += f.l2 * w;
      m = m * f.beta1 + f.rest1 * g;
      v = v * f.beta2 + f.rest2 * (g * g);
      g = v.sqrt();
      w = w * keep - step_size * (m / (g / root_correction + f.eps));
    }
  }

  /// The functor's own arithmetic with vector instructions.
  /// Accuracy: as the functor; equal to it up to fused multiply-adds.
  template <class Scalar>
  void for_each_row(Index rows, MixTokenTables<Scalar> const& f) const {
    std::vector<Scalar const*> parts(static_cast<std::size_t>(f.shape.weights()));
    for (Index r = 0; r < rows; ++r) {
      find_parts(f.shape, f.table, r, parts);
      mix_rows(f.shape.weights(), f.shape.cols, parts.data(), f.weights + r * f.shape.weights(), f.rest,
               f.out + r * f.out_stride);
    }
  }

  /// The functor's own arithmetic with vector instructions.
  /// Accuracy: as the functor; equal to it up to the order of sums.
  template <class Scalar>
  void for_each_row(Index rows, TokenAttentionBackward<Scalar> const& f) const {
    std::vector<Scalar const*> parts(static_cast<std::size_t>(f.shape.weights()));
    for (Index r = 0; r < rows; ++r) {
      find_parts(f.shape, f.table, r, parts);
      row_dots(f.shape.weights(), f.shape.cols, f.gradient + r * f.gradient_stride, parts.data(),
               f.score_gradient + r * f.shape.weights());
      f.through_softmax(r);
    }
  }

  /// The functor's own arithmetic with vector instructions.
  /// Accuracy: as the functor; equal to it up to fused multiply-adds.
  template <class Scalar>
  void for_each_row(Index rows, TokenTableGradient<Scalar> const& f) const {
    constexpr Index together = 4;
    const Index heads = f.shape.heads;
    for (Index s = 0; s < rows / heads; ++s) {
      const auto target = static_cast<Index>(f.segments.target[s]);
      const Index begin = f.segments.begin[s], end = f.segments.begin[s + 1];
      Scalar* const to = f.table_gradient + target * heads * f.shape.stride;
      Scalar* const score = f.score_sum + target * f.shape.score_stride;
      for (Index h = 0; !f.adds && h < heads; ++h) {
        std::fill_n(to + h * f.shape.stride, f.shape.cols, Scalar(0));
        score[h] = 0;
      }
      for (Index first = begin; first < end; first += together) {
        const Index count = std::min(together, end - first);
        Scalar const *from[together] = {}, *weights[together] = {};
        for (Index k = 0; k < count; ++k) {
          const std::uint32_t read = f.segments.position[first + k];
          from[k] = f.gradient + f.gradient_of(read);
          weights[k] = f.weights + static_cast<Index>(read) * heads;
          Scalar const* of_scores = f.score_gradient + static_cast<Index>(read) * heads;
          for (Index h = 0; h < heads; ++h) score[h] += of_scores[h];
        }
        add_rows(count, heads, f.shape.cols, from, weights, to, f.shape.stride);
      }
    }
  }

  /// A small matrix product for each sequence and head, without what a causal mask hides; rows with vector instructions.
  /// Accuracy: as the functors; equal to them up to the order of sums and the rounding of exp.
  template <class Functor>
    requires requires(Index rows, Functor const& f) {
      detail::cpu_attention(rows, f);
    }
  void for_each_row(Index rows, Functor const& functor) const { detail::cpu_attention(rows, functor); }

  /// The functor's own sums, row by row.
  template <class Scalar>
  void for_each(Index count, AddColumnSums<Scalar> const& f) const {
    using Row = Eigen::Map<Eigen::Array<Scalar, 1, Eigen::Dynamic>>;
    Row sums(scratch_row<Scalar>(count), count);
    sums.setZero();
    for (Index r = 0; r < f.rows; ++r) {
      sums += Eigen::Map<Eigen::Array<Scalar, 1, Eigen::Dynamic> const>(f.values + r * f.stride, count);
    }
    Row(f.out, count) += sums;
  }

  /// As many rows as stay in a core's second-level cache, taken as 256 KiB; 32 .. 4096, whole tiles of the matrix product.
  static Index preferred_rows(Index row_bytes) {
    return std::clamp<Index>((Index{256} << 10) / std::max<Index>(1, row_bytes), 32, 4096) / 8 * 8;
  }

 private:
  /// Memory of this thread for a row of `cols` numbers.
  template <class Scalar>
  static Scalar* scratch_row(Index cols) {
    thread_local std::vector<Scalar, Eigen::aligned_allocator<Scalar>> row;
    if (static_cast<Index>(row.size()) < cols) row.resize(static_cast<std::size_t>(cols));
    return row.data();
  }

  template <class Scalar>
  static void find_parts(TokenTableShape const& shape, Scalar const* table, Index row,
                         std::vector<Scalar const*>& parts) {
    for (std::size_t k = 0; k < parts.size(); ++k) parts[k] = table + shape.part(row, static_cast<Index>(k));
  }

  static void require_same_size(std::size_t host, Index buffer) {
    require(static_cast<Index>(host) == buffer, "Cpu: copy between ", host, " host values and a buffer of ", buffer);
  }

  template <class T>
  static StridedOperand<T> operand(MatrixView<T const> view) {
    return view.is_transposed ? StridedOperand<T>{view.data, 1, view.row_stride}
                              : StridedOperand<T>{view.data, view.row_stride, 1};
  }

  std::shared_ptr<ThreadPool> pool_;
};

static_assert(Backend<Cpu, float> && Backend<Cpu, double> && HasHostView<Cpu, float> && HasTasks<Cpu>);

}  // namespace cayley
