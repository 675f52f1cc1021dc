/// Irreps of a direct product: tensor products of the factors' irreps.
#pragma once

#include <cayley/group/product.hpp>
#include <cayley/representation/division_algebra.hpp>
#include <cayley/representation/irrep.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

// Defined in irreps.hpp; named here because a factor's own namespace may hold no overload.
template <FiniteGroup G>
Irreps irreps(G const& g);

/// Irreps of G x H, the left factor's irreps outermost. Of real types of dimensions d1 and d2 by the types R,
/// C, H:
///   R x any   the tensor product, dimension d1 d2, the type of the other factor
///   C x C     two of complex type, s x t and s x conj(t), dimension d1 d2/2
///   C x H     one of complex type, dimension d1 d2/2
///   H x H     one of real type, X -> A X B*, dimension d1 d2/4
/// Labels: `freq_1 x sign`, the conjugate one `freq_1 x freq_2*`; `trivial` for the trivial irrep.
template <FiniteGroup G, FiniteGroup H>
Irreps irreps(Product<G, H> const& g) {
  using Combine = Matrix<double> (*)(Matrix<double> const&, Matrix<double> const&);
  const ConjugacyClasses classes = conjugacy_classes(g);
  const Irreps left = irreps(g.left()), right = irreps(g.right());
  std::vector<Irrep> list;
  for (Irrep const& a : left) {
    for (Irrep const& b : right) {
      if (list.empty()) {
        list.push_back(trivial_irrep(classes));
        continue;
      }
      const auto add = [&](std::string const& suffix, Index dimension, IrrepType type, Combine combine) {
        Irrep::Rule rule = [g, a, b, dimension, combine](Element x, double* out) {
          Eigen::Map<Matrix<double>>(out, dimension, dimension) = combine(a.matrix(g.first(x)), b.matrix(g.second(x)));
        };
        auto characters = traces_by_class(classes, dimension, rule);
        list.emplace_back(a.label() + " x " + b.label() + suffix, dimension, type, std::move(characters),
                          std::move(rule));
      };
      using M = Matrix<double>;
      const Index d = a.dimension() * b.dimension();
      if (a.type() == IrrepType::real) {
        add("", d, b.type(), [](M const& x, M const& y) -> M { return kronecker(x, y); });
      } else if (b.type() == IrrepType::real) {
        add("", d, a.type(), [](M const& x, M const& y) -> M { return kronecker(y, x); });
      } else if (a.type() == IrrepType::complex && b.type() == IrrepType::complex) {
        add("", d / 2, IrrepType::complex, [](M const& x, M const& y) -> M {
          return adapted_from_complex(kronecker(complex_from_adapted(x), complex_from_adapted(y)));
        });
        add("*", d / 2, IrrepType::complex, [](M const& x, M const& y) -> M {
          const ComplexMatrix conjugate = complex_from_adapted(y).conjugate();
          return adapted_from_complex(kronecker(complex_from_adapted(x), conjugate));
        });
      } else if (a.type() == IrrepType::complex) {
        add("", d / 2, IrrepType::complex, [](M const& x, M const& y) -> M {
          return adapted_from_complex(kronecker(complex_from_adapted(x), complex_from_quaternionic(y)));
        });
      } else if (b.type() == IrrepType::complex) {
        add("", d / 2, IrrepType::complex, [](M const& x, M const& y) -> M {
          return adapted_from_complex(kronecker(complex_from_quaternionic(x), complex_from_adapted(y)));
        });
      } else {
        add("", d / 4, IrrepType::real, quaternionic_sandwich);
      }
    }
  }
  return Irreps(classes, std::move(list));
}

}  // namespace cayley
