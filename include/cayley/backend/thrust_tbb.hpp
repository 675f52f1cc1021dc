/// Thrust with the threads of oneTBB. Needs its library (-ltbb).
#pragma once

#include <cayley/backend/thrust.hpp>  // first: chooses the system of thrust::device

#include <tbb/info.h>
#include <tbb/task_arena.h>
#include <thrust/system/tbb/execution_policy.h>
#include <thrust/system/tbb/vector.h>

#include <memory>

namespace cayley {

/// The system of `Thrust<Tbb>`.
struct Tbb {
  static constexpr std::string_view name = "thrust-tbb";
  template <class T>
  using Vector = thrust::tbb::vector<T>;
  static auto policy() { return thrust::tbb::par; }

  /// The arena of the calling thread, or one of its own, with no more threads than the machine has.
  class Threads {
   public:
    /// Errors: `Error` unless 0 <= count <= 1024.
    explicit Threads(int count) {
      require(count >= 0 && count <= 1024, name, ": threads: expected 0 .. 1024, found ", count);
      const int available = tbb::info::default_concurrency();
      if (count > 0) arena_ = std::make_shared<tbb::task_arena>(count < available ? count : available);
    }
    template <class Work>
    void run(Work const& work) const {
      if (arena_) {
        arena_->execute(work);
      } else {
        work();
      }
    }

   private:
    std::shared_ptr<tbb::task_arena> arena_;
  };
};

static_assert(Backend<Thrust<Tbb>, float> && Backend<Thrust<Tbb>, double>);

}  // namespace cayley
