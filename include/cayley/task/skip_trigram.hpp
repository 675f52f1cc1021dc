/// Skip trigrams: one marked token somewhere in noise tells what comes last.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/random.hpp>
#include <cayley/task/sequence_task.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

namespace cayley {

/// `begin`, noise, `end`; one token of the noise is replaced by the marked token of a key, and the key is the label at
/// the last position. Its trigram, (marked token .. `end`, key), is the part of the loss. The tokens decide the answer:
/// the lowest loss is 0.
/// Shape: tokens (0, noise, 1), with noise 2 .. keys+1 and marked tokens keys+2 .. 2 keys+1, that of key k being
/// keys+2+k.
/// Ref: Nanda et al., Progress measures for grokking via mechanistic interpretability (2023), and its notebook.
struct SkipTrigram {
  using Generator = TorchGenerator;
  static constexpr std::uint32_t begin = 0;
  static constexpr std::uint32_t end = 1;

  Index noise_length = 40;  ///< positions between `begin` and `end`
  Index keys = 10;          ///< classes, and kinds of noise
  /// The key of every sequence, to look at one trigram alone; -1 is none. Noise and places are those drawn without.
  Index forced_key = -1;

  Index n_ctx() const { return noise_length + 2; }
  Index d_vocab() const { return 2 * keys + 2; }
  Index d_vocab_out() const { return keys; }

  /// ln keys.
  double uniform_loss() const { return std::log(static_cast<double>(keys)); }

  /// Errors: `Error` unless there are 1 .. 10^9 keys, 1 .. 10^9 positions of noise, and the forced key is a key or -1.
  void check() const {
    constexpr Index most = 1'000'000'000;
    require(noise_length >= 1 && noise_length <= most, "skip trigram: expected noise_length of 1 .. ", most, ", found ",
            noise_length);
    require(keys >= 1 && keys <= most, "skip trigram: expected 1 .. ", most, " keys, found ", keys);
    require(forced_key >= -1 && forced_key < keys, "skip trigram: expected forced_key of -1 .. ", keys - 1, ", found ",
            forced_key);
  }

  /// Noise, keys and places of the marked token, each equally often: the noise of all sequences is drawn,
  /// `2 + random32() % keys`, then all keys, then all places, `1 + random32() % noise_length`, as published.
  /// Errors: `Error` when a parameter is out of range, there is no sequence, or there are 2^32 tokens or more.
  TokenSequences draw(Index count, TorchGenerator& generator) const {
    check();
    detail::check_count("skip trigram", count, n_ctx());
    const auto sequences = static_cast<std::size_t>(count), width = static_cast<std::size_t>(n_ctx());
    const auto kinds = static_cast<std::uint32_t>(keys), places = static_cast<std::uint32_t>(noise_length);
    TokenSequences result{n_ctx(), std::vector<std::uint32_t>(sequences * width), {}, {}, {}, 1};
    for (std::size_t s = 0; s < sequences; ++s) {
      for (std::size_t t = 1; t + 1 < width; ++t) result.tokens[s * width + t] = 2 + generator.random32() % kinds;
      result.tokens[(s + 1) * width - 1] = end;
      result.target_rows.push_back(static_cast<std::uint32_t>((s + 1) * width - 1));
    }
    result.labels.resize(sequences);
    for (Element& key : result.labels) {
      key = generator.random32() % kinds;
      if (forced_key >= 0) key = static_cast<Element>(forced_key);
    }
    result.parts = result.labels;
    for (std::size_t s = 0; s < sequences; ++s) {
      result.tokens[s * width + 1 + generator.random32() % places] = 2 + kinds + result.labels[s];
    }
    return result;
  }

  /// The position of the marked token in each sequence.
  /// Errors: `Error` when the sequences have another length, or one holds no marked token.
  std::vector<std::uint32_t> marked_places(TokenSequences const& sequences) const {
    check();
    require(sequences.length == n_ctx(), "skip trigram: expected sequences of ", n_ctx(), " tokens, found ",
            sequences.length);
    std::vector<std::uint32_t> places;
    for (auto first = sequences.tokens.begin(); first != sequences.tokens.end(); first += n_ctx()) {
      const auto marked = std::find_if(first, first + n_ctx(), [&](std::uint32_t token) { return token >= 2 + keys; });
      require(marked != first + n_ctx(), "skip trigram: expected a token of at least ", 2 + keys, " in sequence ",
              places.size(), ", found none");
      places.push_back(static_cast<std::uint32_t>(marked - first));
    }
    return places;
  }
};

static_assert(SequenceTask<SkipTrigram>);

}  // namespace cayley
