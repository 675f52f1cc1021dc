/// The sum of two numbers, digit by digit.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/random.hpp>
#include <cayley/task/sequence_task.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace cayley {

/// Two numbers of `digits` digits each and their sum, of one digit more, most significant digits first. Each digit of
/// the sum is to be predicted one position before it stands; it is part j of the loss, the leading one part 0. The
/// prompt decides the answer: the lowest loss is 0.
/// Shape: tokens (digits, `plus`, digits, `equals`, digits + 1); digits are their own tokens.
/// Ref: Nanda et al., Progress measures for grokking via mechanistic interpretability (2023), and its notebook.
struct DigitAddition {
  using Generator = TorchGenerator;
  static constexpr std::uint32_t plus = 10;
  static constexpr std::uint32_t equals = 11;

  Index digits = 5;  ///< of each number

  Index n_ctx() const { return 3 * digits + 3; }
  Index d_vocab() const { return 12; }
  Index d_vocab_out() const { return 10; }

  /// ln 10.
  double uniform_loss() const { return std::log(10.0); }

  /// Errors: `Error` unless there are 1 .. 10^9 digits.
  void check() const {
    require(digits >= 1 && digits <= 1'000'000'000, "digit addition: expected 1 .. 1000000000 digits, found ", digits);
  }

  /// Sums of numbers with independent digits, each 0 .. 9 equally often: all first numbers are drawn, then all second
  /// ones, a digit `random32() % 10`, as published.
  /// Errors: `Error` when a parameter is out of range, there is no sequence, or there are 2^32 tokens or more.
  TokenSequences draw(Index count, TorchGenerator& generator) const {
    check();
    detail::check_count("digit addition", count, n_ctx());
    std::vector<std::uint32_t> x(static_cast<std::size_t>(count * digits)), y(x.size());
    for (auto* number : {&x, &y}) {
      for (std::uint32_t& digit : *number) digit = generator.random32() % 10;
    }
    return sums(x, y);
  }

  /// The sums of given numbers.
  /// Shape: x and y (sequences, digits), row-major, most significant digits first.
  /// Errors: as `draw`; `Error` when the numbers do not have this many digits, or a digit is not 0 .. 9.
  TokenSequences sums(std::span<std::uint32_t const> x, std::span<std::uint32_t const> y) const;

  /// The carry into each digit of the sum: that into the leading digit is the digit itself, the last is always 0.
  /// Shape: (sequences, digits + 1), a column per part.
  /// Errors: `Error` when the sequences have another length.
  Matrix<std::uint32_t> carries(TokenSequences const& sequences) const;
};

inline TokenSequences DigitAddition::sums(std::span<std::uint32_t const> x, std::span<std::uint32_t const> y) const {
  check();
  const auto d = static_cast<std::size_t>(digits), width = static_cast<std::size_t>(n_ctx());
  require(x.size() == y.size() && x.size() % d == 0, "digit addition: expected as many numbers of ", d,
          " digits on both sides, found ", x.size(), " and ", y.size(), " digits");
  const std::size_t count = x.size() / d;
  detail::check_count("digit addition", static_cast<Index>(count), n_ctx());
  TokenSequences result{n_ctx(), {}, {}, {}, {}, 1};
  result.tokens.reserve(count * width);
  for (std::size_t s = 0; s < count; ++s) {
    for (auto const& [number, operation] : {std::pair{x, plus}, std::pair{y, equals}}) {
      for (std::uint32_t digit : number.subspan(s * d, d)) {
        require(digit <= 9, "digit addition: expected digits 0 .. 9, found ", digit, " in sum ", s);
        result.tokens.push_back(digit);
      }
      result.tokens.push_back(operation);
    }
    const std::size_t answer = result.tokens.size();
    result.tokens.resize(answer + d + 1);
    std::uint32_t carry = 0;
    for (std::size_t i = d; i-- > 0;) {
      const std::uint32_t sum = x[s * d + i] + y[s * d + i] + carry;
      result.tokens[answer + i + 1] = sum % 10;
      carry = sum / 10;
    }
    result.tokens[answer] = carry;
    for (std::size_t j = 0; j <= d; ++j) {
      result.target_rows.push_back(static_cast<std::uint32_t>(answer + j - 1));
      result.labels.push_back(result.tokens[answer + j]);
      result.parts.push_back(static_cast<std::uint32_t>(j));
    }
  }
  return result;
}

inline Matrix<std::uint32_t> DigitAddition::carries(TokenSequences const& sequences) const {
  check();
  require(sequences.length == n_ctx(), "digit addition: expected sequences of ", n_ctx(), " tokens, found ",
          sequences.length);
  Matrix<std::uint32_t> result = Matrix<std::uint32_t>::Zero(sequences.sequences(), digits + 1);
  for (Index s = 0; s < result.rows(); ++s) {
    std::uint32_t const* tokens = sequences.tokens.data() + s * n_ctx();
    for (Index i = digits; i-- > 0;) result(s, i) = (tokens[i] + tokens[digits + 1 + i] + result(s, i + 1)) / 10;
  }
  return result;
}

static_assert(SequenceTask<DigitAddition>);

}  // namespace cayley
