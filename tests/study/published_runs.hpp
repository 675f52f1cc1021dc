/// The published networks on group composition.
#pragma once

#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <cayley/study/explain.hpp>

#include "reference.hpp"

namespace cayley::testing {

inline constexpr std::array<char const*, 15> published_runs{
    "A5_MLP_seed1", "C113_MLP_seed1", "C118_MLP_seed1", "D59_MLP_seed1", "S5_MLP_hidden_dim_32_seed1",
    "S5_MLP_seed1", "S5_MLP_seed2",   "S5_MLP_seed3",   "S5_MLP_seed4",  "S6_MLP_seed1",
    "A5_T_seed1",   "C113_T_seed1",   "D59_T_seed1",    "S5_T_seed1",    "S5_T_seed2"};

/// The published element order of a run's group, where it differs from the library's.
inline std::optional<std::filesystem::path> published_elements(std::string const& run) {
  const auto group = run.substr(0, run.find('_'));
  if (group[0] != 'S' && group[0] != 'A') return std::nullopt;
  return reference_file("elements_" + group + ".json");
}

inline StoredRun published_run(std::string const& name) {
  return read_run(reference_file("runs/" + name + "/cfg.json").parent_path(), published_elements(name));
}

/// Every published metric of a run, within 5e-7 + 1e-5 of its value; the ratio of two losses within 0.5 %.
inline void check_published_metrics(Json const& found, std::string const& run) {
  const Json expected = read_json(reference_file("runs/" + run + "/exact_metrics.json"));
  BOOST_TEST(expected.size() > 50u);
  for (auto const& item : expected.items()) {
    const auto reference = item.value().get<double>();
    const bool ratio = item.key() == "test_loss_restricted_loss_ratio";
    const double tolerance = ratio ? 5e-3 * std::abs(reference) : 5e-7 + 1e-5 * std::abs(reference);
    const double value = found.at(item.key()).get<double>();
    BOOST_TEST(std::abs(value - reference) <= tolerance, item.key() << ": " << value << ", expected " << reference);
  }
}

/// The key irreps of a run, as recomputed with true characters.
inline std::vector<std::string> published_key_irreps(std::string const& run) {
  return read_json(reference_file("runs/index.json")).at(run).at("key_reps_exact").get<std::vector<std::string>>();
}

}  // namespace cayley::testing
