/// The largest of n numbers.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/random.hpp>
#include <cayley/task/sequence_task.hpp>
#include <cayley/task/split.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace cayley {

/// n numbers and `=`; the largest of them is the label at the last position. The tokens decide the answer: the lowest
/// loss is 0.
/// Shape: tokens (a, b, .., equals), with numbers 0 .. vocabulary-1 and `equals` = vocabulary.
/// Ref: Gross et al., Compact Proofs of Model Performance via Mechanistic Interpretability (2024).
struct MaxOfN {
  using Generator = TorchGenerator;

  Index vocabulary = 64;  ///< numbers are below it
  Index n = 2;

  std::uint32_t equals() const { return static_cast<std::uint32_t>(vocabulary); }
  Index n_ctx() const { return n + 1; }
  Index d_vocab() const { return vocabulary + 1; }
  Index d_vocab_out() const { return vocabulary; }

  /// ln vocabulary.
  double uniform_loss() const { return std::log(static_cast<double>(vocabulary)); }

  /// Errors: `Error` unless there are 1 .. 10^9 numbers to choose from, and n is 1 .. 10^9.
  void check() const {
    constexpr Index most = 1'000'000'000;
    require(vocabulary >= 1 && vocabulary <= most, "max of n: expected a vocabulary of 1 .. ", most, ", found ",
            vocabulary);
    require(n >= 1 && n <= most, "max of n: expected n of 1 .. ", most, ", found ", n);
  }

  /// Independent numbers, all equally likely: each is `random32() % vocabulary`, sequence after sequence.
  /// Errors: `Error` when a parameter is out of range, there is no sequence, or there are 2^32 tokens or more.
  TokenSequences draw(Index count, TorchGenerator& generator) const {
    check();
    detail::check_count("max of n", count, n_ctx());
    return labelled(count, [&](std::span<std::uint32_t> numbers, Index) {
      for (std::uint32_t& number : numbers) number = generator.random32() % equals();
    });
  }

  /// Every sequence once.
  /// Index: the numbers are the digits of the index to the base `vocabulary`; (a, b) is a vocabulary + b.
  /// Errors: `Error` when a parameter is out of range, or there would be 2^32 tokens or more.
  TokenSequences all() const {
    check();
    const Index most = static_cast<Index>(std::numeric_limits<std::uint32_t>::max()) / n_ctx();
    Index count = 1;
    for (Index i = 0; i < n && vocabulary > 1; ++i) {
      count *= vocabulary;
      require(count <= most, "max of n: expected at most ", most, " sequences of ", n_ctx(), " tokens, found ",
              vocabulary, "^", n);
    }
    return labelled(count, [&](std::span<std::uint32_t> numbers, Index place) {
      for (std::size_t i = numbers.size(); i-- > 0; place /= vocabulary) {
        numbers[i] = static_cast<std::uint32_t>(place % vocabulary);
      }
    });
  }

  /// The split of `all` for n = 2 in which exactly the pairs (a, a + i) and (a, a - i) with i among `offsets` are for
  /// training, each part in ascending order. For a vocabulary of 64 and the published offsets 0, 1, 2, 17 these are 408
  /// pairs, 0.099609375 of all.
  /// Errors: `Error` when a parameter is out of range, n is not 2, or an offset is not below `vocabulary`.
  TrainTestSplit force_adjacent(std::vector<std::uint32_t> const& offsets = {0, 1, 2, 17}) const {
    check();
    require(n == 2, "max of n: force_adjacent: expected n = 2, found ", n);
    require(vocabulary <= 65535, "max of n: force_adjacent: expected a vocabulary of 1 .. 65535, found ", vocabulary);
    for (std::uint32_t offset : offsets) {
      require(offset < vocabulary, "max of n: force_adjacent: expected offsets below ", vocabulary, ", found ", offset);
    }
    TrainTestSplit split;
    for (std::uint32_t a = 0; a < vocabulary; ++a) {
      for (std::uint32_t b = 0; b < vocabulary; ++b) {
        const bool forced = std::find(offsets.begin(), offsets.end(), a > b ? a - b : b - a) != offsets.end();
        (forced ? split.train : split.test).push_back(a * equals() + b);
      }
    }
    return split;
  }

 private:
  /// `fill(numbers, place)` writes the numbers of the sequence at that place.
  template <class Fill>
  TokenSequences labelled(Index count, Fill const& fill) const {
    const auto width = static_cast<std::size_t>(n_ctx());
    TokenSequences result{n_ctx(), std::vector<std::uint32_t>(static_cast<std::size_t>(count) * width), {}, {}, {}, 1};
    for (Index s = 0; s < count; ++s) {
      const auto sequence = std::span(result.tokens).subspan(static_cast<std::size_t>(s) * width, width);
      const auto numbers = sequence.first(width - 1);
      fill(numbers, s);
      sequence.back() = equals();
      result.target_rows.push_back(static_cast<std::uint32_t>(static_cast<std::size_t>(s + 1) * width - 1));
      result.labels.push_back(*std::max_element(numbers.begin(), numbers.end()));
    }
    return result;
  }
};

static_assert(SequenceTask<MaxOfN>);

}  // namespace cayley
