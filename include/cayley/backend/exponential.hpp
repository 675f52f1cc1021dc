/// The exponential function of numbers that are not positive, in a form that compilers turn into vector instructions.
/// Includes no Eigen.
#pragma once

#include <cayley/backend/host_device.hpp>
#include <cmath>
#include <cstdint>

namespace cayley {

namespace detail {

/// std::bit_cast, which device code may not call.
template <class To, class From>
CAYLEY_HOST_DEVICE To same_bits(From const& from) {
  static_assert(sizeof(To) == sizeof(From));
  return __builtin_bit_cast(To, from);
}

}  // namespace detail

/// The largest relative error of `exp_nonpositive` in float, where the result is not 0.
inline constexpr double exp_nonpositive_error = 1.5e-7;

/// What `exp_nonpositive` takes for 0 in float. Times a gradient's scale and a weight, smaller numbers would be
/// subnormal, with which a CPU computes many times slower, and no sum beside larger ones would show them.
inline constexpr float exp_nonpositive_least = 1e-30f;

/// exp(x) for x <= 0, without a branch or a call, so that a loop over it is vectorised.
/// Accuracy: relative error at most `exp_nonpositive_error`; exp(0) is 1. In float, less than
///           `exp_nonpositive_least` is 0. NaN gives NaN.
/// Ref: Cephes, expf.
CAYLEY_HOST_DEVICE float exp_nonpositive(float x) {
  // 2^n exp(r) with r = x - n ln 2 in -ln 2 / 2 .. ln 2 / 2. Adding 1.5 * 2^23 rounds to an integer.
  constexpr float shift = 12582912.0f, last = -69.0775f;  // exp(last) is exp_nonpositive_least
  const float bounded = x < last ? last : x;
  const float shifted = bounded * 1.44269504088896341f + shift;
  const float n = shifted - shift;
  const float r = (bounded - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = (p * (r * r) + r) + 1.0f;
  // n is in the low bits of `shifted`, moved into the exponent.
  const std::uint32_t exponent = (detail::same_bits<std::uint32_t>(shifted) - detail::same_bits<std::uint32_t>(shift))
                                 << 23;
  const float result = detail::same_bits<float>(detail::same_bits<std::uint32_t>(p) + exponent);
  return x < last ? 0.0f : result;
}

/// exp(x) by the C library.
CAYLEY_HOST_DEVICE double exp_nonpositive(double x) {
  return std::exp(x);
}

}  // namespace cayley
