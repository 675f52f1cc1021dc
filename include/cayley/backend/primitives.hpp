/// The array primitives of the models: one functor each, for `for_each_row` (mostly) of any backend.
///
/// A functor holds raw device pointers and sizes and calls nothing but lanes. Matrices are row-major; a
/// `_stride` is the number of entries from one row to the next. Where source and target are the same memory
/// it says "in place". Includes no Eigen.
#pragma once

#include <cayley/backend/host_device.hpp>
#include <cayley/backend/lane_group.hpp>
#include <cstdint>

namespace cayley {

namespace detail {

/// max(x, 0); NaN stays NaN.
template <class Scalar>
CAYLEY_HOST_DEVICE Scalar relu(Scalar x) {
  return x < Scalar(0) ? Scalar(0) : x;
}

}  // namespace detail

/// Sets values, one call an entry: out[i] = value.
template <class T>
struct Fill {
  T* out;
  T value;

  CAYLEY_HOST_DEVICE void operator()(Index i) const { out[i] = value; }
};

/// Multiplies by a number, one call an entry: values[i] *= factor.
template <class T>
struct Scale {
  T* values;
  T factor;

  CAYLEY_HOST_DEVICE void operator()(Index i) const { values[i] *= factor; }
};

/// Looks rows up: out[row] = table[index[row * index_stride]].
/// Shape: table (any, cols), out (rows, cols).
template <class Scalar>
struct GatherRows {
  Scalar const* table;
  Index table_stride;
  std::uint32_t const* index;
  Index index_stride;
  Scalar* out;
  Index out_stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* from = table + static_cast<Index>(index[row * index_stride]) * table_stride;
    Scalar* to = out + row * out_stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = from[c];
  }
};

/// Adds other rows, in place: values[row] += addend[row].
/// Shape: values and addend (rows, cols).
template <class Scalar>
struct AddRows {
  Scalar* values;
  Index stride;
  Scalar const* addend;
  Index addend_stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* to = values + row * stride;
    Scalar const* from = addend + row * addend_stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] += from[c];
  }
};

/// Adds the rows of a table again and again: out[row] += table[row mod period].
/// Shape: table (at least period, cols), out (rows, cols), both without gaps.
template <class Scalar>
struct AddRepeatedRows {
  Scalar const* table;
  Index period;
  Scalar* out;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* from = table + remainder(row, period) * cols;
    Scalar* to = out + row * cols;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] += from[c];
  }
};

/// Adds rows to those that an index names: out[index[row]] += in[row]. No two rows have the same index.
/// Shape: in (rows, cols), out (any, cols).
template <class Scalar>
struct ScatterAddRows {
  Scalar const* in;
  Index in_stride;
  std::uint32_t const* index;
  Scalar* out;
  Index out_stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* from = in + row * in_stride;
    Scalar* to = out + static_cast<Index>(index[row]) * out_stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] += from[c];
  }
};

/// Copies a block: out[row] = in[row].
/// Shape: in (rows, cols), out (rows, cols).
template <class Scalar>
struct CopyRows {
  Scalar const* in;
  Index in_stride;
  Scalar* out;
  Index out_stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* from = in + row * in_stride;
    Scalar* to = out + row * out_stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = from[c];
  }
};

/// Copies blocks of rows that lie at even steps: out[block, i] = in[block, i], row = block block_rows + i. So heads that
/// lie one below the other are laid side by side, and back.
/// Shape: each block (block_rows, cols); block k begins at in + k * in_step and at out + k * out_step.
template <class Scalar>
struct CopyBlocks {
  Scalar const* in;
  Index in_stride;
  Index in_step;
  Scalar* out;
  Index out_stride;
  Index out_step;
  Index block_rows;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    const Index block = quotient(row, block_rows), i = remainder(row, block_rows);
    Scalar const* from = in + block * in_step + i * in_stride;
    Scalar* to = out + block * out_step + i * out_stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = from[c];
  }
};

