/// Irreps of any finite group, from its products alone, by decomposing the regular representation.
#pragma once

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/product.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/representation/irrep.hpp>
#include <cmath>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// Splits R^G, on which G acts by (lambda(a) v)(g) = v(a^-1 g), with random elements of the commutant. These
/// are the matrices C(g,h) = f(g^-1 h); symmetric when f(x) = f(x^-1). Almost surely every eigenspace of a
/// symmetric one is irreducible over R.
/// `Table` is a `CayleyTable`; as a template this costs nothing where it is not used, Eigen's solver being
/// slow to compile.
template <class Table>
class RegularDecomposition {
 public:
  RegularDecomposition(Table const& table, ConjugacyClasses const& classes, std::uint64_t seed)
      : table_(table), classes_(classes), random_(seed) {}

  /// The irreps, sorted; nothing when an unlucky draw left two eigenvalues too close.
  std::optional<std::vector<Irrep>> attempt() {
    const Index n = table_.order();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(commutant_element(1));
    const auto& values = solver.eigenvalues();
    const double spread = values[n - 1] - values[0];
    const double same = 1e-10 * spread, distinct = 1e-7 * spread;
    std::vector<Found> found;
    Index covered = 0;
    for (Index begin = 0, end; begin < n && covered < n; begin = end) {
      end = begin + 1;
      while (end < n && values[end] - values[end - 1] <= same) ++end;
      if (end < n && values[end] - values[end - 1] < distinct) return std::nullopt;
      const Matrix<double> space = solver.eigenvectors().middleCols(begin, end - begin);
      std::vector<double> characters = characters_on(space);
      const auto type = irreducible_type(characters);
      if (!type) return std::nullopt;
      const bool known = std::any_of(found.begin(), found.end(),
                                     [&](Found const& other) { return close(other.characters, characters); });
      if (known) continue;
      const auto adapted = adapted_basis(space, *type);
      if (!adapted) return std::nullopt;
      covered += space.cols() * space.cols() / static_cast<Index>(*type);
      found.push_back({*type, std::move(characters), matrices(*adapted)});
    }
    if (covered != n) return std::nullopt;
    return labelled(std::move(found));
  }

 private:
  struct Found {
    IrrepType type;
    std::vector<double> characters;
    std::shared_ptr<const Matrix<double>> matrices;  // (order, d*d)

    Index dimension() const {
      return static_cast<Index>(std::llround(std::sqrt(static_cast<double>(matrices->cols()))));
    }
  };

  /// C(g,h) = f(g^-1 h) for random f with f(x^-1) = parity f(x).
  Matrix<double> commutant_element(double parity) {
    const Index n = table_.order();
    std::vector<double> f(static_cast<std::size_t>(n));
    for (Element x : elements(table_)) {
      const double value = static_cast<double>(random_() >> 11) * 0x1p-52 - 1;
      const Element inverse = table_.inverse(x);
      if (x < inverse) f[x] = value, f[inverse] = parity * value;
      if (x == inverse) f[x] = parity > 0 ? value : 0;
    }
    Matrix<double> result(n, n);
    for (Element g : elements(table_)) {
      const auto row = table_.row(table_.inverse(g));
      for (Element h : elements(table_)) result(g, h) = f[row[h]];
    }
    return result;
  }

  /// lambda(a) applied to the columns of `space`.
  Matrix<double> translated(Element a, Matrix<double> const& space) const {
    Matrix<double> result(space.rows(), space.cols());
    const auto row = table_.row(table_.inverse(a));
    for (Index g = 0; g < space.rows(); ++g) result.row(g) = space.row(row[static_cast<std::size_t>(g)]);
    return result;
  }

  std::vector<double> characters_on(Matrix<double> const& space) const {
    std::vector<double> traces;
    for (Element a : classes_.representative) traces.push_back(space.cwiseProduct(translated(a, space)).sum());
    return traces;
  }

  /// The type by nu = <chi, chi> and by the Frobenius-Schur indicator (1/order) sum of chi(g^2), which must
  /// agree.
  std::optional<IrrepType> irreducible_type(std::vector<double> const& characters) const {
    double norm = 0, indicator = 0;
    for (std::size_t c = 0; c < characters.size(); ++c) {
      const auto size = static_cast<double>(classes_.size[c]);
      const Element g = classes_.representative[c];
      norm += size * characters[c] * characters[c];
      indicator += size * characters[classes_.class_of[table_.compose(g, g)]];
    }
    norm /= static_cast<double>(table_.order());
    indicator /= static_cast<double>(table_.order());
    const auto is = [&](double nu, double fs) { return std::abs(norm - nu) < 1e-6 && std::abs(indicator - fs) < 1e-6; };
    if (is(1, 1)) return IrrepType::real;
    if (is(2, 0)) return IrrepType::complex;
    if (is(4, -2)) return IrrepType::quaternionic;
    return std::nullopt;
  }

