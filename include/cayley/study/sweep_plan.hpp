/// A study of many runs: a grid of configurations, and the runs that it stands for.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/io/json.hpp>
#include <cayley/study/config.hpp>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// One run of a study.
struct PlannedRun {
  std::string name;  ///< of its directory: S5_OneLayerMLP_seed1
  RunConfig config;
};

/// The runs of a study, in order, and the directory that the files of its `TableGroup`s are relative to.
struct SweepPlan {
  std::vector<PlannedRun> runs;
  std::filesystem::path origin;
  std::string where;  ///< how messages name the study
};

namespace detail {

/// Keys of objects within the configuration are merged one by one, others replaced.
inline Json merged(Json base, Json const& changes) {
  for (auto const& item : changes.items()) {
    Json& value = base[item.key()];
    value = value.is_object() && item.value().is_object() ? merged(value, item.value()) : item.value();
  }
  return base;
}

/// Whether a key's value lists values to try. The one key that is a list itself, `betas`, lists lists then.
inline bool is_grid_axis(std::string_view key, Json const& value) {
  return value.is_array() && (key != "betas" || value.empty() || value.front().is_array());
}

/// A configuration with one value for each key, and the keys that had several to choose from: layers.hidden_dim.
struct GridPoint {
  Json config;
  std::vector<std::string> axes;
};

inline std::vector<GridPoint> along_axes(GridPoint const& whole) {
  const auto split = [&](Json const& values, std::string const& name, auto const& place) {
    std::vector<GridPoint> points;
    for (Json const& value : values) {
      GridPoint point = whole;
      place(point.config) = value;
      if (std::find(point.axes.begin(), point.axes.end(), name) == point.axes.end()) point.axes.push_back(name);
      for (GridPoint& further : along_axes(point)) points.push_back(std::move(further));
    }
    return points;
  };
  for (auto const& item : whole.config.items()) {
    std::string const& key = item.key();
    if (is_grid_axis(key, item.value())) {
      return split(item.value(), key, [&](Json& config) -> Json& { return config[key]; });
    }
    if (!item.value().is_object()) continue;
    for (auto const& inner : item.value().items()) {
      if (!inner.value().is_array()) continue;
      std::string const& inner_key = inner.key();
      return split(inner.value(), key + "." + inner_key, [&](Json& config) -> Json& { return config[key][inner_key]; });
    }
  }
  return {whole};
}

inline std::vector<GridPoint> grid_points(Json study, std::string const& where, int depth = 0) {
  require(study.is_object(), where, ": expected an object, found ", json_found(study));
  require(depth < 8, where, ": \"variants\" nested deeper than 8");
  if (!study.contains("variants")) return along_axes({std::move(study), {}});
  const Json variants = study["variants"];
  study.erase("variants");
  require(variants.is_array() && !variants.empty(), where, ": key \"variants\": expected a list of objects, found ",
          json_found(variants));
  std::vector<GridPoint> points;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const std::string place = where + ": variant " + std::to_string(i);
    require(variants[i].is_object(), place, ": expected an object, found ", json_found(variants[i]));
    for (GridPoint& point : grid_points(merged(study, variants[i]), place, depth + 1)) {
      points.push_back(std::move(point));
    }
  }
  return points;
}

/// A value as a part of a directory's name.
inline std::string name_part(Json const& value) {
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  for (char& c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                       c == '-' || c == '+' || c == '_';
    if (!plain) c = '-';
  }
  return text;
}

/// All keys with a value of their own, by name: layers.hidden_dim.
inline std::map<std::string, Json> flat_config(Json const& config) {
  std::map<std::string, Json> flat;
  for (auto const& item : config.items()) {
    if (!item.value().is_object()) {
      flat[item.key()] = item.value();
      continue;
    }
    for (auto const& inner : item.value().items()) flat[item.key() + "." + inner.key()] = inner.value();
  }
  return flat;
}

