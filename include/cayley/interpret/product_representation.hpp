/// The representation rho(ab) inside the hidden layer, and the linear map that reads the logits off it.
#pragma once

#include <Eigen/Eigenvalues>
#include <cayley/core/product.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cayley/interpret/hidden_means.hpp>
#include <cmath>
#include <concepts>
#include <span>

namespace cayley {

namespace detail {

/// The singular value decomposition C = u s v^T through the symmetric matrix C C^T = u s^2 u^T. Like what is made of it
/// below a template, so that Eigen's solver, slow to compile, costs nothing where it is not used.
/// Accuracy: singular values below 1e-7 of the largest are lost.
template <class Scalar>
struct GramSpectrum {
  Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> u;
  Vector<Scalar> singular_values;  // in decreasing order

  explicit GramSpectrum(Matrix<Scalar> const& c) {
    const Eigen::SelfAdjointEigenSolver<decltype(u)> solver(times_transposed<Scalar>(c, c));
    u = solver.eigenvectors().rowwise().reverse();
    singular_values = solver.eigenvalues().reverse().cwiseMax(Scalar(0)).cwiseSqrt();
  }

  /// u s^-1 u^T, which takes C to u v^T; zero on directions that C does not reach.
  Matrix<Scalar> orthogonal_factor() const {
    const Scalar smallest = Scalar(1e-7) * singular_values.maxCoeff();
    const Vector<Scalar> inverse =
        (singular_values.array() > smallest).select(singular_values.cwiseInverse(), Scalar(0));
    const Matrix<Scalar> scaled = u * inverse.asDiagonal();
    return times_transposed<Scalar>(scaled, Matrix<Scalar>(u));
  }
};

}  // namespace detail

/// What the hidden layer holds of one irrep as a function of the product. With m = d^2/nu the isotypic
/// dimension and B(ab) the orthonormal functions Q(ab)/sqrt(order) on pairs. Every number here is the same
/// for all orthogonal forms of the irrep.
struct ProductRepresentation {
  /// C = B^T h, from neurons to matrix elements.
  /// Shape: (m, hidden size).
  Matrix<double> change_of_basis;
  /// Cosine between h C^T, projected on the span of B, and B: trace(G)/(sqrt(m) |G|) with G = C C^T. 1 when C
  /// has orthogonal rows of equal norm, i.e. when the neurons hold rho(ab) itself up to a factor.
  double cosine;
  /// The same after scaling the rows of C to norm 1; depends on the orthogonal form, a little.
  double row_scaled_cosine;
  /// The mean square difference of the two matrices of (cosine), each scaled to norm 1: 2 (1 -
  /// cosine)/(order^2 m).
  double mean_square_error;
  /// Of C, in decreasing order.
  Vector<double> singular_values;
  /// K = Q^T M U Q, the unembedding seen from matrix elements of rho(ab) to those of rho(c).
  /// Shape: (m, m).
  Matrix<double> linear_map;
  /// Cosine between K and the identity, i.e. of P_R M U P_R and chi_R(g c^-1) over all g and c.
  double linear_map_cosine;
  /// 2 (1 - linear_map_cosine)/m^2.
  double linear_map_mean_square_error;
};

/// Ref: notebook of Chughtai et al. 2023 on S5, "explicit extraction of rho(ab)" and "Logit Computation", in
/// the orthonormal basis instead of that of simple roots.
template <std::same_as<double> Scalar>
ProductRepresentation product_representation(PairNetwork const& network, FourierBasis<Scalar> const& basis,
                                             HiddenMeans const& means, Index irrep) {
  const auto n = static_cast<double>(basis.order());
  const auto functions = basis.functions(irrep);
  const auto m = static_cast<double>(functions.cols());
  ProductRepresentation result;
  result.change_of_basis = std::sqrt(n) * transposed_times<double>(functions, means.by_product);
  Matrix<double> const& c = result.change_of_basis;
  const auto cosine_with_identity = [&](Matrix<double> const& x) { return x.trace() / (std::sqrt(m) * x.norm()); };
  const Matrix<double> gram = times_transposed<double>(c, c);
  result.cosine = cosine_with_identity(gram);
  const Vector<double> norms = gram.diagonal().cwiseSqrt();
  result.row_scaled_cosine = cosine_with_identity(gram * norms.cwiseInverse().asDiagonal());
  result.mean_square_error = 2 * (1 - result.cosine) / (n * n * m);
  result.singular_values = detail::GramSpectrum<Scalar>(c).singular_values;
  result.linear_map = transposed_times<double>(
      functions, times<double>(times<double>(means.by_product, network.unembedding), functions));
  result.linear_map_cosine = cosine_with_identity(result.linear_map);
  result.linear_map_mean_square_error = 2 * (1 - result.linear_map_cosine) / (m * m);
  return result;
}

/// Logits of the network with its hidden layer rebuilt from rho(ab) of some irreps: the sum of P_R M U.
/// Shape: (order, order): row by product, column by class. `loss_by_product` gives the loss.
inline Matrix<double> rebuilt_logits(PairNetwork const& network, FourierBasis<double> const& basis,
                                     HiddenMeans const& means, std::span<const Index> irreps) {
  Matrix<double> rebuilt = Matrix<double>::Zero(basis.order(), network.hidden_size());
  for (Index i : irreps) rebuilt += project(basis, i, means.by_product);
  return times<double>(rebuilt, network.unembedding);
}

/// The same with every irrep's change of basis C = u s v^T replaced by mean(s) u v^T, as if the neurons held
/// rho(ab) exactly, up to one factor.
template <std::same_as<double> Scalar>
Matrix<double> ideal_rebuilt_logits(PairNetwork const& network, FourierBasis<Scalar> const& basis,
                                    HiddenMeans const& means, std::span<const Index> irreps) {
  Matrix<double> rebuilt = Matrix<double>::Zero(basis.order(), network.hidden_size());
  for (Index i : irreps) {
    const auto functions = basis.functions(i);
    const Matrix<double> c = transposed_times<double>(functions, means.by_product);
    const detail::GramSpectrum<Scalar> spectrum(c);
    rebuilt +=
        times<double>(functions, times<double>(spectrum.orthogonal_factor(), c)) * spectrum.singular_values.mean();
  }
  return times<double>(rebuilt, network.unembedding);
}

}  // namespace cayley
