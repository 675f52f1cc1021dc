/// Parts of a range: how work is cut so that the result does not depend on the number of threads.
#pragma once

#include <algorithm>
#include <cayley/core/matrix.hpp>

namespace cayley {

/// The part first .. first + count - 1 of a range of indices.
struct Part {
  Index first = 0;
  Index count = 0;
  bool operator==(Part const&) const = default;
};

/// Part `i` of 0 .. size-1 cut into `parts` parts as equal as possible, the longer ones first.
/// Range: 0 <= i < parts.
inline Part part_of(Index size, Index parts, Index i) {
  const Index share = size / parts, longer = size % parts;
  return {i * share + std::min(i, longer), share + (i < longer ? 1 : 0)};
}

/// Part `i` of 0 .. size-1 cut into parts of `part_size`, the last one with what is left.
/// Range: part_size >= 1, 0 <= i < number_of_parts(size, part_size).
inline Part part_of_size(Index size, Index part_size, Index i) {
  return {i * part_size, std::min(part_size, size - i * part_size)};
}
inline Index number_of_parts(Index size, Index part_size) {
  return (size + part_size - 1) / part_size;
}

/// Into how many partial sums, one a lane, a sum over `rows` examples is cut: it depends on the problem alone, so
/// that any number of threads gives the same bits.
/// Range: 1 .. 16.
inline Index lane_count(Index rows) {
  return std::clamp<Index>((rows + 255) / 256, 1, 16);
}

}  // namespace cayley
