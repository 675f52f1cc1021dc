/// The explanation of a run directory: from its files to metrics and neurons.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/interpret/hidden_means.hpp>
#include <cayley/interpret/neurons.hpp>
#include <cayley/interpret/representation_metrics.hpp>
#include <cayley/interpret/sampled_metrics.hpp>
#include <cayley/io/json.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/run_network.hpp>
#include <cayley/study/study_group.hpp>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// A run directory read and checked: `cfg.json`, the weights and, where there is one, `elements.json`.
struct StoredRun {
  std::filesystem::path directory;
  RunConfig config;
  StudyGroup group;
  std::vector<Element> order;  ///< the element that each index of the data stands for
  bool order_given = false;    ///< whether a file said so
  PairNetwork network;
  TrainingSet train;
  std::optional<Transformer<Cpu, double>> transformer;  ///< the network, where it is one
};

/// Reads a run directory. `elements`: a file with the element order of the data; default `elements.json` in the
/// directory, else the library's own order. A transformer without `cfg.json` is taken for one on modular addition. The
/// training set is that of `split.safetensors`, where there is one, else the published split; without `cfg.json`, all
/// pairs.
/// Errors: `Error` naming the file and what is wrong with it.
inline StoredRun read_run(std::filesystem::path const& directory, std::optional<std::filesystem::path> elements = {}) {
  require(std::filesystem::is_directory(directory), directory.string(), ": expected a run directory, found ",
          std::filesystem::exists(directory) ? "a file" : "nothing");
  const std::filesystem::path config_file = directory / "cfg.json";
  const bool has_config = std::filesystem::exists(config_file);
  TensorFile file;
  if (!has_config && std::filesystem::exists(directory / "model.safetensors")) {
    file = read_safetensors(directory / "model.safetensors");
  }
  RunConfig config = file.contains("embed.W_E") ? modular_config(file) : read_config(config_file);
  require(!config.is_sequence_task(), config_file.string(), ": key \"task\": explained are tasks with a group, found ",
          config.task);
  StudyGroup group = study_group(config, directory, config_file.string());
  if (has_config) file = read_safetensors(latest_weights(directory).file);
  StoredRun run{directory, std::move(config), std::move(group), {}, false, {}, {}, {}};
  if (!elements && std::filesystem::exists(directory / "elements.json")) elements = directory / "elements.json";
  run.order_given = elements.has_value();
  run.order = elements ? read_element_order(*elements, run.group) : own_element_order(run.group);
  if (run.config.model == "Transformer") {
    run.transformer = run_transformer(file, run.group, run.order);
    run.network = pair_network(*run.transformer);
  } else {
    run.network = run_network(file, run.config, run.group, run.order);
  }
  const std::filesystem::path split = directory / "split.safetensors";
  run.train = std::filesystem::exists(split) ? stored_training_set(read_safetensors(split), run.group.table.order())
                                             : run_training_set(run.config, run.order);
  return run;
}

/// What `explain` finds.
struct Explanation {
  RepresentationMetrics metrics;
  std::vector<std::vector<Index>> neurons;           ///< by irrep: the living neurons with most of their power in it
  std::vector<Index> dead;                           ///< neurons that no input moves
  std::optional<RepresentationMetrics> errors = {};  ///< standard errors, where losses are those of a sample
};

/// Metrics and neuron clusters of a run. `all_irreps`: totals run over all irreps instead of the published list. `sample`:
/// losses over pairs from a sample, for large groups, see `sampled_representation_metrics`.
/// Errors: `Error` when the network is no better than chance and no element order was given: published data order
///         the elements of permutation groups otherwise.
inline Explanation explain(StoredRun const& run, bool all_irreps = false, std::optional<PairSample> sample = {}) {
  RepresentationMetricsOptions options;
  if (!all_irreps) options.listed = run.group.listed;
  Explanation result;
  if (sample) {
    SampledRepresentationMetrics found =
        sampled_representation_metrics(run.network, run.group.table, run.group.basis, run.train, *sample, options);
    result.metrics = std::move(found.metrics);
    result.errors = std::move(found.errors);
  } else {
    result.metrics = representation_metrics(run.network, run.group.table, run.group.basis, run.train, options);
  }
  const double chance = 1 / static_cast<double>(run.group.table.order());
  const double accuracy = std::max(result.metrics.train_accuracy, result.metrics.test_accuracy);
  require(run.order_given || run.group.degree == 0 || !(accuracy < 5 * chance), run.directory.string(), ": accuracy ",
          accuracy, " is at chance level, so the elements of ", run.group.name(),
          " are probably in another order than the library's; give the order of the data with --elements "
          "FILE, or as "
          "elements.json in the directory (a list of image arrays)");

  Matrix<double> left, right;  // (irreps, neurons)
  if (run.network.direct) {
    // A transformer's embedding has a column for each dimension of its residual stream, not for each neuron.
    const HiddenMeans means = hidden_means(run.network, run.group.table);
    const auto power = [&](Matrix<double> const& m) -> Matrix<double> {
      const Matrix<double> centred = m.rowwise() - means.overall;
      return static_cast<double>(m.rows()) * isotypic_power_by_column(run.group.basis, centred);
    };
    left = power(means.by_left);
    right = power(means.by_right);
  } else {
    left = isotypic_power_by_column(run.group.basis, run.network.left_embedding);
    right = isotypic_power_by_column(run.group.basis, run.network.right_embedding);
  }
  result.dead = dead_neurons(left, right);
  result.neurons.resize(static_cast<std::size_t>(run.group.irreps().size()));
  const auto main = main_irreps(left + right);
  for (std::size_t k = 0; k < main.size(); ++k) {
    const auto neuron = static_cast<Index>(k);
    const bool dead = std::find(result.dead.begin(), result.dead.end(), neuron) != result.dead.end();
    if (!dead) result.neurons[static_cast<std::size_t>(main[k].irrep)].push_back(neuron);
  }
  return result;
}

