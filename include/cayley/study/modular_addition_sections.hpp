/// The report of a transformer on pairs: every figure of the notebook on modular addition, in its order.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/product.hpp>
#include <cayley/interpret/attention_circuits.hpp>
#include <cayley/interpret/logit_circuits.hpp>
#include <cayley/interpret/pair_transformer.hpp>
#include <cayley/interpret/spectra.hpp>
#include <cayley/interpret/transformer_activations.hpp>
#include <cayley/plot/page.hpp>
#include <cayley/study/explain.hpp>
#include <cayley/study/modular_addition_development_figures.hpp>
#include <cayley/study/modular_addition_figures.hpp>
#include <cayley/study/progress_measures.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// Sections of a figure each, without titles of their own but for the first of a group.
class FigureSections {
 public:
  /// The title of the sections that follow.
  void begin(std::string title) { title_ = std::move(title); }
  void add(Figure figure) { put({.title = {}, .figure = std::move(figure)}); }
  /// In place of figures that cannot be made.
  void add_note(std::string note) { put({.title = {}, .note = std::move(note)}); }
  std::vector<Section> take() { return std::move(sections_); }

 private:
  void put(Section section) {
    section.title = std::exchange(title_, {});
    sections_.push_back(std::move(section));
  }
  std::string title_;
  std::vector<Section> sections_;
};

/// The figures of the weights and activations at the end.
inline void add_trained_figures(FigureSections& sections, StoredRun const& run, ModularAddition const& found) {
  FourierBasis<double> const& basis = run.group.basis;
  const Index order = basis.order();
  std::vector<Index> const& key = found.clusters.irreps;
  const PairTransformer weights = pair_transformer(*run.transformer);
  const TransformerActivations activations = transformer_activations(weights);
  const std::vector<HeadCircuits> circuits = head_circuits(weights);
  const Matrix<double> W_logit = times<double>(weights.W_out, weights.W_U);  // (d_mlp, order)
  const std::string no_clusters = "No cluster of neurons: none is explained by one frequency by at least " +
                                  std::to_string(static_cast<int>(100 * found.threshold)) + " %.";

  sections.begin("Periodicity");
  sections.add(attention_figure(order, activations));
  sections.add(activation_figure(order, activations));
  sections.add(neuron_weights_figure(circuits));
  sections.add(attention_weights_figure(circuits));
  sections.begin("Fourier transform");
  sections.add(fourier_basis_figure(basis));
  sections.add(fourier_gram_figure(basis));
  sections.add(attention_spectrum_figure(basis, activations));
  sections.add(activation_spectrum_figure(basis, activations));
  sections.add(neuron_weights_spectrum_figure(basis, circuits));
  sections.add(attention_weights_spectrum_figure(basis, circuits));
  sections.begin("Circuits: quadratic terms and clusters of neurons");
  sections.add(embedding_spectrum_figure(basis, found));
  sections.add(mean_activation_spectrum_figure(basis, pair_spectrum(basis, activations.hidden)));
  sections.add(explained_neurons_figure(basis, found));
  if (key.empty()) {
    sections.add_note(no_clusters);
  } else {
    sections.add(cluster_spectra_figure(basis, found.clusters, activations.hidden));
  }
  sections.begin("Logits");
  sections.add(logit_spectrum_figure(basis, pair_spectrum(basis, activations.logits)));
  sections.add(unembedding_figure(basis, W_logit));
  if (key.empty()) return sections.add_note(no_clusters);
  sections.add(
      clustered_unembedding_figure(basis, found.clusters, clustered_unembedding(basis, found.clusters, W_logit)));
  for (Index direction : {0, 1}) {
    const bool any = std::any_of(key.begin(), key.end(), [&](Index r) { return direction < basis.block(r).size; });
    if (any) sections.add(direction_spectra_figure(basis, key, activations.hidden, W_logit, direction));
  }
}

}  // namespace detail

/// `found`: the `run_analysis` of the run. A note stands where figures need clusters that the network does not have, or
/// checkpoints that are not there or cannot be read.
inline std::vector<Section> modular_addition_sections(StoredRun const& run, ModularAddition const& found, int threads) {
  detail::FigureSections sections;
  detail::add_trained_figures(sections, run, found);
  sections.begin("Development during training");
  try {
    const ModularAdditionDevelopment development = modular_addition_development(run, threads);
    const CsvTable measures = measures_table(development);
    FourierBasis<double> const& basis = run.group.basis;
    const Index heads = run.transformer->shape().n_heads;
    sections.add(excluded_losses_figure(basis, development.clusters.irreps, measures));
    sections.add(embedding_development_figure(basis, measures));
    sections.add(singular_values_figure(measures));
    sections.add(trig_fractions_figure(measures));
    sections.add(quadratic_fractions_figure(development));
    sections.add(explained_fractions_figure(development));
    sections.add(mean_attention_figure(heads, measures));
    sections.add(attention_difference_figure(heads, measures));
    sections.add(losses_figure(measures));
    sections.add(loss_ratio_figure(measures));
    sections.add(weight_norms_figure(measures));
    sections.add(total_weight_norm_figure(measures));
  } catch (Error const& error) {
    sections.add_note(std::string("No figures over training: ") + error.what());
  }
  return sections.take();
}

}  // namespace cayley
