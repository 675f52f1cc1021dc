/// Sums of the rows that share an index: how gradients flow back through a table lookup. Includes no Eigen.
#pragma once

#include <cayley/backend/host_device.hpp>
#include <cayley/backend/lane_group.hpp>
#include <cstdint>

namespace cayley {

/// The rows of a batch, sorted by the table row that each of them read. Points into device memory.
/// Index: segment s has the rows position[begin[s]] .. position[begin[s+1] - 1] and reads table row target[s]; no two
///        segments have the same target.
struct Segments {
  std::uint32_t const* target;
  std::uint32_t const* begin;
  std::uint32_t const* position;
  Index count;  ///< segments
};

/// Adds the rows of a segment to a row of a table: out[target] += sum of in[row]. One call a segment.
/// Shape: in (rows, cols), out (any, cols).
template <class Scalar>
struct SegmentSum {
  Segments segments;
  Scalar const* in;
  Index in_stride;
  Scalar* out;
  Index out_stride;
  Index cols;
  bool overwrites = false;         ///< out[target] is the sum alone
  Scalar const* active = nullptr;  ///< laid out as `in`: of in[row] those entries alone where it is above 0; null: all

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index segment, Lanes const& lanes) const {
    Scalar* to = out + static_cast<Index>(segments.target[segment]) * out_stride;
    if (overwrites) {
      for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = Scalar(0);
    }
    for (std::uint32_t k = segments.begin[segment]; k < segments.begin[segment + 1]; ++k) {
      const Index at = static_cast<Index>(segments.position[k]) * in_stride;
      Scalar const* from = in + at;
      if (active == nullptr) {
        for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] += from[c];
      } else {
        for (Index c = lanes.rank(); c < cols; c += lanes.size())
          to[c] += active[at + c] > Scalar(0) ? from[c] : Scalar(0);
      }
    }
  }
};

/// The same of products with rows of another table: out[target] += sum of in[row] * table[index[row]], entry by entry.
/// Shape: in (rows, cols), table (any, cols), out (any, cols).
template <class Scalar>
struct SegmentProductSum {
  Segments segments;
  Scalar const* in;
  Index in_stride;
  Scalar const* table;
  Index table_stride;
  std::uint32_t const* index;
  Index index_stride;
  Scalar* out;
  Index out_stride;
  Index cols;
  bool overwrites = false;  ///< out[target] is the sum alone

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index segment, Lanes const& lanes) const {
    Scalar* to = out + static_cast<Index>(segments.target[segment]) * out_stride;
    if (overwrites) {
      for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = Scalar(0);
    }
    for (std::uint32_t k = segments.begin[segment]; k < segments.begin[segment + 1]; ++k) {
      const auto row = static_cast<Index>(segments.position[k]);
      Scalar const* from = in + row * in_stride;
      Scalar const* factor = table + static_cast<Index>(index[row * index_stride]) * table_stride;
      for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] += from[c] * factor[c];
    }
  }
};

/// Adds partial sums in their order, overwriting the total: out[row] is the sum over k of parts[k][row].
/// Shape: each part and out (rows, cols) without gaps; part k begins at parts + k * part_stride.
template <class Scalar>
struct AddParts {
  Scalar const* parts;
  Index part_stride;
  Index count;  ///< parts, at least 1
  Scalar* out;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* to = out + row * cols;
    for (Index k = 0; k < count; ++k) {
      Scalar const* from = parts + k * part_stride + row * cols;
      for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = k == 0 ? from[c] : to[c] + from[c];
    }
  }
};

/// Adds the sums of the columns: out[c] += sum over rows of values[row, c], in the order of the rows. Called once a
/// column.
/// Shape: values (rows, cols), out (cols).
template <class Scalar>
struct AddColumnSums {
  Scalar const* values;
  Index stride;
  Index rows;
  Scalar* out;

  CAYLEY_HOST_DEVICE void operator()(Index column) const {
    Scalar sum = 0;
    for (Index row = 0; row < rows; ++row) sum += values[row * stride + column];
    out[column] += sum;
  }
};

}  // namespace cayley