/// The metrics under their published keys, in published order. A loss over no pairs is null.
/// Ref: `summary_metrics.json` of Chughtai et al. 2023.
inline Json summary_metrics(Explanation const& explanation, StoredRun const& run, bool all_irreps = false) {
  RepresentationMetrics const& m = explanation.metrics;
  Json json;
  const auto put = [&](std::string const& key, double value) {
    if (std::isfinite(value)) {
      json[key] = value;
    } else {
      json[key] = nullptr;
    }
  };
  put("train_loss", m.train_loss);
  put("test_loss", m.test_loss);
  put("train_acc", m.train_accuracy);
  put("test_acc", m.test_accuracy);
  put("all_loss", m.all_loss);
  for (Index i = 0; i < run.group.irreps().size(); ++i) {
    const bool listed = std::find(m.listed.begin(), m.listed.end(), i) != m.listed.end();
    if (!listed && !all_irreps) continue;
    IrrepMetrics const& r = m.irreps[static_cast<std::size_t>(i)];
    const std::string rep = run.group.irreps()[i].label() + "_rep";
    if (i != 0) {
      put("logit_" + rep + "_trace_similarity", r.logit_similarity);
      put("logit_excluded_loss_" + rep, r.logit_excluded_loss);
      put("logit_restricted_loss_" + rep, r.logit_restricted_loss);
    }
    put("percent_x_embed_" + rep, r.x_embed);
    put("percent_y_embed_" + rep, r.y_embed);
    put("percent_unembed_" + rep, r.unembed);
    put("percent_hidden_x_" + rep, r.hidden_x);
    put("percent_hidden_y_" + rep, r.hidden_y);
    put("percent_hidden_xy_" + rep, r.hidden_xy);
    put("total_percent_hidden_" + rep, r.total_hidden());
    put("hidden_excluded_loss_" + rep, r.hidden_excluded_loss);
    put("hidden_restricted_loss_" + rep, r.hidden_restricted_loss);
  }
  put("percent_logits_explained", m.logits_explained);
  put("total_logit_excluded_loss", m.total_logit_excluded_loss);
  put("total_logit_restricted_loss", m.total_logit_restricted_loss);
  put("total_hidden_excluded_loss", m.total_hidden_excluded_loss);
  put("total_hidden_restricted_loss", m.total_hidden_restricted_loss);
  put("test_loss_restricted_loss_ratio", m.test_loss / m.total_hidden_restricted_loss);
  put("sum_of_squared_weights", m.sum_of_squared_weights);
  put("percent_hidden_explained", m.hidden_explained);
  put("percent_hidden_xy_explained", m.hidden_xy_explained);
  put("percent_x_embed_explained", m.x_embed_explained);
  put("percent_y_embed_explained", m.y_embed_explained);
  put("percent_unembed_explained", m.unembed_explained);
  put("epoch", static_cast<double>(run.config.num_epochs));
  return json;
}

/// The standard errors of an explanation from a sample, under the keys of what they belong to; nothing for exact values.
/// Errors: `Error` for an explanation from all pairs.
inline Json standard_errors(Explanation const& explanation, StoredRun const& run, bool all_irreps = false) {
  require(explanation.errors.has_value(), "standard errors: the explanation is from all pairs");
  Json json = Json::object();
  const Json all = summary_metrics({*explanation.errors, {}, {}}, run, all_irreps);
  for (auto const& item : all.items()) {
    const bool is_error = item.key() != "epoch" && item.key() != "test_loss_restricted_loss_ratio";
    if (is_error && item.value().is_number() && item.value().get<double>() > 0) json[item.key()] = item.value();
  }
  return json;
}

/// The names of the key irreps, one a line.
inline std::string key_reps_text(Explanation const& explanation, StoredRun const& run) {
  std::string text;
  for (Index i : explanation.metrics.key) text += run.group.irreps()[i].label() + "\n";
  return text;
}

/// Irrep name to the list of its neurons, for every irrep with neurons, and `dead`.
inline Json neurons_json(Explanation const& explanation, StoredRun const& run) {
  Json json = Json::object();
  for (Index i = 0; i < run.group.irreps().size(); ++i) {
    auto const& neurons = explanation.neurons[static_cast<std::size_t>(i)];
    if (!neurons.empty()) json[run.group.irreps()[i].label()] = neurons;
  }
  json["dead"] = explanation.dead;
  return json;
}

}  // namespace cayley
