/// The published metrics of networks on large groups: losses from a sample of pairs, with their standard errors.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/core/random.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/interpret/losses.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cayley/interpret/representation_metrics.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace cayley {

/// Metrics, and the standard error of each: 0 where nothing was sampled.
struct SampledRepresentationMetrics {
  RepresentationMetrics metrics;
  RepresentationMetrics errors;  ///< `listed` and `key` as those of the metrics
};

/// How many pairs to draw, from the training pairs and from the others each, and with which seed.
struct PairSample {
  Index pairs = 4096;
  std::uint64_t seed = 0;
};

namespace detail {

/// Mean and standard error of numbers that come one at a time.
/// Ref: Welford 1962, Note on a method for calculating corrected sums of squares and products.
class RunningMean {
 public:
  void add(double value) {
    ++count_;
    const double before = value - mean_;
    mean_ += before / count_;
    squares_ += before * (value - mean_);
  }
  double mean() const { return count_ > 0 ? mean_ : std::numeric_limits<double>::quiet_NaN(); }
  double error() const {
    return count_ > 1 ? std::sqrt(squares_ / (count_ - 1) / count_) : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  double count_ = 0, mean_ = 0, squares_ = 0;
};

/// `pair_losses` from a sample, and the standard errors.
struct SampledPairLosses {
  PairLosses losses, errors;
};

/// Pairs drawn with replacement, those of a set by rejection.
inline std::vector<Pair> drawn_pairs(CayleyTable const& table, TrainingSet const& train, bool in_train, Index count,
                                     TorchGenerator& generator) {
  const auto n = static_cast<std::uint32_t>(table.order());
  std::vector<Pair> pairs;
  while (static_cast<Index>(pairs.size()) < count) {
    const Pair pair{generator.random32() % n, generator.random32() % n};
    if ((train[static_cast<std::size_t>(pair.a) * n + pair.b] != 0) == in_train) pairs.push_back(pair);
  }
  return pairs;
}

/// Shape and errors as `pair_losses`. Corrections are those by product.
/// Cost: for each pair hidden size * order multiplications, and for each correction order exponentials and what its row
///       costs.
inline SampledPairLosses sampled_pair_losses(PairNetwork const& network, CayleyTable const& table,
                                             TrainingSet const& train, std::span<const LogitCorrection> corrections,
                                             LogitSource source, PairSample const& sample) {
  const Index n = table.order();
  require(network.order() == n && static_cast<Index>(train.size()) == n * n, "sampled losses: a network on ",
          network.order(), " elements, a training set of ", train.size(), " pairs and a group of ", n);
  require(sample.pairs >= 2, "sampled losses: expected at least 2 pairs, found ", sample.pairs);
  const auto in_train = static_cast<double>(std::count_if(train.begin(), train.end(), [](auto t) { return t != 0; }));
  const double all = static_cast<double>(n) * static_cast<double>(n);
  const bool with_direct = source == LogitSource::all && network.direct;
  TorchGenerator generator(sample.seed);

  // [0]: the test pairs, [1]: the training pairs.
  RunningMean loss[2], correct[2], power[2];
  std::vector<RunningMean> corrected[2];
  for (auto& of_set : corrected) of_set.resize(corrections.size());
  const double share[2] = {1 - in_train / all, in_train / all};
  constexpr Index block = 64;
  Matrix<double> hidden, logits, direct, rows;
  for (int set : {1, 0}) {
    if (share[set] == 0) continue;
    const std::vector<Pair> pairs = drawn_pairs(table, train, set == 1, sample.pairs, generator);
    for (Index first = 0; first < sample.pairs; first += block) {
      const std::span of_block(pairs.data() + first, static_cast<std::size_t>(std::min(block, sample.pairs - first)));
      const auto count = static_cast<Index>(of_block.size());
      hidden.resize(count, network.hidden_size());
      network.hidden(of_block, hidden);
      multiply<double>(hidden, network.unembedding, logits);  // (pairs, classes)
      if (with_direct) {
        direct.resize(count, n);
        network.direct(of_block, direct);
        logits += direct;
      }
      std::vector<Element> products;
      for (Pair const& pair : of_block) products.push_back(table.compose(pair.a, pair.b));
      for (Index r = 0; r < count; ++r) {
        const auto label = static_cast<Index>(products[static_cast<std::size_t>(r)]);
        Index largest = 0;
        logits.row(r).maxCoeff(&largest);
        loss[set].add(cross_entropy(logits.row(r), label));
        correct[set].add(largest == label ? 1 : 0);
        power[set].add((logits.row(r).array() - logits.row(r).mean()).square().sum());
      }
      for (std::size_t k = 0; k < corrections.size(); ++k) {
        LogitCorrection const& correction = corrections[k];
        require(correction.by == LogitCorrection::By::product && correction.rows,
                "sampled losses: expected corrections by product, made row by row");
        if (set == 0 && correction.pairs == PairSet::train) continue;
        rows.resize(count, n);
        correction.rows(products, rows);
        for (Index r = 0; r < count; ++r) {
          const auto label = static_cast<Index>(products[static_cast<std::size_t>(r)]);
          corrected[set][k].add(cross_entropy(logits.row(r) - rows.row(r), label));
        }
      }
    }
  }

  const auto over_all = [&](RunningMean const(&parts)[2]) {
    double mean = 0, variance = 0;
    for (int set : {0, 1}) {
      if (share[set] == 0) continue;
      mean += share[set] * parts[set].mean();
      variance += share[set] * share[set] * parts[set].error() * parts[set].error();
    }
    return std::pair{mean, std::sqrt(variance)};
  };
  const auto [all_loss, all_loss_error] = over_all(loss);
  const auto [mean_power, power_error] = over_all(power);
  SampledPairLosses result{
      {loss[1].mean(), loss[0].mean(), all_loss, correct[1].mean(), correct[0].mean(), mean_power * all, {}},
      {loss[1].error(),
       loss[0].error(),
       all_loss_error,
       correct[1].error(),
       correct[0].error(),
       power_error * all,
       {}}};
  for (std::size_t k = 0; k < corrections.size(); ++k) {
    const bool train_alone = corrections[k].pairs == PairSet::train;
    const RunningMean parts[2] = {corrected[0][k], corrected[1][k]};
    const auto [mean, error] = train_alone ? std::pair{parts[1].mean(), parts[1].error()} : over_all(parts);
    result.losses.corrected.push_back(mean);
    result.errors.corrected.push_back(error);
  }
  return result;
}

}  // namespace detail

/// Metrics of a network on a large group. What is a mean over all pairs of something nonlinear in the logits, losses that
/// are not restricted to rho(ab), accuracies and the norm of the logits, comes from a sample; everything else is exact, as
/// in `representation_metrics`: shares of weights and of the hidden layer, and restricted losses.
///
/// The errors are those of means of independent draws; where a loss is the work of a few pairs among very many, as that of
/// a network that makes hardly a mistake, a sample may hold none of them, and the error says too little.
/// Shape: `basis` belongs to the group of `table`; `train` has order^2 entries.
/// Cost: order^2 * hidden size and order^2 * (columns of the embeddings) multiplications, and for each drawn pair
///       2 order^2 multiplications; memory a few (order, order) matrices.
/// Errors: `Error` when sizes differ, or for fewer than 2 pairs.
inline SampledRepresentationMetrics sampled_representation_metrics(PairNetwork const& network, CayleyTable const& table,
                                                                   FourierBasis<double> const& basis,
                                                                   TrainingSet const& train, PairSample const& sample,
                                                                   RepresentationMetricsOptions const& options = {}) {
  detail::require_one_order(network, table, basis);
  // The latest losses of all logits, and of those out of the hidden layer alone.
  detail::SampledPairLosses all, hidden;
  const auto losses_of = [&](std::span<const LogitCorrection> corrections, LogitSource source) {
    auto& found = source == LogitSource::all ? all : hidden;
    found = detail::sampled_pair_losses(network, table, train, corrections, source, sample);
    return found.losses;
  };
  // A first guess of the norm of the logits, which says which irreps are key.
  const PairSample few{std::min<Index>(sample.pairs, std::max<Index>(sample.pairs / 8, 16)), sample.seed};
  const double power =
      detail::sampled_pair_losses(network, table, train, {}, LogitSource::all, few).losses.centred_logit_power;
  auto [m, slots] = detail::representation_metrics_from(network, table, basis, options, power, losses_of);

  RepresentationMetrics e{};
  e.irreps.assign(m.irreps.size(), IrrepMetrics{0, 0, 0});
  e.listed = m.listed;
  e.key = m.key;
  detail::assign_losses(e, all.errors, network.direct ? hidden.errors.corrected : all.errors.corrected, slots);
  const double relative_power_error = all.errors.centred_logit_power / all.losses.centred_logit_power;
  for (std::size_t i = 1; i < m.irreps.size(); ++i) {
    // s is proportional to power^(-1/2).
    e.irreps[i].logit_similarity = std::abs(m.irreps[i].logit_similarity) * relative_power_error / 2;
  }
  e.logits_explained = m.logits_explained * relative_power_error;
  return {std::move(m), std::move(e)};
}

}  // namespace cayley
