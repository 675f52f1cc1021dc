/// The development of a transformer on modular addition: one row of numbers for each checkpoint.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/interpret/explained_fractions.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/study/modular_addition.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// One measured number.
struct NamedValue {
  std::string name;
  double value;
};

/// A transformer at one moment of its training.
struct ModularAdditionSnapshot {
  std::vector<NamedValue> measures;  ///< see `modular_addition_metrics`
  ExplainedFractions pre, post;      ///< by neuron, before and behind the ReLU
  RowVector<double> active;          ///< (d_mlp): share of pairs for which a neuron fires
};

/// What is followed over training, in a fixed order. The key irreps and the clusters are given, those of the trained
/// network as a rule, so that every checkpoint is measured by the same ones.
///   train_loss, test_loss
///   excluded_loss_R                       by key irrep R, over training pairs
///   trig_loss, trig_loss_train            of the logits' part on rho(ab) of the key irreps, corrected
///   test_loss_trig_loss_ratio
///   pre_trig_fraction, post_.., logit_..  centred power on rho(ab) of the key irreps, mean over columns
///   pre_explained, pre_explained_quadratic, post_.., post_..   `explained_fractions`, means over neurons
///   fraction_active                       share of pairs for which a neuron fires, mean over neurons
///   attention_head_h_position_p, attention_difference_head_h   means over pairs, from the last position
///   sum_of_squares_P, sum_of_squared_weights   by parameter, and of all
///   embedding_F                           squared norm of the embedding at each basis function
///   embedding_singular_value_i            all, in decreasing order
/// Cost: about that of `modular_addition`.
/// Errors: as `modular_addition`.
/// Ref: Nanda et al. 2023, progress measures.
template <class B, class Scalar>
ModularAdditionSnapshot modular_addition_snapshot(Transformer<B, Scalar> const& model, CayleyTable const& table,
                                                  FourierBasis<double> const& basis, TrainingSet const& train,
                                                  NeuronClusters const& clusters) {
  const PairTransformer weights = pair_transformer(model);
  detail::require_network_of_group(weights, table, basis);
  const TransformerActivations activations = transformer_activations(weights);
  Matrix<double> const& logits = activations.logits;
  std::vector<Index> const& key = clusters.irreps;
  ModularAdditionSnapshot snapshot;
  std::vector<NamedValue>& row = snapshot.measures;
  const auto put = [&](std::string name, double value) { row.push_back({std::move(name), value}); };

  const SplitLosses losses = split_losses(table, train, logits);
  put("train_loss", losses.train);
  put("test_loss", losses.test);
  const std::vector<double> excluded = excluded_losses(basis, table, train, key, logits);
  for (std::size_t k = 0; k < key.size(); ++k) put("excluded_loss_" + basis.irreps()[key[k]].label(), excluded[k]);
  const SplitLosses trig = product_restricted_losses(basis, table, train, key, logits);
  put("trig_loss", trig.all);
  put("trig_loss_train", trig.train);
  put("test_loss_trig_loss_ratio", losses.test / trig.all);

  const auto trig_share = [&](Matrix<double> const& f) { return product_spectrum(basis, table, f).mean_share(key); };
  put("pre_trig_fraction", trig_share(activations.pre));
  put("post_trig_fraction", trig_share(activations.hidden));
  put("logit_trig_fraction", trig_share(logits));
  snapshot.pre = explained_fractions(basis, clusters, activations.pre);
  snapshot.post = explained_fractions(basis, clusters, activations.hidden);
  snapshot.active = fraction_positive(activations.hidden);
  const auto put_explained = [&](std::string const& name, ExplainedFractions const& fractions) {
    put(name + "_explained", fractions.all.mean());
    put(name + "_explained_quadratic", fractions.quadratic.mean());
  };
  put_explained("pre", snapshot.pre);
  put_explained("post", snapshot.post);
  put("fraction_active", snapshot.active.mean());

  const Matrix<double> attention = mean_attention(activations.attention);  // (heads, 3)
  const Vector<double> difference = attention_difference(attention);
  for (Index h = 0; h < attention.rows(); ++h) {
    const std::string head = "head_" + std::to_string(h);
    for (Index p = 0; p < 3; ++p) put("attention_" + head + "_position_" + std::to_string(p), attention(h, p));
    put("attention_difference_" + head, difference[h]);
  }
  const std::vector<WeightNorm> norms = weight_norms(model);
  for (WeightNorm const& norm : norms) put("sum_of_squares_" + norm.name, norm.sum_of_squares);
  put("sum_of_squared_weights", total_sum_of_squares(norms));

  const Vector<double> spectrum = weight_spectrum(basis, weights.W_E);
  const std::vector<std::string> names = basis.names();
  for (Index i = 0; i < spectrum.size(); ++i) put("embedding_" + names[static_cast<std::size_t>(i)], spectrum[i]);
  const Vector<double> singular = singular_values(weights.W_E);
  for (Index i = 0; i < singular.size(); ++i) put("embedding_singular_value_" + std::to_string(i), singular[i]);
  return snapshot;
}

/// The measures of a snapshot alone.
/// Errors: as `modular_addition_snapshot`.
template <class B, class Scalar>
std::vector<NamedValue> modular_addition_metrics(Transformer<B, Scalar> const& model, CayleyTable const& table,
                                                 FourierBasis<double> const& basis, TrainingSet const& train,
                                                 NeuronClusters const& clusters) {
  return modular_addition_snapshot(model, table, basis, train, clusters).measures;
}

/// Appends the row of an epoch to a table; the first one names the columns. A comma in a name becomes a semicolon, so
/// that the table can be stored.
/// Errors: `Error` when the names are not those of the rows before.
inline void add_row(CsvTable& table, std::int64_t epoch, std::vector<NamedValue> const& values) {
  std::vector<std::string> columns{"epoch"};
  std::vector<double> row{static_cast<double>(epoch)};
  for (NamedValue const& value : values) {
    columns.push_back(value.name);
    std::replace(columns.back().begin(), columns.back().end(), ',', ';');
    row.push_back(value.value);
  }
  if (table.columns.empty()) table.columns = columns;
  require(table.columns == columns, table.source, ": the row of epoch ", epoch, " has other columns than those before");
  table.rows.push_back(std::move(row));
}

}  // namespace cayley
