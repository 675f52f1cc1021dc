/// The safetensors format: read, checked to the last byte, and written.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cayley/io/json.hpp>
#include <cayley/io/tensor_file.hpp>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace cayley {

/// Longest header that is read, in bytes; the limit of the reference reader.
inline constexpr std::uint64_t max_safetensors_header = 100'000'000;

namespace detail {

/// Where the header of a file says that a tensor lies.
struct TensorPlace {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::string name;
  Dtype dtype = Dtype::f32;
  Shape shape;
};

/// `entry`: {"dtype": .., "shape": [..], "data_offsets": [begin, end]}, in bytes after the header.
inline TensorPlace tensor_place(std::string const& name, nlohmann::json const& entry, std::uint64_t data_size,
                                std::string const& source) {
  const std::string where = source + ": tensor \"" + name + "\"";
  TensorPlace place;
  place.name = name;
  const auto dtype = require_key<std::string>(entry, "dtype", where);
  require(dtype_named(dtype).has_value(), where, ": unknown dtype \"", dtype, "\"");
  place.dtype = *dtype_named(dtype);
  place.shape = require_key<Shape>(entry, "shape", where);
  const auto offsets = require_key<std::vector<std::uint64_t>>(entry, "data_offsets", where);
  require(offsets.size() == 2, where, ": expected 2 data_offsets, found ", offsets.size());
  place.begin = offsets[0];
  place.end = offsets[1];
  require(place.begin <= place.end && place.end <= data_size, where, ": data_offsets [", place.begin, ", ", place.end,
          "] do not lie in order within ", data_size, " bytes of data");
  const auto count = element_count(place.shape);
  const std::uint64_t size = dtype_size(place.dtype);
  require(count.has_value(), where, ": impossible shape ", shape_text(place.shape));
  require(static_cast<std::uint64_t>(*count) <= data_size / size &&
              static_cast<std::uint64_t>(*count) * size == place.end - place.begin,
          where, ": shape ", shape_text(place.shape), " of ", dtype, " does not fill data_offsets [", place.begin, ", ",
          place.end, "]");
  return place;
}

}  // namespace detail

/// The tensors in `bytes`, a whole file; `source` names it in messages.
/// Index: tensors come in the order of their data; empty ones at the same place, in alphabetical order.
/// Errors: `Error` unless the header is a JSON object of valid entries without duplicate keys, the metadata
///         map strings to strings, and the tensors cover the data exactly: no overlap, gap or trailing byte.
/// Ref: safetensors, section "Format" of its README; the header is limited to `max_safetensors_header` bytes.
inline TensorFile parse_safetensors(std::string_view bytes, std::string const& source) {
  std::uint64_t header_size = 0;
  require(bytes.size() >= sizeof header_size, source, ": ", bytes.size(), " bytes, too short for a safetensors file");
  std::memcpy(&header_size, bytes.data(), sizeof header_size);
  bytes.remove_prefix(sizeof header_size);
  require(header_size <= max_safetensors_header, source, ": header of ", header_size, " bytes, expected at most ",
          max_safetensors_header, "; not a safetensors file?");
  require(header_size <= bytes.size(), source, ": header of ", header_size, " bytes, but only ", bytes.size(),
          " follow");
  const std::string_view header_text = bytes.substr(0, header_size);
  bytes.remove_prefix(header_size);
  require(header_text.starts_with('{'), source, ": header: expected a JSON object, found none");
  const auto header = parse_json<nlohmann::json>(header_text, source + ": header");

  TensorFile file(source);
  std::vector<detail::TensorPlace> places;
  for (auto const& [name, entry] : header.items()) {
    if (name == "__metadata__") {
      require(entry.is_object(), source, ": __metadata__: expected an object, found ", detail::json_found(entry));
      for (auto const& [key, value] : entry.items()) {
        file.metadata()[key] = json_as<std::string>(value, source + ": __metadata__: key \"" + key + "\"");
      }
    } else {
      places.push_back(detail::tensor_place(name, entry, bytes.size(), source));
    }
  }
  const auto in_file = [](auto const& place) { return std::tie(place.begin, place.end, place.name); };
  std::sort(places.begin(), places.end(), [&](auto const& a, auto const& b) { return in_file(a) < in_file(b); });
  std::uint64_t end = 0;
  for (auto& place : places) {
    require(place.begin == end, source, ": tensor \"", place.name, "\": expected data from byte ", end,
            ", where the one before ends, found ", place.begin);
    end = place.end;
    file.add(std::move(place.name), Tensor{place.dtype, std::move(place.shape),
                                           std::string(bytes.substr(place.begin, place.end - place.begin))});
  }
  require(end == bytes.size(), source, ": the tensors end at byte ", end, " of ", bytes.size(), " bytes of data");
  return file;
}

/// The bytes of a safetensors file that holds `file`: metadata first, sorted; tensors in their order, without
/// gaps; spaces after the header, so that the data begin at a multiple of 8 bytes.
/// Errors: `Error` when a name or a metadata string is not UTF-8, or the header is too long to be read again.
inline std::string safetensors_bytes(TensorFile const& file) {
  const auto quoted = [&](std::string const& text) { return json_text(nlohmann::json(text), file.source()); };
  std::string header = "{";
  if (!file.metadata().empty()) {
    header += "\"__metadata__\":" + json_text(nlohmann::json(file.metadata()), file.source());
  }
  std::size_t end = 0;
  for (auto const& name : file.names()) {
    Tensor const& tensor = file.at(name);
    const std::size_t begin = end;
    end += tensor.bytes.size();
    if (header.size() > 1) header += ',';
    header += quoted(name) + ":{\"dtype\":\"" + std::string(dtype_name(tensor.dtype)) +
              "\",\"shape\":" + nlohmann::json(tensor.shape).dump() + ",\"data_offsets\":[" + std::to_string(begin) +
              "," + std::to_string(end) + "]}";
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  require(header.size() <= max_safetensors_header, file.source(), ": header of ", header.size(),
          " bytes, expected at most ", max_safetensors_header);

  const std::uint64_t header_size = header.size();
  std::string bytes(sizeof header_size, '\0');
  std::memcpy(bytes.data(), &header_size, sizeof header_size);
  bytes.reserve(sizeof header_size + header.size() + end);
  bytes += header;
  for (auto const& name : file.names()) bytes += file.at(name).bytes;
  return bytes;
}

/// The tensors in the file `path`.
/// Errors: as `read_file` and `parse_safetensors`.
inline TensorFile read_safetensors(std::filesystem::path const& path) {
  return parse_safetensors(read_file(path), path.string());
}

/// Writes `file` to `path`, atomically.
/// Errors: as `safetensors_bytes` and `write_file_atomically`.
inline void write_safetensors(std::filesystem::path const& path, TensorFile const& file) {
  write_file_atomically(path, safetensors_bytes(file));
}

}  // namespace cayley
