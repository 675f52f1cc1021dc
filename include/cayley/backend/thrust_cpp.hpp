/// Thrust in the calling thread, one call of a functor after the other.
#pragma once

#include <cayley/backend/thrust.hpp>  // first: chooses the system of thrust::device

#include <thrust/system/cpp/execution_policy.h>
#include <thrust/system/cpp/vector.h>

namespace cayley {

/// The system of `Thrust<Cpp>`.
struct Cpp {
  static constexpr std::string_view name = "thrust-cpp";
  template <class T>
  using Vector = thrust::cpp::vector<T>;
  static auto policy() { return thrust::cpp::par; }

  /// The calling thread and no other.
  class Threads {
   public:
    /// Errors: `Error` unless `count` is 0 or 1.
    explicit Threads(int count) { require(count == 0 || count == 1, name, ": threads: expected 1, found ", count); }
    template <class Work>
    void run(Work const& work) const {
      work();
    }
  };
};

static_assert(Backend<Thrust<Cpp>, float> && Backend<Thrust<Cpp>, double>);

}  // namespace cayley
