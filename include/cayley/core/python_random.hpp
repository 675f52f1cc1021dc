/// Random numbers that are bit for bit those of Python's `random` and of numpy's `RandomState`.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cayley/core/error.hpp>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <iterator>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// Everything that decides which numbers come next, as text.
inline std::string engine_text(std::mt19937 const& engine) {
  std::ostringstream text;
  text << engine;
  return text.str();
}

/// The engine that `engine_text` wrote.
/// Errors: `Error` when the text is none of `engine_text`.
inline std::mt19937 engine_from_text(std::string const& state) {
  std::mt19937 engine;
  std::istringstream text(state);
  text >> engine;
  const bool valid = !text.fail() && (text >> std::ws).eof();
  require(valid, "generator state: expected the text of a Mersenne twister, found ", state.size(), " characters");
  return engine;
}

/// The low bits in which all numbers of at most `max` can be written.
constexpr std::uint32_t low_bits(std::uint32_t max) {
  return max == 0 ? 0 : std::numeric_limits<std::uint32_t>::max() >> std::countl_zero(max);
}

/// Seeds the Mersenne twister with an array, as its authors do: a seed sequence for `std::mt19937`.
/// Ref: Matsumoto and Nishimura, `init_by_array` of mt19937ar (2002).
class ArraySeed {
 public:
  using result_type = std::uint32_t;

  explicit ArraySeed(std::vector<std::uint32_t> key) : key_(std::move(key)) {}

  /// Fills the whole state of the engine.
  template <class Iterator>
  void generate(Iterator first, Iterator last) const {
    constexpr std::size_t words = std::mt19937::state_size;
    std::array<std::uint32_t, words> state{};
    state[0] = 19650218u;
    const auto mixed = [&](std::size_t i) { return state[i - 1] ^ (state[i - 1] >> 30); };
    for (std::size_t i = 1; i < words; ++i) state[i] = 1812433253u * mixed(i) + static_cast<std::uint32_t>(i);
    std::size_t i = 1;
    const auto advance = [&] {
      if (++i == words) {
        state[0] = state[words - 1];
        i = 1;
      }
    };
    for (std::size_t k = 0; k < std::max(words, key_.size()); ++k) {
      const std::size_t j = k % key_.size();
      state[i] = (state[i] ^ mixed(i) * 1664525u) + key_[j] + static_cast<std::uint32_t>(j);
      advance();
    }
    for (std::size_t k = 1; k < words; ++k) {
      state[i] = (state[i] ^ mixed(i) * 1566083941u) - static_cast<std::uint32_t>(i);
      advance();
    }
    state[0] = 0x80000000u;
    std::copy_n(state.begin(), std::min(words, static_cast<std::size_t>(std::distance(first, last))), first);
  }

 private:
  std::vector<std::uint32_t> key_;
};

}  // namespace detail

/// MT19937 as Python's `random.seed(seed)` leaves it. A value: a copy draws the same numbers.
/// Ref: CPython, Modules/_randommodule.c and Lib/random.py, versions 3.2 to 3.12.
class PythonGenerator {
 public:
  explicit PythonGenerator(std::uint64_t seed) : engine_(seeded(seed)) {}

  /// `random.getrandbits(32)`: one output, uniform on 32 bits.
  std::uint32_t random32() { return static_cast<std::uint32_t>(engine_()); }

  /// `random.randrange(count)`: uniform on 0 .. count-1; the top bits of an output, as many as `count` has,
  /// until they are below it.
  /// Errors: `Error` when `count` is 0.
  std::uint32_t randbelow(std::uint32_t count) {
    require(count > 0, "randbelow: expected a count of at least 1, found 0");
    for (;;) {
      const std::uint32_t value = random32() >> std::countl_zero(count);
      if (value < count) return value;
    }
  }

  /// `random.shuffle(values)`.
  /// Range: fewer than 2^32 values.
  template <class T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) {
      std::swap(values[i - 1], values[randbelow(static_cast<std::uint32_t>(i))]);
    }
  }

  /// Everything that decides which numbers come next, as text.
  std::string state() const { return detail::engine_text(engine_); }

  /// The generator that had this state.
  /// Errors: `Error` when the text is none of `state`.
  static PythonGenerator from_state(std::string const& state) {
    PythonGenerator generator(0);
    generator.engine_ = detail::engine_from_text(state);
    return generator;
  }

 private:
  /// The key is the seed in words, the lowest first, without leading zeros.
  static std::mt19937 seeded(std::uint64_t seed) {
    std::vector<std::uint32_t> key{static_cast<std::uint32_t>(seed)};
    if (seed >> 32 != 0) key.push_back(static_cast<std::uint32_t>(seed >> 32));
    detail::ArraySeed sequence(std::move(key));
    return std::mt19937(sequence);
  }

  std::mt19937 engine_;
};

/// MT19937 as numpy's `RandomState(seed)`, or `numpy.random.seed(seed)`, leaves it. A value: a copy draws the same
/// numbers.
/// Ref: numpy, numpy/random/mtrand.pyx and _bounded_integers.pyx; the stream is frozen since 1.17 (NEP 19).
class NumpyGenerator {
 public:
  /// Errors: `Error` when the seed has more than 32 bits, as in numpy.
  explicit NumpyGenerator(std::uint64_t seed) : engine_(static_cast<std::uint32_t>(seed)) {
    require(seed <= std::numeric_limits<std::uint32_t>::max(),
            "numpy's RandomState: expected a seed below 2^32, found ", seed);
  }

  /// One output, uniform on 32 bits.
  std::uint32_t random32() { return static_cast<std::uint32_t>(engine_()); }

  /// `randint(low, high)`: uniform on low .. high-1; the low bits of an output, as many as high-1-low has, until they
  /// are at most that. A single possible value is returned without a draw.
  /// Errors: `Error` unless low < high.
  std::uint32_t randint(std::uint32_t low, std::uint32_t high) {
    require(low < high, "randint: expected low < high, found ", low, " and ", high);
    const std::uint32_t max = high - 1 - low;
    if (max == 0) return low;
    for (;;) {
      const std::uint32_t value = random32() & detail::low_bits(max);
      if (value <= max) return low + value;
    }
  }

  /// Everything that decides which numbers come next, as text.
  std::string state() const { return detail::engine_text(engine_); }

  /// The generator that had this state.
  /// Errors: `Error` when the text is none of `state`.
  static NumpyGenerator from_state(std::string const& state) {
    NumpyGenerator generator(0);
    generator.engine_ = detail::engine_from_text(state);
    return generator;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace cayley
