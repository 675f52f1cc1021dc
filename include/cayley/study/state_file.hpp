/// The file of a training state: weights, moments of the optimiser and counters as tensors and metadata.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/io/dtype.hpp>
#include <cayley/io/json.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/io/tensor_file.hpp>
#include <cayley/nn/parameter.hpp>
#include <cayley/train/training_state.hpp>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace cayley {

/// What a state file says whatever its scalar type: checked but for the element type of its tensors.
/// Shape: tensors `weights/<parameter>` and `<moment>/<parameter>`, each with two indices; metadata `epoch`, `steps`,
///        `generator` and `moments`, a JSON array of names.
struct StoredState {
  std::int64_t epoch = 0;
  std::int64_t steps = 0;
  std::vector<std::string> moments;
  TensorFile file;
};

namespace detail {

/// The number at least 0 that `text` spells as `std::to_string` does; nullopt for any other text.
inline std::optional<std::int64_t> count_named(std::string_view text) {
  std::int64_t value = -1;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool read = result.ec == std::errc() && result.ptr == text.data() + text.size() && value >= 0;
  if (!read || (text.starts_with('0') && text.size() > 1) || text.starts_with('-')) return std::nullopt;
  return value;
}

/// The moment, or `weights`, in front of the first `/` of a tensor's name, and the parameter behind it.
inline std::pair<std::string_view, std::string_view> state_tensor_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == name.npos) return {};
  return {name.substr(0, slash), name.substr(slash + 1)};
}

}  // namespace detail

/// The state in a file that was read.
/// Errors: `Error` naming the source and the key of the metadata or the tensor, what was expected and what was found.
inline StoredState stored_state(TensorFile file) {
  StoredState state;
  state.file = std::move(file);
  const std::string source = state.file.source();
  const auto text = [&](char const* key) -> std::string const& {
    const auto found = state.file.metadata().find(key);
    if (found == state.file.metadata().end()) fail(source, ": no key \"", key, "\" in the metadata");
    return found->second;
  };
  const auto count = [&](char const* key) {
    const std::optional<std::int64_t> value = detail::count_named(text(key));
    if (!value) fail(source, ": metadata \"", key, "\": expected a number at least 0, found \"", text(key), "\"");
    return *value;
  };
  state.epoch = count("epoch");
  state.steps = count("steps");
  text("generator");
  const std::string where = source + ": metadata \"moments\"";
  state.moments = json_as<std::vector<std::string>>(parse_json(text("moments"), where), where);
  for (auto const& name : state.file.names()) {
    const std::string_view kind = detail::state_tensor_name(name).first;
    const bool known =
        kind == "weights" || std::find(state.moments.begin(), state.moments.end(), kind) != state.moments.end();
    require(known, source, ": tensor \"", name, "\": expected a name that begins with weights/ or with a moment");
    Shape const& shape = state.file.shape(name);
    require(shape.size() == 2, source, ": tensor \"", name, "\": expected two indices, found shape ",
            shape_text(shape));
  }
  return state;
}

/// The state in the file at `path`.
/// Errors: as `read_safetensors` and `stored_state`.
inline StoredState read_stored_state(std::filesystem::path const& path) {
  return stored_state(read_safetensors(path));
}

/// The file of a state, which `source` names in messages.
/// Errors: `Error` when a counter is negative or a moment is named `weights` or has a `/` in its name.
template <class Scalar>
TensorFile state_tensors(TrainingState<Scalar> const& state, std::string const& source) {
  TensorFile file(source);
  require(state.epoch >= 0 && state.steps >= 0, source, ": expected epoch and steps of at least 0, found ", state.epoch,
          " and ", state.steps);
  Json moments = Json::array();
  for (auto const& [name, matrix] : state.weights) file.add("weights/" + name, matrix);
  for (auto const& [moment, matrices] : state.moments) {
    require(moment != "weights" && moment.find('/') == moment.npos, source, ": a moment may not be named ", moment);
    moments.push_back(moment);
    for (auto const& [name, matrix] : matrices) file.add(moment + "/" + name, matrix);
  }
  file.metadata() = {{"epoch", std::to_string(state.epoch)},
                     {"steps", std::to_string(state.steps)},
                     {"generator", state.generator},
                     {"moments", json_text(moments, source)}};
  return file;
}

/// The state with its numbers, to go on from.
/// Errors: `Error` naming the tensor when its element type is not that of `Scalar`.
template <class Scalar>
TrainingState<Scalar> training_state(StoredState const& stored) {
  TrainingState<Scalar> state;
  state.epoch = stored.epoch;
  state.steps = stored.steps;
  state.generator = stored.file.metadata().at("generator");
  // A moment is there even if it has no matrices yet.
  for (auto const& moment : stored.moments) state.moments[moment];
  for (auto const& name : stored.file.names()) {
    Tensor const& tensor = stored.file.at(name);
    require(tensor.dtype == dtype_of<Scalar>, stored.file.source(), ": tensor \"", name, "\": expected ",
            dtype_name(dtype_of<Scalar>), ", found ", dtype_name(tensor.dtype));
    const auto [kind, parameter] = detail::state_tensor_name(name);
    NamedMatrices<Scalar>& matrices = kind == "weights" ? state.weights : state.moments.find(kind)->second;
    matrices[std::string(parameter)] = stored.file.matrix<Scalar>(name, tensor.shape);
  }
  return state;
}

}  // namespace cayley
