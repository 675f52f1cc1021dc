/// The analysis of a one-layer transformer trained on modular addition, of any transformer on pairs of a group.
///
/// For a group other than C_n, a frequency is a non-trivial irrep R, its nine terms are 1, R(a), R(b) and R(a) x R(b),
/// and cos and sin of a + b are the functions rho_ij(ab).
/// Ref: Nanda et al. 2023, Progress measures for grokking via mechanistic interpretability.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/product.hpp>
#include <cayley/fourier/largest_terms.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/interpret/attention_circuits.hpp>
#include <cayley/interpret/neuron_clusters.hpp>
#include <cayley/interpret/restricted_losses.hpp>
#include <cayley/interpret/singular_values.hpp>
#include <cayley/interpret/spectra.hpp>
#include <cayley/interpret/transformer_activations.hpp>
#include <cayley/interpret/weight_norms.hpp>
#include <cayley/io/json.hpp>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// What the analysis finds.
struct ModularAddition {
  SplitLosses losses;
  double accuracy;                           ///< over all pairs
  Vector<double> embedding_spectrum;         ///< by basis function
  Vector<double> embedding_singular_values;  ///< all, in decreasing order
  std::vector<ExplainedNeuron> neurons;
  RowVector<double> fraction_positive;  ///< of pre-activations, by neuron
  double threshold;                     ///< of the clusters
  NeuronClusters clusters;              ///< its irreps are the key irreps
  ClusterLosses cluster_losses;
  std::vector<double> excluded_losses;                       ///< by key irrep, over training pairs
  SplitLosses trig_losses;                                   ///< of the logits' part on rho(ab) of the key irreps
  double pre_trig_share, post_trig_share, logit_trig_share;  ///< of centred power on rho(ab), mean over columns
  Matrix<double> mean_attention;                             ///< (heads, 3)
  std::vector<WeightNorm> weight_norms;
  std::vector<FourierTerm> logit_terms;  ///< the largest 20 of the mean over classes of the squared coefficients
  Vector<double> w_logit_spectrum;       ///< of W_out W_U over classes, by basis function
};

/// The irrep that a name in a file stands for: its frequency where it is called `freq_k`, else its label.
inline Json frequency_or_label(Irrep const& irrep) {
  constexpr std::string_view prefix = "freq_";
  std::string const& label = irrep.label();
  int frequency = 0;
  if (label.starts_with(prefix)) {
    char const* const end = label.data() + label.size();
    const auto [rest, error] = std::from_chars(label.data() + prefix.size(), end, frequency);
    if (error == std::errc() && rest == end) return frequency;
  }
  return label;
}

namespace detail {

inline void require_network_of_group(PairTransformer const& weights, CayleyTable const& table,
                                     FourierBasis<double> const& basis) {
  require(weights.order() == table.order() && basis.order() == table.order(), "modular addition: a network on ",
          weights.order(), " elements, a group of ", table.order(), " and a Fourier basis for ", basis.order());
}

}  // namespace detail

/// Analyses a network. `threshold`: the share of a neuron's centred activation that its irrep explains at least.
/// Cost: 8 order^3 d_mlp operations or so. Memory: two (order^2, d_mlp) matrices and some of (order^2, order).
/// Errors: `Error` as `pair_transformer`, and when network, group, basis and training set differ in size.
template <class B, class Scalar>
ModularAddition modular_addition(Transformer<B, Scalar> const& model, CayleyTable const& table,
                                 FourierBasis<double> const& basis, TrainingSet const& train, double threshold = 0.85) {
  const PairTransformer weights = pair_transformer(model);
  detail::require_network_of_group(weights, table, basis);
  const TransformerActivations activations = transformer_activations(weights);
  Matrix<double> const& logits = activations.logits;
  const Matrix<double> w_logit = times<double>(weights.W_out, weights.W_U);  // (d_mlp, order)

  ModularAddition result;
  result.losses = split_losses(table, train, logits);
  result.accuracy = accuracy_of_all(table, logits);
  result.embedding_spectrum = weight_spectrum(basis, weights.W_E);
  result.embedding_singular_values = singular_values(weights.W_E);
  result.neurons = explained_neurons(pair_spectrum(basis, activations.hidden));
  result.fraction_positive = fraction_positive(activations.pre);
  result.threshold = threshold;
  result.clusters = neuron_clusters(result.neurons, threshold);
  std::vector<Index> const& key = result.clusters.irreps;
  result.cluster_losses = cluster_losses(basis, table, result.clusters, activations.hidden, w_logit, logits);
  result.excluded_losses = excluded_losses(basis, table, train, key, logits);
  result.trig_losses = product_restricted_losses(basis, table, train, key, logits);
  result.pre_trig_share = product_spectrum(basis, table, activations.pre).mean_share(key);
  result.post_trig_share = product_spectrum(basis, table, activations.hidden).mean_share(key);
  result.logit_trig_share = product_spectrum(basis, table, logits).mean_share(key);
  result.mean_attention = mean_attention(activations.attention);
  result.weight_norms = weight_norms(model);
  result.logit_terms = largest_terms(pair_spectrum(basis, logits).mean_power, basis.names(), 20);
  result.w_logit_spectrum = weight_spectrum(basis, w_logit.transpose());
  return result;
}

