#include <boost/test/tools/floating_point_comparison.hpp>
#include <boost/test/unit_test.hpp>
#include <cayley/core/product.hpp>
#include <tuple>

BOOST_AUTO_TEST_SUITE(product_test)

using namespace cayley;

using Scalars = std::tuple<float, double>;

BOOST_AUTO_TEST_CASE_TEMPLATE(products_are_those_of_the_definition, Scalar, Scalars) {
  const Matrix<Scalar> a = Matrix<Scalar>::Random(5, 3), b = Matrix<Scalar>::Random(3, 4);
  Matrix<Scalar> expected = Matrix<Scalar>::Zero(5, 4);
  for (Index i = 0; i < 5; ++i) {
    for (Index j = 0; j < 4; ++j) {
      for (Index k = 0; k < 3; ++k) expected(i, j) += a(i, k) * b(k, j);
    }
  }
  const Matrix<Scalar> at = a.transpose(), bt = b.transpose();
  const Scalar small = std::is_same_v<Scalar, float> ? Scalar(1e-6) : Scalar(1e-14);
  const auto close = [&](Matrix<Scalar> const& found) { return (found - expected).cwiseAbs().maxCoeff() < small; };
  BOOST_TEST(close(times<Scalar>(a, b)));
  BOOST_TEST(close(times_transposed<Scalar>(a, bt)));
  BOOST_TEST(close(transposed_times<Scalar>(at, b)));
  Matrix<Scalar> out;
  multiply(a, b, out);
  BOOST_TEST(close(out));
  multiply_transposed(a, bt, out);
  BOOST_TEST(close(out));
}

BOOST_AUTO_TEST_CASE(blocks_are_taken_without_a_copy_of_the_whole) {
  const Matrix<double> whole = Matrix<double>::Random(6, 8);
  const Matrix<double> left = whole.block(1, 2, 3, 4), right = whole.block(2, 0, 4, 2);
  BOOST_TEST((times<double>(whole.block(1, 2, 3, 4), whole.block(2, 0, 4, 2)) - left * right).norm() < 1e-14);
}

BOOST_AUTO_TEST_CASE(empty_operands_give_zeros) {
  BOOST_TEST((times<double>(Matrix<double>(2, 0), Matrix<double>(0, 3)) == Matrix<double>::Zero(2, 3)));
}

BOOST_AUTO_TEST_SUITE_END()
