/// `irreps(g)` for every group: closed forms for the built-in families, the regular representation for any
/// other.
#pragma once

#include <cayley/representation/permutation_groups.hpp>
#include <cayley/representation/product.hpp>
#include <cayley/representation/regular_decomposition.hpp>
#include <cayley/representation/rotations.hpp>

namespace cayley {

/// All real irreps of `g`, the trivial one first. Overloads name the irreps of the built-in families; a group
/// of one's own may have its own overload beside it.
template <FiniteGroup G>
Irreps irreps(G const& g) {
  return regular_decomposition(g);
}

}  // namespace cayley
