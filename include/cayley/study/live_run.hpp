/// A run that may be in training, looked at again and again: its log, and what its checkpoints say of the irreps.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/interpret/representation_metrics.hpp>
#include <cayley/interpret/spectra.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/study/explain.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/run_network.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace cayley {

/// The log of a run that another process may be writing. A resume takes rows away.
class LiveLog {
 public:
  explicit LiveLog(std::filesystem::path const& directory) : file_(directory / "log.csv") {}

  /// Reads the log again if it was written since. Returns whether it was.
  /// Errors: `Error` as `read_growing_csv` when it is broken; the table is then as before.
  bool refresh() {
    std::error_code none;
    const Stamp stamp{std::filesystem::last_write_time(file_, none), std::filesystem::file_size(file_, none)};
    if (none || stamp == stamp_) return false;
    table_ = read_growing_csv(file_);
    stamp_ = stamp;
    return true;
  }

  /// Whole rows; nothing at all before the run has logged.
  CsvTable const& table() const { return table_; }

 private:
  using Stamp = std::pair<std::filesystem::file_time_type, std::uintmax_t>;

  std::filesystem::path file_;
  Stamp stamp_{};
  CsvTable table_;
};

/// The checkpoints of a run on a group, each measured once. A resume takes checkpoints away and writes others.
class LiveCheckpoints {
 public:
  explicit LiveCheckpoints(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Measures new checkpoints, the latest first, until `budget` is over, but at least one. Returns whether there is
  /// something new, or something less.
  /// Errors: `Error` as `read_run`. A checkpoint that cannot be read is left out, see `problems`.
  bool refresh(std::chrono::milliseconds budget) {
    const auto end = std::chrono::steady_clock::now() + budget;
    std::map<std::int64_t, std::filesystem::file_time_type> found;
    for (std::int64_t epoch : checkpoint_epochs(directory_)) {
      std::error_code gone;
      const auto time = std::filesystem::last_write_time(checkpoint(epoch), gone);
      if (!gone) found[epoch] = time;
    }
    bool changed = std::erase_if(measured_, [&](auto const& entry) {
                     const auto there = found.find(entry.first);
                     return there == found.end() || there->second != entry.second.time;
                   }) != 0;
    if (!run_ && !found.empty()) run_ = read_run(directory_);
    for (auto entry = found.rbegin(); entry != found.rend(); ++entry) {
      if (measured_.contains(entry->first)) continue;
      measured_[entry->first] = measure(entry->first, entry->second);
      changed = true;
      if (std::chrono::steady_clock::now() >= end) break;
    }
    return changed;
  }

  /// The cosine between the logits and the character of each listed irrep: columns `epoch` and
  /// `logit_<irrep>_rep_trace_similarity`, a row for each measured checkpoint; without columns before the first.
  CsvTable similarities() const {
    CsvTable table;
    if (!run_) return table;
    table.columns.push_back("epoch");
    for (Index i : run_->group.listed) {
      if (i != 0) table.columns.push_back("logit_" + run_->group.irreps()[i].label() + "_rep_trace_similarity");
    }
    for (auto const& [epoch, measures] : measured_) {
      if (!measures.problem.empty()) continue;
      std::vector<double> row{static_cast<double>(epoch)};
      row.insert(row.end(), measures.similarity.begin(), measures.similarity.end());
      table.rows.push_back(std::move(row));
    }
    return table;
  }

  /// The listed irreps but the trivial one, by their similarity at the latest measured checkpoint, the largest first.
  std::vector<std::string> irreps_by_similarity() const {
    std::vector<std::pair<double, std::string>> irreps;
    Measures const* const last = latest();
    if (last == nullptr) return {};
    std::size_t place = 0;
    for (Index i : run_->group.listed) {
      if (i != 0) irreps.emplace_back(last->similarity[place++], run_->group.irreps()[i].label());
    }
    std::stable_sort(irreps.begin(), irreps.end(), [](auto const& a, auto const& b) { return a.first > b.first; });
    std::vector<std::string> names;
    for (auto& [similarity, name] : irreps) names.push_back(std::move(name));
    return names;
  }

  /// Squared norm of the embeddings along each basis function, at a checkpoint.
  struct Spectrum {
    std::int64_t epoch;
    FourierBasis<double> const& basis;  ///< the run's: lives as long as its `LiveCheckpoints`
    Vector<double> left, right;         ///< one and the same where both operands share an embedding
  };

  /// The spectrum of the latest measured checkpoint; nullopt before there is one.
  std::optional<Spectrum> spectrum() const {
    Measures const* const last = latest();
    if (last == nullptr) return std::nullopt;
    return Spectrum{last->epoch, run_->group.basis, last->left, last->right};
  }

  /// Why checkpoints were left out, a sentence each.
  std::vector<std::string> problems() const {
    std::vector<std::string> sentences;
    for (auto const& [epoch, measures] : measured_) {
      if (!measures.problem.empty()) sentences.push_back(measures.problem);
    }
    return sentences;
  }

 private:
  struct Measures {
    std::int64_t epoch = 0;
    std::filesystem::file_time_type time;
    std::vector<double> similarity = {};  ///< by listed irrep but the trivial one
    Vector<double> left = {}, right = {};
    std::string problem = {};
  };

  std::filesystem::path checkpoint(std::int64_t epoch) const {
    return directory_ / "checkpoints" / (std::to_string(epoch) + ".safetensors");
  }

  Measures measure(std::int64_t epoch, std::filesystem::file_time_type time) const {
    Measures result{epoch, time};
    try {
      const TensorFile file = read_safetensors(checkpoint(epoch));
      const PairNetwork network = run_network(file, run_->config, run_->group, run_->order);
      RepresentationMetricsOptions options;
      options.listed = run_->group.listed;
      const RepresentationMetrics metrics =
          representation_metrics(network, run_->group.table, run_->group.basis, run_->train, options);
      for (Index i : metrics.listed) {
        if (i != 0) result.similarity.push_back(metrics.irreps[static_cast<std::size_t>(i)].logit_similarity);
      }
      result.left = weight_spectrum(run_->group.basis, network.left_embedding);
      result.right = weight_spectrum(run_->group.basis, network.right_embedding);
    } catch (Error const& error) {
      result.problem = error.what();
    }
    return result;
  }

  /// The latest checkpoint that could be measured, or null.
  Measures const* latest() const {
    for (auto entry = measured_.rbegin(); entry != measured_.rend(); ++entry) {
      if (entry->second.problem.empty()) return &entry->second;
    }
    return nullptr;
  }

  std::filesystem::path directory_;
  std::optional<StoredRun> run_;
  std::map<std::int64_t, Measures> measured_;
};

}  // namespace cayley
