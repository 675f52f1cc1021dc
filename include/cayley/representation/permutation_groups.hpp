/// Irreps of symmetric and alternating groups.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/group/alternating.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/representation/irrep.hpp>
#include <cayley/representation/partition.hpp>
#include <cayley/representation/young_orthogonal.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// A group of permutations of `degree` points, seen through the image arrays of its elements.
struct PermutationElements {
  int degree;
  void (*write_image)(Element, std::uint8_t*);

  std::array<std::uint8_t, 12> image(Element g) const {
    std::array<std::uint8_t, 12> result{};
    write_image(g, result.data());
    return result;
  }
  void write_matrix(YoungOrthogonal const& form, Element g, double* out) const {
    const auto p = image(g);
    form.write_matrix(std::span(p).first(static_cast<std::size_t>(degree)), out);
  }
};

template <class G>
PermutationElements permutation_elements(G const&) {
  return {G::degree, [](Element g, std::uint8_t* out) {
            const auto p = G::permutation(g);
            std::copy(p.begin(), p.end(), out);
          }};
}

/// The character of a partition of the degree on each class.
inline std::vector<double> partition_characters(Partition const& partition, ConjugacyClasses const& classes,
                                                PermutationElements const& elements) {
  std::vector<double> values;
  for (Element g : classes.representative) {
    const auto image = elements.image(g);
    const Partition cycles = cycle_type(std::span(image).first(static_cast<std::size_t>(elements.degree)));
    values.push_back(static_cast<double>(character(partition, cycles)));
  }
  return values;
}

/// The irrep of S_n, or its restriction to A_n, in Young's orthogonal form.
inline Irrep young_irrep(std::string label, Partition const& partition, ConjugacyClasses const& classes,
                         PermutationElements const& elements) {
  const auto form = std::make_shared<const YoungOrthogonal>(partition);
  return Irrep(std::move(label), form->dimension(), IrrepType::real, partition_characters(partition, classes, elements),
               [form, elements](Element g, double* out) { elements.write_matrix(*form, g, out); });
}

/// What a self-conjugate partition becomes on A_n: two irreps, or one of complex type.
inline std::vector<Irrep> split_irreps(Partition const& partition, ConjugacyClasses const& classes,
                                       PermutationElements const& elements) {
  const auto form = std::make_shared<const YoungOrthogonal>(partition);
  const Index d = form->dimension();
  const std::vector<Index> transposed = form->transposed_tableaux();
  const std::vector<int> sign = form->tableau_signs();
  std::vector<Index> half;  // one tableau of each pair (t, transposed t)
  for (Index t = 0; t < d; ++t) {
    if (t < transposed[static_cast<std::size_t>(t)]) half.push_back(t);
  }
  const bool splits = sign.front() == sign[static_cast<std::size_t>(transposed.front())];
  // In the basis (t, S t) of each pair, the coefficients of rho on t are those of an eigenvector or a complex
  // number.
  const auto image = [=](Element g, double eigenvalue, double* out) {
    Matrix<double> full(d, d);
    elements.write_matrix(*form, g, full.data());
    const auto h = static_cast<Index>(half.size());
    for (Index i = 0; i < h; ++i) {
      for (Index j = 0; j < h; ++j) {
        const Index ti = half[static_cast<std::size_t>(i)], tj = half[static_cast<std::size_t>(j)];
        const double x = full(ti, tj);
        const double y = sign[static_cast<std::size_t>(tj)] * full(ti, transposed[static_cast<std::size_t>(tj)]);
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
  std::vector<Irrep> list;
  const auto add = [&](std::string const& suffix, Index dimension, IrrepType type, double eigenvalue) {
    Irrep::Rule rule = [image, eigenvalue](Element g, double* out) { image(g, eigenvalue, out); };
    auto characters = traces_by_class(classes, dimension, rule);
    list.emplace_back(to_string(partition) + suffix, dimension, type, std::move(characters), std::move(rule));
  };
  if (splits) {
    add("+", d / 2, IrrepType::real, 1);
    add("-", d / 2, IrrepType::real, -1);
  } else {
    add("", d, IrrepType::complex, 0);
  }
  return list;
}

inline Irreps symmetric_irreps(ConjugacyClasses const& classes, PermutationElements const& elements) {
  std::vector<Irrep> list{trivial_irrep(classes)};
  for (Partition const& partition : partitions(elements.degree)) {
    if (partition.size() == 1) continue;
    const bool sign = static_cast<int>(partition.size()) == elements.degree;
    list.push_back(young_irrep(sign ? "sign" : to_string(partition), partition, classes, elements));
  }
  return Irreps(classes, std::move(list));
}

inline Irreps alternating_irreps(ConjugacyClasses const& classes, PermutationElements const& elements) {
  std::vector<Irrep> list{trivial_irrep(classes)};
  for (Partition const& partition : partitions(elements.degree)) {
    const Partition other = conjugate(partition);
    if (partition.size() == 1 || partition < other) continue;
    if (partition != other) {
      list.push_back(young_irrep(to_string(partition), partition, classes, elements));
    } else {
      for (Irrep& irrep : split_irreps(partition, classes, elements)) list.push_back(std::move(irrep));
    }
  }
  return Irreps(classes, std::move(list));
}

}  // namespace detail

/// Irreps of S_n in Young's orthogonal form, all of real type, by partition in decreasing lexicographic
/// order: `trivial` is (n), `sign` is (1,..,1), the others are labelled by their partition, `(4,1)`.
template <int N>
Irreps irreps(Symmetric<N> const& g) {
  return detail::symmetric_irreps(conjugacy_classes(g), detail::permutation_elements(g));
}

/// Irreps of A_n by restriction from S_n. Of two conjugate partitions the lexicographically larger restricts to an
/// irrep, labelled `(4,1)`. A self-conjugate partition carries the map S: t -> sign(t) transposed(t) that commutes with
/// A_n. Where S^2 = 1 the irrep splits into the eigenspaces of S, labelled `(3,1,1)+` and `(3,1,1)-`; where S^2 = -1, S
/// is a complex structure and the irrep is of complex type (a complex pair), labelled `(2,2)`.
/// Ref: James and Kerber 1981, section 2.5 (characters), and 3.4 (S anticommutes with adjacent transpositions).
template <int N>
Irreps irreps(Alternating<N> const& g) {
  return detail::alternating_irreps(conjugacy_classes(g), detail::permutation_elements(g));
}

}  // namespace cayley
