/// What a misspelt name was probably meant to be.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// The number of single-character insertions, deletions and replacements that turn `a` into `b`.
/// Ref: Wagner and Fischer, The string-to-string correction problem (1974).
/// Cost: O(|a| |b|).
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

/// The names that are at most 2 edits, or a third of their length, from `name`: nearest first, equally near
/// ones in the order given. `names` is a range of strings.
template <class Names>
std::vector<std::string> near_names(std::string_view name, Names const& names) {
  std::vector<std::pair<std::size_t, std::string>> found;
  for (std::string_view candidate : names) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance <= std::max<std::size_t>(2, candidate.size() / 3)) found.emplace_back(distance, candidate);
  }
  std::stable_sort(found.begin(), found.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
  std::vector<std::string> nearest;
  for (auto& entry : found) nearest.push_back(std::move(entry.second));
  return nearest;
}

/// The names with ", " between them.
template <class Names>
std::string joined_names(Names const& names) {
  std::string text;
  for (std::string_view name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

/// For messages: " (did you mean hidden?)" where there are near names, then "; expected one of hidden, out".
template <class Names>
std::string name_suggestion(std::string_view name, Names const& names) {
  const std::vector<std::string> nearest = near_names(name, names);
  std::string text;
  if (!nearest.empty()) text += " (did you mean " + joined_names(nearest) + "?)";
  return text + "; expected one of " + joined_names(names);
}

}  // namespace cayley
