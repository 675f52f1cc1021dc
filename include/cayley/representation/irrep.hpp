/// Real irreducible representations as values: label, dimension, type, character, matrices.
///
/// Networks are real, so a representation here is an orthogonal matrix-valued function over R with rho(ab) = rho(a)
/// rho(b), irreducible over R. Its endomorphisms form R, C or H (Schur), its type. A complex pair sigma, conj(sigma) is
/// one irrep of complex type and dimension 2 dim(sigma); a quaternionic sigma is one irrep of quaternionic type and
/// dimension 2 dim(sigma). Matrices are adapted to the type: a matrix of type C or H consists of nu x nu blocks, each a
/// complex number [[a,-b],[b,a]] or a quaternion acting by left multiplication on (1,i,j,k). So the first column of
/// every block holds all matrix elements, and those d^2/nu functions are orthogonal with squared norm order/d (Schur
/// orthogonality).
/// Ref: Serre 1977, Linear Representations of Finite Groups, section 13.2.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/group/conjugacy.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// The algebra of endomorphisms; the value is its dimension over R, nu = (1/order) sum over g of chi(g)^2.
enum class IrrepType { real = 1, complex = 2, quaternionic = 4 };

/// "real", "complex" or "quaternionic".
inline std::string to_string(IrrepType type) {
  switch (type) {
    case IrrepType::real:
      return "real";
    case IrrepType::complex:
      return "complex";
    default:
      return "quaternionic";
  }
}

/// One real irreducible representation of a group.
class Irrep {
 public:
  /// Writes the matrix of an element, row-major, (dimension, dimension).
  using Rule = std::function<void(Element, double*)>;

  /// `characters`: the trace by conjugacy class. `basis_names`: the names of the isotypic_dimension() matrix elements
  /// (see matrix_element); empty for `label[i,j]`.
  /// Errors: `Error` when the dimension is below 1 or not divisible as the type demands.
  Irrep(std::string label, Index dimension, IrrepType type, std::vector<double> characters, Rule rule,
        std::vector<std::string> basis_names = {})
      : label_(std::move(label)),
        dimension_(dimension),
        type_(type),
        characters_(std::move(characters)),
        rule_(std::move(rule)),
        basis_names_(std::move(basis_names)) {
    require(dimension_ >= 1 && dimension_ % nu() == 0, "irrep ", label_, ": dimension ", dimension_,
            " is not possible for ", to_string(type_), " type");
  }

  std::string const& label() const { return label_; }
  Index dimension() const { return dimension_; }
  IrrepType type() const { return type_; }
  /// Dimension of the algebra of endomorphisms: 1, 2 or 4.
  Index nu() const { return static_cast<Index>(type_); }
  /// Dimension d^2/nu of the space of functions on the group spanned by the matrix elements.
  Index isotypic_dimension() const { return dimension_ * dimension_ / nu(); }
  /// The character, by conjugacy class.
  std::vector<double> const& characters() const { return characters_; }

  /// The orthogonal matrix of `g`.
  /// Shape: (dimension, dimension).
  Matrix<double> matrix(Element g) const {
    Matrix<double> result(dimension_, dimension_);
    rule_(g, result.data());
    return result;
  }
  void write_matrix(Element g, double* out) const { rule_(g, out); }

  /// Row and column of the k-th independent matrix element.
  /// Range: 0 <= k < isotypic_dimension(); row by row, of each block the first column.
  std::pair<Index, Index> matrix_element(Index k) const {
    const Index columns = dimension_ / nu();
    return {k / columns, k % columns * nu()};
  }
  /// Name of the k-th independent matrix element: `Const`, `cos 3`, `sin 3`, `+-1`, or `label[i,j]`.
  std::string basis_name(Index k) const {
    if (!basis_names_.empty()) return basis_names_[static_cast<std::size_t>(k)];
    if (dimension_ == 1) return label_;
    const auto [i, j] = matrix_element(k);
    return label_ + "[" + std::to_string(i) + "," + std::to_string(j) + "]";
  }

  /// The same irrep under another label.
  Irrep renamed(std::string label) const {
    Irrep copy = *this;
    copy.label_ = std::move(label);
    return copy;
  }

 private:
  std::string label_;
  Index dimension_;
  IrrepType type_;
  std::vector<double> characters_;
  Rule rule_;
  std::vector<std::string> basis_names_;
};

