/// Which irreps a trained network uses, and what each of them is worth: the published metrics.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/product.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cayley/interpret/hidden_means.hpp>
#include <cayley/interpret/losses.hpp>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace cayley {

/// What one irrep R explains. Shares are fractions of a squared Frobenius norm, in 0 .. 1.
/// Ref: Chughtai, Chan and Nanda 2023, section 4 and appendix; P_R is the isotypic projection.
struct IrrepMetrics {
  /// s_R, the cosine of the logits, centred over classes, and T_R(a,b,c) = chi_R(a b c^-1). NaN for the
  /// trivial irrep.
  double logit_similarity = std::numeric_limits<double>::quiet_NaN();
  double logit_excluded_loss =
      std::numeric_limits<double>::quiet_NaN();  ///< training loss of Lc - Q_R, Q_R the part of Lc along T_R
  double logit_restricted_loss = std::numeric_limits<double>::quiet_NaN();  ///< loss of Q_R over all pairs
  double x_embed = 0;                                                       ///< share of Ex
  double y_embed = 0;                                                       ///< share of Ey
  double unembed = 0;                                                       ///< share of U, over classes
  double hidden_x = 0;                ///< share of the centred hidden layer that is P_R of a function of a
  double hidden_y = 0;                ///< the same of b
  double hidden_xy = 0;               ///< the same of ab
  double hidden_excluded_loss = 0;    ///< training loss of (h - P_R M(ab)) U; h not centred, M its mean by product
  double hidden_restricted_loss = 0;  ///< loss of P_R M(ab) U over all pairs

  double total_hidden() const { return hidden_x + hidden_y + hidden_xy; }
};

/// The metrics of all irreps, and of the key irreps together.
struct RepresentationMetrics {
  double train_loss, test_loss, all_loss;
  double train_accuracy, test_accuracy;
  std::vector<IrrepMetrics> irreps;  ///< by irrep of the basis
  std::vector<Index> listed;         ///< irreps that take part in the totals, in order
  std::vector<Index> key;            ///< listed non-trivial irreps with a similarity above the threshold, in order
  double logits_explained;           ///< sum of s_R^2 over the listed non-trivial irreps
  double total_logit_excluded_loss, total_logit_restricted_loss;    ///< all key irreps together
  double total_hidden_excluded_loss, total_hidden_restricted_loss;  ///< all key irreps together
  double hidden_explained, hidden_xy_explained, x_embed_explained, y_embed_explained, unembed_explained;
  double sum_of_squared_weights;
  double hidden_power;          ///< ||h||^2 over all pairs, not centred
  double centred_hidden_power;  ///< the same less the mean of each neuron
};

/// What `representation_metrics` may be told.
struct RepresentationMetricsOptions {
  std::optional<std::vector<Index>> listed{};  ///< default: all irreps
  std::optional<std::vector<Index>> key{};     ///< default: by threshold
  double key_threshold = 0.005;
};

/// The centred power of the logits over all pairs, estimated from the pairs of four products.
inline double estimated_logit_power(PairNetwork const& network, CayleyTable const& table) {
  const Index n = table.order(), samples = std::min<Index>(n, 4);
  double power = 0;
  std::vector<Pair> pairs(static_cast<std::size_t>(n));
  for (Index sample = 0; sample < samples; ++sample) {
    const auto g = static_cast<Element>(sample * n / samples);
    for (Element a : elements(table)) pairs[a] = {a, table.compose(table.inverse(a), g)};
    const Matrix<double> logits = network.logits_of(pairs);  // (pairs, classes)
    power += (logits.colwise() - logits.rowwise().mean()).squaredNorm();
  }
  return power * static_cast<double>(n) / static_cast<double>(samples);
}

/// The mean over the pairs of each product of what reaches the logits past the hidden layer.
/// Shape: (order, order), a row per product.
inline Matrix<double> mean_direct_by_product(PairNetwork const& network, CayleyTable const& table) {
  const Index n = table.order();
  Matrix<double> means(n, n), direct(n, n);
  std::vector<Pair> pairs(static_cast<std::size_t>(n));
  for (Element g : elements(table)) {
    for (Element a : elements(table)) pairs[a] = {a, table.compose(table.inverse(a), g)};
    network.direct(pairs, direct);
    means.row(g) = direct.colwise().mean();
  }
  return means;
}

