/// The figures of a trained transformer that adds modulo p, as the notebook on its progress measures draws them.
///
/// For a group other than C_n the numbers are its elements, the Fourier basis is the group's, and a frequency is an irrep.
/// Ref: Nanda et al. 2023, Progress measures for grokking via mechanistic interpretability.
#pragma once

#include <algorithm>
#include <cayley/core/matrix.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/fourier/pair_transform.hpp>
#include <cayley/fourier/transform.hpp>
#include <cayley/interpret/attention_circuits.hpp>
#include <cayley/interpret/logit_circuits.hpp>
#include <cayley/interpret/spectra.hpp>
#include <cayley/interpret/transformer_activations.hpp>
#include <cayley/plot/animation.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/plot/fourier_map.hpp>
#include <cayley/plot/limits.hpp>
#include <cayley/plot/numbered.hpp>
#include <cayley/study/modular_addition.hpp>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// A function of pairs as a table, a row for each first element.
/// Shape: (order^2) -> (order, order).
inline Matrix<double> pair_table(Vector<double> const& f, Index order) {
  return Eigen::Map<Matrix<double> const>(f.data(), order, order);
}

/// Functions of pairs as heat maps, a frame for each column.
/// Shape: f (order^2, frames).
inline Figure pair_maps(Figure const& text, Matrix<double> const& f, Index order, std::string const& value,
                        std::string const& slider) {
  std::vector<Figure> figures;
  for (Index i = 0; i < f.cols(); ++i) {
    figures.push_back(text);
    figures.back().panels = {{.x = {"second number, y"},
                              .y = {"first number, x"},
                              .traces = {HeatMap{.z = pair_table(f.col(i), order), .value_title = value}}}};
  }
  return animated(slider, number_names(f.cols()), std::move(figures));
}

/// A panel of a function of pairs in the Fourier basis of both.
inline Panel term_panel(FourierBasis<double> const& basis, Matrix<double> coefficients, std::string value,
                        ColourScale scale = ColourScale::diverging) {
  HeatMap map = fourier_map(basis.names(), std::move(coefficients), scale);
  map.value_title = std::move(value);
  return {.x = {"function of y"}, .y = {"function of x"}, .traces = {std::move(map)}};
}

/// Functions of pairs in the Fourier basis, a frame for each column.
/// Shape: coefficients (order^2, frames).
inline Figure term_maps(Figure const& text, FourierBasis<double> const& basis, Matrix<double> const& coefficients,
                        std::string const& slider, std::vector<std::string> const& frames) {
  std::vector<Figure> figures;
  for (Index i = 0; i < coefficients.cols(); ++i) {
    figures.push_back(text);
    figures.back().panels = {term_panel(basis, pair_table(coefficients.col(i), basis.order()), "coefficient")};
  }
  return animated(slider, frames, std::move(figures));
}

/// A curve for each head, a frame for each of the first neurons.
/// Shape: by head, (order, d_mlp).
inline Figure neuron_curves(Figure const& text, std::string const& x_title, std::vector<Matrix<double>> const& by_head,
                            Index neurons, std::vector<std::string> const& hover) {
  std::vector<Figure> figures;
  const Index shown = std::min(neurons, by_head.front().cols());
  for (Index k = 0; k < shown; ++k) {
    Panel panel{.x = {x_title}, .y = {"what is added to the neuron's input"}};
    for (std::size_t h = 0; h < by_head.size(); ++h) {
      panel.traces.emplace_back(numbered_curve("head " + std::to_string(h), by_head[h].col(k), h, hover));
    }
    figures.push_back(text);
    figures.back().panels = {std::move(panel)};
  }
  return animated("neuron", number_names(shown), std::move(figures));
}

/// Attention of the last position to the first, a column for each head.
inline Matrix<double> attention_to_first(TransformerActivations const& activations) {
  return activations.attention(Eigen::all, Eigen::seqN(0, activations.attention.cols() / 3, 3));
}

/// The first neurons behind the ReLU.
inline Matrix<double> first_neurons(TransformerActivations const& activations, Index neurons) {
  return activations.hidden.leftCols(std::min(neurons, activations.hidden.cols()));
}

