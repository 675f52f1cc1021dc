/// Views of matrices in the memory of a backend: the operands of a matrix product. Includes no Eigen.
#pragma once

#include <cayley/backend/host_device.hpp>
#include <cayley/core/error.hpp>
#include <type_traits>

namespace cayley {

/// A batch of equally shaped row-major matrices in device memory; owns nothing. `T` may be const.
/// Index: entry (i, j) of matrix k lies at data[k * batch_stride + i * row_stride + j], before any transpose.
template <class T>
struct MatrixView {
  T* data = nullptr;
  Index rows = 0;              ///< of the matrix as stored
  Index cols = 0;              ///< of the matrix as stored
  Index row_stride = 0;        ///< entries from one row to the next, at least `cols`
  bool is_transposed = false;  ///< the product sees the transpose
  Index batches = 1;
  Index batch_stride = 0;  ///< entries from one matrix to the next

  /// Rows and columns as the product sees them.
  Index product_rows() const { return is_transposed ? cols : rows; }
  Index product_cols() const { return is_transposed ? rows : cols; }

  /// Matrix k of the batch; matrix 0 when there is only one, which all batches of a product share.
  MatrixView matrix(Index k) const {
    return {data + (batches == 1 ? 0 : k * batch_stride), rows, cols, row_stride, is_transposed};
  }

  template <class Constant>
    requires(!std::is_const_v<T> && std::is_same_v<Constant, T const>)
  operator MatrixView<Constant>() const { return {data, rows, cols, row_stride, is_transposed, batches, batch_stride}; }
};

/// A view of one matrix whose rows follow each other without gaps.
/// Shape: (rows, cols).
template <class T>
MatrixView<T> matrix_view(T* data, Index rows, Index cols) {
  return {data, rows, cols, cols};
}

/// The same matrices, seen transposed by a product.
template <class T>
MatrixView<T> transposed(MatrixView<T> view) {
  view.is_transposed = !view.is_transposed;
  return view;
}

/// The rows first .. first + count - 1 of a single matrix that is not transposed.
/// Shape: (count, cols).
/// Errors: `Error` for a batch, a transpose or rows outside the matrix.
template <class T>
MatrixView<T> row_block(MatrixView<T> view, Index first, Index count) {
  require(view.batches == 1 && !view.is_transposed, "row_block: expected a single matrix that is not transposed");
  require(first >= 0 && count >= 0 && first + count <= view.rows, "row_block: expected rows within 0 .. ", view.rows,
          ", found first ", first, " and count ", count);
  return {view.data + first * view.row_stride, count, view.cols, view.row_stride};
}

/// The columns first .. first + count - 1 of a single matrix that is not transposed.
/// Shape: (rows, count).
/// Errors: `Error` for a batch, a transpose or columns outside the matrix.
template <class T>
MatrixView<T> column_block(MatrixView<T> view, Index first, Index count) {
  require(view.batches == 1 && !view.is_transposed, "column_block: expected a single matrix that is not transposed");
  require(first >= 0 && count >= 0 && first + count <= view.cols, "column_block: expected columns within 0 .. ",
          view.cols, ", found first ", first, " and count ", count);
  // Without rows there may be no memory to point into.
  return {view.rows == 0 ? view.data : view.data + first, view.rows, count, view.row_stride};
}

/// `count` matrices of `cols` columns each, side by side in the rows of a single matrix that is not transposed.
/// Shape: count matrices (rows, cols), the first at column `first`.
/// Errors: `Error` for a batch, a transpose or columns outside the matrix.
template <class T>
MatrixView<T> side_by_side(MatrixView<T> view, Index first, Index count, Index cols) {
  MatrixView<T> result = column_block(view, first, count * cols);
  result.cols = cols;
  result.batches = count;
  result.batch_stride = cols;
  return result;
}

/// The rows of a single matrix that is not transposed, cut into `count` matrices of as many rows each.
/// Shape: count matrices (rows / count, cols).
/// Errors: `Error` for a batch, a transpose, or a number of rows that `count` does not divide.
template <class T>
MatrixView<T> stacked(MatrixView<T> view, Index count) {
  require(view.batches == 1 && !view.is_transposed, "stacked: expected a single matrix that is not transposed");
  require(count >= 1 && view.rows % count == 0, "stacked: ", view.rows, " rows are no ", count, " matrices");
  const Index rows = view.rows / count;
  return {view.data, rows, view.cols, view.row_stride, false, count, rows * view.row_stride};
}

/// Checks the operands of c = alpha a b + beta c; every backend calls it first. `a` and `b` have as many
/// matrices as `c`, or one that is used for all. The matrices of c follow each other or lie side by side.
/// Errors: `Error` when shapes or batches do not fit, rows or matrices of `c` overlap, or `c` is transposed.
template <class T>
void check_product(MatrixView<T const> a, MatrixView<T const> b, MatrixView<T> c) {
  require(a.product_cols() == b.product_rows() && c.rows == a.product_rows() && c.cols == b.product_cols(),
          "matrix product: the shapes of a (", a.product_rows(), ", ", a.product_cols(), "), b (", b.product_rows(),
          ", ", b.product_cols(), ") and c (", c.rows, ", ", c.cols, ") do not fit");
  require(!c.is_transposed, "matrix product: the result c cannot be transposed");
  require(a.row_stride >= a.cols && b.row_stride >= b.cols && c.row_stride >= c.cols,
          "matrix product: a row stride is smaller than the number of columns");
  require((a.batches == 1 || a.batches == c.batches) && (b.batches == 1 || b.batches == c.batches),
          "matrix product: expected 1 or ", c.batches, " matrices in a and b, found ", a.batches, " and ", b.batches);
  const bool follow = c.batch_stride >= (c.rows - 1) * c.row_stride + c.cols;
  const bool are_side_by_side = c.batch_stride >= c.cols && (c.batches - 1) * c.batch_stride + c.cols <= c.row_stride;
  require(c.batches <= 1 || c.rows == 0 || follow || are_side_by_side,
          "matrix product: the matrices of c overlap, batch stride ", c.batch_stride);
}

}  // namespace cayley
