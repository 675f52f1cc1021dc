/// A group size that is a compile-time constant or, as Eigen's Dynamic, a member.
#pragma once

#include <Eigen/Core>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/group/concept.hpp>
#include <cstdint>
#include <limits>

namespace cayley {

/// A positive size known at compile time; holds nothing.
template <Index Size>
class Extent {
  static_assert(Size >= 1 && Size <= std::numeric_limits<std::int32_t>::max(),
                "the size of a group family must be in 1 .. 2^31 - 1");

 public:
  static constexpr Index size() { return Size; }
};

/// A positive size given at run time.
/// Errors: `Error` when the size is below 1 or above 2^31 - 1.
template <>
class Extent<Eigen::Dynamic> {
 public:
  explicit constexpr Extent(Index size) : size_(size) {
    if (size < 1 || size > std::numeric_limits<std::int32_t>::max()) {
      fail("the size of a group family must be in 1 .. 2^31 - 1, found ", size);
    }
  }
  constexpr Index size() const { return size_; }

 private:
  Index size_;
};

}  // namespace cayley
