/// The Thrust backends of the host: every functor through Thrust's algorithms, on a system that is named by its
/// type.
///
/// `Thrust<Cpp>` (thrust_cpp.hpp) computes in the calling thread, `Thrust<Omp>` (thrust_omp.hpp) with OpenMP's threads,
/// `Thrust<Tbb>` (thrust_tbb.hpp) with those of oneTBB; `Thrust<Cuda>` (thrust_cuda.cuh) on a GPU. One program may use
/// all of them. Works with Thrust 1.17 and with that of CCCL 3.
#pragma once

// The system of thrust::device, which nothing here uses; Thrust would take CUDA.
#if !defined(THRUST_DEVICE_SYSTEM) && !defined(__CUDACC__)
#define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_CPP
#endif

#include <thrust/copy.h>
#include <thrust/execution_policy.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/memory.h>

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/thrust_options.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/packet_product.hpp>
#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace cayley {

/// A system of Thrust in host memory.
///   name                     as in `cayley-lab --backend`
///   Vector<T>                its vector
///   policy()                 its execution policy
///   Threads(n).run(f)        calls f, where algorithms use n threads, or as many as the system likes if n is 0; `Error`
///                            for a number that it cannot have
template <class System>
concept ThrustHostSystem = std::copyable<typename System::Threads> &&
    std::constructible_from<typename System::Threads, int> &&
    requires(typename System::Threads const& threads, void (*work)()) {
  { System::name } -> std::convertible_to<std::string_view>;
  typename System::template Vector<float>;
  System::policy();
  threads.run(work);
};

namespace detail {

/// A row functor with a single lane, as a functor of the row's number.
template <class Functor>
struct OneLaneRow {
  Functor functor;
  CAYLEY_HOST_DEVICE void operator()(Index row) const { functor(row, OneLane{}); }
};

}  // namespace detail

/// Computes on the host by way of Thrust, as a GPU would: whole batches at a time, one launch after the other. A cheap
/// value. Of the options it has no use for `allow_tf32`.
/// Accuracy: the same bits on every system of the host and with any number of threads: each number is computed by one
///           call of a functor, or as one entry of `packet_product`.
template <class System>
  requires ThrustHostSystem<System>
class Thrust<System> {
  using Counters = detail::WorkCounters<Thrust>;

 public:
  static constexpr std::string_view name = System::name;
  static constexpr bool joins_rows = true;

  Thrust() : Thrust(ThrustOptions{}) {}
  /// Errors: `Error` for a number of threads that the system cannot have, or a negative budget.
  explicit Thrust(ThrustOptions const& options) : threads_(options.threads), memory_budget_(options.memory_budget) {
    require(memory_budget_ >= 0, System::name, ": memory_budget: expected at least 0 bytes, found ", memory_budget_);
    if (memory_budget_ == 0) memory_budget_ = default_memory_budget;
  }

  /// Of all backends of this type.
  static BackendCounts counts() { return Counters::read(); }

  Index memory_budget() const { return memory_budget_; }

  /// `size` values in the memory of the system, zero at first.
  template <class T>
  class Buffer {
   public:
    Buffer() = default;
    explicit Buffer(Index size) : values_(static_cast<std::size_t>(size)) { count(); }
    Buffer(Buffer const& other) : values_(other.values_) { count(); }
    Buffer(Buffer&& other) noexcept : values_() { values_.swap(other.values_); }
    Buffer& operator=(Buffer other) noexcept {
      values_.swap(other.values_);
      return *this;
    }
    ~Buffer() = default;

    T* data() { return thrust::raw_pointer_cast(values_.data()); }
    T const* data() const { return thrust::raw_pointer_cast(values_.data()); }
    Index size() const { return static_cast<Index>(values_.size()); }

   private:
    void count() const {
      if (size() > 0) Counters::add(Counters::allocations);
    }

    typename System::template Vector<T> values_;
  };

  /// Errors: `Error` when the sizes differ.
  template <class T>
  void upload(std::span<T const> host, Buffer<T>& buffer) const {
    require_same_size(host.size(), buffer.size());
    Counters::add(Counters::synchronizations);
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
    Counters::add(Counters::synchronizations);
    std::copy(buffer.data(), buffer.data() + buffer.size(), host.begin());
  }

  /// c = alpha a b + beta c for every matrix of the batch; c shares no memory with a or b.
  /// Errors: `Error` as in `check_product`.
  template <class T>
  void matrix_product(MatrixView<std::type_identity_t<T> const> a, MatrixView<std::type_identity_t<T> const> b,
                      MatrixView<T> c, std::type_identity_t<T> alpha, std::type_identity_t<T> beta) const {
    check_product<T>(a, b, c);
    // Blocks of whole tiles of `packet_product`, of which a matrix of 128 x 128 still gives 12.
    constexpr Index rows = 32, cols = detail::ProductTile<T>::cols;
    const Index down = (c.rows + rows - 1) / rows, across = (c.cols + cols - 1) / cols;
    launch(c.batches * down * across, [=](Index i) {
      const Index k = i / (down * across), row = i % down * rows, col = i / down % across * cols;
      const Index count = std::min(rows, c.rows - row), width = std::min(cols, c.cols - col);
      const auto from_a = operand(a.matrix(k)), from_b = operand(b.matrix(k));
      packet_product<T>(count, width, a.product_cols(),
                        {from_a.data + row * from_a.row_step, from_a.row_step, from_a.col_step},
                        {from_b.data + col * from_b.col_step, from_b.row_step, from_b.col_step},
                        c.matrix(k).data + row * c.row_stride + col, c.row_stride, alpha, beta);
    });
  }

  /// Calls functor(i) for i = 0 .. count-1.
  template <class Functor>
  void for_each(Index count, Functor const& functor) const {
    launch(count, functor);
  }

  /// Calls functor(row, OneLane{}) for row = 0 .. rows-1.
  template <class Functor>
  void for_each_row(Index rows, Functor const& functor) const {
    launch(rows, detail::OneLaneRow<Functor>{functor});
  }

  /// As many rows as the memory budget has room for.
  Index preferred_rows(Index row_bytes) const {
    return std::max<Index>(1, memory_budget_ / std::max<Index>(1, row_bytes));
  }

 private:
  static constexpr Index default_memory_budget = Index{4} << 20;

  template <class Functor>
  void launch(Index count, Functor const& functor) const {
    if (count <= 0) return;
    Counters::add(Counters::launches);
    threads_.run([&] { thrust::for_each_n(System::policy(), thrust::counting_iterator<Index>(0), count, functor); });
  }

  static void require_same_size(std::size_t host, Index buffer) {
    require(static_cast<Index>(host) == buffer, System::name, ": copy between ", host, " host values and a buffer of ",
            buffer);
  }

  template <class T>
  static StridedOperand<T> operand(MatrixView<T const> view) {
    return view.is_transposed ? StridedOperand<T>{view.data, 1, view.row_stride}
                              : StridedOperand<T>{view.data, view.row_stride, 1};
  }

  typename System::Threads threads_;
  Index memory_budget_;
};

}  // namespace cayley
