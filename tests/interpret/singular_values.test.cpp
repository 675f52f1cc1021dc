#include <cayley/interpret/singular_values.hpp>

#include <Eigen/Eigenvalues>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(singular_values_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(singular_values_of_a_known_matrix) {
  Matrix<double> m(2, 3);
  m << 0, 3, 0,  //
      -4, 0, 0;
  BOOST_TEST((singular_values(m) - (Vector<double>(2) << 4, 3).finished()).cwiseAbs().maxCoeff() < 1e-14);
}

BOOST_AUTO_TEST_CASE(squares_of_singular_values_are_eigenvalues_of_the_gram_matrix) {
  const Matrix<double> m = random_matrix(20, 30, 1);
  const Vector<double> values = singular_values(m);
  BOOST_TEST_REQUIRE(values.size() == 20);
  BOOST_TEST(values.squaredNorm() == m.squaredNorm(), boost::test_tools::tolerance(1e-12));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(m * m.transpose());
  const Vector<double> expected = solver.eigenvalues().reverse().cwiseSqrt();
  BOOST_TEST((values - expected).cwiseAbs().maxCoeff() < 1e-10);
}

BOOST_AUTO_TEST_CASE(small_singular_values_keep_their_digits) {
  Matrix<double> m = Matrix<double>::Zero(3, 2);
  m(2, 0) = 1e4;
  m(0, 1) = 1e-6;
  const Vector<double> values = singular_values(m);
  BOOST_TEST(values[0] == 1e4, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(std::abs(values[1] - 1e-6) < 1e-11);
}

BOOST_AUTO_TEST_SUITE_END()
