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
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// What training needs of a group: its products, and the names of its elements in files.
struct StudyTable {
  CayleyTable table;
  int degree = 0;  ///< points of a group of permutations, else 0
  /// The element with a given image array; nothing when the array is no element. Only for groups of permutations.
  std::function<std::optional<Element>(std::vector<int> const&)> element_of_permutation;
  /// The image array of an element. Only for groups of permutations.
  std::function<std::vector<int>(Element)> permutation_of_element;

  std::string name() const { return table.name(); }
};

/// The same with everything that analyses need, its irreps under published names.
struct StudyGroup : StudyTable {
  FourierBasis<double> basis;
  std::vector<Index> listed;  ///< irreps that published totals run over

  Irreps const& irreps() const { return basis.irreps(); }
};

namespace detail {

template <FiniteGroup G>
StudyTable study_table_of(G const& g) {
  StudyTable group{cayley_table(g), 0, {}, {}};
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
    group.permutation_of_element = [](Element element) {
      const Permutation<degree> p = G::permutation(element);
      return std::vector<int>(p.begin(), p.end());
    };
  }
  return group;
}

/// Calls f(Family<First>{}), .. or f(Family<Last>{}) by a size known at run time.
template <template <int> class Family, int First, int Last, class F>
auto with_degree(Index degree, F const& f) {
  if constexpr (First < Last) {
    if (degree != First) return with_degree<Family, First + 1, Last>(degree, f);
  }
  return f(Family<First>{});
}

}  // namespace detail

/// f(g) of the group g that a configuration names, for f that takes any group and always returns the same type.
/// `directory`: where the file of a `TableGroup` is looked for.
/// Errors: `Error` naming the file and the key for an unknown group (with near names) or a size out of range.
template <class F>
auto with_group(RunConfig const& config, std::filesystem::path const& directory, std::string const& where, F const& f) {
  static constexpr std::array<std::string_view, 5> names{"CyclicGroup", "DihedralGroup", "SymmetricGroup",
                                                         "AlternatingGroup", "TableGroup"};
  const std::string parameter = where + ": key \"group_parameter\"";
  if (config.group == "TableGroup") {
    return f(read_table_group(directory / json_as<std::string>(config.group_parameter, parameter)));
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
    return detail::with_degree<Symmetric, 1, 7>(n, f);
  }
  if (config.group == "AlternatingGroup") {
    in_range(2, 7);
    return detail::with_degree<Alternating, 2, 7>(n, f);
  }
  in_range(1, 4096);
  if (config.group == "DihedralGroup") return f(Dihedral<>{n});
  return f(Cyclic<>{n});
}

/// The products of the group that a configuration names.
/// Errors: as `with_group`.
inline StudyTable study_table(RunConfig const& config, std::filesystem::path const& directory,
                              std::string const& where) {
  return with_group(config, directory, where, [](auto const& g) { return detail::study_table_of(g); });
}

/// The group that a configuration names, with its irreps and its Fourier basis.
/// Errors: as `with_group`.
inline StudyGroup study_group(RunConfig const& config, std::filesystem::path const& directory,
                              std::string const& where) {
  return with_group(config, directory, where, [](auto const& g) {
    PublishedIrreps published = published_irreps(g);
    return StudyGroup{detail::study_table_of(g), FourierBasis<double>(std::move(published.irreps)),
                      std::move(published.listed)};
  });
}

/// Reads an element order: entry i of the file says which element index i of the data stands for, as an image array in
/// a group of permutations (as published), else as an element.
/// Errors: `Error` naming the file and the entry: not an element, twice, or the wrong number of entries.
inline std::vector<Element> read_element_order(std::filesystem::path const& path, StudyTable const& group) {
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

/// The library's own order of the elements of a group.
inline std::vector<Element> own_element_order(StudyTable const& group) {
  std::vector<Element> order(static_cast<std::size_t>(group.table.order()));
  std::iota(order.begin(), order.end(), Element{0});
  return order;
}

/// An element order as `read_element_order` reads it.
inline Json element_order_json(std::vector<Element> const& order, StudyTable const& group) {
  Json json = Json::array();
  for (Element element : order) {
    if (group.permutation_of_element) {
      json.push_back(group.permutation_of_element(element));
    } else {
      json.push_back(element);
    }
  }
  return json;
}

}  // namespace cayley
