/// JSON files: strict reading, atomic writing, and values taken out with errors that name file and key.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/io/atomic_file.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cayley {

/// A JSON value whose objects keep their keys in the order of insertion, or of the file, so that a metrics
/// file reads in the order in which it was measured. Looking up a key is linear in the number of keys.
using Json = nlohmann::ordered_json;

/// Arrays and objects nested deeper than this are refused.
inline constexpr int max_json_depth = 256;

namespace detail {

/// What nlohmann says, without the tag "[json.exception...] " in front.
inline std::string json_reason(nlohmann::json::exception const& error) {
  const std::string text = error.what();
  const auto tag_end = text.find("] ");
  return text.starts_with("[json.exception") && tag_end != std::string::npos ? text.substr(tag_end + 2) : text;
}

/// `value` in a few words for the end of a message: what was found.
template <class SomeJson>
std::string json_found(SomeJson const& value) {
  if (value.is_array()) return "an array of " + std::to_string(value.size());
  if (value.is_object()) return "an object";
  std::string text = value.dump(-1, ' ', false, SomeJson::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 60) + "...";
  return value.is_null() ? text : std::string(value.type_name()) + " " + text;
}

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// `where()` is called for a message alone, so that a large table costs no strings.
template <class T, class SomeJson, class Where>
T json_to(SomeJson const& value, Where const& where) {
  const auto expect = [&](bool holds, auto const&... what) {
    if (!holds) fail(where(), ": expected ", what..., ", found ", json_found(value));
  };
  if constexpr (std::same_as<T, SomeJson>) {
    return value;
  } else if constexpr (std::same_as<T, bool>) {
    expect(value.is_boolean(), "true or false");
    return value.template get<bool>();
  } else if constexpr (std::integral<T>) {
    using Limits = std::numeric_limits<T>;
    bool fits = false;
    if (value.is_number_unsigned()) {
      fits = std::in_range<T>(value.template get<std::uint64_t>());
    } else if (value.is_number_integer()) {
      fits = std::in_range<T>(value.template get<std::int64_t>());
    }
    expect(fits, "an integer from ", +Limits::min(), " to ", +Limits::max());
    return value.template get<T>();
  } else if constexpr (std::floating_point<T>) {
    expect(value.is_number(), "a number");
    return value.template get<T>();
  } else if constexpr (std::same_as<T, std::string>) {
    expect(value.is_string(), "a string");
    return value.template get<std::string>();
  } else if constexpr (is_optional<T>) {
    if (value.is_null()) return std::nullopt;
    return json_to<typename T::value_type>(value, where);
  } else {
    static_assert(is_vector<T>,
                  "json_as: expected bool, a number type, std::string, std::vector, std::optional or Json");
    expect(value.is_array(), "an array");
    T result;
    result.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto place = [&] { return where() + "[" + std::to_string(i) + "]"; };
      result.push_back(json_to<typename T::value_type>(value[i], place));
    }
    return result;
  }
}

}  // namespace detail

/// The JSON value that `text` spells. `where` names the text in messages: a path, mostly.
/// Errors: `Error` at a syntax error (line, column and byte), a key that an object has twice, and nesting
///         deeper than `max_json_depth`.
template <class SomeJson = Json>
SomeJson parse_json(std::string_view text, std::string const& where) {
  std::vector<std::set<std::string>> keys_of_open_objects;
  const auto check = [&](int depth, typename SomeJson::parse_event_t event, SomeJson& parsed) {
    using Event = typename SomeJson::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      require(depth < max_json_depth, where, ": nested deeper than ", max_json_depth);
    }
    if (event == Event::object_start) keys_of_open_objects.emplace_back();
    if (event == Event::object_end) keys_of_open_objects.pop_back();
    if (event == Event::key) {
      auto const& key = parsed.template get_ref<std::string const&>();
      require(keys_of_open_objects.back().insert(key).second, where, ": key \"", key, "\" occurs twice");
    }
    return true;
  };
  // The parser takes a zero byte for the end of the text, whatever follows.
  const std::size_t zero = text.find('\0');
  require(zero == text.npos, where, ": not JSON, at byte ", zero + 1, ": a zero byte");
  try {
    return SomeJson::parse(text.begin(), text.end(), check);
  } catch (nlohmann::json::parse_error const& error) {
    fail(where, ": not JSON, at byte ", error.byte, ": ", detail::json_reason(error));
  } catch (nlohmann::json::exception const& error) {
    fail(where, ": not JSON: ", detail::json_reason(error));
  }
}

/// The text of `value`; with `indent` >= 0, a line per entry. JSON has no NaN and no infinity: both become
/// null, so that a run which diverged can still be saved; `json_as<std::optional<double>>` reads them back.
/// Errors: `Error` when a string is not UTF-8.
template <class SomeJson>
std::string json_text(SomeJson const& value, std::string const& where, int indent = -1) {
  try {
    return value.dump(indent);
  } catch (nlohmann::json::exception const& error) {
    fail(where, ": cannot be written as JSON: ", detail::json_reason(error));
  }
}

/// The JSON value in the file `path`.
/// Errors: as `read_file` and `parse_json`.
inline Json read_json(std::filesystem::path const& path) {
  return parse_json(read_file(path), path.string());
}

/// Writes `value` to the file `path`, atomically, indented by two and in the order of insertion.
/// Errors: as `json_text` and `write_file_atomically`.
inline void write_json(std::filesystem::path const& path, Json const& value) {
  write_file_atomically(path, json_text(value, path.string(), 2) + "\n");
}

/// `value` as a `T`: bool, any integer or floating-point type, std::string, Json, std::vector<T> or
/// std::optional<T> (null is nullopt). Integers must fit; a floating-point type takes integers too.
/// Errors: `Error`: `where`, what was expected and what was found.
template <class T, class SomeJson>
T json_as(SomeJson const& value, std::string const& where) {
  return detail::json_to<T>(value, [&] { return where; });
}

/// The value of `key` in `object` as a `T`, see `json_as`. `where` names the file in messages.
/// Errors: `Error` when `object` is none, has no such key (lists the keys), or the value is of another type.
template <class T, class SomeJson>
T require_key(SomeJson const& object, std::string const& key, std::string const& where) {
  require(object.is_object(), where, ": expected an object with the key \"", key, "\", found ",
          detail::json_found(object));
  const auto entry = object.find(key);
  if (entry == object.end()) {
    std::string keys;
    for (auto const& item : object.items()) keys += (keys.empty() ? "" : ", ") + item.key();
    fail(where, ": no key \"", key, "\", found ", keys.empty() ? "an empty object" : "the keys " + keys);
  }
  return detail::json_to<T>(*entry, [&] { return where + ": key \"" + key + "\""; });
}

/// The value of `key` in `object` as a `T`, or `otherwise` when there is no such key.
/// Errors: as `require_key` for a value that is there but of another type.
template <class T, class SomeJson>
T key_or(SomeJson const& object, std::string const& key, T otherwise, std::string const& where) {
  if (object.is_object() && !object.contains(key)) return otherwise;
  return require_key<T>(object, key, where);
}

}  // namespace cayley