/// Without the constant term, which says nothing of what varies.
inline Matrix<double> without_constant(Matrix<double> power) {
  power(0, 0) = 0;
  return power;
}

}  // namespace detail

/// Attention to the first number by pair, a frame for each head.
inline Figure attention_figure(Index order, TransformerActivations const& activations) {
  return detail::pair_maps({"Attention to the first number is periodic in both numbers",
                            "Each cell is one input: how much of a head's attention goes from = to x.",
                            {}},
                           detail::attention_to_first(activations), order, "attention", "head");
}

/// Activations by pair, a frame for each of the first neurons.
inline Figure activation_figure(Index order, TransformerActivations const& activations, Index neurons = 3) {
  return detail::pair_maps({"Neurons are periodic in both numbers",
                            "Each cell is one input: the activation of a neuron behind the ReLU.",
                            {}},
                           detail::first_neurons(activations, neurons), order, "activation", "neuron");
}

/// W_neur: what each number adds to the first neurons through each head, were it attended to alone.
inline Figure neuron_weights_figure(std::vector<HeadCircuits> const& circuits, Index neurons = 5) {
  std::vector<Matrix<double>> by_head;
  for (HeadCircuits const& head : circuits) by_head.push_back(head.W_neur);
  return detail::neuron_curves({"W_neur: what a number adds to a neuron through each head",
                                "Waves of few frequencies: each head hands cosines and sines of the number on.",
                                {}},
                               "number", by_head, neurons, {});
}

/// W_attn: what each number adds to the score of each head.
inline Figure attention_weights_figure(std::vector<HeadCircuits> const& circuits) {
  Panel panel{.x = {"number"}, .y = {"what is added to the score"}};
  for (std::size_t h = 0; h < circuits.size(); ++h) {
    panel.traces.emplace_back(numbered_curve("head " + std::to_string(h), circuits[h].W_attn, h));
  }
  return figure("W_attn: what a number adds to the attention score of each head",
                "The score before the softmax is a wave of the number, as a rule of one frequency for each head.",
                std::move(panel));
}

/// The graph of each function of the Fourier basis.
inline Figure fourier_basis_figure(FourierBasis<double> const& basis) {
  const std::string reading = "The slider goes through the orthonormal functions that all spectra here refer to.";
  std::vector<Figure> figures;
  for (Index i = 0; i < basis.order(); ++i) {
    figures.push_back(
        figure("The Fourier basis", reading,
               {.x = {"number"}, .y = {"value"}, .traces = {numbered_curve("", basis.matrix().col(i), 0)}}));
  }
  return animated("function", basis.names(), std::move(figures));
}

/// The inner products of the Fourier basis.
inline Figure fourier_gram_figure(FourierBasis<double> const& basis) {
  HeatMap map = fourier_map(basis.names(), transposed_times<double>(basis.matrix(), basis.matrix()));
  map.value_title = "inner product";
  return figure("The Fourier basis is orthonormal", "One on the diagonal, zero elsewhere.",
                {.x = {"function"}, .y = {"function"}, .traces = {std::move(map)}});
}

/// `attention_figure` in the Fourier basis.
inline Figure attention_spectrum_figure(FourierBasis<double> const& basis, TransformerActivations const& activations) {
  const Matrix<double> coefficients = transform_pairs(basis, detail::attention_to_first(activations));
  return detail::term_maps({"Attention to the first number has few terms in the Fourier basis",
                            "A cell is the coefficient of a function of x times a function of y; few differ from zero.",
                            {}},
                           basis, coefficients, "head", number_names(coefficients.cols()));
}

/// `activation_figure` in the Fourier basis.
inline Figure activation_spectrum_figure(FourierBasis<double> const& basis, TransformerActivations const& activations,
                                         Index neurons = 3) {
  const Matrix<double> coefficients = transform_pairs(basis, detail::first_neurons(activations, neurons));
  return detail::term_maps(
      {"Neurons have few terms in the Fourier basis",
       "A cell is the coefficient of a function of x times a function of y; most of a neuron is in "
       "terms of one frequency.",
       {}},
      basis, coefficients, "neuron", number_names(coefficients.cols()));
}

