/// The published names and order of irreps, mapped by character.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/group/alternating.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/representation/irreps.hpp>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// Irreps under their published names, in published order; those that the published analyses list come first.
struct PublishedIrreps {
  Irreps irreps;
  std::vector<Index> listed;  ///< 0, 1, .. : the irreps that published totals run over
};

namespace detail {

/// A published name and the character that belongs to it, by class.
struct PublishedCharacter {
  std::string name;
  std::vector<double> character;
  bool listed = true;
};

inline bool same_character(std::vector<double> const& a, std::vector<double> const& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) { return std::abs(x - y) < 1e-9; });
}

/// `irreps` in the order of `published`, under those names; each must match one irrep's character.
inline PublishedIrreps renamed_by_character(Irreps const& irreps, std::vector<PublishedCharacter> const& published) {
  std::vector<Irrep> list;
  std::vector<Index> listed;
  for (PublishedCharacter const& wanted : published) {
    const auto match = std::find_if(irreps.begin(), irreps.end(), [&](Irrep const& irrep) {
      return same_character(irrep.characters(), wanted.character);
    });
    require(match != irreps.end(), "no irrep has the character of ", wanted.name);
    if (wanted.listed) listed.push_back(static_cast<Index>(list.size()));
    list.push_back(match->renamed(wanted.name));
  }
  return {Irreps(irreps.classes(), std::move(list)), std::move(listed)};
}

/// `specht_4_2`.
inline std::string specht_name(Partition const& partition) {
  std::string name = "specht";
  for (int part : partition) {
    name += '_';
    name += std::to_string(part);
  }
  return name;
}

inline PublishedIrreps published_symmetric_irreps(Irreps const& own, PermutationElements const& elements) {
  const int n = elements.degree;
  std::vector<std::pair<std::string, Partition>> names{{"trivial", {n}}};
  const auto ones = [](int count) { return Partition(static_cast<std::size_t>(count), 1); };
  if (n >= 2) names.push_back({"sign", ones(n)});
  if (n >= 3) names.push_back({"standard", {n - 1, 1}});
  if (n >= 4) {
    Partition column = ones(n - 1);
    column[0] = 2;
    names.push_back({"standard_sign", column});
  }
  if (n == 5) names.insert(names.end(), {{"s5_5d_a", {2, 2, 1}}, {"s5_5d_b", {3, 2}}, {"s5_6d", {3, 1, 1}}});
  if (n == 6) names.insert(names.end(), {{"s6_5d_a", {3, 3}}, {"s6_5d_b", {2, 2, 2}}});
  const std::size_t named = names.size();
  for (Partition const& partition : partitions(n)) {
    const bool known =
        std::any_of(names.begin(), names.end(), [&](auto const& entry) { return entry.second == partition; });
    if (!known) names.push_back({specht_name(partition), partition});
  }
  std::vector<PublishedCharacter> published;
  for (std::size_t i = 0; i < names.size(); ++i) {
    published.push_back(
        {names[i].first, partition_characters(names[i].second, own.classes(), elements), n != 6 || i < named});
  }
  return renamed_by_character(own, published);
}

inline PublishedIrreps published_alternating_irreps(Irreps const& own, PermutationElements const& elements) {
  std::vector<PublishedCharacter> published;
  const auto add = [&](std::string name, Partition const& partition) {
    published.push_back({std::move(name), partition_characters(partition, own.classes(), elements)});
  };
  add("trivial", {elements.degree});
  if (elements.degree >= 4) add("standard", {elements.degree - 1, 1});
  if (elements.degree == 5) {
    add("a5_5d_a", {3, 2});
    const auto cycle = own.classes().class_of[Alternating<5>::element({1, 2, 3, 4, 0})];
    for (const auto& [name, root] : {std::pair{"a5_3d_a", std::sqrt(5.0)}, std::pair{"a5_3d_b", -std::sqrt(5.0)}}) {
      for (Irrep const& irrep : own) {
        const bool found = irrep.dimension() == 3 && std::abs(irrep.characters()[cycle] - (1 + root) / 2) < 1e-9;
        if (found) published.push_back({name, irrep.characters()});
      }
    }
  }
  // The rest by partition: (4,2) is specht_4_2, (3,2,1)+ is specht_3_2_1_a.
  for (Irrep const& irrep : own) {
    const bool known = std::any_of(published.begin(), published.end(),
                                   [&](auto const& p) { return same_character(p.character, irrep.characters()); });
    if (known) continue;
    std::string name = "specht";
    for (char c : irrep.label()) {
      if (c == '(' || c == ',') name += '_';
      if (c == '+' || c == '-') name += c == '+' ? "_a" : "_b";
      if (c >= '0' && c <= '9') name += c;
    }
    published.push_back({name, irrep.characters()});
  }
  return renamed_by_character(own, published);
}

}  // namespace detail

/// Names of any group but the permutation groups: its own, all listed.
template <FiniteGroup G>
PublishedIrreps published_irreps(G const& g) {
  Irreps own = irreps(g);
  std::vector<Index> listed;
  for (Index i = 0; i < own.size(); ++i) listed.push_back(i);
  return {std::move(own), std::move(listed)};
}

/// S_n: trivial, sign, standard (n-1,1), standard_sign (2,1,..,1), then S_5's and S_6's own names, then
/// `specht_4_2` by partition. For S_6 the published analyses list six of the eleven.
template <int N>
PublishedIrreps published_irreps(Symmetric<N> const& g) {
  return detail::published_symmetric_irreps(irreps(g), detail::permutation_elements(g));
}

/// A_n: trivial, standard; for A_5 a5_5d_a, a5_3d_a with (1 + sqrt 5)/2 on the cycle 0->1->2->3->4->0 and
/// a5_3d_b with (1 - sqrt 5)/2 there; then `specht_4_2` by the larger of two conjugate partitions, with `_a`,
/// `_b` where it splits.
template <int N>
PublishedIrreps published_irreps(Alternating<N> const& g) {
  return detail::published_alternating_irreps(irreps(g), detail::permutation_elements(g));
}

}  // namespace cayley
