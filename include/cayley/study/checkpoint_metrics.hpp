/// The development of a run: published metrics at every checkpoint.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/core/thread_pool.hpp>
#include <cayley/interpret/representation_metrics.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/study/explain.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/run_network.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// The columns of the published `metrics.csv`, in their order.
inline std::vector<std::string> checkpoint_metric_names(StudyGroup const& group) {
  std::vector<std::string> names{"epoch", "train_loss", "test_loss", "train_acc", "test_acc", "all_loss"};
  for (Index i : group.listed) {
    const std::string rep = group.irreps()[i].label() + "_rep";
    if (i != 0) {
      names.push_back("logit_" + rep + "_trace_similarity");
      names.push_back("logit_excluded_loss_" + rep);
      names.push_back("logit_restricted_loss_" + rep);
    }
    for (char const* name : {"percent_x_embed_", "percent_y_embed_", "percent_unembed_", "percent_hidden_",
                             "hidden_excluded_loss_", "hidden_restricted_loss_"}) {
      names.push_back(name + rep);
    }
  }
  for (char const* name : {"percent_logits_explained", "total_logit_excluded_loss", "total_logit_restricted_loss",
                           "total_hidden_excluded_loss", "total_hidden_restricted_loss",
                           "test_loss_restricted_loss_ratio", "sum_of_squared_weights"}) {
    names.push_back(name);
  }
  return names;
}

/// The values of those columns. `percent_hidden_R_rep` is n ||P_R M||^2 / ||h||^2, with h not centred.
inline std::vector<double> checkpoint_metric_values(std::int64_t epoch, RepresentationMetrics const& m) {
  std::vector<double> values{static_cast<double>(epoch), m.train_loss,    m.test_loss,
                             m.train_accuracy,           m.test_accuracy, m.all_loss};
  for (Index i : m.listed) {
    IrrepMetrics const& r = m.irreps[static_cast<std::size_t>(i)];
    if (i != 0) values.insert(values.end(), {r.logit_similarity, r.logit_excluded_loss, r.logit_restricted_loss});
    const double hidden =
        i == 0 ? 1 - m.centred_hidden_power / m.hidden_power : r.hidden_xy * m.centred_hidden_power / m.hidden_power;
    values.insert(values.end(),
                  {r.x_embed, r.y_embed, r.unembed, hidden, r.hidden_excluded_loss, r.hidden_restricted_loss});
  }
  values.insert(values.end(), {m.logits_explained, m.total_logit_excluded_loss, m.total_logit_restricted_loss,
                               m.total_hidden_excluded_loss, m.total_hidden_restricted_loss,
                               m.test_loss / m.total_hidden_restricted_loss, m.sum_of_squared_weights});
  return values;
}

/// What the figures of a run's development show beside the published columns: the shares of the hidden layer.
inline std::vector<std::string> hidden_share_names(StudyGroup const& group) {
  std::vector<std::string> names{"percent_hidden_explained"};
  for (char const* name : {"percent_hidden_xy_", "percent_hidden_x_", "percent_hidden_y_"}) {
    for (Index i : group.listed) names.push_back(name + group.irreps()[i].label() + "_rep");
  }
  return names;
}

/// The values of those columns: shares of the centred hidden layer.
inline std::vector<double> hidden_share_values(RepresentationMetrics const& m) {
  std::vector<double> values{m.hidden_explained};
  for (double IrrepMetrics::*member : {&IrrepMetrics::hidden_xy, &IrrepMetrics::hidden_x, &IrrepMetrics::hidden_y}) {
    for (Index i : m.listed) values.push_back(m.irreps[static_cast<std::size_t>(i)].*member);
  }
  return values;
}

/// The metrics at every checkpoint of a run, a row each. The totals run over the same key irreps at every epoch: `key`
/// (names) if given, else those of the last checkpoint. `hidden_shares`: with those columns behind the published ones.
/// Errors: `Error` when there are no checkpoints, for an unknown name in `key` (with near names), and as `read_run`.
inline CsvTable checkpoint_metrics(StoredRun const& run, std::optional<std::vector<std::string>> const& key,
                                   int threads, bool hidden_shares = false) {
  const std::vector<std::int64_t> epochs = checkpoint_epochs(run.directory);
  require(!epochs.empty(), run.directory.string(), ": no checkpoints");
  std::vector<std::string> labels;
  for (Irrep const& irrep : run.group.irreps()) labels.push_back(irrep.label());
  RepresentationMetricsOptions options;
  options.listed = run.group.listed;
  const auto metrics_at = [&](std::int64_t epoch) {
    const auto file = run.directory / "checkpoints" / (std::to_string(epoch) + ".safetensors");
    const PairNetwork network = run_network(read_safetensors(file), run.config, run.group, run.order);
    return representation_metrics(network, run.group.table, run.group.basis, run.train, options);
  };
  if (key) {
    options.key.emplace();
    for (std::string const& name : *key) {
      const auto found = std::find(labels.begin(), labels.end(), name);
      require(found != labels.end(), run.group.name(), " has no irrep \"", name, "\"", name_suggestion(name, labels));
      options.key->push_back(static_cast<Index>(found - labels.begin()));
    }
  } else {
    options.key = metrics_at(epochs.back()).key;
  }
  CsvTable table{checkpoint_metric_names(run.group), {}};
  if (hidden_shares) {
    for (std::string& name : hidden_share_names(run.group)) table.columns.push_back(std::move(name));
  }
  table.rows.resize(epochs.size());
  ThreadPool(threads).run(static_cast<Index>(epochs.size()), [&](Index i, int) {
    const std::int64_t epoch = epochs[static_cast<std::size_t>(i)];
    const RepresentationMetrics metrics = metrics_at(epoch);
    std::vector<double>& row = table.rows[static_cast<std::size_t>(i)];
    row = checkpoint_metric_values(epoch, metrics);
    if (!hidden_shares) return;
    const std::vector<double> shares = hidden_share_values(metrics);
    row.insert(row.end(), shares.begin(), shares.end());
  });
  return table;
}

}  // namespace cayley