/// Outer products, one below the other: out[row] = x[block, i] y[block], row = block block_rows + i.
/// Shape: x[block, i] lies at x + block * x_step + i * x_stride; y (blocks, cols) and out (rows, cols) without gaps.
template <class Scalar>
struct OuterProducts {
  Scalar const* x;
  Index x_stride;
  Index x_step;
  Scalar const* y;
  Scalar* out;
  Index block_rows;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    const Index block = quotient(row, block_rows);
    const Scalar factor = x[block * x_step + remainder(row, block_rows) * x_stride];
    Scalar const* from = y + block * cols;
    Scalar* to = out + row * cols;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = factor * from[c];
  }
};

/// Transposes: out[row, c] = in[c, row].
/// Shape: in (cols, rows), out (rows, cols).
template <class Scalar>
struct TransposeRows {
  Scalar const* in;
  Index in_stride;
  Scalar* out;
  Index out_stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* to = out + row * out_stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = in[c * in_stride + row];
  }
};

/// Transposes blocks, whose results lie one below the other: out[row, c] = in[block, c, i], row = block block_rows + i.
/// Shape: each block (cols, block_rows); block k begins at in + k * in_step; out (rows, cols).
template <class Scalar>
struct TransposeBlocks {
  Scalar const* in;
  Index in_stride;
  Index in_step;
  Scalar* out;
  Index out_stride;
  Index block_rows;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* from = in + quotient(row, block_rows) * in_step + remainder(row, block_rows);
    Scalar* to = out + row * out_stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = from[c * in_stride];
  }
};

/// Adds the same row to every row, in place: values[row] += bias.
/// Shape: values (rows, cols), bias (cols).
template <class Scalar>
struct AddBias {
  Scalar* values;
  Index stride;
  Scalar const* bias;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* to = values + row * stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] += bias[c];
  }
};

/// Rectifies in place: values[row] = max(values[row], 0); NaN stays NaN.
/// Shape: values (rows, cols).
template <class Scalar>
struct Relu {
  Scalar* values;
  Index stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* to = values + row * stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = detail::relu(to[c]);
  }
};

/// The gradient of `Relu`, in place: gradient[row] = 0 where activation[row] is not above 0.
/// Shape: gradient and activation (rows, cols).
template <class Scalar>
struct ReluBackward {
  Scalar* gradient;
  Index gradient_stride;
  Scalar const* activation;
  Index activation_stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* to = gradient + row * gradient_stride;
    Scalar const* after = activation + row * activation_stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = after[c] > Scalar(0) ? to[c] : Scalar(0);
  }
};

/// Multiplies entry by entry: out[row] = x[row] * y[row].
/// Shape: x, y and out (rows, cols).
template <class Scalar>
struct MultiplyRows {
  Scalar const* x;
  Index x_stride;
  Scalar const* y;
  Index y_stride;
  Scalar* out;
  Index out_stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* left = x + row * x_stride;
    Scalar const* right = y + row * y_stride;
    Scalar* to = out + row * out_stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = left[c] * right[c];
  }
};

/// The hidden layer of a folded network: out[row] = relu(x[a] + y[b]), (a, b) = pairs[row].
/// Shape: x and y (order, cols), pairs (rows, 2) without gaps, out (rows, cols).
template <class Scalar>
struct GatherAddRelu {
  Scalar const* x;
  Index x_stride;
  Scalar const* y;
  Index y_stride;
  std::uint32_t const* pairs;
  Scalar* out;
  Index out_stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* left = x + static_cast<Index>(pairs[2 * row]) * x_stride;
    Scalar const* right = y + static_cast<Index>(pairs[2 * row + 1]) * y_stride;
    Scalar* to = out + row * out_stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = detail::relu(left[c] + right[c]);
  }
};

/// The hidden layer of a folded bilinear network: out[row] = x[a] * y[b], (a, b) = pairs[row].
/// Shape: x and y (order, cols), pairs (rows, 2) without gaps, out (rows, cols).
template <class Scalar>
struct GatherMultiply {
  Scalar const* x;
  Index x_stride;
  Scalar const* y;
  Index y_stride;
  std::uint32_t const* pairs;
  Scalar* out;
  Index out_stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* left = x + static_cast<Index>(pairs[2 * row]) * x_stride;
    Scalar const* right = y + static_cast<Index>(pairs[2 * row + 1]) * y_stride;
    Scalar* to = out + row * out_stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = left[c] * right[c];
  }
};

}  // namespace cayley
