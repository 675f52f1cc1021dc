/// Sequences of tokens, and the answers asked of a model that reads them.
#pragma once

#include <algorithm>
#include <cayley/core/matrix.hpp>
#include <cayley/group/concept.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/task/labelled.hpp>
#include <cstdint>
#include <span>
#include <vector>

namespace cayley {

/// Sequences of equal length, one after the other, and the classes expected at some of their positions: the targets.
/// The loss of a model is `loss_scale` times the mean cross-entropy of the targets.
struct TokenSequences {
  Index length = 0;                   ///< positions of a sequence
  std::vector<std::uint32_t> tokens;  ///< (sequences, length), row-major
  /// Where an answer is read: sequence * length + position, ascending.
  std::vector<std::uint32_t> target_rows;
  std::vector<Element> labels;  ///< the class expected there
  /// To which part of the loss (a digit of a sum, a trigram) each target belongs; empty where there is but one.
  std::vector<std::uint32_t> parts;
  double loss_scale = 1;

  Index sequences() const { return length == 0 ? 0 : static_cast<Index>(tokens.size()) / length; }
  Index size() const { return sequences(); }
  bool empty() const { return tokens.empty(); }

  /// The sequences at these places with their targets, in this order.
  TokenSequences subset(std::span<std::uint32_t const> places) const {
    const auto width = static_cast<std::size_t>(length);
    std::vector<std::size_t> first(static_cast<std::size_t>(sequences()) + 1, target_rows.size());
    for (std::size_t t = target_rows.size(); t-- > 0;) first[target_rows[t] / width] = t;
    for (std::size_t s = first.size() - 1; s-- > 0;) first[s] = std::min(first[s], first[s + 1]);
    TokenSequences part{length, {}, {}, {}, {}, loss_scale};
    for (std::size_t i = 0; i < places.size(); ++i) {
      const std::size_t from = places[i];
      part.tokens.insert(part.tokens.end(), tokens.begin() + static_cast<std::ptrdiff_t>(from * width),
                         tokens.begin() + static_cast<std::ptrdiff_t>((from + 1) * width));
      for (std::size_t t = first[from]; t < first[from + 1]; ++t) {
        part.target_rows.push_back(static_cast<std::uint32_t>(i * width + target_rows[t] % width));
        part.labels.push_back(labels[t]);
        if (!parts.empty()) part.parts.push_back(parts[t]);
      }
    }
    return part;
  }
};

/// Pairs as a transformer reads them: tokens (a, b, last_token), the label expected at the last position.
inline TokenSequences pair_sequences(LabelledExamples<Pair> const& pairs, std::uint32_t last_token) {
  TokenSequences result{3, {}, {}, pairs.labels, {}, 1};
  result.tokens.reserve(3 * pairs.examples.size());
  result.target_rows.reserve(pairs.examples.size());
  for (Pair const& pair : pairs.examples) {
    result.tokens.insert(result.tokens.end(), {pair.a, pair.b, last_token});
    result.target_rows.push_back(static_cast<std::uint32_t>(result.tokens.size() - 1));
  }
  return result;
}

}  // namespace cayley
