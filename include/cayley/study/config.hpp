/// `cfg.json`: the configuration of a run, in the published keys.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/io/json.hpp>
#include <cayley/train/epoch_rule.hpp>
#include <cayley/train/optimizer.hpp>
#include <cayley/train/stop_rule.hpp>
#include <cayley/train/trainer.hpp>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// A key of `cfg.json`.
struct ConfigKey {
  std::string_view name;  ///< with the name of its object in front: layers.embed_dim
  std::string_view meaning;
};

/// Every key of `cfg.json`, in the order in which `config_json` writes them.
inline constexpr std::array<ConfigKey, 27> config_keys{{
    {"group", "CyclicGroup, DihedralGroup, SymmetricGroup, AlternatingGroup or TableGroup"},
    {"group_parameter", "n of C_n, D_n (order 2n), S_n, A_n; the file of a TableGroup"},
    {"model", "OneLayerMLP, BilinearNet or Transformer; the last can be explained, not trained"},
    {"layers.embed_dim", "columns of W_x and W_y; not used by Transformer"},
    {"layers.hidden_dim", "columns of W; not used by the others"},
    {"layers.hidden_bias", "true: the hidden layer of OneLayerMLP has a bias"},
    {"frac_train", "share of the pairs in the training set"},
    {"seed", "of the split, the initial weights and the batches"},
    {"num_epochs", "passes over the training set"},
    {"lr", "learning rate"},
    {"weight_decay", "of AdamW as it is, of Adam and SGD added to the gradient"},
    {"betas", "of AdamW and Adam, two numbers"},
    {"eps", "of AdamW and Adam"},
    {"optimizer", "AdamW, Adam or SGD"},
    {"momentum", "of SGD"},
    {"warmup_steps", "steps over which the learning rate rises from 0"},
    {"batch_size", "pairs in a step; 0: all of them"},
    {"log_points", "logged epochs on a logarithmic scale; 1000 is the published rule"},
    {"log_every", "log every k-th epoch instead; 0: no"},
    {"checkpoint_points", "checkpoints on a logarithmic scale; 0: none"},
    {"checkpoint_every", "a checkpoint every k epochs instead; 0: no"},
    {"stop_train_loss", "stop at this training loss; 0: never"},
    {"stop_test_loss", "stop at this test loss; 0: never"},
    {"stop_test_acc", "stop at this test accuracy, once the test loss is flat; 0: never"},
    {"stop_flat_rows", "logged epochs over which the test loss must be flat"},
    {"stop_flat_change", "largest relative change of a flat test loss"},
    {"extra_name", "suffix of the run's name"},
}};

/// Everything that `cfg.json` says about a run. Keys in brackets.
struct RunConfig {
  std::string group;               ///< [group]
  Json group_parameter;            ///< [group_parameter]
  std::string model;               ///< [model]
  Index embed_dim = 0;             ///< [layers.embed_dim]
  Index hidden_dim = 0;            ///< [layers.hidden_dim]
  bool hidden_bias = false;        ///< [layers.hidden_bias]
  double frac_train = 0;           ///< [frac_train] 0 .. 1
  std::uint64_t seed = 0;          ///< [seed]
  std::int64_t num_epochs = 0;     ///< [num_epochs]
  TrainerOptions training;         ///< [lr], [weight_decay], [betas], [eps], [optimizer], [momentum], [warmup_steps],
                                   ///< [batch_size]
  std::int64_t log_points = 1000;  ///< [log_points]
  std::int64_t log_every = 0;      ///< [log_every]
  std::int64_t checkpoint_points = 100;  ///< [checkpoint_points]
  std::int64_t checkpoint_every = 0;     ///< [checkpoint_every]
  StopRule stop;                         ///< [stop_train_loss] and the other keys that begin with stop_
  std::string extra_name;                ///< [extra_name]

  /// The epochs that the log has a row of.
  EpochRule logged_epochs() const {
    return log_every > 0 ? EpochRule::every(num_epochs, log_every) : EpochRule::logarithmic(num_epochs, log_points);
  }
  /// The epochs that have a checkpoint.
  EpochRule checkpoint_epochs() const {
    if (checkpoint_every > 0) return EpochRule::every(num_epochs, checkpoint_every);
    return checkpoint_points > 0 ? EpochRule::logarithmic(num_epochs, checkpoint_points) : EpochRule::none();
  }
};

