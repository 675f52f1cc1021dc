/// A matrix product of row-major views as a call of BLAS, whose matrices are column-major. Includes no Eigen.
#pragma once

#include <algorithm>
#include <cayley/backend/matrix_view.hpp>

namespace cayley {

/// The arguments of gemm, strided batches included: C = alpha op(A) op(B) + beta C with op(A) (m, k), op(B) (k, n) and
/// C (m, n), all column-major; matrix i of a batch begins at A + i stride_a and so on.
template <class T>
struct GemmCall {
  bool transpose_a, transpose_b;
  int m, n, k;
  T const* a;
  int lda;
  long long stride_a;
  T const* b;
  int ldb;
  long long stride_b;
  T* c;
  int ldc;
  long long stride_c;
  int batches;
};

/// The call that computes c = a b. A row-major matrix is its own transpose in column-major order, and c^T = b^T a^T, so
/// BLAS is given b for its A and a for its B.
/// Errors: `Error` as in `check_product`, or when a size does not fit BLAS's 32-bit integers.
template <class T>
GemmCall<T> gemm_call(MatrixView<T const> a, MatrixView<T const> b, MatrixView<T> c) {
  check_product<T>(a, b, c);
  const auto as_int = [](Index size) {
    require(size <= 0x7fffffff, "matrix product: BLAS takes sizes below 2^31, found ", size);
    return static_cast<int>(size);
  };
  const auto leading = [&](Index row_stride) { return std::max(1, as_int(row_stride)); };
  const auto stride = [](auto const& view) {
    return view.batches == 1 ? 0LL : static_cast<long long>(view.batch_stride);
  };
  return {b.is_transposed,
          a.is_transposed,
          as_int(c.cols),
          as_int(c.rows),
          as_int(a.product_cols()),
          b.data,
          leading(b.row_stride),
          stride(b),
          a.data,
          leading(a.row_stride),
          stride(a),
          c.data,
          leading(c.row_stride),
          stride(c),
          as_int(c.batches)};
}

}  // namespace cayley
