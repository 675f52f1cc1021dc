/// A backend that offers what the concept requires and nothing else; proves that models use no more.
#pragma once

#include <algorithm>
#include <barrier>
#include <cayley/backend/concept.hpp>
#include <cayley/core/error.hpp>
#include <span>
#include <thread>
#include <type_traits>
#include <vector>

namespace cayley::testing {

/// Triple loops over std::vector. A row is shared by three lanes, each a thread, as the lanes of a warp share
/// it.
class ArchetypeBackend {
 public:
  static constexpr int lane_count = 3;

  template <class T>
  class Buffer {
   public:
    Buffer() = default;
    explicit Buffer(Index size) : values_(static_cast<std::size_t>(size)) {}
    T* data() { return values_.data(); }
    T const* data() const { return values_.data(); }
    Index size() const { return static_cast<Index>(values_.size()); }

   private:
    std::vector<T> values_;
  };

  class Lanes {
   public:
    struct Shared {
      std::barrier<> barrier{lane_count};
      double slots[lane_count] = {};
    };
    Lanes(Shared& shared, Index rank) : shared_(&shared), rank_(rank) {}

    Index rank() const { return rank_; }
    Index size() const { return lane_count; }
    void sync() const { shared_->barrier.arrive_and_wait(); }
    template <class T>
    T sum(T x) const {
      return combine(x, [](T a, T b) { return a + b; });
    }
    template <class T>
    T max(T x) const {
      return combine(x, [](T a, T b) { return a < b ? b : a; });
    }

   private:
    template <class T, class Operation>
    T combine(T x, Operation operation) const {
      shared_->slots[rank_] = static_cast<double>(x);
      sync();
      T result = static_cast<T>(shared_->slots[0]);
      for (int lane = 1; lane < lane_count; ++lane) {
        result = operation(result, static_cast<T>(shared_->slots[lane]));
      }
      sync();
      return result;
    }

    Shared* shared_;
    Index rank_;
  };

  template <class T>
  void upload(std::span<T const> host, Buffer<T>& buffer) const {
    require(static_cast<Index>(host.size()) == buffer.size(), "upload: sizes differ");
    std::copy(host.begin(), host.end(), buffer.data());
  }
  template <class T>
  void download(Buffer<T> const& buffer, std::span<T> host) const {
    require(static_cast<Index>(host.size()) == buffer.size(), "download: sizes differ");
    std::copy(buffer.data(), buffer.data() + buffer.size(), host.begin());
  }

  template <class T>
  void matrix_product(MatrixView<T const> a, MatrixView<T const> b, MatrixView<T> c, std::type_identity_t<T> alpha,
                      std::type_identity_t<T> beta) const {
    check_product<T>(a, b, c);
    const auto at = [](MatrixView<T const> view, Index i, Index j) {
      return view.is_transposed ? view.data[j * view.row_stride + i] : view.data[i * view.row_stride + j];
    };
    for (Index k = 0; k < c.batches; ++k) {
      for (Index i = 0; i < c.rows; ++i) {
        for (Index j = 0; j < c.cols; ++j) {
          T sum = 0;
          for (Index l = 0; l < a.product_cols(); ++l) sum += at(a.matrix(k), i, l) * at(b.matrix(k), l, j);
          T& out = c.matrix(k).data[i * c.row_stride + j];
          out = alpha * sum + (beta == T(0) ? T(0) : beta * out);
        }
      }
    }
  }

  template <class Functor>
  void for_each(Index count, Functor const& functor) const {
    for (Index i = count - 1; i >= 0; --i) functor(i);
  }

  template <class Functor>
  void for_each_row(Index rows, Functor const& functor) const {
    Lanes::Shared shared;
    const auto run_lane = [&](Index rank) {
      for (Index row = rows - 1; row >= 0; --row) functor(row, Lanes(shared, rank));
    };
    std::vector<std::thread> threads;
    for (Index rank = 1; rank < lane_count; ++rank) threads.emplace_back(run_lane, rank);
    run_lane(0);
    for (auto& thread : threads) thread.join();
  }
};

static_assert(LaneGroup<ArchetypeBackend::Lanes>);
static_assert(Backend<ArchetypeBackend, float> && Backend<ArchetypeBackend, double>);
static_assert(!HasHostView<ArchetypeBackend, float>);

}  // namespace cayley::testing
