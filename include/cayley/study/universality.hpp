/// The universality tables: what each run of a study learned, means over seeds, and how often each irrep was learned.
/// Ref: Chughtai et al. 2023, A Toy Model of Universality, tables 1 to 5.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/core/error.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/io/json.hpp>
#include <cayley/study/checkpoint_metrics.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/explain.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/sweep_plan.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// A column of the tables: a published key, and what it is called.
struct UniversalityColumn {
  char const* key;
  char const* title;
  bool is_share;  ///< between 0 and 1
};

inline constexpr std::array<UniversalityColumn, 9> universality_columns{{
    {"percent_x_embed_explained", "W_a", true},
    {"percent_y_embed_explained", "W_b", true},
    {"percent_unembed_explained", "W_U", true},
    {"percent_hidden_explained", "hidden", true},
    {"percent_hidden_xy_explained", "rho(ab)", true},
    {"percent_logits_explained", "logits", true},
    {"test_loss", "test loss", false},
    {"total_logit_excluded_loss", "excluded loss", false},
    {"total_logit_restricted_loss", "restricted loss", false},
}};

/// A run in the tables. Values that are not known are NaN.
struct RunRecord {
  std::string name;
  RunConfig config;
  std::int64_t epochs = 0;                ///< trained
  bool has_log = false;                   ///< whether it is known when it grokked
  std::optional<std::int64_t> grokked;    ///< see `grokking_epoch`
  std::map<std::string, double> metrics;  ///< by published key
  std::vector<std::string> key_irreps;    ///< in the order of learning, where that is known
  bool order_known = false;               ///< whether checkpoints told the order of learning

  double metric(std::string const& key) const {
    const auto found = metrics.find(key);
    return found == metrics.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
  }
};

/// Key irreps in the order in which a run learned them: each epoch of a table of metrics adds at most one, the first in
/// listed order whose logit similarity is above 0.05 there; those that never get so far follow in listed order.
/// Errors: `Error` naming a column that the table lacks.
inline std::vector<std::string> learning_order(CsvTable const& metrics, std::vector<std::string> const& key_irreps) {
  std::vector<std::vector<double>> similarity;
  for (std::string const& irrep : key_irreps) {
    similarity.push_back(metrics.column("logit_" + irrep + "_rep_trace_similarity"));
  }
  std::vector<std::string> order;
  const auto missing = [&](std::string const& irrep) {
    return std::find(order.begin(), order.end(), irrep) == order.end();
  };
  for (std::size_t row = 0; row < metrics.rows.size(); ++row) {
    for (std::size_t k = 0; k < key_irreps.size(); ++k) {
      if (!missing(key_irreps[k]) || !(similarity[k][row] > 0.05)) continue;
      order.push_back(key_irreps[k]);
      break;
    }
  }
  for (std::string const& irrep : key_irreps) {
    if (missing(irrep)) order.push_back(irrep);
  }
  return order;
}

namespace detail {

inline std::map<std::string, double> numbers_of(Json const& json) {
  std::map<std::string, double> numbers;
  for (auto const& item : json.items()) {
    if (item.value().is_number()) numbers[item.key()] = item.value().get<double>();
  }
  return numbers;
}

}  // namespace detail

/// What a run directory on a group tells. The order of learning is that of its `metrics.csv`; where there is none and the
/// run has checkpoints, that file is written, as `explain --checkpoints` does.
/// Errors: `Error` as `read_run` and `explain`.
inline RunRecord run_record(std::filesystem::path const& directory, int threads = 1) {
  const StoredRun run = read_run(directory);
  const Explanation explanation = explain(run);
  RunRecord record{directory.filename().string(), run.config, run.config.num_epochs, false, {}, {}, {}, false};
  record.metrics = detail::numbers_of(summary_metrics(explanation, run));
  for (Index i : explanation.metrics.key) record.key_irreps.push_back(run.group.irreps()[i].label());
  if (std::filesystem::exists(directory / "log.csv")) {
    const CsvTable log = read_growing_csv(directory / "log.csv");
    const std::vector<double> epochs = log.column("epoch");
    if (const auto epoch = grokked_epoch(log)) record.grokked = static_cast<std::int64_t>(*epoch);
    record.has_log = true;
    if (!epochs.empty()) record.epochs = static_cast<std::int64_t>(epochs.back()) + 1;
  }
  const std::filesystem::path file = directory / "metrics.csv";
  if (!std::filesystem::exists(file) && !checkpoint_epochs(directory).empty()) {
    write_csv(file, checkpoint_metrics(run, {}, threads));
  }
  if (std::filesystem::exists(file)) {
    record.key_irreps = learning_order(read_csv(file), record.key_irreps);
    record.order_known = true;
  }
  return record;
}

