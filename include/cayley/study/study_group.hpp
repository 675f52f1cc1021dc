/// The group of a run, by its name in `cfg.json`, as values.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/core/error.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/group/table_group_json.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/published_irreps.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// A group with everything that analyses need of it, its irreps under published names.
struct StudyGroup {
  CayleyTable table;
  FourierBasis<double> basis;
  std::vector<Index> listed;  ///< irreps that published totals run over
  int degree = 0;             ///< points of a group of permutations, else 0
  /// The element with a given image array; nothing when the array is no element. Only for groups of
  /// permutations.
  std::function<std::optional<Element>(std::vector<int> const&)> element_of_permutation;

  Irreps const& irreps() const { return basis.irreps(); }
  std::string name() const { return table.name(); }
};

namespace detail {

template <FiniteGroup G>
StudyGroup study_group_of(G const& g) {
  PublishedIrreps published = published_irreps(g);
  StudyGroup group{
      cayley_table(g), FourierBasis<double>(std::move(published.irreps)), std::move(published.listed), 0, {}};
  if constexpr (requires { G::degree; }) {
    constexpr int degree = G::degree;
    group.degree = degree;
    group.element_of_permutation = [](std::vector<int> const& image) -> std::optional<Element> {
      Permutation<degree> p{};
      std::uint32_t seen = 0;
      if (image.size() != p.size()) return std::nullopt;
      for (std::size_t i = 0; i < p.size(); ++i) {
        if (image[i] < 0 || image[i] >= degree || (seen >> image[i] & 1u) != 0) return std::nullopt;
        seen |= 1u << image[i];
        p[i] = static_cast<std::uint8_t>(image[i]);
      }
      const Element element = G::element(p);
      if (G::permutation(element) != p) return std::nullopt;  // an odd permutation in an alternating group
      return element;
    };
  }
  return group;
}

/// Family<First>, .., Family<Last> by a size known at run time.
template <template <int> class Family, int First, int Last>
StudyGroup study_group_of_degree(Index degree, std::string const& where) {
  if constexpr (First <= Last) {
    if (degree == First) return study_group_of(Family<First>{});
    return study_group_of_degree<Family, First + 1, Last>(degree, where);
  } else {
    fail(where, ": key \"group_parameter\": permutation groups are analysed up to degree ", Last, ", found ", degree);
  }
}

}  // namespace detail

/// The group that a configuration names. `directory`: where the file of a `TableGroup` is looked for.
/// Errors: `Error` naming the file and the key for an unknown group (with near names) or a size out of range.
inline StudyGroup study_group(RunConfig const& config, std::filesystem::path const& directory,
                              std::string const& where) {
  static constexpr std::array<std::string_view, 5> names{"CyclicGroup", "DihedralGroup", "SymmetricGroup",
                                                         "AlternatingGroup", "TableGroup"};
  const std::string parameter = where + ": key \"group_parameter\"";
  if (config.group == "TableGroup") {
    return detail::study_group_of(
        read_table_group(directory / json_as<std::string>(config.group_parameter, parameter)));
  }
  const bool known = std::find(names.begin(), names.end(), config.group) != names.end();
  require(known, where, ": key \"group\": unknown group \"", config.group, "\"", name_suggestion(config.group, names));
  const auto n = json_as<Index>(config.group_parameter, parameter);
  const auto in_range = [&](Index smallest, Index largest) {
    require(n >= smallest && n <= largest, parameter, ": expected ", smallest, " .. ", largest, " for ", config.group,
            ", found ", n);
  };
  if (config.group == "SymmetricGroup") {
    in_range(1, 7);
    return detail::study_group_of_degree<Symmetric, 1, 7>(n, where);
  }
  if (config.group == "AlternatingGroup") {
    in_range(2, 7);
    return detail::study_group_of_degree<Alternating, 2, 7>(n, where);
  }
  in_range(1, 4096);
  if (config.group == "DihedralGroup") return detail::study_group_of(Dihedral<>{n});
  return detail::study_group_of(Cyclic<>{n});
}

/// Reads an element order: entry i of the file says which element index i of the data stands for, as an image array in
/// a group of permutations (as published), else as an element.
/// Errors: `Error` naming the file and the entry: not an element, twice, or the wrong number of entries.
inline std::vector<Element> read_element_order(std::filesystem::path const& path, StudyGroup const& group) {
  const Json json = read_json(path);
  const Index n = group.table.order();
  require(json.is_array() && static_cast<Index>(json.size()) == n, path.string(), ": expected an array of the ", n,
          " elements of ", group.name(), ", found ",
          json.is_array() ? std::to_string(json.size()) + " entries" : "no array");
  std::vector<Element> order;
  std::vector<bool> seen(static_cast<std::size_t>(n), false);
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string where = path.string() + ": entry " + std::to_string(i);
    std::optional<Element> element;
    if (group.element_of_permutation && json[i].is_array()) {
      element = group.element_of_permutation(json_as<std::vector<int>>(json[i], where));
    } else if (const auto index = json_as<Index>(json[i], where); index >= 0 && index < n) {
      element = static_cast<Element>(index);
    }
    require(element.has_value(), where, ": ", json[i].dump(), " is no element of ", group.name());
    require(!seen[*element], where, ": ", json[i].dump(), " stands twice");
    seen[*element] = true;
    order.push_back(*element);
  }
  return order;
}

}  // namespace cayley
