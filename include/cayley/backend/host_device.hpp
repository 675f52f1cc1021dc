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
