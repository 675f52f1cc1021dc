/// Figures of a network that has learned a group, irrep by irrep: logits, hidden layer, unembedding, the sign circuit.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cayley/interpret/product_representation.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/plot/limits.hpp>
#include <cayley/study/study_group.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// Logits of one class c, and the characters chi(a b c^-1) of some irreps, each divided by its largest magnitude.
/// Shape: panels of (order, order), a row for each a.
/// Ref: Chughtai et al. 2023, logit attribution.
inline Figure logit_slice_figure(PairNetwork const& network, StudyGroup const& group, std::vector<Index> const& irreps,
                                 Element c = 0) {
  const Index n = group.table.order();
  const auto panel = [&](std::string title, Matrix<double> values) {
    const double most = values.cwiseAbs().maxCoeff();
    if (most > 0) values /= most;
    return Panel{std::move(title), {"b"}, {"a"}, {HeatMap{std::move(values)}}};
  };
  Matrix<double> logits(n, n);  // (a, b)
  std::vector<Pair> pairs(static_cast<std::size_t>(n));
  for (Element a : elements(group.table)) {
    for (Element b : elements(group.table)) pairs[b] = {a, b};
    logits.row(a) = network.logits_of(pairs).col(c).transpose();
  }
  Figure result{
      "The logits of one element, and the characters of the key irreps",
      "Left, the logit of element " + std::to_string(c) +
          " for each pair (a, b); beside it what each key irrep predicts, its character at a b c^-1. Where the "
          "network computes with an irrep, its pattern shows in the logits.",
      {}};
  result.panels.push_back(panel("observed logit", std::move(logits)));
  const Element inverse = group.table.inverse(c);
  for (Index i : irreps) {
    Matrix<double> characters(n, n);  // (a, b)
    for (Element a : elements(group.table)) {
      for (Element b : elements(group.table)) {
        const Element g = group.table.compose(group.table.compose(a, b), inverse);
        characters(a, b) = group.irreps().character(group.irreps()[i], g);
      }
    }
    result.panels.push_back(panel(group.irreps()[i].label(), std::move(characters)));
  }
  result.columns = std::min<std::size_t>(result.panels.size(), 3);
  share_colours(result);
  return result;
}

/// The change of basis from neurons to the matrix elements of rho(ab).
/// Shape: (matrix elements, neurons).
inline Figure change_of_basis_figure(ProductRepresentation const& held, Irrep const& irrep) {
  return figure("Neurons hold the matrix elements of rho(ab), " + irrep.label(),
                "A row for each matrix element of rho(ab), a column for each neuron: how much of it the neuron holds. "
                "Blank columns are neurons of other irreps.",
                {"", {"neuron"}, {"matrix element"}, {HeatMap{held.change_of_basis}}});
}

/// The unembedding, seen from matrix elements of rho(ab) to those of rho(c).
/// Shape: (matrix elements, matrix elements).
inline Figure linear_map_figure(ProductRepresentation const& held, Irrep const& irrep) {
  return figure("The unembedding reads the character off rho(ab), " + irrep.label(),
                "A multiple of the identity adds to the logit of c the trace of rho(ab) rho(c)^-1, the character of "
                "a b c^-1; anything off the diagonal is something else.",
                {"", {"matrix element of rho(c)"}, {"matrix element of rho(ab)"}, {HeatMap{held.linear_map}}});
}

/// Activations of some neurons over all pairs, elements in the order given: by sign, the blocks of a sign circuit show.
/// Shape: a panel of (order, order) for each neuron.
/// Errors: `Error` without neurons.
inline Figure neuron_activation_figure(PairNetwork const& network, std::span<const Element> order,
                                       std::span<const Index> neurons, std::string title, std::string reading) {
  require(!neurons.empty(), "figure \"", title, "\": no neurons");
  const auto n = static_cast<Index>(order.size());
  std::vector<Matrix<double>> activations(neurons.size(), Matrix<double>(n, n));  // (a, b)
  std::vector<Pair> pairs(order.size());
  for (Index a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < order.size(); ++b) pairs[b] = {order[static_cast<std::size_t>(a)], order[b]};
    const Matrix<double> hidden = network.hidden_of(pairs);  // (b, neurons)
    for (std::size_t k = 0; k < neurons.size(); ++k) activations[k].row(a) = hidden.col(neurons[k]).transpose();
  }
  Figure result{std::move(title), std::move(reading), {}};
  for (std::size_t k = 0; k < neurons.size(); ++k) {
    result.panels.push_back(
        {"neuron " + std::to_string(neurons[k]), {"b"}, {"a"}, {HeatMap{std::move(activations[k])}}});
  }
  result.columns = std::min<std::size_t>(neurons.size(), 3);
  share_colours(result);
  return result;
}

/// The elements where a one-dimensional irrep is 1, and behind them those where it is -1.
/// Errors: `Error` when the irrep is not one-dimensional.
inline std::vector<Element> ordered_by_sign(StudyGroup const& group, Index irrep) {
  Irrep const& sign = group.irreps()[irrep];
  require(sign.dimension() == 1, "order by sign: ", sign.label(), " has dimension ", sign.dimension(), ", expected 1");
  std::vector<Element> order;
  for (Element g : elements(group.table)) order.push_back(g);
  std::stable_partition(order.begin(), order.end(), [&](Element g) { return group.irreps().character(sign, g) > 0; });
  return order;
}

}  // namespace cayley
