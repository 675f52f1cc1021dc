/// `cfg.json`: the configuration of a run, in the published keys.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/io/json.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <cayley/study/sequence_config.hpp>
#include <cayley/task/modular_arithmetic.hpp>
#include <cayley/task/split.hpp>
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
inline constexpr std::array<ConfigKey, 58> config_keys{{
    {"task",
     "composition; for CyclicGroup also add, subtract, x2xyy2, divide or rand, modulo n; without a group max_of_n, "
     "digit_addition, skip_trigram or induction"},
    {"sequences.n", "of max_of_n: numbers in a sequence"},
    {"sequences.vocabulary", "of max_of_n and induction: tokens to choose from"},
    {"sequences.digits", "of digit_addition: digits of each number"},
    {"sequences.keys", "of skip_trigram: classes, and kinds of noise"},
    {"sequences.noise_length", "of skip_trigram: positions of noise"},
    {"sequences.length", "of induction: positions"},
    {"sequences.copied", "of induction: tokens of a copy"},
    {"sequences.copies", "of induction: copies, the first one among them"},
    {"sequences.train", "sequences in the training set; 0: fresh ones in every step, which is an epoch"},
    {"sequences.test", "sequences in the test set"},
    {"sequences.force_adjacent", "true: max of two on all pairs, those that differ by 0, 1, 2 or 17 for training"},
    {"group", "CyclicGroup, DihedralGroup, SymmetricGroup, AlternatingGroup or TableGroup"},
    {"group_parameter", "n of C_n, D_n (order 2n), S_n, A_n; the file of a TableGroup"},
    {"model", "OneLayerMLP, BilinearNet or Transformer"},
    {"layers.embed_dim", "columns of W_x and W_y; not used by Transformer"},
    {"layers.hidden_dim", "columns of W; not used by the others"},
    {"layers.hidden_bias", "true: the hidden layer of OneLayerMLP has a bias"},
    {"transformer.n_layers", "blocks of attention and MLP"},
    {"transformer.d_model", "width of the residual stream"},
    {"transformer.n_heads", "attention heads of a layer"},
    {"transformer.d_head", "width of a head"},
    {"transformer.d_mlp", "neurons of a layer; not used when attn_only"},
    {"transformer.act_fn", "relu, gelu or gelu_new"},
    {"transformer.attn_only", "true: no MLPs"},
    {"transformer.has_biases", "true: biases, which are trained"},
    {"transformer.mlp_biases_alone", "true: of the biases, b_in and b_out alone"},
    {"transformer.has_layer_norm", "true: layer norm before attention, MLP and unembedding"},
    {"transformer.doubled_residual", "true: x -> 2 x + attn(x), as in the induction study"},
    {"transformer.positions", "learned, sinusoidal or none"},
    {"transformer.equals_logit", "true: the last token is a class too, as in the modular-addition study"},
    {"transformer.init", "group_composition, modular_addition, sequences or induction: how that study draws weights"},
    {"frac_train", "share of the pairs in the training set"},
    {"split", "torch or python: whose generator shuffles the pairs"},
    {"seed", "of the split, the initial weights and the batches"},
    {"sequences.discarded", "sequences that are drawn first and thrown away"},
    {"sequences.seed", "of the sequences; as a rule that of the run"},
    {"num_epochs", "passes over the training set"},
    {"lr", "learning rate"},
    {"weight_decay", "of AdamW as it is, of Adam and SGD added to the gradient"},
    {"betas", "of AdamW and Adam, two numbers"},
    {"eps", "of AdamW and Adam"},
    {"optimizer", "AdamW, Adam or SGD"},
    {"momentum", "of SGD"},
    {"warmup_steps", "steps over which the learning rate rises from 0"},
    {"batch_size", "pairs in a step; 0: all of them"},
    {"epoch_batches", "steps of an epoch on mini-batches; 0: a pass over the training set"},
    {"eval_examples",
     "examples that losses are measured on, of the test set and, on mini-batches, the training set; 0: all"},
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

/// Sizes of the published transformers on pairs.
inline TransformerShape published_transformer() {
  TransformerShape shape;
  shape.d_model = 128;
  shape.n_heads = 4;
  shape.d_head = 32;
  shape.d_mlp = 512;
  shape.n_ctx = 3;
  shape.has_biases = false;
  return shape;
}

/// Everything that `cfg.json` says about a run. Keys in brackets.
struct RunConfig {
  std::string task = "composition";  ///< [task]
  SequenceConfig sequences;          ///< [sequences.n] and the other keys of that object
  std::string group;                 ///< [group]; empty where the task has none
  Json group_parameter;              ///< [group_parameter]
  std::string model;                 ///< [model]
  Index embed_dim = 0;               ///< [layers.embed_dim]
  Index hidden_dim = 0;              ///< [layers.hidden_dim]
  bool hidden_bias = false;          ///< [layers.hidden_bias]
  /// [transformer.n_layers] and the other keys of that object; the sizes of vocabulary and context are those of the task.
  TransformerShape transformer = published_transformer();
  bool equals_logit = false;                                              ///< [transformer.equals_logit]
  TransformerInit transformer_init = TransformerInit::group_composition;  ///< [transformer.init]
  double frac_train = 0;                                                  ///< [frac_train] 0 .. 1
  SplitKind split = SplitKind::torch;                                     ///< [split]
  std::uint64_t seed = 0;                                                 ///< [seed]
  std::int64_t num_epochs = 0;                                            ///< [num_epochs]
  TrainerOptions training;         ///< [lr], [weight_decay], [betas], [eps], [optimizer], [momentum], [warmup_steps],
                                   ///< [batch_size], [epoch_batches], [eval_examples]
  std::int64_t log_points = 1000;  ///< [log_points]
  std::int64_t log_every = 0;      ///< [log_every]
  std::int64_t checkpoint_points = 100;  ///< [checkpoint_points]
  std::int64_t checkpoint_every = 0;     ///< [checkpoint_every]
  StopRule stop;                         ///< [stop_train_loss] and the other keys that begin with stop_
  std::string extra_name;                ///< [extra_name]

  /// Whether the task is one on sequences of tokens, without a group.
  bool is_sequence_task() const {
    return std::find(sequence_tasks.begin(), sequence_tasks.end(), task) != sequence_tasks.end();
  }

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

inline constexpr std::array<std::pair<std::string_view, ActFn>, 3> act_fn_keys{
    {{"relu", ActFn::relu}, {"gelu", ActFn::gelu}, {"gelu_new", ActFn::gelu_new}}};
inline constexpr std::array<std::pair<std::string_view, Positions>, 3> position_keys{
    {{"learned", Positions::learned}, {"sinusoidal", Positions::sinusoidal}, {"none", Positions::none}}};
inline constexpr std::array<std::pair<std::string_view, TransformerInit>, 4> transformer_inits{
    {{"group_composition", TransformerInit::group_composition},
     {"modular_addition", TransformerInit::modular_addition},
     {"sequences", TransformerInit::sequences},
     {"induction", TransformerInit::induction}}};
inline constexpr std::array<std::pair<std::string_view, SplitKind>, 2> split_names{
    {{"torch", SplitKind::torch}, {"python", SplitKind::python}}};

/// The value that a key names, `value` without the key.
/// Errors: `Error` naming the key, with near names, for another name.
template <class Value, std::size_t n>
void read_choice(Json const& json, char const* key, std::array<std::pair<std::string_view, Value>, n> const& choices,
                 Value& value, std::string const& where) {
  if (!json.contains(key)) return;
  const auto name = require_key<std::string>(json, key, where);
  std::vector<std::string_view> names;
  for (auto const& choice : choices) {
    if (choice.first == name) {
      value = choice.second;
      return;
    }
    names.push_back(choice.first);
  }
  fail(where, ": key \"", key, "\": \"", name, "\" is not supported", name_suggestion(name, names));
}

template <class Value, std::size_t n>
std::string choice_name(std::array<std::pair<std::string_view, Value>, n> const& choices, Value value) {
  for (auto const& choice : choices) {
    if (choice.second == value) return std::string(choice.first);
  }
  return "";
}

/// Errors: `Error` naming the key, with near ones, when `object` has one that is not known under this prefix.
inline void check_config_keys(Json const& object, std::string const& prefix, std::string const& where) {
  require(object.is_object(), where, ": expected an object", prefix.empty() ? "" : " as " + prefix);
  for (auto const& item : object.items()) {
    const std::string name = prefix + item.key();
    if ((name == "layers" || name == "transformer" || name == "sequences") && prefix.empty()) continue;
    std::vector<std::string_view> known;
    for (ConfigKey const& key : config_keys) known.push_back(key.name);
    const bool found =
        std::find(known.begin(), known.end(), name) != known.end() && item.key().find('.') == std::string::npos;
    require(found, where, ": unknown key \"", name, "\"", name_suggestion(name, known));
  }
}

/// The keys of the object `transformer`.
inline void parse_transformer(Json const& json, std::string const& where, RunConfig& config) {
  check_config_keys(json, "transformer.", where);
  const std::string in_object = where + ": transformer";
  TransformerShape& shape = config.transformer;
  const auto read = [&](char const* key, auto& value) { value = key_or(json, key, value, in_object); };
  const auto read_size = [&](char const* key, Index& value) {
    read(key, value);
    require(value >= 1, in_object, ": key \"", key, "\": expected at least 1, found ", value);
  };
  read_size("n_layers", shape.n_layers);
  read_size("d_model", shape.d_model);
  read_size("n_heads", shape.n_heads);
  read_size("d_head", shape.d_head);
  read_size("d_mlp", shape.d_mlp);
  read_choice(json, "act_fn", act_fn_keys, shape.act_fn, in_object);
  read("attn_only", shape.attn_only);
  read("has_biases", shape.has_biases);
  read("mlp_biases_alone", shape.mlp_biases_alone);
  read("has_layer_norm", shape.has_layer_norm);
  read("doubled_residual", shape.doubled_residual);
  read_choice(json, "positions", position_keys, shape.positions, in_object);
  read("equals_logit", config.equals_logit);
  read_choice(json, "init", transformer_inits, config.transformer_init, in_object);
}

inline void check_task(RunConfig const& config, std::string const& where) {
  if (config.task == "composition") return;
  std::vector<std::string_view> names{"composition"};
  // One by one: g++ 12 takes an inserted range for one that overlaps (-Warray-bounds).
  for (std::string_view name : modular_operations) names.push_back(name);
  for (std::string_view name : sequence_tasks) names.push_back(name);
  const bool known = std::find(names.begin(), names.end(), config.task) != names.end();
  require(known, where, ": key \"task\": \"", config.task, "\" is not supported", name_suggestion(config.task, names));
  if (config.is_sequence_task()) {
    require(config.model == "Transformer", where, ": key \"model\": task ", config.task,
            " is for a Transformer, found ", config.model);
    return;
  }
  require(config.group == "CyclicGroup", where, ": key \"task\": ", config.task, " is modular arithmetic, for group ",
          "CyclicGroup, found ", config.group);
}

inline Json transformer_json(RunConfig const& config) {
  TransformerShape const& shape = config.transformer;
  Json json;
  json["n_layers"] = shape.n_layers;
  json["d_model"] = shape.d_model;
  json["n_heads"] = shape.n_heads;
  json["d_head"] = shape.d_head;
  json["d_mlp"] = shape.d_mlp;
  json["act_fn"] = choice_name(act_fn_keys, shape.act_fn);
  json["attn_only"] = shape.attn_only;
  json["has_biases"] = shape.has_biases;
  json["mlp_biases_alone"] = shape.mlp_biases_alone;
  json["has_layer_norm"] = shape.has_layer_norm;
  json["doubled_residual"] = shape.doubled_residual;
  json["positions"] = choice_name(position_keys, shape.positions);
  json["equals_logit"] = config.equals_logit;
  json["init"] = choice_name(transformer_inits, config.transformer_init);
  return json;
}

}  // namespace detail

/// The configuration in `json`; `where` names the file in messages.
/// Errors: `Error` naming the file and the key: unknown (with near keys), missing, or of the wrong type or range.
inline RunConfig parse_config(Json const& json, std::string const& where) {
  detail::check_config_keys(json, "", where);
  RunConfig config;
  config.task = key_or(json, "task", config.task, where);
  if (!config.is_sequence_task()) {
    config.group = require_key<std::string>(json, "group", where);
    config.group_parameter = require_key<Json>(json, "group_parameter", where);
  }
  config.model = require_key<std::string>(json, "model", where);
  static constexpr std::array<std::string_view, 3> models{"OneLayerMLP", "BilinearNet", "Transformer"};
  const bool known_model = std::find(models.begin(), models.end(), config.model) != models.end();
  require(known_model, where, ": key \"model\": \"", config.model, "\" is not supported",
          name_suggestion(config.model, models));
  const bool mlp = config.model == "OneLayerMLP";

  const bool transformer = config.model == "Transformer";
  if (!transformer || json.contains("layers")) {
    const Json layers = require_key<Json>(json, "layers", where);
    detail::check_config_keys(layers, "layers.", where);
    const std::string in_layers = where + ": layers";
    config.embed_dim = require_key<Index>(layers, "embed_dim", in_layers);
    if (mlp || layers.contains("hidden_dim")) config.hidden_dim = require_key<Index>(layers, "hidden_dim", in_layers);
    config.hidden_bias = key_or(layers, "hidden_bias", config.hidden_bias, in_layers);
  }
  if (json.contains("transformer")) detail::parse_transformer(json["transformer"], where, config);
  detail::check_task(config, where);
  const bool sequences = config.is_sequence_task();
  require(sequences || !json.contains("sequences"), where, ": key \"sequences\" is none of task ", config.task);
  if (sequences) parse_sequences(json.value("sequences", Json::object()), where, config.task, config.sequences);
  detail::read_choice(json, "split", detail::split_names, config.split, where);

  if (!sequences) config.frac_train = require_key<double>(json, "frac_train", where);
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
  read("epoch_batches", config.training.epoch_batches, 0, no_limit, "at least 0");
  read("eval_examples", config.training.eval_examples, 0, no_limit, "at least 0");
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
  in_range(transformer || config.embed_dim >= 1, "layers.embed_dim", "at least 1", config.embed_dim);
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
  json["task"] = config.task;
  if (config.is_sequence_task()) {
    json["sequences"] = sequences_json(config.task, config.sequences, config.seed);
  } else {
    json["group"] = config.group;
    json["group_parameter"] = config.group_parameter;
  }
  json["model"] = config.model;
  if (config.model == "Transformer") {
    json["transformer"] = detail::transformer_json(config);
  } else {
    json["layers"]["embed_dim"] = config.embed_dim;
    if (config.hidden_dim > 0) json["layers"]["hidden_dim"] = config.hidden_dim;
    json["layers"]["hidden_bias"] = config.hidden_bias;
  }
  if (!config.is_sequence_task()) {
    json["frac_train"] = config.frac_train;
    json["split"] = detail::choice_name(detail::split_names, config.split);
  }
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
  json["epoch_batches"] = config.training.epoch_batches;
  json["eval_examples"] = config.training.eval_examples;
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
