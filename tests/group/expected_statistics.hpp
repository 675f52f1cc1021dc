/// What the classes and element orders of symmetric and alternating groups must be, counted from partitions
/// alone.
#pragma once

#include <algorithm>
#include <cayley/core/matrix.hpp>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace cayley::testing {

/// Cycle lengths in descending order.
using CycleType = std::vector<int>;

/// All partitions of n into parts of at most `largest`.
inline std::vector<CycleType> partitions(int n, int largest) {
  if (n == 0) return {{}};
  std::vector<CycleType> result;
  for (int part = std::min(n, largest); part >= 1; --part) {
    for (CycleType const& rest : partitions(n - part, part)) {
      result.push_back({part});
      result.back().insert(result.back().end(), rest.begin(), rest.end());
    }
  }
  return result;
}
inline std::vector<CycleType> partitions(int n) {
  return partitions(n, n);
}

/// How many permutations have the cycle type: n! / z with z = product over lengths k of k^m m!, m cycles of
/// length k.
inline Index permutations_of_type(CycleType const& type) {
  Index count = 1, z = 1;
  for (int i = 2; i <= std::accumulate(type.begin(), type.end(), 0); ++i) count *= i;
  std::map<int, int> multiplicity;
  for (int length : type) z *= length * ++multiplicity[length];
  return count / z;
}

inline bool is_even_type(CycleType const& type) {
  int sum = 0;
  for (int length : type) sum += length - 1;
  return sum % 2 == 0;
}

/// The class of an even permutation splits in two in A_n when its cycle lengths are odd and all different.
inline bool splits_in_alternating(CycleType const& type) {
  return std::all_of(type.begin(), type.end(), [](int length) { return length % 2 == 1; }) &&
         std::adjacent_find(type.begin(), type.end()) == type.end();
}

inline Index order_of_type(CycleType const& type) {
  return std::accumulate(type.begin(), type.end(), 1, [](int a, int b) { return std::lcm(a, b); });
}

/// The cycle type of an image array.
template <class Images>
CycleType cycle_type(Images const& images) {
  CycleType type;
  std::vector<bool> seen(images.size(), false);
  for (std::size_t start = 0; start < images.size(); ++start) {
    int length = 0;
    for (std::size_t i = start; !seen[i]; i = static_cast<std::size_t>(images[i])) {
      seen[i] = true;
      ++length;
    }
    if (length > 0) type.push_back(length);
  }
  std::sort(type.rbegin(), type.rend());
  return type;
}

/// All image arrays on n points in lexicographic order.
inline std::vector<std::vector<int>> image_arrays(int n) {
  std::vector<int> images(static_cast<std::size_t>(n));
  std::iota(images.begin(), images.end(), 0);
  std::vector<std::vector<int>> result;
  do {
    result.push_back(images);
  } while (std::next_permutation(images.begin(), images.end()));
  return result;
}

/// Class sizes of S_n, ascending.
inline std::vector<Index> symmetric_class_sizes(int n) {
  std::vector<Index> sizes;
  for (CycleType const& type : partitions(n)) sizes.push_back(permutations_of_type(type));
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

/// Class sizes of A_n, ascending. Range: n >= 2.
inline std::vector<Index> alternating_class_sizes(int n) {
  std::vector<Index> sizes;
  for (CycleType const& type : partitions(n)) {
    if (!is_even_type(type)) continue;
    const Index count = permutations_of_type(type);
    if (splits_in_alternating(type)) {
      sizes.insert(sizes.end(), 2, count / 2);
    } else {
      sizes.push_back(count);
    }
  }
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

/// Numbers of elements of each order in S_n, or in A_n when only even types count.
inline std::map<Index, Index> permutation_order_statistics(int n, bool even_only) {
  std::map<Index, Index> count;
  for (CycleType const& type : partitions(n)) {
    if (!even_only || is_even_type(type)) count[order_of_type(type)] += permutations_of_type(type);
  }
  return count;
}

/// `1:1 2:25`: one element of order 1, 25 of order 2.
inline std::string text(std::map<Index, Index> const& statistics) {
  std::string result;
  for (auto const& [order, count] : statistics) {
    if (!result.empty()) result += ' ';
    result += std::to_string(order) + ':' + std::to_string(count);
  }
  return result;
}

/// `1 3 8`.
template <class Integer>
std::string text(std::vector<Integer> const& values) {
  std::string result;
  for (Integer value : values) {
    if (!result.empty()) result += ' ';
    result += std::to_string(value);
  }
  return result;
}

/// The values in ascending order, as text.
inline std::string sorted_text(std::vector<Index> values) {
  std::sort(values.begin(), values.end());
  return text(values);
}

/// Euler's function: how many of 1 .. n are prime to n.
inline Index totient(Index n) {
  Index count = 0;
  for (Index k = 1; k <= n; ++k) count += std::gcd(k, n) == 1 ? 1 : 0;
  return count;
}

/// Element orders of C_n: phi(d) elements of each order d that divides n.
inline std::map<Index, Index> cyclic_order_statistics(Index n) {
  std::map<Index, Index> count;
  for (Index d = 1; d <= n; ++d) {
    if (n % d == 0) count[d] = totient(d);
  }
  return count;
}

}  // namespace cayley::testing