namespace detail {

/// Errors: `Error` unless all three are of one order.
inline void require_one_order(PairNetwork const& network, CayleyTable const& table, FourierBasis<double> const& basis) {
  const Index n = table.order();
  require(basis.order() == n && network.order() == n, "metrics: a network on ", network.order(),
          " elements, a group of ", n, " and a Fourier basis for ", basis.order());
}

/// Where the losses of the metrics stand among corrected losses: those of logits, and those of the hidden layer.
struct ExcludedLossSlots {
  std::vector<std::size_t> logit, hidden;  ///< by irrep; that of the trivial irrep is not used for logits
  std::size_t key_logit = 0, key_hidden = 0;
};

/// Puts losses over pairs, or their standard errors, where they belong.
inline void assign_losses(RepresentationMetrics& metrics, PairLosses const& losses,
                          std::vector<double> const& hidden_losses, ExcludedLossSlots const& slots) {
  metrics.train_loss = losses.train_loss;
  metrics.test_loss = losses.test_loss;
  metrics.all_loss = losses.all_loss;
  metrics.train_accuracy = losses.train_accuracy;
  metrics.test_accuracy = losses.test_accuracy;
  metrics.total_logit_excluded_loss = losses.corrected[slots.key_logit];
  metrics.total_hidden_excluded_loss = hidden_losses[slots.key_hidden];
  for (std::size_t i = 0; i < metrics.irreps.size(); ++i) {
    metrics.irreps[i].hidden_excluded_loss = hidden_losses[slots.hidden[i]];
    if (i > 0) metrics.irreps[i].logit_excluded_loss = losses.corrected[slots.logit[i]];
  }
}

/// Losses over pairs: `pair_losses`, or an estimate of it.
using LossesOf = std::function<PairLosses(std::span<const LogitCorrection> corrections, LogitSource source)>;

/// The metrics of a network, and where its losses stand among the corrected ones.
inline std::pair<RepresentationMetrics, ExcludedLossSlots> representation_metrics_from(
    PairNetwork const& network, CayleyTable const& table, FourierBasis<double> const& basis,
    RepresentationMetricsOptions const& options, double logit_power, LossesOf const& losses_of) {
  const Irreps& irreps = basis.irreps();
  const Index n = table.order(), count = irreps.size();
  const auto size = static_cast<double>(n);
  RepresentationMetrics result{};
  result.irreps.resize(static_cast<std::size_t>(count));
  result.sum_of_squared_weights = network.sum_of_squared_weights;
  if (options.listed) {
    result.listed = *options.listed;
  } else {
    for (Index i = 0; i < count; ++i) result.listed.push_back(i);
  }
  const auto metrics = [&](Index i) -> IrrepMetrics& { return result.irreps[static_cast<std::size_t>(i)]; };

  // Shares of weights and of the hidden layer.
  const HiddenMeans means = hidden_means(network, table);
  const double hidden_power = means.centred_power.sum();
  result.centred_hidden_power = hidden_power;
  result.hidden_power = hidden_power + size * size * means.overall.squaredNorm();
  const auto share = [&](ConstMatrixRef<double> const& f, double whole, double IrrepMetrics::*member) {
    const Vector<double> power = isotypic_power(basis, f);
    for (Index i = 0; i < count; ++i) metrics(i).*member = power[i] / whole;
  };
  share(network.left_embedding, network.left_embedding.squaredNorm(), &IrrepMetrics::x_embed);
  share(network.right_embedding, network.right_embedding.squaredNorm(), &IrrepMetrics::y_embed);
  share(network.unembedding.transpose(), network.unembedding.squaredNorm(), &IrrepMetrics::unembed);
  const auto centred = [&](Matrix<double> const& m) -> Matrix<double> { return m.rowwise() - means.overall; };
  share(centred(means.by_left), hidden_power / size, &IrrepMetrics::hidden_x);
  share(centred(means.by_right), hidden_power / size, &IrrepMetrics::hidden_y);
  share(centred(means.by_product), hidden_power / size, &IrrepMetrics::hidden_xy);

  // The logits along each character. <Lc, T_R> = sum over g of chi_R(g) A(g), where A(g) sums Lc over a b
  // c^-1 = g; the mean logits by product suffice for it.
  Vector<double> along = Vector<double>::Zero(n);  // A(g) / order
  {
    Matrix<double> mean_logits = times<double>(means.by_product, network.unembedding);  // (product, class)
    if (network.direct) mean_logits += mean_direct_by_product(network, table);
    for (Element g : elements(table)) {
      const double mean = mean_logits.row(g).mean();
      for (Element c : elements(table)) along[table.compose(g, table.inverse(c))] += mean_logits(g, c) - mean;
    }
  }
  const auto character_of_quotient = [&](std::vector<Index> const& which, std::vector<double> const& weight) {
    Vector<double> by_element = Vector<double>::Zero(n);
    for (std::size_t k = 0; k < which.size(); ++k) {
      for (Element g : elements(table)) by_element[g] += weight[k] * irreps.character(irreps[which[k]], g);
    }
    return by_element;
  };
  // Q(a,b,c) = f(a b c^-1) as rows over (ab, c).
  const auto quotient_rows = [&](Vector<double> f) -> ProductRows {
    return [&table, f = std::move(f)](std::span<Element const> products, MatrixRef<double> rows) {
      for (std::size_t k = 0; k < products.size(); ++k) {
        for (Element c : elements(table)) {
          rows(static_cast<Index>(k), c) = f[table.compose(products[k], table.inverse(c))];
        }
      }
    };
  };
  std::vector<double> inner(static_cast<std::size_t>(count)), coefficient(static_cast<std::size_t>(count));
  for (Index i = 0; i < count; ++i) {
    const auto k = static_cast<std::size_t>(i);
    inner[k] = size * along.dot(character_of_quotient({i}, {1.0}));                          // <Lc, T>
    coefficient[k] = inner[k] / (size * size * size * static_cast<double>(irreps[i].nu()));  // <Lc, T> / |T|^2
  }

  // Every loss is that of the network's logits less a function of (ab, c). What is taken out of the hidden layer is
  // taken from the logits that come out of it alone: a list of its own where there is a way past it.
  std::vector<LogitCorrection> corrections, hidden_corrections;
  auto& of_hidden = network.direct ? hidden_corrections : corrections;
  const auto exclude = [&](std::vector<LogitCorrection>& from, ProductRows rows) {
    from.push_back({LogitCorrection::By::product, PairSet::train, {}, std::move(rows)});
    return from.size() - 1;
  };
  ExcludedLossSlots slots{std::vector<std::size_t>(static_cast<std::size_t>(count)),
                          std::vector<std::size_t>(static_cast<std::size_t>(count))};
  // The coefficients of M U: (P_R M) U is made of those of R.
  const Matrix<double> logit_coefficients =
      times<double>(transform(basis, means.by_product), network.unembedding);  // (basis function, class)
  const auto hidden_rows = [&](std::vector<Index> which) -> ProductRows {
    return [&, which = std::move(which)](std::span<Element const> products, MatrixRef<double> rows) {
      Matrix<double> part;
      rows.setZero();
      for (Index i : which) {
        const auto block = basis.block(i);
        Matrix<double> functions(static_cast<Index>(products.size()), block.size);
        for (std::size_t k = 0; k < products.size(); ++k) {
          functions.row(static_cast<Index>(k)) = basis.matrix().row(products[k]).segment(block.begin, block.size);
        }
        multiply<double>(functions, logit_coefficients.middleRows(block.begin, block.size), part);
        rows += part;
      }
    };
  };
  for (Index i = 0; i < count; ++i) {
    const auto k = static_cast<std::size_t>(i);
    metrics(i).hidden_restricted_loss = loss_by_product(n, hidden_rows({i}));
    slots.hidden[k] = exclude(of_hidden, hidden_rows({i}));
    if (i == 0) continue;
    const Vector<double> q = character_of_quotient({i}, {coefficient[k]});
    metrics(i).logit_restricted_loss = cross_entropy(q.transpose(), table.identity());
    slots.logit[k] = exclude(corrections, quotient_rows(q));
  }
  const std::size_t single_corrections = corrections.size(), single_hidden = of_hidden.size();

  // The key irreps depend on the norm of the logits, known exactly only after the pass that also needs the
  // key irreps. So they are guessed from the norm over a few products, and the pass is repeated in the rare
  // case of a wrong guess.
  const auto measure_similarities = [&](double power) {
    std::vector<Index> key;
    for (Index i = 1; i < count; ++i) {
      const double norms = std::sqrt(power * size * size * size * static_cast<double>(irreps[i].nu()));
      metrics(i).logit_similarity = inner[static_cast<std::size_t>(i)] / norms;
    }
    for (Index i : result.listed) {
      if (i != 0 && metrics(i).logit_similarity > options.key_threshold) key.push_back(i);
    }
    return options.key ? *options.key : key;
  };
  result.key = measure_similarities(logit_power);
  std::optional<PairLosses> losses;
  while (!losses) {
    std::vector<double> key_coefficients;
    for (Index i : result.key) key_coefficients.push_back(coefficient[static_cast<std::size_t>(i)]);
    const Vector<double> key_quotient = character_of_quotient(result.key, key_coefficients);
    result.total_logit_restricted_loss = cross_entropy(key_quotient.transpose(), table.identity());
    result.total_hidden_restricted_loss = loss_by_product(n, hidden_rows(result.key));
    corrections.resize(single_corrections);
    of_hidden.resize(single_hidden);
    slots.key_logit = exclude(corrections, quotient_rows(key_quotient));
    slots.key_hidden = exclude(of_hidden, hidden_rows(result.key));
    losses = losses_of(corrections, LogitSource::all);
    std::vector<Index> key = measure_similarities(losses->centred_logit_power);
    if (key != result.key) {
      result.key = std::move(key);
      losses.reset();
    }
  }

  const std::vector<double> hidden_losses =
      network.direct ? losses_of(hidden_corrections, LogitSource::hidden).corrected : losses->corrected;
  assign_losses(result, *losses, hidden_losses, slots);
  for (Index i : result.listed) {
    if (i != 0) result.logits_explained += metrics(i).logit_similarity * metrics(i).logit_similarity;
  }
  for (Index i : result.key) {
    result.hidden_explained += metrics(i).total_hidden();
    result.hidden_xy_explained += metrics(i).hidden_xy;
    result.x_embed_explained += metrics(i).x_embed;
    result.y_embed_explained += metrics(i).y_embed;
    result.unembed_explained += metrics(i).unembed;
  }
  return {std::move(result), std::move(slots)};
}

}  // namespace detail

/// Metrics of a network on the pairs of a group.
/// Shape: `basis` belongs to the group of `table`; `train` has order^2 entries.
/// Method: functions of a product are averaged over pairs first and projected after; characters enter by class.
/// Cost: order^2 * hidden size * order multiplications and order^2 * order exponentials, whatever the number of irreps;
///       memory a few (order, order) matrices.
/// Errors: `Error` when sizes differ.
inline RepresentationMetrics representation_metrics(PairNetwork const& network, CayleyTable const& table,
                                                    FourierBasis<double> const& basis, TrainingSet const& train,
                                                    RepresentationMetricsOptions const& options = {}) {
  detail::require_one_order(network, table, basis);
  const auto losses_of = [&](std::span<const LogitCorrection> corrections, LogitSource source) {
    return pair_losses(network, table, train, corrections, source);
  };
  const double logit_power = estimated_logit_power(network, table);
  return detail::representation_metrics_from(network, table, basis, options, logit_power, losses_of).first;
}

}  // namespace cayley
