/// Random numbers that are bit for bit those of PyTorch's CPU generator.
#pragma once

#include <array>
#include <cayley/core/error.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace cayley {

/// Which of PyTorch's two implementations makes normal numbers out of uniform ones, 16 or more at a time.
enum class NormalPath {
  vector,  ///< of processors with AVX2: polynomials in float with fused multiply-adds
  scalar   ///< of all others: the C library's float functions
};

namespace detail {

/// Natural logarithm of u in (0, 1], as PyTorch's AVX2 code computes it.
/// Ref: Cephes, logf.
inline float vector_log(float u) {
  constexpr std::array<float, 9> coefficients{7.0376836292e-2f,  -1.1514610310e-1f, 1.1676998740e-1f,
                                              -1.2420140846e-1f, 1.4249322787e-1f,  -1.6668057665e-1f,
                                              2.0000714765e-1f,  -2.4999993993e-1f, 3.3333331174e-1f};
  int exponent = 0;
  const float mantissa = std::frexp(u, &exponent);
  float x = mantissa - 1;
  if (mantissa < 0.70710678f) {
    --exponent;
    x += mantissa;
  }
  const auto e = static_cast<float>(exponent);
  const float z = x * x;
  float y = coefficients[0];
  for (std::size_t i = 1; i < coefficients.size(); ++i) y = std::fma(y, x, coefficients[i]);
  y *= x;
  y = std::fma(y, z, e * -2.12194440e-4f);
  y = std::fma(-z, 0.5f, y);
  return std::fma(e, 0.693359375f, x + y);
}

/// Cosine and sine of t >= 0, as PyTorch's AVX2 code computes them.
/// Ref: Cephes, sinf and cosf.
inline std::pair<float, float> vector_cos_sin(float t) {
  const int j = (static_cast<int>(t * 1.27323954473516f) + 1) & ~1;
  float x = t;
  for (float part : {-0.78515625f, -2.4187564849853515625e-4f, -3.77489497744594108e-8f}) {
    x = std::fma(static_cast<float>(j), part, x);
  }
  const float z = x * x;
  float c = std::fma(std::fma(2.443315711809948e-5f, z, -1.388731625493765e-3f), z, 4.166664568298827e-2f) * z;
  c = std::fma(c, z, -(0.5f * z)) + 1;
  float s = std::fma(std::fma(-1.9515295891e-4f, z, 8.3321608736e-3f), z, -1.6666654611e-1f) * z;
  s = std::fma(s, x, x);
  if ((j & 2) != 0) std::swap(c, s);
  if (((j - 2) & 4) == 0) c = -c;
  if ((j & 4) != 0) s = -s;
  return {c, s};
}

}  // namespace detail

/// MT19937 as `torch.manual_seed(seed)` leaves it. A value: a copy draws the same numbers.
/// Ref: ATen's CPUGeneratorImpl, RandpermKernel and DistributionTemplates, torch 1.13.
class TorchGenerator {
 public:
  /// The low 32 bits of the seed count, as in torch. Seed 0 is a seed like any other.
  explicit TorchGenerator(std::uint64_t seed) : engine_(static_cast<std::uint32_t>(seed)) {}

  /// One output, uniform on 32 bits.
  std::uint32_t random32() { return static_cast<std::uint32_t>(engine_()); }
  /// Two outputs, the first one the high word.
  std::uint64_t random64() {
    const std::uint64_t high = random32();
    return high << 32 | random32();
  }

  /// `torch.randperm(count)`: a permutation of 0 .. count-1.
  /// Range: count < 2^32.
  std::vector<std::uint32_t> randperm(std::uint32_t count) {
    std::vector<std::uint32_t> result(count);
    std::iota(result.begin(), result.end(), 0u);
    for (std::uint32_t i = 0; i + 1 < count; ++i) std::swap(result[i], result[i + random32() % (count - i)]);
    return result;
  }

  /// `torch.randn(count)` in float32: independent normal numbers of mean 0 and variance 1. Fewer than 16 are
  /// drawn one by one in double, whatever the path.
  /// Accuracy: the two paths differ by up to 2e-6.
  std::vector<float> randn(std::size_t count, NormalPath path = NormalPath::vector) {
    std::vector<float> values(count);
    if (count < block) {
      for (float& value : values) value = static_cast<float>(one_normal());
      return values;
    }
    for (float& value : values) value = uniform24();
    const std::span<float> all(values);
    for (std::size_t first = 0; first + block <= count; first += block)
      to_normal(all.subspan(first).first<block>(), path);
    if (count % block != 0) {
      const auto last = all.last<block>();
      for (float& value : last) value = uniform24();
      to_normal(last, path);
    }
    return values;
  }

  /// Everything that decides which numbers come next, as text.
  std::string state() const {
    std::ostringstream text;
    text << engine_;
    if (cached_normal_) text << " cached " << std::hexfloat << *cached_normal_;
    return text.str();
  }

  /// The generator that had this state.
  /// Errors: `Error` when the text is none of `state`.
  static TorchGenerator from_state(std::string const& state) {
    TorchGenerator generator(0);
    std::istringstream text(state);
    text >> generator.engine_;
    bool valid = !text.fail();
    if (std::string word; valid && text >> word) {
      // Streams cannot read hexadecimal floating point; strtod can.
      std::string number;
      valid = word == "cached" && text >> number;
      char* end = nullptr;
      if (valid) generator.cached_normal_ = std::strtod(number.c_str(), &end);
      valid =
          valid && std::isfinite(*generator.cached_normal_) && end == number.c_str() + number.size() && !(text >> word);
    }
    require(valid, "generator state: expected the text of a Mersenne twister, found ", state.size(), " characters");
    return generator;
  }

 private:
  static constexpr std::size_t block = 16;

  float uniform24() { return static_cast<float>(random32() & 0xffffffu) * 0x1p-24f; }
  double uniform53() { return static_cast<double>(random64() & ((std::uint64_t{1} << 53) - 1)) * 0x1p-53; }

  double one_normal() {
    if (cached_normal_) return *std::exchange(cached_normal_, std::nullopt);
    const double angle = 2 * pi * uniform53();
    const double radius = std::sqrt(-2 * std::log1p(-uniform53()));
    cached_normal_ = radius * std::sin(angle);
    return radius * std::cos(angle);
  }

  /// Box and Muller's transform of eight pairs (j, j+8), in place.
  static void to_normal(std::span<float, block> values, NormalPath path) {
    for (std::size_t j = 0; j < block / 2; ++j) {
      const float u = 1 - values[j];
      float radius, cosine, sine;
      if (path == NormalPath::vector) {
        radius = std::sqrt(-2 * detail::vector_log(u));
        std::tie(cosine, sine) = detail::vector_cos_sin(6.2831855f * values[j + 8]);
      } else {
        radius = std::sqrt(-2 * std::log(u));
        const auto angle = static_cast<float>(2 * pi * static_cast<double>(values[j + 8]));
        cosine = std::cos(angle);
        sine = std::sin(angle);
      }
      values[j] = radius * cosine;
      values[j + 8] = radius * sine;
    }
  }

  static constexpr double pi = 3.14159265358979323846;

  std::mt19937 engine_;
  std::optional<double> cached_normal_{};
};

}  // namespace cayley
