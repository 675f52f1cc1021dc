/// Irreps of symmetric and alternating groups.
#pragma once

#include <cayley/group/alternating.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/representation/irrep.hpp>
#include <cayley/representation/partition.hpp>
#include <cayley/representation/young_orthogonal.hpp>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// The character of a partition of n on each class of a group of permutations.
template <class G>
std::vector<double> partition_characters(Partition const& partition, ConjugacyClasses const& classes) {
  std::vector<double> values;
  for (Element g : classes.representative) {
    values.push_back(static_cast<double>(character(partition, cycle_type<G::degree>(G::permutation(g)))));
  }
  return values;
}

}  // namespace detail

/// Irreps of S_n in Young's orthogonal form, all of real type, by partition in decreasing lexicographic
/// order: `trivial` is (n), `sign` is (1,..,1), the others are labelled by their partition, `(4,1)`.
template <int N>
Irreps irreps(Symmetric<N> const& g) {
  const ConjugacyClasses classes = conjugacy_classes(g);
  std::vector<Irrep> list{trivial_irrep(classes)};
  for (Partition const& partition : partitions(N)) {
    if (partition.size() == 1) continue;
    const auto form = std::make_shared<const YoungOrthogonal>(partition);
    list.emplace_back(static_cast<int>(partition.size()) == N ? "sign" : to_string(partition),
                      form->dimension(), IrrepType::real,
                      detail::partition_characters<Symmetric<N>>(partition, classes),
                      [form](Element a, double* out) {
                        form->template write_matrix<N>(Symmetric<N>::permutation(a), out);
                      });
  }
  return Irreps(classes, std::move(list));
}

/// Irreps of A_n by restriction from S_n. Of two conjugate partitions the lexicographically larger restricts
/// to an irrep, labelled `(4,1)`. A self-conjugate partition carries the map S: t -> sign(t) transposed(t)
/// that commutes with A_n. Where S^2 = 1 the irrep splits into the eigenspaces of S, labelled `(3,1,1)+` and
/// `(3,1,1)-`; where S^2 = -1, S is a complex structure and the irrep is of complex type (a complex pair),
/// labelled `(2,2)`. Ref: James and Kerber 1981, section 2.5 (characters), and 3.4 (S anticommutes with
/// adjacent transpositions).
template <int N>
Irreps irreps(Alternating<N> const& g) {
  const ConjugacyClasses classes = conjugacy_classes(g);
  std::vector<Irrep> list{trivial_irrep(classes)};
  for (Partition const& partition : partitions(N)) {
    const Partition other = conjugate(partition);
    if (partition.size() == 1 || partition < other) continue;
    const auto form = std::make_shared<const YoungOrthogonal>(partition);
    const Index d = form->dimension();
    if (partition != other) {
      list.emplace_back(to_string(partition), d, IrrepType::real,
                        detail::partition_characters<Alternating<N>>(partition, classes),
                        [form](Element a, double* out) {
                          form->template write_matrix<N>(Alternating<N>::permutation(a), out);
                        });
      continue;
    }
    const std::vector<Index> transposed = form->transposed_tableaux();
    const std::vector<int> sign = form->tableau_signs();
    std::vector<Index> half;  // one tableau of each pair (t, transposed t)
    for (Index t = 0; t < d; ++t) {
      if (t < transposed[static_cast<std::size_t>(t)]) half.push_back(t);
    }
    const bool splits = sign.front() == sign[static_cast<std::size_t>(transposed.front())];
    // In the basis (t, S t) of each pair, the coefficients of rho on t are those of an eigenvector or a
    // complex number.
    const auto image = [form, transposed, sign, half, d, splits](Element a, double eigenvalue, double* out) {
      Matrix<double> full(d, d);
      form->template write_matrix<N>(Alternating<N>::permutation(a), full.data());
      const auto h = static_cast<Index>(half.size());
      for (Index i = 0; i < h; ++i) {
        for (Index j = 0; j < h; ++j) {
          const Index ti = half[static_cast<std::size_t>(i)], tj = half[static_cast<std::size_t>(j)];
          const double x = full(ti, tj);
          const double y =
              sign[static_cast<std::size_t>(tj)] * full(ti, transposed[static_cast<std::size_t>(tj)]);
          if (splits) {
            out[i * h + j] = x + eigenvalue * y;
          } else {
            // rho S e_j has the coefficient y on e_i, and rho S = S rho, so rho e_j has -y on S e_i.
            double* block = out + 2 * i * d + 2 * j;
            block[0] = x, block[1] = y, block[d] = -y, block[d + 1] = x;
          }
        }
      }
    };
    const auto add = [&](std::string const& label, Index dimension, IrrepType type, double eigenvalue) {
      Irrep::Rule rule = [image, eigenvalue](Element a, double* out) { image(a, eigenvalue, out); };
      auto characters = traces_by_class(classes, dimension, rule);
      list.emplace_back(label, dimension, type, std::move(characters), std::move(rule));
    };
    if (splits) {
      add(to_string(partition) + "+", d / 2, IrrepType::real, 1);
      add(to_string(partition) + "-", d / 2, IrrepType::real, -1);
    } else {
      add(to_string(partition), d, IrrepType::complex, 0);
    }
  }
  return Irreps(classes, std::move(list));
}

}  // namespace cayley
