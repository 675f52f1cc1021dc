/// The alternating group A_n: the even permutations of n points.
#pragma once

#include <cayley/group/symmetric.hpp>
#include <utility>

namespace cayley {

/// A_n for 2 <= n <= 12 (A_2 is trivial).
/// Element: position among the even permutations in lexicographic order of image arrays. Of two neighbours 2k
/// and
///          2k+1 in S_n's order exactly one is even, so this is half the lexicographic rank; the identity is
///          0.
/// Cost: compose and inverse are O(n) word operations.
template <int N>
class Alternating {
  static_assert(N >= 2 && N <= 12, "Alternating<n> needs 2 <= n <= 12");

 public:
  static constexpr int degree = N;

  static constexpr Index order() { return factorial(N) / 2; }
  static constexpr Element identity() { return 0; }

  static constexpr Permutation<N> permutation(Element a) {
    Permutation<N> p = permutation_of_rank<N>(2 * a);
    if (signature<N>(p) < 0) std::swap(p[N - 2], p[N - 1]);
    return p;
  }
  static constexpr Element element(Permutation<N> const& p) { return permutation_rank<N>(p) / 2; }

  static constexpr Element compose(Element a, Element b) {
    return element(cayley::compose<N>(permutation(a), permutation(b)));
  }
  static constexpr Element inverse(Element a) { return element(cayley::inverse<N>(permutation(a))); }

  /// The index of `a` in `Symmetric<N>`.
  static constexpr Element in_symmetric(Element a) { return Symmetric<N>::element(permutation(a)); }

  /// The 3-cycles (i, i+1, i+2).
  static std::vector<Element> generators() {
    std::vector<Element> result;
    for (std::size_t i = 0; i + 2 < static_cast<std::size_t>(N); ++i) {
      Permutation<N> p = permutation(identity());
      p[i] = static_cast<std::uint8_t>(i + 1);
      p[i + 1] = static_cast<std::uint8_t>(i + 2);
      p[i + 2] = static_cast<std::uint8_t>(i);
      result.push_back(element(p));
    }
    return result;
  }
  static std::string name() { return 'A' + std::to_string(N); }
};

static_assert(FiniteGroup<Alternating<5>> && std::is_empty_v<Alternating<5>>);
static_assert(Alternating<4>::permutation(Alternating<4>::element({1, 0, 3, 2})) == Permutation<4>{1, 0, 3, 2});

}  // namespace cayley
