/// A batch of sequences of tokens: what a transformer reads.
#pragma once

#include <cayley/backend/concept.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cstdint>
#include <span>

namespace cayley {

/// Sequences of equal length, one after the other. Owns nothing.
/// Shape: (sequences, length), row-major.
struct TokenBatch {
  std::span<std::uint32_t const> tokens;
  Index length = 0;  ///< positions of a sequence, at least 1

  Index sequences() const { return static_cast<Index>(tokens.size()) / length; }
};

/// The tokens in device memory.
/// Shape: (sequences, length).
/// Errors: `Error` when the tokens do not fill their sequences, a sequence is longer than `n_ctx`, or a token is not
///         below `d_vocab`.
template <class B>
typename B::template Buffer<std::uint32_t> device_tokens(B const& backend, TokenBatch batch, Index d_vocab,
                                                         Index n_ctx) {
  require(batch.length >= 1 && batch.length <= n_ctx, "tokens: expected sequences of 1 .. ", n_ctx, ", found ",
          batch.length);
  require(static_cast<Index>(batch.tokens.size()) % batch.length == 0, "tokens: expected sequences of ", batch.length,
          ", found ", batch.tokens.size(), " tokens");
  for (std::size_t i = 0; i < batch.tokens.size(); ++i) {
    if (static_cast<Index>(batch.tokens[i]) >= d_vocab) {
      fail("token ", i % static_cast<std::size_t>(batch.length), " of sequence ",
           i / static_cast<std::size_t>(batch.length), " is ", batch.tokens[i], ": expected a token below ", d_vocab);
    }
  }
  typename B::template Buffer<std::uint32_t> buffer(static_cast<Index>(batch.tokens.size()));
  backend.upload(batch.tokens, buffer);
  return buffer;
}

}  // namespace cayley