namespace detail {

template <class Values>
Json json_list(Values const& values) {
  Json list = Json::array();
  for (Index i = 0; i < values.size(); ++i) list.push_back(values[i]);
  return list;
}

inline Json json_rows(Matrix<double> const& m) {
  Json rows = Json::array();
  for (Index i = 0; i < m.rows(); ++i) rows.push_back(json_list(m.row(i)));
  return rows;
}

}  // namespace detail

/// The analysis under the keys of the published one. Lists follow the order of basis functions, neurons or key irreps;
/// the first 20 singular values are listed, and no sum of squares that is 0, of biases that were not trained.
inline Json analysis_json(ModularAddition const& found, FourierBasis<double> const& basis) {
  Json json;
  json["loss_all"] = found.losses.all;
  json["loss_train"] = found.losses.train;
  json["loss_test"] = found.losses.test;
  json["accuracy_all"] = found.accuracy;
  json["embedding_fourier_square_norm"] = detail::json_list(found.embedding_spectrum);
  const Index listed = std::min<Index>(20, found.embedding_singular_values.size());
  json["embedding_singular_values"] = detail::json_list(found.embedding_singular_values.head(listed));
  Json frequencies = Json::array(), fractions = Json::array();
  for (ExplainedNeuron const& neuron : found.neurons) {
    frequencies.push_back(frequency_or_label(basis.irreps()[neuron.irrep]));
    fractions.push_back(neuron.centred_fraction);
  }
  json["neuron_frequency"] = std::move(frequencies);
  json["neuron_fraction_explained"] = std::move(fractions);
  json["neuron_fraction_positive"] = detail::json_list(found.fraction_positive);
  Json key = Json::array(), sizes = Json::array();
  for (std::size_t c = 0; c < found.clusters.irreps.size(); ++c) {
    key.push_back(frequency_or_label(basis.irreps()[found.clusters.irreps[c]]));
    sizes.push_back(found.clusters.neurons[c].size());
  }
  json["key_frequencies"] = std::move(key);
  json["neurons_per_key_frequency"] = std::move(sizes);
  json["neurons_unassigned"] = found.clusters.unassigned.size();
  json["threshold"] = found.threshold;
  json["loss_key_frequencies_with_unassigned"] = found.cluster_losses.with_unassigned;
  json["loss_key_frequencies_only"] = found.cluster_losses.without_unassigned;
  json["loss_without_each_key_frequency"] = found.cluster_losses.without_irreps;
  json["loss_without_unassigned"] = found.cluster_losses.without_unassigned;
  json["excluded_loss_train"] = found.excluded_losses;
  json["trig_loss_all"] = found.trig_losses.all;
  json["trig_loss_train"] = found.trig_losses.train;
  json["trig_loss_test"] = found.trig_losses.test;
  json["neuron_pre_trig_ratio_mean"] = found.pre_trig_share;
  json["neuron_post_trig_ratio_mean"] = found.post_trig_share;
  json["logit_trig_ratio_mean"] = found.logit_trig_share;
  json["average_attention_pattern"] = detail::json_rows(found.mean_attention);
  json["sum_of_squares"] = Json::object();
  for (WeightNorm const& norm : found.weight_norms) {
    if (norm.sum_of_squares > 0) json["sum_of_squares"][norm.name] = norm.sum_of_squares;
  }
  json["logit_fourier_norm_top"] = Json::array();
  const std::vector<std::string> names = basis.names();
  for (FourierTerm const& term : found.logit_terms) {
    json["logit_fourier_norm_top"].push_back(Json::array(
        {names[static_cast<std::size_t>(term.first)], names[static_cast<std::size_t>(term.second)], term.power}));
  }
  json["w_logit_fourier_square_norm"] = detail::json_list(found.w_logit_spectrum);
  return json;
}

}  // namespace cayley