/// A published run: `cfg.json`, and `exact_metrics.json` or else `summary_metrics.json`; key irreps are those with a logit
/// similarity above 0.005, in the order of the file.
/// Errors: `Error` naming the file that is missing or broken.
inline RunRecord published_record(std::filesystem::path const& directory) {
  RunRecord record{directory.filename().string(), read_config(directory / "cfg.json"), 0, false, {}, {}, {}, false};
  record.epochs = record.config.num_epochs;
  const bool exact = std::filesystem::exists(directory / "exact_metrics.json");
  const Json json = read_json(directory / (exact ? "exact_metrics.json" : "summary_metrics.json"));
  record.metrics = detail::numbers_of(json);
  const std::string before = "logit_", after = "_rep_trace_similarity";
  for (auto const& item : json.items()) {
    std::string const& key = item.key();
    if (!key.starts_with(before) || !key.ends_with(after) || !(record.metric(key) > 0.005)) continue;
    record.key_irreps.push_back(key.substr(before.size(), key.size() - before.size() - after.size()));
  }
  return record;
}

/// Runs that differ in their seeds alone, in the order of their first ones.
struct Setting {
  std::string name;  ///< S5 OneLayerMLP, with the keys in which settings of this subject and model differ
  std::vector<std::size_t> runs;
};

/// The settings of some runs.
inline std::vector<Setting> settings(std::vector<RunRecord> const& records) {
  const auto stem = [&](std::size_t i) { return subject_name(records[i].config) + " " + records[i].config.model; };
  std::vector<std::map<std::string, Json>> flat;
  std::map<std::string, std::vector<std::size_t>> by_stem;
  for (std::size_t i = 0; i < records.size(); ++i) {
    flat.push_back(detail::flat_config(config_json(records[i].config)));
    for (char const* ignored : {"seed", "sequences.seed", "extra_name"}) flat.back().erase(ignored);
    by_stem[stem(i)].push_back(i);
  }
  std::map<std::string, std::vector<std::string>> differing;
  for (auto const& [name, members] : by_stem) {
    std::vector<std::map<std::string, Json>> configs;
    for (std::size_t i : members) configs.push_back(flat[i]);
    differing[name] = detail::differing_keys(configs);
  }
  std::vector<Setting> result;
  for (std::size_t i = 0; i < records.size(); ++i) {
    std::string name = stem(i);
    for (std::string const& key : differing[stem(i)]) {
      const auto found = flat[i].find(key);
      if (found == flat[i].end()) continue;
      name += " " + key.substr(key.find('.') == std::string::npos ? 0 : key.find('.') + 1) + " " +
              detail::name_part(found->second);
    }
    auto setting = std::find_if(result.begin(), result.end(), [&](Setting const& s) { return s.name == name; });
    if (setting == result.end()) setting = result.insert(result.end(), Setting{name, {}});
    setting->runs.push_back(i);
  }
  return result;
}

/// The mean of a published key over some runs; runs in which it is not known do not count, NaN where none is left.
inline double mean_metric(std::vector<RunRecord> const& records, std::vector<std::size_t> const& runs,
                          std::string const& key) {
  double sum = 0, count = 0;
  for (std::size_t i : runs) {
    const double value = records[i].metric(key);
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

/// A share of some trials, with the 95 % interval of Wilson.
struct BinomialShare {
  std::size_t successes, trials;
  double low, high;
};

/// Ref: Wilson 1927, Probable inference, the law of succession, and statistical inference.
inline BinomialShare binomial_share(std::size_t successes, std::size_t trials) {
  require(successes <= trials && trials > 0, "binomial share: ", successes, " of ", trials, " trials");
  constexpr double z = 1.959963984540054;
  const auto n = static_cast<double>(trials), p = static_cast<double>(successes) / n;
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {successes, trials, successes == 0 ? 0 : centre - half, successes == trials ? 1 : centre + half};
}

/// How often each irrep is among the key irreps of some runs: those that ever are, most frequent first, then by name.
inline std::vector<std::pair<std::string, BinomialShare>> irrep_frequencies(std::vector<RunRecord> const& records,
                                                                            std::vector<std::size_t> const& runs) {
  std::map<std::string, std::size_t> counts;
  for (std::size_t i : runs) {
    for (std::string const& irrep : records[i].key_irreps) ++counts[irrep];
  }
  std::vector<std::pair<std::string, BinomialShare>> result;
  for (auto const& [irrep, count] : counts) result.emplace_back(irrep, binomial_share(count, runs.size()));
  std::stable_sort(result.begin(), result.end(),
                   [](auto const& a, auto const& b) { return a.second.successes > b.second.successes; });
  return result;
}

}  // namespace cayley