namespace detail {

inline constexpr std::array<std::pair<std::string_view, OptimizerKind>, 3> optimizer_names{
    {{"AdamW", OptimizerKind::adam_w}, {"Adam", OptimizerKind::adam}, {"SGD", OptimizerKind::sgd}}};

/// Errors: `Error` naming the key, with near ones, when `object` has one that is not known under this prefix.
inline void check_config_keys(Json const& object, std::string const& prefix, std::string const& where) {
  require(object.is_object(), where, ": expected an object", prefix.empty() ? "" : " as " + prefix);
  for (auto const& item : object.items()) {
    const std::string name = prefix + item.key();
    if (name == "layers" && prefix.empty()) continue;
    std::vector<std::string_view> known;
    for (ConfigKey const& key : config_keys) known.push_back(key.name);
    const bool found =
        std::find(known.begin(), known.end(), name) != known.end() && item.key().find('.') == std::string::npos;
    require(found, where, ": unknown key \"", name, "\"", name_suggestion(name, known));
  }
}

}  // namespace detail

/// The configuration in `json`; `where` names the file in messages.
/// Errors: `Error` naming the file and the key: unknown (with near keys), missing, or of the wrong type or range.
inline RunConfig parse_config(Json const& json, std::string const& where) {
  detail::check_config_keys(json, "", where);
  RunConfig config;
  config.group = require_key<std::string>(json, "group", where);
  config.group_parameter = require_key<Json>(json, "group_parameter", where);
  config.model = require_key<std::string>(json, "model", where);
  static constexpr std::array<std::string_view, 3> models{"OneLayerMLP", "BilinearNet", "Transformer"};
  const bool known_model = std::find(models.begin(), models.end(), config.model) != models.end();
  require(known_model, where, ": key \"model\": \"", config.model, "\" is not supported",
          name_suggestion(config.model, models));
  const bool mlp = config.model == "OneLayerMLP";

  const Json layers = require_key<Json>(json, "layers", where);
  detail::check_config_keys(layers, "layers.", where);
  const std::string in_layers = where + ": layers";
  config.embed_dim = require_key<Index>(layers, "embed_dim", in_layers);
  if (mlp || layers.contains("hidden_dim")) config.hidden_dim = require_key<Index>(layers, "hidden_dim", in_layers);
  config.hidden_bias = key_or(layers, "hidden_bias", config.hidden_bias, in_layers);

  config.frac_train = require_key<double>(json, "frac_train", where);
  config.seed = require_key<std::uint64_t>(json, "seed", where);
  config.num_epochs = require_key<std::int64_t>(json, "num_epochs", where);

  const auto in_range = [&](bool holds, char const* key, char const* range, auto value) {
    require(holds, where, ": key \"", key, "\": expected ", range, ", found ", value);
  };
  const auto read = [&](char const* key, auto& value, double smallest, double largest, char const* range) {
    value = key_or(json, key, value, where);
    in_range(static_cast<double>(value) >= smallest && static_cast<double>(value) <= largest, key, range, value);
  };
  constexpr double no_limit = std::numeric_limits<double>::infinity();
  OptimizerOptions& optimizer = config.training.optimizer;
  read("lr", optimizer.lr, std::numeric_limits<double>::min(), no_limit, "a positive number");
  read("weight_decay", optimizer.weight_decay, 0, no_limit, "at least 0");
  const auto betas = key_or(json, "betas", std::vector<double>{optimizer.betas[0], optimizer.betas[1]}, where);
  require(betas.size() == 2, where, ": key \"betas\": expected two numbers, found ", betas.size());
  optimizer.betas = {betas[0], betas[1]};
  for (double beta : betas) in_range(beta >= 0 && beta < 1, "betas", "two numbers in 0 .. 1", beta);
  read("eps", optimizer.eps, 0, no_limit, "at least 0");
  const auto name = key_or(json, "optimizer", std::string("AdamW"), where);
  std::vector<std::string_view> names;
  for (auto const& entry : detail::optimizer_names) {
    if (entry.first == name) optimizer.kind = entry.second;
    names.push_back(entry.first);
  }
  const bool known_optimizer = std::find(names.begin(), names.end(), name) != names.end();
  require(known_optimizer, where, ": key \"optimizer\": \"", name, "\" is not supported", name_suggestion(name, names));
  read("momentum", optimizer.momentum, 0, 1, "0 .. 1");
  in_range(optimizer.momentum < 1, "momentum", "below 1", optimizer.momentum);
  read("warmup_steps", config.training.schedule.warmup_steps, 0, no_limit, "at least 0");
  read("batch_size", config.training.batch_size, 0, no_limit, "at least 0");
  read("log_points", config.log_points, 2, no_limit, "at least 2");
  read("log_every", config.log_every, 0, no_limit, "at least 0");
  read("checkpoint_points", config.checkpoint_points, 0, no_limit, "0, or at least 2");
  in_range(config.checkpoint_points != 1, "checkpoint_points", "0, or at least 2", config.checkpoint_points);
  read("checkpoint_every", config.checkpoint_every, 0, no_limit, "at least 0");
  read("stop_train_loss", config.stop.train_loss, 0, no_limit, "at least 0");
  read("stop_test_loss", config.stop.test_loss, 0, no_limit, "at least 0");
  read("stop_test_acc", config.stop.test_accuracy, 0, 1, "0 .. 1");
  read("stop_flat_rows", config.stop.flat_rows, 1, no_limit, "at least 1");
  read("stop_flat_change", config.stop.flat_change, 0, no_limit, "at least 0");
  config.extra_name = key_or(json, "extra_name", config.extra_name, where);

  in_range(config.frac_train >= 0 && config.frac_train <= 1, "frac_train", "0 .. 1", config.frac_train);
  in_range(config.embed_dim >= 1, "layers.embed_dim", "at least 1", config.embed_dim);
  in_range(config.hidden_dim >= (mlp ? 1 : 0), "layers.hidden_dim", "at least 1", config.hidden_dim);
  in_range(mlp || !config.hidden_bias, "layers.hidden_bias", "false for BilinearNet", "true");
  in_range(config.num_epochs >= 0, "num_epochs", "at least 0", config.num_epochs);
  return config;
}

