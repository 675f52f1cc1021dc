/// A batch of sequences in pieces, for passes that keep every activation.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/token_batch.hpp>
#include <cstddef>

namespace cayley {

/// Calls visit(first, piece) for consecutive pieces of a batch, `first` the number of a piece's first sequence. A piece
/// has at most `positions` positions, but at least one sequence.
/// Errors: `Error` when the tokens do not fill their sequences; whatever `visit` throws.
template <class Visit>
void for_each_piece(TokenBatch batch, Visit const& visit, Index positions = 16384) {
  require(batch.length >= 1 && static_cast<Index>(batch.tokens.size()) % batch.length == 0,
          "pieces of a batch: expected sequences of ", batch.length, " tokens, found ", batch.tokens.size(), " tokens");
  const Index most = std::max<Index>(1, positions / batch.length);
  for (Index first = 0; first < batch.sequences(); first += most) {
    const Index count = std::min(most, batch.sequences() - first);
    visit(first, TokenBatch{batch.tokens.subspan(static_cast<std::size_t>(first * batch.length),
                                                 static_cast<std::size_t>(count * batch.length)),
                            batch.length});
  }
}

}  // namespace cayley
