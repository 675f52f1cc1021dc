#pragma once

namespace cayley::testing {

/// Whether a sanitizer, or no optimisation, slows this build down, so that the largest runs are left to others.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
inline constexpr bool slow_build = true;
#elif defined(__has_feature)
inline constexpr bool slow_build = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool slow_build = false;
#endif

}  // namespace cayley::testing
