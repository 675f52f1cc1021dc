/// The backend `Cpu`: buffers in host memory, matrix products by Eigen.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <span>
#include <type_traits>
#include <vector>

namespace cayley {

/// Computes on the host, in the calling thread. An empty value: every `Cpu{}` is the same place.
class Cpu {
 public:
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
      auto result = eigen_map(c.matrix(k));
      if (beta == T(0)) {
        result.setZero();
      } else if (beta != T(1)) {
        result *= beta;
      }
      const auto left = eigen_map(a.matrix(k));
      const auto right = eigen_map(b.matrix(k));
      if (a.is_transposed && b.is_transposed) {
        result.noalias() += alpha * left.transpose() * right.transpose();
      } else if (a.is_transposed) {
        result.noalias() += alpha * left.transpose() * right;
      } else if (b.is_transposed) {
        result.noalias() += alpha * left * right.transpose();
      } else {
        result.noalias() += alpha * left * right;
      }
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

  /// As many rows as stay in a core's second-level cache, taken as 256 KiB; 32 .. 4096.
  static Index preferred_rows(Index row_bytes) {
    return std::clamp<Index>((Index{256} << 10) / std::max<Index>(1, row_bytes), 32, 4096);
  }

 private:
  static void require_same_size(std::size_t host, Index buffer) {
    require(static_cast<Index>(host) == buffer, "Cpu: copy between ", host, " host values and a buffer of ", buffer);
  }

  /// The matrix as stored.
  template <class T>
  static auto eigen_map(MatrixView<T> view) {
    using Stored = Matrix<std::remove_const_t<T>>;
    using Mapped = std::conditional_t<std::is_const_v<T>, Stored const, Stored>;
    return Eigen::Map<Mapped, 0, Eigen::OuterStride<>>(view.data, view.rows, view.cols,
                                                       Eigen::OuterStride<>(view.row_stride));
  }
};

static_assert(Backend<Cpu, float> && Backend<Cpu, double> && HasHostView<Cpu, float>);

}  // namespace cayley
