/// Cayley tables as JSON files.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/group/table_group.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cayley/io/json.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace cayley {

/// The group in the file `path`: {"name": "Q8", "table": [[0, 1, ...], ...]}, or the bare array of rows of a
/// group named like the file without its extension. Entry (a, b) is a*b; a product read left to right.
/// Errors: `Error` naming the file and the entry when it is no such file or no group, see `TableGroup`.
inline TableGroup read_table_group(std::filesystem::path const& path) {
  using Rows = std::vector<std::vector<Element>>;
  const std::string where = path.string();
  const Json file = read_json(path);
  const bool bare = !file.is_object();
  const std::string name = bare ? path.stem().string() : require_key<std::string>(file, "name", where);
  const Rows rows = bare ? json_as<Rows>(file, where + ": table") : require_key<Rows>(file, "table", where);
  try {
    return TableGroup(name, rows);
  } catch (Error const& error) {
    fail(where, ": ", error.what());
  }
}

/// Writes the Cayley table of `group` to `path` for `read_table_group`, atomically, a row per line.
/// Errors: as `write_file_atomically`; `Error` when the name is not UTF-8.
void write_table_group(std::filesystem::path const& path, FiniteGroup auto const& group) {
  std::string text = "{\n  \"name\": " + json_text(Json(group_name(group)), path.string()) + ",\n  \"table\": [";
  for (Element a : elements(group)) {
    text += a == 0 ? "\n    [" : ",\n    [";
    for (Element b : elements(group)) {
      text += b == 0 ? "" : ", ";
      text += std::to_string(group.compose(a, b));
    }
    text += "]";
  }
  write_file_atomically(path, text + "\n  ]\n}\n");
}

}  // namespace cayley
