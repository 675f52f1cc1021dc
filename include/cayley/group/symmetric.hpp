/// The symmetric group S_n: all permutations of n points.
#pragma once

#include <cayley/group/permutation.hpp>
#include <type_traits>
#include <vector>

namespace cayley {

/// S_n for 1 <= n <= 12. Composes by ranking and unranking, without a table.
/// Element: lexicographic rank of the image array [p(0), .., p(n-1)]; the identity is 0.
/// Cost: compose and inverse are O(n) word operations.
template <int N>
class Symmetric {
  static_assert(N >= 1 && N <= 12, "Symmetric<n> needs 1 <= n <= 12: 13! does not fit in a 32-bit element");

 public:
  static constexpr int degree = N;

  static constexpr Index order() { return factorial(N); }
  static constexpr Element identity() { return 0; }
  static constexpr Permutation<N> permutation(Element a) { return permutation_of_rank<N>(a); }
  static constexpr Element element(Permutation<N> const& p) { return permutation_rank<N>(p); }

  static constexpr Element compose(Element a, Element b) {
    return element(cayley::compose<N>(permutation(a), permutation(b)));
  }
  static constexpr Element inverse(Element a) { return element(cayley::inverse<N>(permutation(a))); }

  /// The adjacent transposition that swaps points i and i+1.
  /// Range: 0 <= i <= n-2.
  static constexpr Element adjacent_transposition(int i) { return static_cast<Element>(factorial(N - 1 - i)); }

  static std::vector<Element> generators() {
    std::vector<Element> result;
    for (int i = 0; i + 1 < N; ++i) result.push_back(adjacent_transposition(i));
    return result;
  }
  static std::string name() { return 'S' + std::to_string(N); }
};

static_assert(FiniteGroup<Symmetric<5>> && std::is_empty_v<Symmetric<5>>);
static_assert(Symmetric<3>::permutation(Symmetric<3>::adjacent_transposition(1)) == Permutation<3>{0, 2, 1});

}  // namespace cayley