/// `neuron_weights_figure` in the Fourier basis.
inline Figure neuron_weights_spectrum_figure(FourierBasis<double> const& basis,
                                             std::vector<HeadCircuits> const& circuits, Index neurons = 5) {
  std::vector<Matrix<double>> by_head;
  for (HeadCircuits const& head : circuits) by_head.push_back(transform(basis, head.W_neur));
  return detail::neuron_curves(
      {"W_neur in the Fourier basis", "Peaks are the frequencies in which a head writes to the neuron.", {}},
      "Fourier component", by_head, neurons, basis.names());
}

/// `attention_weights_figure` in the Fourier basis.
inline Figure attention_weights_spectrum_figure(FourierBasis<double> const& basis,
                                                std::vector<HeadCircuits> const& circuits) {
  Panel panel{.x = {"Fourier component"}, .y = {"coefficient in the score"}};
  for (std::size_t h = 0; h < circuits.size(); ++h) {
    const Vector<double> coefficients = transform(basis, circuits[h].W_attn);
    panel.traces.emplace_back(numbered_curve("head " + std::to_string(h), coefficients, h, basis.names()));
  }
  return figure("W_attn in the Fourier basis", "Peaks are the frequencies by which a head decides where to look.",
                std::move(panel));
}

/// The squared norm of the embedding at each basis function.
inline Figure embedding_spectrum_figure(FourierBasis<double> const& basis, ModularAddition const& found) {
  return figure("The embedding has few Fourier components",
                "Pairs of peaks are the cosine and the sine of a frequency that the network keeps.",
                {.x = {"Fourier component"},
                 .y = {"squared norm"},
                 .traces = {numbered_curve("embedding", found.embedding_spectrum, 0, basis.names())}});
}

/// The mean over neurons of the squared terms of their activations less the mean.
/// `spectrum`: that of the hidden layer.
inline Figure mean_activation_spectrum_figure(FourierBasis<double> const& basis, PairSpectrum const& spectrum) {
  return figure("Neurons as a whole: linear and quadratic terms of key frequencies",
                "Power on the edges is linear in waves of x or y; blocks on the diagonal are their products.",
                detail::term_panel(basis, detail::without_constant(spectrum.mean_power), "mean squared coefficient",
                                   ColourScale::sequential));
}

/// The share of each neuron that its best frequency explains, coloured by how often it fires.
inline Figure explained_neurons_figure(FourierBasis<double> const& basis, ModularAddition const& found) {
  Points points{.name = "neuron", .x = {}, .y = {}, .value_title = "share of inputs on which it fires"};
  for (std::size_t k = 0; k < found.neurons.size(); ++k) {
    ExplainedNeuron const& neuron = found.neurons[k];
    points.x.push_back(static_cast<double>(neuron.irrep));
    points.y.push_back(neuron.centred_fraction);
    points.hover.push_back("neuron " + std::to_string(k) + ", " + basis.irreps()[neuron.irrep].label());
    points.value.push_back(found.fraction_positive[static_cast<Index>(k)]);
  }
  Panel panel{.x = {"frequency (number of the irrep)"}, .y = {"share explained"}, .traces = {std::move(points)}};
  panel.markers.push_back({found.threshold, "threshold of clusters", false});
  return figure("Most neurons are explained by one frequency",
                "Neurons above the line form the cluster of their frequency; the others belong to none.",
                std::move(panel));
}

/// The mean squared terms of the activations in each cluster, less the constant, a facet each.
/// Shape: hidden (order^2, d_mlp).
inline Figure cluster_spectra_figure(FourierBasis<double> const& basis, NeuronClusters const& clusters,
                                     Matrix<double> const& hidden) {
  Figure result{"Each cluster of neurons has the terms of its own frequency",
                "A facet is the mean over a cluster: the constant term is left out, the others lie in one block.",
                {},
                2};
  for (std::size_t c = 0; c < clusters.irreps.size(); ++c) {
    const Matrix<double> power = pair_spectrum(basis, hidden(Eigen::all, clusters.neurons[c])).mean_power;
    result.panels.push_back(detail::term_panel(basis, detail::without_constant(power), "mean squared coefficient",
                                               ColourScale::sequential));
    result.panels.back().title =
        basis.irreps()[clusters.irreps[c]].label() + ": " + std::to_string(clusters.neurons[c].size()) + " neurons";
  }
  share_colours(result);
  return result;
}

