/// Random numbers that are bit for bit those of PyTorch's CPU generator.
#pragma once

#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace cayley {

/// MT19937 as `torch.manual_seed(seed)` leaves it.
/// Ref: ATen's CPUGeneratorImpl and RandpermKernel, torch 1.13.
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

 private:
  std::mt19937 engine_;
};

}  // namespace cayley
