#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cayley/fourier/pair_transform.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "fourier/closeness.hpp"
#include "fourier/sample_groups.hpp"

BOOST_AUTO_TEST_SUITE(pair_transform_test)

using namespace cayley;
using testing::distance;
using testing::random_functions;
using testing::sample_group;
using testing::sample_groups;
using testing::SampleGroup;
using testing::Scalars;
using testing::tolerance;

namespace {

/// Of order 3 to 8, where the naive sums are short: C3, D3 (its irreps of real type) and Q8 (quaternionic).
std::vector<SampleGroup> small_groups() {
  return {sample_group(Cyclic<>{3}), sample_group(Dihedral<>{3}), sample_group(testing::quaternions())};
}

/// Sum over a, b of basis(a, i) basis(b, j) f((a, b), column), term by term.
Matrix<double> naive_transform(FourierBasis<double> const& basis, Matrix<double> const& f) {
  const Index n = basis.order();
  Matrix<double> result = Matrix<double>::Zero(n * n, f.cols());
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) {
      for (Index a = 0; a < n; ++a) {
        for (Index b = 0; b < n; ++b) {
          result.row(i * n + j) += basis.matrix()(a, i) * basis.matrix()(b, j) * f.row(a * n + b);
        }
      }
    }
  }
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(is_the_double_sum_against_products_of_basis_functions, Scalar, Scalars) {
  for (SampleGroup const& group : small_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    for (Index columns : {0, 1, 2, 5}) {
      const Matrix<double> f = random_functions<double>(group.order() * group.order(), columns, 1);
      const Matrix<double> expected = naive_transform(FourierBasis<double>(group.irreps), f);
      BOOST_TEST(distance(transform_pairs(basis, f.cast<Scalar>()), expected) <= tolerance<Scalar>,
                 group.name() << ", " << columns << " columns");
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(round_trip_and_plancherel, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    for (Index columns : {0, 1, 3}) {
      const Matrix<Scalar> f = random_functions<Scalar>(group.order() * group.order(), columns, 2);
      const Matrix<Scalar> coefficients = transform_pairs(basis, f);
      BOOST_TEST_CONTEXT(group.name() << ", " << columns << " columns") {
        BOOST_TEST(coefficients.rows() == f.rows());
        BOOST_TEST(coefficients.cols() == columns);
        BOOST_TEST(distance(inverse_transform_pairs(basis, coefficients), f) <= tolerance<Scalar>);
        BOOST_TEST(distance(transform_pairs(basis, inverse_transform_pairs(basis, f)), f) <= tolerance<Scalar>);
        BOOST_TEST(distance(coefficients.colwise().squaredNorm(), f.colwise().squaredNorm()) <= tolerance<Scalar>);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_product_of_functions_gives_the_outer_product_of_coefficients, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    const Index n = group.order();
    // Columns: f(a) h(b), and h(a) f(b).
    const Matrix<Scalar> f = random_functions<Scalar>(n, 1, 3), h = random_functions<Scalar>(n, 1, 4);
    Matrix<Scalar> products(n * n, 2);
    for (Index a = 0; a < n; ++a) {
      for (Index b = 0; b < n; ++b) {
        products(a * n + b, 0) = f(a, 0) * h(b, 0);
        products(a * n + b, 1) = h(a, 0) * f(b, 0);
      }
    }
    const Matrix<Scalar> coefficients = transform_pairs(basis, products);  // (order^2, 2)
    const Matrix<Scalar> cf = transform(basis, f), ch = transform(basis, h);
    const Matrix<Scalar> first = coefficients.col(0).reshaped(n, n).transpose();
    const Matrix<Scalar> second = coefficients.col(1).reshaped(n, n).transpose();
    BOOST_TEST_CONTEXT(group.name()) {
      BOOST_TEST(distance(first, cf * ch.transpose()) <= tolerance<Scalar>);
      BOOST_TEST(distance(second, ch * cf.transpose()) <= tolerance<Scalar>);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_function_of_the_product_has_power_only_where_both_irreps_agree, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    const Index n = group.order();
    const Matrix<Scalar> f = random_functions<Scalar>(n, 2, 5);
    Matrix<Scalar> of_product(n * n, 2);
    for (Element a : elements(group.table)) {
      for (Element b : elements(group.table)) of_product.row(a * n + b) = f.row(group.table.compose(a, b));
    }
    const Matrix<Scalar> coefficients = transform_pairs(basis, of_product);
    const std::vector<Index> irrep_of = basis.irrep_of();
    double elsewhere = 0;
    Matrix<double> power = Matrix<double>::Zero(group.irreps.size(), 2);
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < n; ++j) {
        const Index r = irrep_of[static_cast<std::size_t>(i)], s = irrep_of[static_cast<std::size_t>(j)];
        const RowVector<double> squares = coefficients.row(i * n + j).template cast<double>().cwiseAbs2();
        if (r == s) power.row(r) += squares;
        if (r != s) elsewhere = std::max(elsewhere, squares.maxCoeff());
      }
    }
    const Matrix<Scalar> expected = static_cast<Scalar>(n) * isotypic_power_by_column(basis, f);
    BOOST_TEST_CONTEXT(group.name()) {
      BOOST_TEST(std::sqrt(elsewhere) <= tolerance<Scalar>);
      // Each value of f(ab) is taken by `order` pairs, so its power at each irrep is `order` times that of f.
      BOOST_TEST(distance(power / static_cast<double>(n), expected / static_cast<Scalar>(n)) <= tolerance<Scalar>);
    }
  }
}

BOOST_AUTO_TEST_CASE(takes_a_block_of_a_matrix) {
  const FourierBasis basis(Dihedral<>{3});
  const Matrix<double> large = random_functions<double>(40, 6, 6);
  const Matrix<double> block = large.block(2, 1, 36, 3);
  BOOST_TEST((transform_pairs(basis, large.block(2, 1, 36, 3)) == transform_pairs(basis, block)));
}

BOOST_AUTO_TEST_CASE(a_wrong_shape_is_named) {
  const FourierBasis basis(Symmetric<3>{});
  const Matrix<double> wrong = Matrix<double>::Zero(6, 36);
  const auto says = [](Error const& error) {
    BOOST_TEST(error.what() == std::string("Fourier transform of pairs: expected 36 rows, found 6"));
    return true;
  };
  BOOST_CHECK_EXCEPTION(transform_pairs(basis, wrong), Error, says);
  BOOST_CHECK_EXCEPTION(inverse_transform_pairs(basis, wrong), Error, says);
}

BOOST_AUTO_TEST_SUITE_END()