/// The mean over classes of the squared terms of the logits. `spectrum`: that of the logits.
inline Figure logit_spectrum_figure(FourierBasis<double> const& basis, PairSpectrum const& spectrum) {
  return figure("Logits consist of products of waves of x and y",
                "The blocks of cos cos, cos sin, sin cos and sin sin are cos and sin of w(x + y).",
                detail::term_panel(basis, detail::without_constant(spectrum.mean_power), "mean squared coefficient",
                                   ColourScale::sequential));
}

/// W_logit in the Fourier basis of the classes, neurons as they are numbered.
/// Shape: W_logit (d_mlp, order).
inline Figure unembedding_figure(FourierBasis<double> const& basis, Matrix<double> const& W_logit) {
  HeatMap map{
      .z = transform(basis, W_logit, Axis::columns), .column_labels = basis.names(), .value_title = "coefficient"};
  return figure("W_logit is sparse in the Fourier basis of the classes",
                "A row is what a neuron writes to the logits; columns with colour are the key frequencies.",
                {.x = {"function of the class"}, .y = {"neuron"}, .traces = {std::move(map)}});
}

/// The same with the neurons of each cluster together.
inline Figure clustered_unembedding_figure(FourierBasis<double> const& basis, NeuronClusters const& clusters,
                                           ClusteredUnembedding const& unembedding) {
  HeatMap map{.z = unembedding.coefficients, .column_labels = basis.names(), .value_title = "coefficient"};
  Panel panel{.x = {"function of the class"}, .y = {"neurons, cluster after cluster"}, .traces = {std::move(map)}};
  for (std::size_t c = 0; c < unembedding.ends.size(); ++c) {
    const bool is_cluster = c < clusters.irreps.size();
    panel.markers.push_back({static_cast<double>(unembedding.ends[c]) - 0.5,
                             is_cluster ? basis.irreps()[clusters.irreps[c]].label() : "no frequency", false});
  }
  return figure("Each cluster writes cosine and sine of its own frequency",
                "Lines end the clusters that they name: within one, only two columns have colour.", std::move(panel));
}

/// The neurons along one direction of W_logit for each key irrep, by terms in x and y; on C_n direction 0 is cos wc and
/// direction 1 is sin wc. Irreps with fewer directions are left out.
/// Shape: hidden (order^2, d_mlp), W_logit (d_mlp, order).
/// Errors: `Error` when no key irrep has that direction.
inline Figure direction_spectra_figure(FourierBasis<double> const& basis, std::vector<Index> const& key,
                                       Matrix<double> const& hidden, Matrix<double> const& W_logit, Index direction) {
  std::vector<Index> irreps;
  for (Index irrep : key) {
    if (direction < basis.block(irrep).size) irreps.push_back(irrep);
  }
  std::vector<std::string> frames;
  Matrix<double> coefficients(hidden.rows(), static_cast<Index>(irreps.size()));
  for (std::size_t i = 0; i < irreps.size(); ++i) {
    const Matrix<double> spectra = direction_spectra(basis, irreps[i], hidden, W_logit);
    coefficients.col(static_cast<Index>(i)) = spectra.col(direction);
    frames.push_back(basis.irreps()[irreps[i]].basis_name(direction));
  }
  const std::string what = direction == 0 ? "Cosine" : "Sine";
  return detail::term_maps({what + " components: what the neurons compute for the logits, by terms in x and y",
                            direction == 0 ? "cos w(x + y) is cos cos less sin sin: two cells of opposite sign."
                                           : "sin w(x + y) is sin cos plus cos sin: two cells of the same sign.",
                            {}},
                           basis, coefficients, "frequency", frames);
}

}  // namespace cayley
