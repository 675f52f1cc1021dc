/// The progress measures of a transformer at every checkpoint of its run.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/thread_pool.hpp>
#include <cayley/interpret/neuron_clusters.hpp>
#include <cayley/interpret/spectra.hpp>
#include <cayley/interpret/transformer_activations.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/study/explain.hpp>
#include <cayley/study/modular_addition.hpp>
#include <cayley/study/modular_addition_metrics.hpp>
#include <cayley/study/run_directory.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace cayley {

/// The analysis of a run's transformer, see `modular_addition`.
/// Errors: `Error` when the run has another model.
inline ModularAddition run_analysis(StoredRun const& run) {
  require(run.transformer.has_value(), run.directory.string(), ": expected a transformer, found ", run.config.model);
  return modular_addition(*run.transformer, run.group.table, run.group.basis, run.train);
}

/// A transformer at every checkpoint of its run.
struct ModularAdditionDevelopment {
  NeuronClusters clusters;                         ///< of the trained network: it and its key irreps measure them all
  std::vector<std::int64_t> epochs;                ///< of the checkpoints
  std::vector<ModularAdditionSnapshot> snapshots;  ///< one for each
};

/// Errors: `Error` when the run has another model or no checkpoints, and as `read_run`.
/// Ref: Nanda et al., Progress measures for grokking via mechanistic interpretability (2023), section 5.
inline ModularAdditionDevelopment modular_addition_development(StoredRun const& run, int threads) {
  require(run.transformer.has_value(), run.directory.string(), ": expected a transformer, found ", run.config.model);
  ModularAdditionDevelopment result{{}, checkpoint_epochs(run.directory), {}};
  require(!result.epochs.empty(), run.directory.string(), ": no checkpoints");
  result.clusters = neuron_clusters(explained_neurons(
      pair_power(run.group.basis, transformer_activations(pair_transformer(*run.transformer)).hidden)));
  result.snapshots.resize(result.epochs.size());
  ThreadPool(threads).run(static_cast<Index>(result.epochs.size()), [&](Index i, int) {
    const auto at = static_cast<std::size_t>(i);
    const auto file = run.directory / "checkpoints" / (std::to_string(result.epochs[at]) + ".safetensors");
    const auto model = run_transformer(read_safetensors(file), run.group, run.order);
    result.snapshots[at] =
        modular_addition_snapshot(model, run.group.table, run.group.basis, run.train, result.clusters);
  });
  return result;
}

/// The measures of every snapshot, a row each.
inline CsvTable measures_table(ModularAdditionDevelopment const& development) {
  CsvTable table;
  for (std::size_t i = 0; i < development.epochs.size(); ++i) {
    add_row(table, development.epochs[i], development.snapshots[i].measures);
  }
  return table;
}

/// `modular_addition_metrics` at every checkpoint, a row each; clusters and key irreps are those of the trained network.
/// Errors: as `modular_addition_development`.
inline CsvTable progress_measures(StoredRun const& run, int threads) {
  return measures_table(modular_addition_development(run, threads));
}

}  // namespace cayley