  static bool close(std::vector<double> const& a, std::vector<double> const& b) {
    return std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) { return std::abs(x - y) < 1e-6; });
  }

  /// A random complex structure on `space` that commutes with the group and anticommutes with `other`, if
  /// given.
  std::optional<Matrix<double>> complex_structure(Matrix<double> const& space, Matrix<double> const* other) {
    Matrix<double> j = transposed_times<double>(space, times<double>(commutant_element(-1), space));
    const double before = j.squaredNorm();
    if (other != nullptr) j -= j.cwiseProduct(*other).sum() / other->squaredNorm() * *other;
    if (!(j.squaredNorm() > 1e-4 * before) || before == 0) return std::nullopt;
    j *= std::sqrt(static_cast<double>(j.rows()) / j.squaredNorm());
    return j;
  }

  /// An orthonormal basis of `space` in which the matrices are adapted to the type (irrep.hpp).
  std::optional<Matrix<double>> adapted_basis(Matrix<double> const& space, IrrepType type) {
    if (type == IrrepType::real) return space;
    const auto i = complex_structure(space, nullptr);
    if (!i) return std::nullopt;
    std::optional<Matrix<double>> j;
    if (type == IrrepType::quaternionic) {
      j = complex_structure(space, &*i);
      if (!j) return std::nullopt;
    }
    const Index d = space.cols();
    Matrix<double> basis = Matrix<double>::Zero(d, d);
    for (Index filled = 0; filled < d; filled += static_cast<Index>(type)) {
      // The coordinate vector with the largest part outside what is spanned already.
      Matrix<double> outside = Matrix<double>::Identity(d, d) - times_transposed<double>(basis, basis);
      Index best = 0;
      outside.colwise().squaredNorm().maxCoeff(&best);
      const Vector<double> v = outside.col(best).normalized();
      basis.col(filled) = v;
      basis.col(filled + 1) = *i * v;
      if (j) {
        basis.col(filled + 2) = *j * v;
        basis.col(filled + 3) = *j * (*i * v);
      }
    }
    return times<double>(space, basis);
  }

  /// The matrices of all elements in an orthonormal basis of an invariant space: projections for the
  /// generators, products for the rest.
  std::shared_ptr<const Matrix<double>> matrices(Matrix<double> const& basis) const {
    const Index d = basis.cols();
    auto result = std::make_shared<Matrix<double>>(table_.order(), d * d);
    const auto matrix = [&](Element g) { return Eigen::Map<Matrix<double>>(result->row(g).data(), d, d); };
    std::vector<std::pair<Element, Matrix<double>>> steps;
    for (Element s : table_.generators()) steps.emplace_back(s, transposed_times<double>(basis, translated(s, basis)));
    std::vector<bool> reached(static_cast<std::size_t>(table_.order()), false);
    std::vector<Element> queue{table_.identity()};
    reached[table_.identity()] = true;
    matrix(table_.identity()).setIdentity();
    for (std::size_t next = 0; next < queue.size(); ++next) {
      for (auto const& [s, step] : steps) {
        const Element product = table_.compose(s, queue[next]);
        if (reached[product]) continue;
        reached[product] = true;
        queue.push_back(product);
        matrix(product) = times<double>(step, matrix(queue[next]));
      }
    }
    return result;
  }

  /// By dimension, then type, then character (larger values first, class by class); the trivial irrep leads.
  std::vector<Irrep> labelled(std::vector<Found> found) const {
    std::sort(found.begin(), found.end(), [](Found const& a, Found const& b) {
      if (a.dimension() != b.dimension()) return a.dimension() < b.dimension();
      if (a.type != b.type) return a.type < b.type;
      for (std::size_t c = 0; c < a.characters.size(); ++c) {
        if (std::abs(a.characters[c] - b.characters[c]) > 1e-6) return a.characters[c] > b.characters[c];
      }
      return false;
    });
    std::vector<Irrep> list;
    Index previous = 0, count = 0;
    for (Found const& f : found) {
      const Index d = f.dimension();
      if (list.empty()) {
        list.push_back(trivial_irrep(classes_));
        continue;
      }
      count = d == previous ? count + 1 : 1;
      previous = d;
      list.emplace_back(
          "irrep_" + std::to_string(d) + "_" + std::to_string(count), d, f.type, f.characters,
          [matrices = f.matrices, d](Element g, double* out) { std::copy_n(matrices->row(g).data(), d * d, out); });
    }
    return list;
  }

  Table const& table_;
  ConjugacyClasses const& classes_;
  std::mt19937_64 random_;
};

}  // namespace detail

/// Irreps of any finite group: `trivial`, then `irrep_<dimension>_<count>` by dimension, type and character.
/// The same group gives the same labels and matrices every time.
/// Cost: O(order^3) time and 16 order^2 bytes; a second for order 1000.
/// Errors: `Error` when `g` is not associative (Light's test, as for `TableGroup`), or when ten random draws
/// fail, as they do when it breaks another law of groups.
Irreps regular_decomposition(FiniteGroup auto const& g) {
  for (Element s : generators(g)) {
    std::vector<Element> row;
    for (Element b : elements(g)) row.push_back(g.compose(s, b));
    for (Element p : elements(g)) {
      for (Element b : elements(g)) {
        require(g.compose(row[p], b) == row[g.compose(p, b)], group_name(g), " is no group: not associative at (", s,
                ", ", p, ", ", b, ")");
      }
    }
  }
  const CayleyTable table = cayley_table(g);
  const ConjugacyClasses classes = conjugacy_classes(table);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    if (auto list = detail::RegularDecomposition(table, classes, seed).attempt()) {
      return Irreps(classes, std::move(*list));
    }
  }
  fail("the regular representation of ", group_name(g), " did not decompose; does it obey the laws of a group?");
}

}  // namespace cayley
