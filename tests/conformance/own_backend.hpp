/// A complete backend, as short as one can be: copy it to begin one of your own. It counts what costs time on a device.
#pragma once

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/lane_group.hpp>
#include <cayley/backend/matrix_view.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <span>
#include <type_traits>
#include <vector>

namespace cayley::testing {

/// Plain loops over memory of the host, as if every call were the launch of a kernel on a device.
class OwnBackend {
 public:
  /// What all backends of this type have done.
  static BackendCounts counts() { return counted; }

  /// A launch costs more than its work mostly: give me the rows of several functors at once.
  static constexpr bool joins_rows = true;

  /// An array in device memory, zero at first; copies are deep.
  template <class T>
  class Buffer {
   public:
    Buffer() = default;
    explicit Buffer(Index size) : values_(static_cast<std::size_t>(size)) { count(); }
    Buffer(Buffer const& other) : values_(other.values_) { count(); }
    Buffer(Buffer&&) noexcept = default;
    Buffer& operator=(Buffer const& other) { return *this = Buffer(other); }
    Buffer& operator=(Buffer&&) noexcept = default;

    T* data() { return values_.data(); }
    T const* data() const { return values_.data(); }
    Index size() const { return static_cast<Index>(values_.size()); }

   private:
    void count() const { counted.allocations += values_.empty() ? 0 : 1; }

    std::vector<T> values_;
  };

  /// Copies to the device and back.
  template <class T>
  void upload(std::span<T const> host, Buffer<T>& buffer) const {
    require(static_cast<Index>(host.size()) == buffer.size(), "OwnBackend: sizes of a copy differ");
    ++counted.synchronizations;
    std::copy(host.begin(), host.end(), buffer.data());
  }
  template <class T>
  void download(Buffer<T> const& buffer, std::span<T> host) const {
    require(static_cast<Index>(host.size()) == buffer.size(), "OwnBackend: sizes of a copy differ");
    ++counted.synchronizations;
    std::copy(buffer.data(), buffer.data() + buffer.size(), host.begin());
  }

  /// c = alpha a b + beta c for every matrix of the batch: here a library would be called.
  template <class T>
  void matrix_product(MatrixView<std::type_identity_t<T> const> a, MatrixView<std::type_identity_t<T> const> b,
                      MatrixView<T> c, std::type_identity_t<T> alpha, std::type_identity_t<T> beta) const {
    check_product<T>(a, b, c);
    ++counted.launches;
    const auto entry = [](MatrixView<T const> x, Index i, Index j) {
      return x.is_transposed ? x.data[j * x.row_stride + i] : x.data[i * x.row_stride + j];
    };
    for (Index k = 0; k < c.batches; ++k) {
      for (Index i = 0; i < c.rows; ++i) {
        for (Index j = 0; j < c.cols; ++j) {
          T sum = 0;
          for (Index l = 0; l < a.product_cols(); ++l) sum += entry(a.matrix(k), i, l) * entry(b.matrix(k), l, j);
          T& to = c.matrix(k).data[i * c.row_stride + j];
          to = alpha * sum + (beta == T(0) ? T(0) : beta * to);
        }
      }
    }
  }

  /// A thread for every i.
  template <class Functor>
  void for_each(Index count, Functor const& functor) const {
    counted.launches += count > 0 ? 1 : 0;
    for (Index i = 0; i < count; ++i) functor(i);
  }

  /// A group of lanes for every row: one lane here, a warp on a GPU.
  template <class Functor>
  void for_each_row(Index rows, Functor const& functor) const {
    counted.launches += rows > 0 ? 1 : 0;
    for (Index row = 0; row < rows; ++row) functor(row, OneLane{});
  }

 private:
  inline static BackendCounts counted{};
};

static_assert(Backend<OwnBackend, float> && Backend<OwnBackend, double> && JoinsRows<OwnBackend> &&
              CountsWork<OwnBackend>);

}  // namespace cayley::testing
