/// The groups on which everything about Fourier transforms is tested, and functions on them.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/group/table_group.hpp>
#include <cayley/representation/irreps.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace cayley::testing {

/// What training and checking are done in.
using Scalars = std::tuple<float, double>;

/// A group as values, so that a test over all groups compiles once.
struct SampleGroup {
  CayleyTable table;
  Irreps irreps;

  Index order() const { return table.order(); }
  std::string name() const { return table.name(); }
};

SampleGroup sample_group(FiniteGroup auto const& g) {
  return {cayley_table(g), irreps(g)};
}

/// The quaternion group: i and j acting on 1, i, -1, -i, j, k, -j, -k.
inline TableGroup quaternions() {
  return TableGroup::generated_by("Q8", {{1, 2, 3, 0, 5, 6, 7, 4}, {4, 7, 6, 5, 2, 1, 0, 3}});
}

/// Orders from 1 to 120; between them irreps of real, complex and quaternionic type, of dimension 1 to 6, in
/// closed form, as tensor products, and from the regular representation.
inline std::vector<SampleGroup> const& sample_groups() {
  static const std::vector<SampleGroup> groups{
      sample_group(Cyclic<>{1}),
      sample_group(Cyclic<>{2}),
      sample_group(Cyclic<12>{}),
      sample_group(Cyclic<>{13}),
      sample_group(Dihedral<>{7}),
      sample_group(Dihedral<8>{}),
      sample_group(Symmetric<4>{}),
      sample_group(Symmetric<5>{}),
      sample_group(Alternating<5>{}),
      sample_group(quaternions()),
      sample_group(Product{Alternating<4>{}, Cyclic<3>{}}),
      sample_group(Product{quaternions(), Cyclic<>{3}}),
      sample_group(TableGroup("C3 with identity 2", {{1, 2, 0}, {2, 0, 1}, {0, 1, 2}})),
  };
  return groups;
}

/// Random columns of norm 1. Shape: (rows, columns).
template <class Scalar>
Matrix<Scalar> random_functions(Index rows, Index columns, std::uint32_t seed) {
  std::mt19937 random(seed);
  Matrix<double> f(rows, columns);
  for (Index i = 0; i < f.size(); ++i) f.data()[i] = static_cast<double>(random()) / 0x1p31 - 1;
  if (f.size() > 0) f.colwise().normalize();
  return f.cast<Scalar>();
}

/// One random function of norm 1.
template <class Scalar>
Vector<Scalar> random_function(SampleGroup const& group, std::uint32_t seed) {
  return random_functions<Scalar>(group.order(), 1, seed).col(0);
}

}  // namespace cayley::testing
