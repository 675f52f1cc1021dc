/// One macro and one index type for headers that may be compiled for a device. Includes no Eigen.
#pragma once

#include <cstddef>

/// Marks a function that runs on the host and, where the compiler knows devices, on the device.
#if defined(__CUDACC__) || defined(__HIPCC__)
#define CAYLEY_HOST_DEVICE __host__ __device__ __forceinline__
#else
#define CAYLEY_HOST_DEVICE inline
#endif

/// Before a loop over the columns of a row: where OpenMP is turned on, vector instructions may take its iterations in any
/// order. The argument may be a clause, reduction(+ : sum) or reduction(max : largest).
#if defined(_OPENMP) && !defined(__CUDA_ARCH__)
#define CAYLEY_PRAGMA(text) _Pragma(#text)
#define CAYLEY_SIMD(clause) CAYLEY_PRAGMA(omp simd clause)
#else
#define CAYLEY_SIMD(clause)
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

}  // namespace cayley
