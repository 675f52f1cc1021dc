/// What the Thrust backends of the host and of GPUs have in common. Includes neither Thrust nor Eigen.
#pragma once

#include <atomic>
#include <cayley/backend/concept.hpp>
#include <cstdint>

namespace cayley {

/// Computes by way of Thrust on a system that is named by its type; see thrust.hpp for those of the host, thrust_cuda.cuh
/// for `Cuda`.
template <class System>
class Thrust;

/// How a `Thrust` backend works.
struct ThrustOptions {
  int threads = 0;          ///< of the host; 0: as many as the system likes
  Index memory_budget = 0;  ///< bytes for the rows of a batch that are worked on at a time; 0: the system's own choice
  bool allow_tf32 = false;  ///< matrix products of a GPU may round their factors to 10 bits of mantissa
};

namespace detail {

/// Counts of one type of backend.
template <class Backend>
struct WorkCounters {
  static inline std::atomic<std::int64_t> launches{0}, allocations{0}, synchronizations{0};

  static void add(std::atomic<std::int64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }
  static BackendCounts read() { return {launches.load(), allocations.load(), synchronizations.load()}; }
};

}  // namespace detail

}  // namespace cayley
