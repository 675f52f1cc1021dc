/// `cfg.json`: the configuration of a run, in the published keys.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/io/json.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cayley {

/// Everything that `cfg.json` says about a run. Keys in brackets.
struct RunConfig {
  std::string group;        ///< [group] CyclicGroup, DihedralGroup, SymmetricGroup, AlternatingGroup or TableGroup
  Json group_parameter;     ///< [group_parameter] n of C_n, D_n, S_n, A_n; the file of a TableGroup
  std::string model;        ///< [model] OneLayerMLP or BilinearNet
  Index embed_dim = 0;      ///< [layers.embed_dim] columns of W_x and W_y
  Index hidden_dim = 0;     ///< [layers.hidden_dim] columns of W; not used by BilinearNet
  double frac_train = 0;    ///< [frac_train] 0 .. 1
  std::uint64_t seed = 0;   ///< [seed] of the split and of the initial weights
  double lr = 1e-3;         ///< [lr] learning rate of AdamW
  double weight_decay = 1;  ///< [weight_decay] of AdamW
  std::array<double, 2> betas{0.9, 0.98};  ///< [betas] of AdamW
  std::int64_t num_epochs = 0;             ///< [num_epochs]
  std::string extra_name;                  ///< [extra_name] suffix of the run's name
};

/// The configuration in `json`; `where` names the file in messages.
/// Errors: `Error` naming the file and the key: unknown (with near keys), missing, or of the wrong type or
/// range.
inline RunConfig parse_config(Json const& json, std::string const& where) {
  static constexpr std::array<std::string_view, 11> keys{
      "group", "group_parameter", "model", "layers",    "frac_train", "seed", "num_epochs",
      "lr",    "weight_decay",    "betas", "extra_name"};
  static constexpr std::array<std::string_view, 2> layer_keys{"embed_dim", "hidden_dim"};
  const auto check_keys = [&](Json const& object, auto const& known, std::string const& prefix) {
    require(object.is_object(), where, ": expected an object", prefix.empty() ? "" : " as " + prefix);
    for (auto const& item : object.items()) {
      const bool found = std::find(known.begin(), known.end(), item.key()) != known.end();
      require(found, where, ": unknown key \"", prefix, item.key(), "\"", name_suggestion(item.key(), known));
    }
  };
  check_keys(json, keys, "");
  RunConfig config;
  config.group = require_key<std::string>(json, "group", where);
  config.group_parameter = require_key<Json>(json, "group_parameter", where);
  config.model = require_key<std::string>(json, "model", where);
  static constexpr std::array<std::string_view, 2> models{"OneLayerMLP", "BilinearNet"};
  const bool known_model = std::find(models.begin(), models.end(), config.model) != models.end();
  require(known_model, where, ": key \"model\": \"", config.model, "\" is not supported",
          name_suggestion(config.model, models));
  const Json layers = require_key<Json>(json, "layers", where);
  check_keys(layers, layer_keys, "layers.");
  config.embed_dim = require_key<Index>(layers, "embed_dim", where + ": layers");
  if (config.model == "OneLayerMLP" || layers.contains("hidden_dim")) {
    config.hidden_dim = require_key<Index>(layers, "hidden_dim", where + ": layers");
  }
  config.frac_train = require_key<double>(json, "frac_train", where);
  config.seed = require_key<std::uint64_t>(json, "seed", where);
  config.num_epochs = require_key<std::int64_t>(json, "num_epochs", where);
  config.lr = key_or(json, "lr", config.lr, where);
  config.weight_decay = key_or(json, "weight_decay", config.weight_decay, where);
  const auto betas = key_or(json, "betas", std::vector<double>{config.betas[0], config.betas[1]}, where);
  require(betas.size() == 2, where, ": key \"betas\": expected two numbers, found ", betas.size());
  config.betas = {betas[0], betas[1]};
  config.extra_name = key_or(json, "extra_name", config.extra_name, where);
  const auto in_range = [&](bool holds, char const* key, char const* range, auto value) {
    require(holds, where, ": key \"", key, "\": expected ", range, ", found ", value);
  };
  in_range(config.frac_train >= 0 && config.frac_train <= 1, "frac_train", "0 .. 1", config.frac_train);
  in_range(config.embed_dim >= 1, "layers.embed_dim", "at least 1", config.embed_dim);
  in_range(config.hidden_dim >= (config.model == "OneLayerMLP" ? 1 : 0), "layers.hidden_dim", "at least 1",
           config.hidden_dim);
  in_range(config.num_epochs >= 0, "num_epochs", "at least 0", config.num_epochs);
  in_range(config.lr > 0, "lr", "a positive number", config.lr);
  in_range(config.weight_decay >= 0, "weight_decay", "at least 0", config.weight_decay);
  for (double beta : config.betas) in_range(beta >= 0 && beta < 1, "betas", "two numbers in 0 .. 1", beta);
  return config;
}

/// Reads and checks a configuration file.
/// Errors: as `read_json` and `parse_config`.
inline RunConfig read_config(std::filesystem::path const& path) {
  return parse_config(read_json(path), path.string());
}

}  // namespace cayley
