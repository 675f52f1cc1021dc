/// One macro and one index type for headers that may be compiled for a device. Includes no Eigen.
#pragma once

#include <cstddef>
#include <cstdint>

/// Marks a function that runs on the host and, where the compiler knows devices, on the device.
#if defined(__CUDACC__) || defined(__HIPCC__)
#define CAYLEY_HOST_DEVICE __host__ __device__ __forceinline__
#else
#define CAYLEY_HOST_DEVICE inline
#endif

/// Before a loop over the columns of a row: where OpenMP is turned on, vector instructions may take its iterations in any
/// order. The argument may be a clause, as reduction(+ : sum). Not for clang, which warns wherever it takes such a loop in
/// order after all, as it does with every maximum.
#if defined(_OPENMP) && !defined(__CUDA_ARCH__) && !defined(__clang__)
#define CAYLEY_PRAGMA(text) _Pragma(#text)
#define CAYLEY_SIMD(...) CAYLEY_PRAGMA(omp simd __VA_ARGS__)
#else
#define CAYLEY_SIMD(...)
#endif

/// Before a loop that a GPU must unroll, so that what it indexes stays in registers.
#ifdef __CUDA_ARCH__
#define CAYLEY_UNROLL _Pragma("unroll")
#else
#define CAYLEY_UNROLL
#endif

namespace cayley {

/// The same type as in core/matrix.hpp, which device code cannot include.
using Index = std::ptrdiff_t;

/// i / n and i % n of numbers in 0 .. 2^32 - 1: GPUs divide numbers of 64 bits by a call that costs time and registers.
CAYLEY_HOST_DEVICE Index quotient(Index i, Index n) {
  return static_cast<Index>(static_cast<std::uint32_t>(i) / static_cast<std::uint32_t>(n));
}
CAYLEY_HOST_DEVICE Index remainder(Index i, Index n) {
  return static_cast<Index>(static_cast<std::uint32_t>(i) % static_cast<std::uint32_t>(n));
}

}  // namespace cayley
