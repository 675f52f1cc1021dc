#include <boost/test/unit_test.hpp>
#include <cayley/fourier/transform.hpp>
#include <cmath>
#include <numbers>
#include <string>

#include "fourier/closeness.hpp"
#include "fourier/sample_groups.hpp"

BOOST_AUTO_TEST_SUITE(transform_test)

using namespace cayley;
using testing::distance;
using testing::random_functions;
using testing::sample_groups;
using testing::SampleGroup;
using testing::Scalars;
using testing::tolerance;

namespace {

auto says(std::string message) {
  return [message](Error const& error) {
    BOOST_TEST(error.what() == message);
    return true;
  };
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(is_the_sum_over_the_group_against_each_basis_function, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<double> exact(group.irreps);
    const Matrix<double> f = random_functions<double>(group.order(), 3, 1);  // (order, columns)
    Matrix<double> expected = Matrix<double>::Zero(group.order(), 3);
    for (Index k = 0; k < group.order(); ++k) {
      for (Element g : elements(group.table)) expected.row(k) += exact.matrix()(g, k) * f.row(g);
    }
    const Matrix<Scalar> found = transform(FourierBasis<Scalar>(group.irreps), f.cast<Scalar>());
    BOOST_TEST(distance(found, expected) <= tolerance<Scalar>, group.name());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(along_columns_is_the_transposed_transform, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    const Matrix<Scalar> f = random_functions<Scalar>(group.order(), 4, 2);
    const Matrix<Scalar> by_row = f.transpose();  // (functions, order)
    const Matrix<Scalar> expected = transform(basis, f).transpose();
    const Matrix<Scalar> expected_inverse = inverse_transform(basis, f).transpose();
    BOOST_TEST_CONTEXT(group.name()) {
      BOOST_TEST(distance(transform(basis, by_row, Axis::columns), expected) <= tolerance<Scalar>);
      BOOST_TEST(distance(inverse_transform(basis, by_row, Axis::columns), expected_inverse) <= tolerance<Scalar>);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(inverse_undoes_transform_along_each_axis, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    // Square, so that the wrong axis would not be refused.
    const Matrix<Scalar> f = random_functions<Scalar>(group.order(), group.order(), 3);
    for (Axis axis : {Axis::rows, Axis::columns}) {
      BOOST_TEST_CONTEXT(group.name()) {
        BOOST_TEST(distance(inverse_transform(basis, transform(basis, f, axis), axis), f) <= tolerance<Scalar>);
        BOOST_TEST(distance(transform(basis, inverse_transform(basis, f, axis), axis), f) <= tolerance<Scalar>);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(plancherel, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    Matrix<Scalar> f = random_functions<Scalar>(group.order(), 3, 4);
    f.col(1) *= Scalar{0.5};
    const Matrix<Scalar> coefficients = transform(basis, f);
    BOOST_TEST(distance(coefficients.colwise().squaredNorm(), f.colwise().squaredNorm()) <= tolerance<Scalar>,
               group.name());
  }
}

BOOST_AUTO_TEST_CASE(a_basis_function_has_one_coefficient) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis basis(group.irreps);
    BOOST_TEST(distance(transform(basis, basis.matrix()), Matrix<double>::Identity(group.order(), group.order())) <=
                   tolerance<double>,
               group.name());
  }
}

BOOST_AUTO_TEST_CASE(a_cosine_of_c12) {
  const FourierBasis basis(Cyclic<12>{});
  Matrix<double> f(12, 1);
  for (Index j = 0; j < 12; ++j) f(j, 0) = 3 + std::cos(2 * std::numbers::pi * static_cast<double>(j) / 12);
  const Matrix<double> coefficients = transform(basis, f);
  BOOST_TEST(std::abs(coefficients(0, 0) - 3 * std::sqrt(12)) <= tolerance<double>);
  BOOST_TEST(std::abs(coefficients(2, 0) - std::sqrt(6)) <= tolerance<double>);
  BOOST_TEST(std::abs(coefficients.squaredNorm() - 9 * 12 - 6) <= 1e-10);
}

BOOST_AUTO_TEST_CASE(takes_a_block_of_a_matrix_and_no_columns_at_all) {
  const FourierBasis basis(Symmetric<4>{});
  const Matrix<double> large = random_functions<double>(30, 9, 5);
  const Matrix<double> block = large.block(3, 2, 24, 4);
  BOOST_TEST((transform(basis, large.block(3, 2, 24, 4)) == transform(basis, block)));
  BOOST_TEST((inverse_transform(basis, large.block(3, 2, 24, 4)) == inverse_transform(basis, block)));
  const Matrix<double> empty = transform(basis, Matrix<double>(24, 0));
  BOOST_TEST(empty.rows() == 24);
  BOOST_TEST(empty.cols() == 0);
}

BOOST_AUTO_TEST_CASE(a_wrong_shape_is_named) {
  const FourierBasis basis(Symmetric<3>{});
  const Matrix<double> tall = Matrix<double>::Zero(7, 6), wide = Matrix<double>::Zero(6, 7);
  BOOST_CHECK_EXCEPTION(transform(basis, tall), Error,
                        says("Fourier transform: expected 6 rows, found a (7, 6) matrix"));
  BOOST_CHECK_EXCEPTION(transform(basis, wide, Axis::columns), Error,
                        says("Fourier transform: expected 6 columns, found a (6, 7) matrix"));
  BOOST_CHECK_EXCEPTION(inverse_transform(basis, tall), Error,
                        says("inverse Fourier transform: expected 6 rows, found a (7, 6) matrix"));
  BOOST_CHECK_EXCEPTION(inverse_transform(basis, wide, Axis::columns), Error,
                        says("inverse Fourier transform: expected 6 columns, found a (6, 7) matrix"));
  BOOST_CHECK_NO_THROW(transform(basis, wide));
  BOOST_CHECK_NO_THROW(transform(basis, tall, Axis::columns));
}

BOOST_AUTO_TEST_SUITE_END()
