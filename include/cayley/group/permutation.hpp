/// Permutations of a few points as image arrays, ranked in lexicographic order.
#pragma once

#include <array>
#include <bit>
#include <cayley/group/concept.hpp>
#include <string>

namespace cayley {

/// Image array [p(0), .., p(N-1)] of a permutation of 0 .. N-1.
template <int N>
using Permutation = std::array<std::uint8_t, static_cast<std::size_t>(N)>;

/// n! as an index.
/// Range: 0 <= n <= 20.
constexpr Index factorial(int n) {
  Index product = 1;
  for (int i = 2; i <= n; ++i) product *= i;
  return product;
}

/// Position of `p` among all permutations of its points in lexicographic order of image arrays.
/// Cost: O(N) word operations (Lehmer code by population counts).
template <int N>
constexpr Element permutation_rank(Permutation<N> const& p) {
  Element rank = 0;
  std::uint32_t unused = (1u << N) - 1;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const std::uint32_t bit = 1u << p[i];
    rank = rank * static_cast<Element>(p.size() - i) + static_cast<Element>(std::popcount(unused & (bit - 1)));
    unused &= ~bit;
  }
  return rank;
}

/// The permutation of N points with the given lexicographic rank.
/// Range: rank < N!.
template <int N>
constexpr Permutation<N> permutation_of_rank(Element rank) {
  Permutation<N> digits{};
  for (int i = N - 1; i >= 0; --i) {
    const auto base = static_cast<Element>(N - i);
    digits[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(rank % base);
    rank /= base;
  }
  Permutation<N> p{};
  std::uint32_t unused = (1u << N) - 1;
  for (std::size_t i = 0; i < p.size(); ++i) {
    std::uint32_t rest = unused;
    for (int skip = digits[i]; skip > 0; --skip) rest &= rest - 1;
    const int point = std::countr_zero(rest);
    p[i] = static_cast<std::uint8_t>(point);
    unused &= ~(1u << point);
  }
  return p;
}

/// First p, then q: (p q)(i) = q(p(i)).
template <int N>
constexpr Permutation<N> compose(Permutation<N> const& p, Permutation<N> const& q) {
  Permutation<N> product{};
  for (std::size_t i = 0; i < p.size(); ++i) product[i] = q[p[i]];
  return product;
}

template <int N>
constexpr Permutation<N> inverse(Permutation<N> const& p) {
  Permutation<N> result{};
  for (std::size_t i = 0; i < p.size(); ++i) result[p[i]] = static_cast<std::uint8_t>(i);
  return result;
}

/// +1 for even, -1 for odd permutations.
template <int N>
constexpr int signature(Permutation<N> const& p) {
  int sign = 1;
  for (std::size_t i = 0; i < p.size(); ++i) {
    for (std::size_t j = i + 1; j < p.size(); ++j) {
      if (p[i] > p[j]) sign = -sign;
    }
  }
  return sign;
}

/// Cycle notation without fixed points, `()` for the identity: `(0 1)(2 3 4)`.
template <int N>
std::string cycle_notation(Permutation<N> const& p) {
  std::string text;
  std::uint32_t seen = 0;
  for (std::size_t start = 0; start < p.size(); ++start) {
    if ((seen >> start & 1u) != 0 || p[start] == start) continue;
    std::string cycle;
    for (std::size_t i = start; (seen >> i & 1u) == 0; i = p[i]) {
      seen |= 1u << i;
      cycle += cycle.empty() ? '(' : ' ';
      cycle += std::to_string(i);
    }
    text += cycle + ")";
  }
  return text.empty() ? "()" : text;
}

static_assert(permutation_rank<3>({2, 1, 0}) == 5 && permutation_of_rank<3>(5) == Permutation<3>{2, 1, 0});

}  // namespace cayley
