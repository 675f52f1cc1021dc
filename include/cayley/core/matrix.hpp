/// Dense matrix aliases: row-major, a row per example or per group element.
#pragma once

#include <Eigen/Core>

/// Before a loop of so many iterations, to be unrolled. nvcc, which compiles no code for GPUs of this, knows no such thing.
#ifdef __CUDACC__
#define CAYLEY_UNROLL_TIMES(count)
#else
#define CAYLEY_PRAGMA_OF(text) _Pragma(#text)
#define CAYLEY_UNROLL_TIMES(count) CAYLEY_PRAGMA_OF(GCC unroll count)
#endif

namespace cayley {

/// Signed index and size type of every container.
using Index = Eigen::Index;

/// Owning row-major matrix.
template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Owning column vector.
template <class Scalar>
using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

/// Owning row vector.
template <class Scalar>
using RowVector = Eigen::Matrix<Scalar, 1, Eigen::Dynamic>;

/// Read-only view of a row-major matrix or of a block of one; binds to both without a copy.
template <class Scalar>
using ConstMatrixRef = Eigen::Ref<const Matrix<Scalar>, 0, Eigen::OuterStride<>>;

/// Writable view of a row-major matrix or of a block of one.
template <class Scalar>
using MatrixRef = Eigen::Ref<Matrix<Scalar>, 0, Eigen::OuterStride<>>;

}  // namespace cayley
