/// Rows and columns reduced to a number each. Includes no Eigen.
#pragma once

#include <cayley/backend/host_device.hpp>
#include <cayley/backend/lane_group.hpp>
#include <cmath>
#include <cstdint>

namespace cayley {

/// The mean of each column, once a column: out[c] = sum over rows of values[row, c] / rows, in the order of the rows.
/// Shape: values (rows, cols) with rows at least 1, out (cols).
template <class Scalar>
struct ColumnMeans {
  Scalar const* values;
  Index stride;
  Index rows;
  Scalar* out;

  CAYLEY_HOST_DEVICE void operator()(Index column) const {
    Scalar sum = 0;
    for (Index row = 0; row < rows; ++row) sum += values[row * stride + column];
    out[column] = sum / static_cast<Scalar>(rows);
  }
};

/// The sum of the squares of each row.
/// Shape: values (rows, cols), out (rows).
template <class Scalar>
struct RowSumsOfSquares {
  Scalar const* values;
  Index stride;
  Index cols;
  Scalar* out;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* x = values + row * stride;
    Scalar sum = 0;
    CAYLEY_SIMD(reduction(+ : sum))
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) sum += x[c] * x[c];
    sum = lanes.sum(sum);
    if (lanes.rank() == 0) out[row] = sum;
  }
};

/// Where the largest entry of each row stands, the first of them; entries that are no numbers are passed over, and a row
/// of nothing else gives 0.
/// Shape: values (rows, cols) with 1 .. 2^24 columns, out (rows).
template <class Scalar>
struct RowArgmax {
  Scalar const* values;
  Index stride;
  Index cols;
  std::uint32_t* out;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* x = values + row * stride;
    Scalar largest = -Scalar(INFINITY);
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) largest = x[c] > largest ? x[c] : largest;
    largest = lanes.max(largest);
    // Lanes take the largest of numbers: that of minus the columns is the first column.
    Scalar minus_first = -static_cast<Scalar>(cols);
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) {
      const Scalar minus = -static_cast<Scalar>(c);
      if (x[c] == largest && minus > minus_first) minus_first = minus;
    }
    minus_first = lanes.max(minus_first);
    const auto first = static_cast<Index>(-minus_first);
    if (lanes.rank() == 0) out[row] = first < cols ? static_cast<std::uint32_t>(first) : 0u;
  }
};

}  // namespace cayley