/// All real irreps of a group, the trivial one first, with the conjugacy classes that index their characters.
class Irreps {
 public:
  /// Errors: `Error` when the isotypic dimensions d^2/nu do not add up to the order, i.e. the list is not
  /// complete.
  Irreps(ConjugacyClasses classes, std::vector<Irrep> irreps)
      : classes_(std::move(classes)), irreps_(std::move(irreps)) {
    Index total = 0;
    for (Irrep const& irrep : irreps_) {
      total += irrep.isotypic_dimension();
      require(irrep.characters().size() == classes_.size.size(), "irrep ", irrep.label(), ": ",
              irrep.characters().size(), " character values for ", classes_.count(), " classes");
    }
    require(total == classes_.order(), "irreps span ", total, " dimensions of functions on a group of order ",
            classes_.order());
  }

  Index order() const { return classes_.order(); }
  Index size() const { return static_cast<Index>(irreps_.size()); }
  ConjugacyClasses const& classes() const { return classes_; }
  Irrep const& operator[](Index i) const { return irreps_[static_cast<std::size_t>(i)]; }
  auto begin() const { return irreps_.begin(); }
  auto end() const { return irreps_.end(); }

  /// Position of a label, or -1.
  Index find(std::string_view label) const {
    const auto it = std::find_if(begin(), end(), [&](Irrep const& r) { return r.label() == label; });
    return it == end() ? Index{-1} : static_cast<Index>(it - begin());
  }
  /// Errors: `Error` listing the labels when there is no such irrep.
  Irrep const& at(std::string_view label) const {
    const Index i = find(label);
    if (i < 0) {
      std::vector<std::string> known;
      for (Irrep const& irrep : irreps_) known.push_back(irrep.label());
      fail("no irrep is called ", label, name_suggestion(label, known));
    }
    return (*this)[i];
  }

  /// Character of `irrep` at an element.
  double character(Irrep const& irrep, Element g) const { return irrep.characters()[classes_.class_of[g]]; }

  /// Shape: (irreps, classes).
  Matrix<double> character_table() const {
    Matrix<double> table(size(), classes_.count());
    for (Index i = 0; i < size(); ++i) {
      for (Index c = 0; c < classes_.count(); ++c) table(i, c) = (*this)[i].characters()[static_cast<std::size_t>(c)];
    }
    return table;
  }

  /// The same irreps under other labels. `labels`: one for each irrep.
  Irreps renamed(std::vector<std::string> const& labels) const {
    require(labels.size() == irreps_.size(), labels.size(), " labels for ", irreps_.size(), " irreps");
    std::vector<Irrep> list;
    for (std::size_t i = 0; i < labels.size(); ++i) list.push_back(irreps_[i].renamed(labels[i]));
    return Irreps(classes_, std::move(list));
  }

 private:
  ConjugacyClasses classes_;
  std::vector<Irrep> irreps_;
};

/// The trace of `rule` at a representative of each class. `rule` writes (dimension, dimension) matrices.
inline std::vector<double> traces_by_class(ConjugacyClasses const& classes, Index dimension, Irrep::Rule const& rule) {
  Matrix<double> matrix(dimension, dimension);
  std::vector<double> traces;
  for (Element g : classes.representative) {
    rule(g, matrix.data());
    traces.push_back(matrix.trace());
  }
  return traces;
}

/// The irrep that is 1 everywhere, `trivial`, whose only basis function is called `Const`.
inline Irrep trivial_irrep(ConjugacyClasses const& classes) {
  return Irrep("trivial", 1, IrrepType::real, std::vector<double>(classes.size.size(), 1.0),
               [](Element, double* out) { *out = 1; }, {"Const"});
}

/// A one-dimensional real irrep: `value` is +1 or -1, by element.
template <class Value>
Irrep one_dimensional_irrep(std::string label, ConjugacyClasses const& classes, Value value,
                            std::vector<std::string> basis_names = {}) {
  Irrep::Rule rule = [value](Element g, double* out) { *out = value(g); };
  auto characters = traces_by_class(classes, 1, rule);
  return Irrep(std::move(label), 1, IrrepType::real, std::move(characters), std::move(rule), std::move(basis_names));
}

}  // namespace cayley
