/// Figures of a network in the Fourier basis of its group: embeddings, unembedding, neurons, logits.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/fourier/transform.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cayley/interpret/spectra.hpp>
#include <cayley/plot/animation.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/plot/fourier_map.hpp>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// The functions of a Fourier basis, one at each stop of the slider.
/// Shape: curves over the elements.
inline Figure group_basis_figure(FourierBasis<double> const& basis) {
  std::vector<double> element(static_cast<std::size_t>(basis.order()));
  for (std::size_t g = 0; g < element.size(); ++g) element[g] = static_cast<double>(g);
  std::vector<Figure> figures;
  for (Index k = 0; k < basis.order(); ++k) {
    const Vector<double> f = basis.matrix().col(k);
    figures.push_back(figure("The functions of the Fourier basis",
                             "The slider picks a function; it is drawn over the elements in their order.",
                             {"", {"element"}, {"value"}, {Curve{"", element, {f.begin(), f.end()}}}}));
  }
  return animated("function", basis.names(), std::move(figures));
}

/// One table of weights in the Fourier basis, and its name.
struct NamedSpectrum {
  std::string name;
  Vector<double> power;  ///< by basis function
};

/// The name of each irrep but the trivial one in the middle of its basis functions, where there is room for it; none for
/// more than 24 irreps.
inline std::vector<Tick> irrep_ticks(FourierBasis<double> const& basis) {
  static constexpr double room = 0.04;  // of the axis
  std::vector<Tick> ticks;
  if (basis.irreps().size() > 24) return ticks;
  for (Index i = 1; i < basis.irreps().size(); ++i) {
    const auto block = basis.block(i);
    const double middle = static_cast<double>(block.begin) + 0.5 * static_cast<double>(block.size - 1);
    if (!ticks.empty() && middle - ticks.back().at < room * static_cast<double>(basis.order())) continue;
    ticks.push_back({middle, basis.irreps()[i].label()});
  }
  return ticks;
}

/// Squared norms by basis function.
/// Errors: `Error` when a spectrum does not fit the basis.
inline Figure weight_spectrum_figure(FourierBasis<double> const& basis, std::vector<NamedSpectrum> const& spectra,
                                     std::string title) {
  const std::vector<std::string> names = basis.names();
  std::vector<double> place(names.size());
  for (std::size_t k = 0; k < place.size(); ++k) place[k] = static_cast<double>(k);
  Panel panel{"", {"basis function", false, {}, irrep_ticks(basis)}, {"squared norm"}};
  for (std::size_t s = 0; s < spectra.size(); ++s) {
    Vector<double> const& power = spectra[s].power;
    require(static_cast<std::size_t>(power.size()) == names.size(), "figure \"", title, "\": ", power.size(),
            " values for ", names.size(), " basis functions");
    panel.traces.push_back(Curve{spectra[s].name, place, {power.begin(), power.end()}, names, s});
  }
  return figure(std::move(title),
                "Hover over a peak for its basis function. A network that computes with few irreps has few peaks.",
                std::move(panel));
}

/// What a function of pairs is called, and its values.
struct NamedMap {
  std::string name;
  Matrix<double> values;  ///< (order, order)
};

/// Functions of pairs, one at each stop of the slider.
/// Errors: as `animated`.
inline Figure pair_map_figure(std::string slider, std::vector<NamedMap> maps, std::string const& title,
                              std::string const& reading) {
  std::vector<std::string> labels;
  std::vector<Figure> figures;
  for (NamedMap& map : maps) {
    labels.push_back(map.name);
    figures.push_back(figure(title, reading, {"", {"b"}, {"a"}, {HeatMap{std::move(map.values)}}}));
  }
  return animated(std::move(slider), std::move(labels), std::move(figures));
}

/// Functions of pairs in the Fourier basis, one at each stop of the slider.
/// Errors: as `animated`.
inline Figure pair_spectrum_figure(std::vector<std::string> const& names, std::string slider,
                                   std::vector<NamedMap> maps, std::string const& title,
                                   ColourScale scale = ColourScale::diverging) {
  std::vector<std::string> labels;
  std::vector<Figure> figures;
  for (NamedMap& map : maps) {
    labels.push_back(map.name);
    figures.push_back(figure(
        title,
        "A row for each basis function of a, a column for each of b. Terms beside the constant in "
        "the first row and column depend on one element alone; all others on both.",
        {"", {"basis function of b"}, {"basis function of a"}, {fourier_map(names, std::move(map.values), scale)}}));
  }
  if (figures.size() == 1) return std::move(figures.front());
  return animated(std::move(slider), std::move(labels), std::move(figures));
}

/// Each neuron by the irrep that explains most of it.
/// Shape: a point for each neuron.
inline Figure neuron_irrep_figure(Irreps const& irreps, std::span<const ExplainedNeuron> neurons) {
  // Neurons of one irrep lie beside one another: the golden section spreads any number of them evenly.
  static constexpr double golden = 0.6180339887498949, width = 0.5;
  Points points{"neurons", {}, {}};
  std::vector<std::size_t> seen(static_cast<std::size_t>(irreps.size()));
  for (std::size_t k = 0; k < neurons.size(); ++k) {
    const double turns = golden * static_cast<double>(seen[static_cast<std::size_t>(neurons[k].irrep)]++);
    points.x.push_back(static_cast<double>(neurons[k].irrep) + width * (turns - std::floor(turns + 0.5)));
    points.y.push_back(neurons[k].fraction);
    points.hover.push_back("neuron " + std::to_string(k) + ", " + irreps[neurons[k].irrep].label());
  }
  std::vector<Tick> ticks;
  for (Index i = 0; i < irreps.size(); ++i) {
    if (seen[static_cast<std::size_t>(i)] > 0) ticks.push_back({static_cast<double>(i), irreps[i].label()});
  }
  return figure(
      "Each neuron computes in one irrep",
      "A point for each neuron: the irrep that explains most of its activation, and the share that it explains. Points "
      "near 1 belong to one irrep alone. Neurons of an irrep are spread sideways.",
      {"", {"irrep", false, {}, std::move(ticks)}, {"share explained", false, Limits{0, 1.02}}, {std::move(points)}});
}

}  // namespace cayley
