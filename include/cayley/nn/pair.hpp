/// A batch of pairs of group elements: what the two-operand models read.
#pragma once

#include <cayley/backend/concept.hpp>
#include <cayley/core/error.hpp>
#include <cayley/task/group_composition.hpp>
#include <span>
#include <vector>

namespace cayley {

/// The pairs in device memory, as indices into tables of `order` rows.
/// Shape: (pairs, 2), row-major: a in column 0, b in column 1.
/// Errors: `Error` naming the pair when an element is not below `order`.
template <class B>
typename B::template Buffer<Element> device_pairs(B const& backend, std::span<Pair const> pairs, Index order) {
  std::vector<Element> indices;
  indices.reserve(2 * pairs.size());
  for (Pair const& pair : pairs) {
    for (Element element : {pair.a, pair.b}) {
      require(static_cast<Index>(element) < order, "pair ", indices.size() / 2, " is (", pair.a, ", ", pair.b,
              "): expected elements below the order ", order);
    }
    indices.push_back(pair.a);
    indices.push_back(pair.b);
  }
  typename B::template Buffer<Element> buffer(static_cast<Index>(indices.size()));
  backend.upload(std::span<Element const>(indices), buffer);
  return buffer;
}

}  // namespace cayley