/// The keys in which some of the configurations differ, in the order of `config_keys`.
inline std::vector<std::string> differing_keys(std::vector<std::map<std::string, Json>> const& configs) {
  std::vector<std::string> keys;
  for (ConfigKey const& key : config_keys) {
    const std::string name(key.name);
    const auto value = [&](auto const& config) {
      const auto found = config.find(name);
      return found == config.end() ? Json() : found->second;
    };
    const Json first = value(configs.front());
    const bool same = std::all_of(configs.begin(), configs.end(), [&](auto const& c) { return value(c) == first; });
    if (!same) keys.push_back(name);
  }
  return keys;
}

/// The group or the task, the model, and the values of `keys`: S5_OneLayerMLP_seed1.
inline std::string run_name(std::string const& subject, RunConfig const& config,
                            std::map<std::string, Json> const& flat, std::vector<std::string> const& keys) {
  std::string name = name_part(subject) + "_" + config.model;
  for (std::string const& key : keys) {
    const auto found = flat.find(key);
    const bool named = key == "task" || key == "group" || key == "group_parameter" || key == "model";
    if (named || found == flat.end()) continue;
    name += "_" + key.substr(key.find('.') == std::string::npos ? 0 : key.find('.') + 1) + name_part(found->second);
  }
  return name;
}

}  // namespace detail

/// What a run is about in short: S5, A5, C113, D59, the name of a table's file, or a task on sequences; for a task of
/// modular arithmetic other than addition, C113_divide.
/// Errors: `Error` when the file of a `TableGroup` is no text.
inline std::string subject_name(RunConfig const& config) {
  if (config.is_sequence_task()) return config.task;
  std::string name;
  if (config.group == "TableGroup") {
    const auto file = json_as<std::string>(config.group_parameter, "key \"group_parameter\"");
    name = std::filesystem::path(file).stem().string();
  } else {
    name = config.group.substr(0, 1) + config.group_parameter.dump();
  }
  return config.task == "composition" || config.task == "add" ? name : name + "_" + config.task;
}

/// The runs that a study stands for. It is a configuration, see `parse_config`, in which any key may have a list of values
/// to try: the runs are all combinations, the last key varying fastest. `variants` lists objects of keys that belong
/// together, each merged into the rest, with lists and variants of its own.
///
/// A run is named after its group and model and the keys that lists were given for, as S5_OneLayerMLP_seed1, so that it
/// keeps its name when values are added; where that does not tell runs apart, after all keys in which runs differ.
/// Errors: `Error` naming the study, the variant and the key, as `parse_config`; when two runs are the same.
inline SweepPlan sweep_plan(Json const& study, std::filesystem::path const& origin, std::string const& where) {
  SweepPlan plan{{}, origin, where};
  const std::vector<detail::GridPoint> points = detail::grid_points(study, where);
  require(!points.empty(), where, ": a study of no runs: a key has an empty list");
  std::vector<std::map<std::string, Json>> flat;
  std::vector<std::string> axes;
  for (detail::GridPoint const& point : points) {
    plan.runs.push_back({"", parse_config(point.config, where)});
    flat.push_back(detail::flat_config(config_json(plan.runs.back().config)));
    for (std::string const& axis : point.axes) {
      if (std::find(axes.begin(), axes.end(), axis) == axes.end()) axes.push_back(axis);
    }
  }
  const auto name_after = [&](std::vector<std::string> const& keys) {
    std::map<std::string, int> times;
    for (std::size_t i = 0; i < plan.runs.size(); ++i) {
      RunConfig const& config = plan.runs[i].config;
      plan.runs[i].name = detail::run_name(subject_name(config), config, flat[i], keys);
      ++times[plan.runs[i].name];
    }
    return times;
  };
  if (name_after(axes).size() == plan.runs.size()) return plan;
  if (name_after(detail::differing_keys(flat)).size() == plan.runs.size()) return plan;
  for (auto const& [name, times] : name_after(axes)) {
    require(times == 1, where, ": the study has the run ", name, " twice");
  }
  return plan;
}

/// Errors: as `read_json` and `sweep_plan`.
inline SweepPlan read_sweep_plan(std::filesystem::path const& path) {
  return sweep_plan(read_json(path), path.parent_path(), path.string());
}

}  // namespace cayley
