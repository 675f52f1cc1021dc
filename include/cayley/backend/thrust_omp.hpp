/// Thrust with OpenMP's threads. Needs a compiler with OpenMP turned on (g++ -fopenmp).
#pragma once

#include <cayley/backend/thrust.hpp>  // first: chooses the system of thrust::device

#ifndef _OPENMP
#error "cayley/backend/thrust_omp.hpp needs OpenMP: compile with -fopenmp"
#endif

#include <omp.h>
#include <thrust/system/omp/execution_policy.h>
#include <thrust/system/omp/vector.h>

namespace cayley {

/// The system of `Thrust<Omp>`.
struct Omp {
  static constexpr std::string_view name = "thrust-omp";
  template <class T>
  using Vector = thrust::omp::vector<T>;
  static auto policy() { return thrust::omp::par; }

  /// OpenMP's number of threads, or another one while `run` runs.
  class Threads {
   public:
    /// Errors: `Error` unless 0 <= count <= 1024.
    explicit Threads(int count) : count_(count) {
      require(count >= 0 && count <= 1024, name, ": threads: expected 0 .. 1024, found ", count);
    }
    template <class Work>
    void run(Work const& work) const {
      if (count_ == 0) return work();
      struct Restore {
        int before = omp_get_max_threads();
        ~Restore() { omp_set_num_threads(before); }
      } restore;
      omp_set_num_threads(count_);
      work();
    }

   private:
    int count_;
  };
};

static_assert(Backend<Thrust<Omp>, float> && Backend<Thrust<Omp>, double>);

}  // namespace cayley
