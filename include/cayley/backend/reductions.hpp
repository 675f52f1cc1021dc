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
    const Scalar sum = sum_over<Scalar>(lanes, cols, [&](Index c) { return x[c] * x[c]; });
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
    const Scalar largest = max_over(lanes, cols, -Scalar(INFINITY), [&](Index c) { return x[c]; });
    // Lanes take the largest of numbers: that of minus the columns is the first column.
    const Scalar none = -static_cast<Scalar>(cols);
    const Scalar minus_first =
        max_over(lanes, cols, none, [&](Index c) { return x[c] == largest ? -static_cast<Scalar>(c) : none; });
    const auto first = static_cast<Index>(-minus_first);
    if (lanes.rank() == 0) out[row] = first < cols ? static_cast<std::uint32_t>(first) : 0u;
  }
};

}  // namespace cayley
