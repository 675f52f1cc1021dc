#include <cayley/interpret/sampled_metrics.hpp>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "slow_build.hpp"
#include "study/published_runs.hpp"

BOOST_AUTO_TEST_SUITE(sampled_metrics_test)

using namespace cayley;

namespace {

/// Every number of the metrics by name.
std::map<std::string, double> by_name(RepresentationMetrics const& m) {
  std::map<std::string, double> values{{"train_loss", m.train_loss},
                                       {"test_loss", m.test_loss},
                                       {"all_loss", m.all_loss},
                                       {"train_accuracy", m.train_accuracy},
                                       {"test_accuracy", m.test_accuracy},
                                       {"logits_explained", m.logits_explained},
                                       {"total_logit_excluded_loss", m.total_logit_excluded_loss},
                                       {"total_logit_restricted_loss", m.total_logit_restricted_loss},
                                       {"total_hidden_excluded_loss", m.total_hidden_excluded_loss},
                                       {"total_hidden_restricted_loss", m.total_hidden_restricted_loss},
                                       {"hidden_explained", m.hidden_explained},
                                       {"x_embed_explained", m.x_embed_explained},
                                       {"unembed_explained", m.unembed_explained}};
  for (std::size_t i = 0; i < m.irreps.size(); ++i) {
    const std::string irrep = " " + std::to_string(i);
    IrrepMetrics const& r = m.irreps[i];
    values["hidden_excluded_loss" + irrep] = r.hidden_excluded_loss;
    values["hidden_restricted_loss" + irrep] = r.hidden_restricted_loss;
    values["hidden_xy" + irrep] = r.hidden_xy;
    if (i == 0) continue;
    values["logit_similarity" + irrep] = r.logit_similarity;
    values["logit_excluded_loss" + irrep] = r.logit_excluded_loss;
    values["logit_restricted_loss" + irrep] = r.logit_restricted_loss;
  }
  return values;
}

}  // namespace

// A loss that few pairs among many make has a skewed distribution, and is missed more often than a normal one would be.
BOOST_AUTO_TEST_CASE(estimates_lie_within_three_standard_errors_of_the_exact_values,
                     *boost::unit_test::precondition(testing::reference_is_set)) {
  for (char const* name : {"S5_MLP_seed1", "S5_T_seed1"}) {
    const StoredRun run = testing::published_run(name);
    RepresentationMetricsOptions options;
    options.listed = run.group.listed;
    const auto exact =
        by_name(representation_metrics(run.network, run.group.table, run.group.basis, run.train, options));
    const bool transformer = std::string(name).find("_T_") != std::string::npos;
    const int repeats = testing::slow_build ? 5 : transformer ? 25 : 100;
    std::map<std::string, int> within;  // of what is sampled
    for (int i = 0; i < repeats; ++i) {
      const SampledRepresentationMetrics found = sampled_representation_metrics(
          run.network, run.group.table, run.group.basis, run.train, {4096, static_cast<std::uint64_t>(i + 1)}, options);
      const auto estimates = by_name(found.metrics), errors = by_name(found.errors);
      for (auto const& [key, value] : exact) {
        const double off = std::abs(estimates.at(key) - value), error = errors.at(key);
        if (error > 0) {
          within[key] += off <= 3 * error ? 1 : 0;
        } else if (i == 0) {
          BOOST_TEST(off <= 1e-9 * (1 + std::abs(value)), name << " " << key);
        }
      }
    }
    int all = 0;
    for (auto const& [key, count] : within) {
      BOOST_TEST(count >= 95 * repeats / 100, name << " " << key << ": " << count << " of " << repeats);
      all += count;
    }
    BOOST_TEST(within.size() > 15u);
    const auto estimates = static_cast<double>(within.size()) * repeats;
    BOOST_TEST(all >= 0.99 * estimates, name << ": " << all << " of " << estimates);
  }
}

BOOST_AUTO_TEST_CASE(mistakes, *boost::unit_test::precondition(testing::reference_is_set)) {
  const StoredRun run = testing::published_run("A5_MLP_seed1");
  BOOST_CHECK_THROW(sampled_representation_metrics(run.network, run.group.table, run.group.basis, run.train, {1, 0}),
                    Error);
  BOOST_CHECK_THROW(sampled_representation_metrics(run.network, run.group.table, run.group.basis, {}, {}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
