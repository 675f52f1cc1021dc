/// The orthonormal Fourier basis of the functions on a group, ordered by irrep.
#pragma once

#include <algorithm>
#include <cayley/core/matrix.hpp>
#include <cayley/representation/irreps.hpp>
#include <cmath>
#include <concepts>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// An orthonormal basis of R^G: for each irrep in turn its independent matrix elements, sqrt(d/order) rho_ij(g).
/// Index: basis function k of an irrep is `Irrep::matrix_element(k)`; on C_n the functions are Const, +-1 (even n), and
/// sqrt(2/n) cos and sin of 2 pi k j/n.
/// Normalisation: orthonormal, so that Plancherel holds without factors.
/// Shape: matrix() is (order, order), a row per element, a column per basis function.
/// Cost: order matrices of each irrep; 8 order^2 bytes in double.
/// Ref: Schur orthogonality, Serre 1977, section 2.2; for real types see representation/irrep.hpp.
template <class Scalar = double>
class FourierBasis {
 public:
  /// The basis functions begin .. begin + size - 1 that span one irrep's isotypic space.
  struct Block {
    Index begin;
    Index size;
  };

  explicit FourierBasis(Irreps irreps) : irreps_(std::move(irreps)), matrix_(irreps_.order(), irreps_.order()) {
    Index begin = 0, largest = 0;
    for (Irrep const& irrep : irreps_) {
      blocks_.push_back({begin, irrep.isotypic_dimension()});
      begin += irrep.isotypic_dimension();
      largest = std::max(largest, irrep.dimension());
    }
    std::vector<double> scratch(static_cast<std::size_t>(largest * largest));
    for (Index i = 0; i < irreps_.size(); ++i) {
      Irrep const& irrep = irreps_[i];
      const Index d = irrep.dimension(), nu = irrep.nu();
      const double scale = std::sqrt(static_cast<double>(d) / static_cast<double>(order()));
      for (Element g : ElementRange(order())) {
        irrep.write_matrix(g, scratch.data());
        Scalar* out = matrix_.row(g).data() + block(i).begin;
        for (Index entry = 0; entry < d * d; entry += nu) {
          *out++ = static_cast<Scalar>(scale * scratch[static_cast<std::size_t>(entry)]);
        }
      }
    }
  }

  /// The basis of a group's own irreps: `FourierBasis basis(Symmetric<5>{});`
  // Not for a basis itself: asking whether that is a group asks whether it can be copied, and so on forever.
  template <class G>
    requires(!std::same_as<G, FourierBasis> && FiniteGroup<G>)
  explicit FourierBasis(G const& g)
      : FourierBasis([&] {
          using cayley::irreps;  // or the group's own overload, found beside it
          return irreps(g);
        }()) {}

  Index order() const { return irreps_.order(); }
  Irreps const& irreps() const { return irreps_; }
  Matrix<Scalar> const& matrix() const { return matrix_; }

  /// Where the i-th irrep stands.
  Block block(Index i) const { return blocks_[static_cast<std::size_t>(i)]; }
  /// The basis functions of the i-th irrep.
  /// Shape: (order, isotypic dimension).
  auto functions(Index i) const { return matrix_.middleCols(block(i).begin, block(i).size); }

  /// The irrep of each basis function.
  std::vector<Index> irrep_of() const {
    std::vector<Index> result;
    for (Index i = 0; i < irreps_.size(); ++i) result.insert(result.end(), static_cast<std::size_t>(block(i).size), i);
    return result;
  }
  /// The name of each basis function: `Const`, `cos 3`, `sin 3`, `+-1`, `sign`, `(4,1)[0,2]`.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (Irrep const& irrep : irreps_) {
      for (Index k = 0; k < irrep.isotypic_dimension(); ++k) result.push_back(irrep.basis_name(k));
    }
    return result;
  }

 private:
  Irreps irreps_;
  std::vector<Block> blocks_;
  Matrix<Scalar> matrix_;
};

}  // namespace cayley
