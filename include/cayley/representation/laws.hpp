/// The laws of real irreps as code, each with a counterexample when it is broken.
#pragma once

#include <cayley/group/laws.hpp>
#include <cayley/representation/irrep.hpp>
#include <cmath>
#include <string>
#include <vector>

namespace cayley {

/// Every law that `irreps` breaks as the irreps of `g`; empty for a correct list. To `tolerance`, per matrix
/// entry:
///   homomorphism   rho(ab) = rho(a) rho(b)
///   orthogonality  rho(a) rho(a)^T = 1
///   adaptation     the blocks of complex and quaternionic types have their form (irrep.hpp)
///   character      the character of a class is the trace of the matrix of each of its elements
///   schur          (1/order) sum over g of chi_i chi_j = nu delta_ij
///   indicator      (1/order) sum over g of chi(g^2) is 1, 0, -2 for type R, C, H
///   completeness   the d^2/nu add up to the order; checked first, and the only law reported when it fails
/// Cost: `effort.budget` matrix products an irrep at most.
template <FiniteGroup G>
std::vector<LawViolation> broken_representation_laws(G const& g, Irreps const& irreps, double tolerance = 1e-9,
                                                     LawEffort effort = {.budget = 20'000}) {
  const auto order = static_cast<Index>(g.order());
  if (irreps.order() != order) {
    return {{"completeness", std::to_string(irreps.order()) + " dimensions of " + std::to_string(order)}};
  }
  std::vector<LawViolation> found;
  const ConjugacyClasses& classes = irreps.classes();
  const auto n = static_cast<double>(order);
  for (Irrep const& irrep : irreps) {
    const Index d = irrep.dimension(), nu = irrep.nu();
    const auto report = [&](std::string law, std::string what) {
      found.push_back({std::move(law), irrep.label() + ": " + std::move(what)});
    };
    detail::for_tuples(g.order(), 1, effort, [&](std::vector<Element> const& t) {
      const Matrix<double> rho = irrep.matrix(t[0]);
      const std::string element = "element " + std::to_string(t[0]);
      const std::size_t before = found.size();
      if (!((rho * rho.transpose() - Matrix<double>::Identity(d, d)).cwiseAbs().maxCoeff() <= tolerance)) {
        report("orthogonality", element);
      }
      if (!(std::abs(rho.trace() - irreps.character(irrep, t[0])) <= tolerance * static_cast<double>(d))) {
        report("character", element);
      }
      // The other columns of a block repeat the entries of the first one: (row, sign) by (column, row).
      static constexpr int row_of[4][4] = {{0, 1, 2, 3}, {1, 0, 3, 2}, {2, 3, 0, 1}, {3, 2, 1, 0}};
      static constexpr int sign_of[4][4] = {{1, 1, 1, 1}, {-1, 1, 1, -1}, {-1, -1, 1, 1}, {-1, 1, -1, 1}};
      for (Index i = 0; i < d; ++i) {
        for (Index j = 0; j < d; ++j) {
          const Index r = i % nu, c = j % nu;
          const double expected = sign_of[c][r] * rho(i - r + row_of[c][r], j - c);
          if (!(std::abs(rho(i, j) - expected) <= tolerance) && found.size() == before) {
            report("adaptation", element);
          }
        }
      }
      return found.size() == before;
    });
    detail::for_tuples(g.order(), 2, effort, [&](std::vector<Element> const& t) {
      const Matrix<double> product = irrep.matrix(t[1]) * irrep.matrix(t[0]);
      const bool holds = (irrep.matrix(g.compose(t[1], t[0])) - product).cwiseAbs().maxCoeff() <= tolerance;
      if (!holds) report("homomorphism", "elements " + std::to_string(t[1]) + " and " + std::to_string(t[0]));
      return holds;
    });
    double indicator = 0;
    for (std::size_t c = 0; c < classes.size.size(); ++c) {
      const Element x = classes.representative[c];
      indicator += static_cast<double>(classes.size[c]) * irreps.character(irrep, g.compose(x, x));
    }
    const double expected = nu == 1 ? 1 : nu == 2 ? 0 : -2;
    if (!(std::abs(indicator / n - expected) <= tolerance)) report("indicator", std::to_string(indicator / n));
    for (Irrep const& other : irreps) {
      double product = 0;
      for (std::size_t c = 0; c < classes.size.size(); ++c) {
        product += static_cast<double>(classes.size[c]) * irrep.characters()[c] * other.characters()[c];
      }
      const double wanted = &irrep == &other ? static_cast<double>(nu) : 0;
      if (!(std::abs(product / n - wanted) <= tolerance * static_cast<double>(d * other.dimension()))) {
        report("schur", "with " + other.label() + ": " + std::to_string(product / n));
      }
    }
  }
  return found;
}

}  // namespace cayley
