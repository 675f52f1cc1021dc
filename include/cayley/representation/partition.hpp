/// Integer partitions, hook lengths and the characters of symmetric groups.
#pragma once

#include <algorithm>
#include <bit>
#include <cayley/group/permutation.hpp>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace cayley {

/// Parts in decreasing order, all positive.
using Partition = std::vector<int>;

/// `(4,1)`.
inline std::string to_string(Partition const& partition) {
  std::string text = "(";
  for (std::size_t i = 0; i < partition.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(partition[i]);
  }
  return text + ")";
}

/// All partitions of n in decreasing lexicographic order: (n) first, (1,..,1) last.
inline std::vector<Partition> partitions(int n) {
  std::vector<Partition> found;
  Partition parts;
  const std::function<void(int, int)> extend = [&](int rest, int largest) {
    if (rest == 0) found.push_back(parts);
    for (int part = std::min(rest, largest); part >= 1; --part) {
      parts.push_back(part);
      extend(rest - part, part);
      parts.pop_back();
    }
  };
  extend(n, n);
  return found;
}

/// The transposed Young diagram.
inline Partition conjugate(Partition const& partition) {
  Partition result;
  for (int column = 0; !partition.empty() && column < partition.front(); ++column) {
    int height = 0;
    while (height < static_cast<int>(partition.size()) && partition[static_cast<std::size_t>(height)] > column)
      ++height;
    result.push_back(height);
  }
  return result;
}

/// The cycle lengths of a permutation given by its image array, fixed points included.
inline Partition cycle_type(std::span<const std::uint8_t> image) {
  Partition lengths;
  std::uint32_t seen = 0;
  for (std::size_t start = 0; start < image.size(); ++start) {
    int length = 0;
    for (std::size_t i = start; (seen >> i & 1u) == 0; i = image[i]) {
      seen |= 1u << i;
      ++length;
    }
    if (length > 0) lengths.push_back(length);
  }
  std::sort(lengths.begin(), lengths.end(), std::greater<>());
  return lengths;
}

/// Number of standard Young tableaux: n! over the product of hook lengths.
/// Ref: Frame, Robinson and Thrall 1954.
inline Index dimension(Partition const& partition) {
  const Partition columns = conjugate(partition);
  int n = 0;
  Index hooks = 1;
  for (std::size_t row = 0; row < partition.size(); ++row) {
    n += partition[row];
    for (int column = 0; column < partition[row]; ++column) {
      const int arm = partition[row] - column - 1;
      const int leg = columns[static_cast<std::size_t>(column)] - static_cast<int>(row) - 1;
      hooks *= arm + leg + 1;
    }
  }
  return factorial(n) / hooks;
}

/// Character of the irrep `partition` of S_n on permutations with the given cycle lengths, by the Murnaghan-Nakayama
/// rule on bead positions: removing a rim hook of length m moves a bead m places down to a free place, and its sign is
/// the parity of the beads it passes.
/// Range: n <= 20, the sums of `partition` and `cycles` both n.
/// Ref: James and Kerber 1981, The Representation Theory of the Symmetric Group, 2.4.7 and 2.7.
inline std::int64_t character(Partition const& partition, std::span<const int> cycles) {
  std::uint64_t beads = 0;
  for (std::size_t i = 0; i < partition.size(); ++i) {
    beads |= std::uint64_t{1} << (partition[i] + static_cast<int>(partition.size() - 1 - i));
  }
  const std::function<std::int64_t(std::uint64_t, std::span<const int>)> strip = [&](std::uint64_t set,
                                                                                     std::span<const int> rest) {
    if (rest.empty()) return std::int64_t{1};
    std::int64_t sum = 0;
    const int m = rest.front();
    for (std::uint64_t from = set >> m << m; from != 0; from &= from - 1) {
      const int place = std::countr_zero(from);
      const std::uint64_t target = std::uint64_t{1} << (place - m);
      if ((set & target) != 0) continue;
      const std::uint64_t source = std::uint64_t{1} << place;
      const std::uint64_t between = set & (source - 1) & ~((target << 1) - 1);
      const std::int64_t rest_value = strip((set & ~source) | target, rest.subspan(1));
      sum += std::popcount(between) % 2 == 0 ? rest_value : -rest_value;
    }
    return sum;
  };
  return strip(beads, cycles);
}

}  // namespace cayley
