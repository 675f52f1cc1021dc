/// The figures of a transformer that adds numbers digit by digit, besides the curves of `log_figures.hpp`.
///
/// Ref: Nanda et al. 2023, the notebook on phase changes, "5 digit addition".
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/interpret/digit_spectra.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/study/sequence_explain.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// The functions on the ten digits, a row each.
inline Figure digit_basis_figure() {
  const FourierBasis<double> basis = digit_basis();
  HeatMap map{.z = basis.matrix().transpose(), .row_labels = basis.names(), .value_title = "value"};
  return figure("The Fourier basis on the ten digits",
                "A row is a function of the digit: waves of one to five periods.",
                {.x = {"digit"}, .y = {"function"}, .traces = {std::move(map)}});
}

/// The squared norms of the digits' embedding and unembedding by function, as shares of what varies with the digit.
inline Figure digit_spectra_figure(DigitAdditionAnalysis const& found) {
  const std::vector<std::string> names = digit_basis().names();
  Panel panel{.x = {"function of the digit"}, .y = {"share of power"}};
  const auto add = [&](char const* name, Vector<double> const& spectrum) {
    Bars bars{.name = name, .labels = {}, .heights = {}, .colour = panel.traces.size()};
    const double varying = spectrum.tail(spectrum.size() - 1).sum();
    for (Index i = 1; i < spectrum.size(); ++i) {
      bars.labels.push_back(names[static_cast<std::size_t>(i)]);
      bars.heights.push_back(spectrum[i] / varying);
    }
    panel.traces.emplace_back(std::move(bars));
  };
  add("embedding", found.spectra.embedding);
  add("unembedding", found.spectra.unembedding);
  return figure("Digits in the Fourier basis of Z/10",
                "The functions of a digit that the network reads and writes, without the constant.", std::move(panel));
}

}  // namespace cayley