/// Reads and checks a configuration file.
/// Errors: as `read_json` and `parse_config`.
inline RunConfig read_config(std::filesystem::path const& path) {
  return parse_config(read_json(path), path.string());
}

/// The configuration with every key written out; `parse_config` reads it back.
inline Json config_json(RunConfig const& config) {
  OptimizerOptions const& optimizer = config.training.optimizer;
  Json json;
  json["group"] = config.group;
  json["group_parameter"] = config.group_parameter;
  json["model"] = config.model;
  json["layers"]["embed_dim"] = config.embed_dim;
  if (config.hidden_dim > 0) json["layers"]["hidden_dim"] = config.hidden_dim;
  json["layers"]["hidden_bias"] = config.hidden_bias;
  json["frac_train"] = config.frac_train;
  json["seed"] = config.seed;
  json["num_epochs"] = config.num_epochs;
  json["lr"] = optimizer.lr;
  json["weight_decay"] = optimizer.weight_decay;
  json["betas"] = optimizer.betas;
  json["eps"] = optimizer.eps;
  for (auto const& [name, kind] : detail::optimizer_names) {
    if (kind == optimizer.kind) json["optimizer"] = name;
  }
  json["momentum"] = optimizer.momentum;
  json["warmup_steps"] = config.training.schedule.warmup_steps;
  json["batch_size"] = config.training.batch_size;
  json["log_points"] = config.log_points;
  json["log_every"] = config.log_every;
  json["checkpoint_points"] = config.checkpoint_points;
  json["checkpoint_every"] = config.checkpoint_every;
  json["stop_train_loss"] = config.stop.train_loss;
  json["stop_test_loss"] = config.stop.test_loss;
  json["stop_test_acc"] = config.stop.test_accuracy;
  json["stop_flat_rows"] = config.stop.flat_rows;
  json["stop_flat_change"] = config.stop.flat_change;
  json["extra_name"] = config.extra_name;
  return json;
}

}  // namespace cayley
