#include <boost/test/unit_test.hpp>
#include <cayley/representation/division_algebra.hpp>
#include <complex>
#include <random>

BOOST_AUTO_TEST_SUITE(division_algebra_test)

using namespace cayley;

namespace {

/// Reproducible numbers in [-1, 1).
class Draw {
 public:
  double number() { return static_cast<double>(random_() >> 11) * 0x1p-52 - 1; }
  Eigen::Vector4d quaternion() { return {number(), number(), number(), number()}; }
  Matrix<double> real(Index rows, Index cols) {
    return Matrix<double>::NullaryExpr(rows, cols, [&] { return number(); });
  }
  ComplexMatrix complex(Index rows, Index cols) {
    return ComplexMatrix::NullaryExpr(rows, cols, [&] { return std::complex<double>(number(), number()); });
  }
  /// A matrix of quaternions as an adapted real matrix, (4m, 4n).
  Matrix<double> quaternionic(Index m, Index n) {
    Matrix<double> result(4 * m, 4 * n);
    for (Index i = 0; i < m; ++i) {
      for (Index j = 0; j < n; ++j) result.block<4, 4>(4 * i, 4 * j) = left_multiplication(quaternion());
    }
    return result;
  }

 private:
  std::mt19937_64 random_{7};
};

/// The product of quaternions by the table i j = k, j k = i, k i = j.
Eigen::Vector4d product(Eigen::Vector4d const& p, Eigen::Vector4d const& q) {
  return {p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3], p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2],
          p[0] * q[2] - p[1] * q[3] + p[2] * q[0] + p[3] * q[1], p[0] * q[3] + p[1] * q[2] - p[2] * q[1] + p[3] * q[0]};
}

const Eigen::Vector4d one{1, 0, 0, 0}, i{0, 1, 0, 0}, j{0, 0, 1, 0}, k{0, 0, 0, 1};

}  // namespace

BOOST_AUTO_TEST_CASE(complex_matrices_survive_the_round_trip) {
  Draw draw;
  const ComplexMatrix z = draw.complex(3, 4);
  const Matrix<double> real = adapted_from_complex(z);  // (6, 8)
  BOOST_TEST(real.rows() == 6);
  BOOST_TEST(real.cols() == 8);
  BOOST_TEST((complex_from_adapted(real) == z));
  BOOST_TEST((adapted_from_complex(complex_from_adapted(real)) == real));
}

BOOST_AUTO_TEST_CASE(a_complex_number_is_a_block) {
  ComplexMatrix z(1, 1);
  z << std::complex<double>(2, 3);
  Matrix<double> expected(2, 2);
  expected << 2, -3, 3, 2;
  BOOST_TEST((adapted_from_complex(z) == expected));
}

BOOST_AUTO_TEST_CASE(adapted_from_complex_is_multiplicative) {
  Draw draw;
  const ComplexMatrix x = draw.complex(3, 4), y = draw.complex(4, 2);
  const Matrix<double> product = adapted_from_complex(x) * adapted_from_complex(y);
  BOOST_TEST((adapted_from_complex(x * y) - product).norm() < 1e-14);
  const Matrix<double> adjoint = adapted_from_complex(x).transpose();
  BOOST_TEST((adapted_from_complex(x.adjoint()) == adjoint));
}

BOOST_AUTO_TEST_CASE(complex_from_quaternionic_is_multiplicative) {
  Draw draw;
  const Matrix<double> x = draw.quaternionic(2, 3), y = draw.quaternionic(3, 2);
  const ComplexMatrix product = complex_from_quaternionic(x) * complex_from_quaternionic(y);  // (4, 4)
  BOOST_TEST((complex_from_quaternionic(x * y) - product).norm() < 1e-14);
  const ComplexMatrix adjoint = complex_from_quaternionic(x).adjoint();
  BOOST_TEST((complex_from_quaternionic(x.transpose()) == adjoint));
  BOOST_TEST((complex_from_quaternionic(Matrix<double>::Identity(8, 8)) == ComplexMatrix::Identity(4, 4)));
}

BOOST_AUTO_TEST_CASE(units_become_the_matrices_of_the_documentation) {
  using namespace std::complex_literals;
  const auto matrix = [](Eigen::Vector4d const& q) {
    return complex_from_quaternionic(Matrix<double>(left_multiplication(q)));
  };
  ComplexMatrix expected(2, 2);
  expected << 1.0 + 2.0i, 3.0 + 4.0i, -3.0 + 4.0i, 1.0 - 2.0i;
  BOOST_TEST((matrix({1, 2, 3, 4}) == expected));
  BOOST_TEST((matrix(i) * matrix(j) == matrix(k)));
  BOOST_TEST((matrix(i) * matrix(i) == -ComplexMatrix::Identity(2, 2)));
}

BOOST_AUTO_TEST_CASE(multiplications_are_those_of_quaternions) {
  BOOST_TEST((product(i, j) == k));
  BOOST_TEST((product(j, k) == i));
  BOOST_TEST((product(k, i) == j));
  BOOST_TEST((product(j, i) == Eigen::Vector4d(-k)));
  Draw draw;
  for (int repeat = 0; repeat < 20; ++repeat) {
    const Eigen::Vector4d p = draw.quaternion(), q = draw.quaternion();
    BOOST_TEST((left_multiplication(p) * q - product(p, q)).norm() < 1e-15);
    BOOST_TEST((right_multiplication(p) * q - product(q, p)).norm() < 1e-15);
    BOOST_TEST((left_multiplication(product(p, q)) - left_multiplication(p) * left_multiplication(q)).norm() < 1e-14);
    BOOST_TEST((right_multiplication(product(p, q)) - right_multiplication(q) * right_multiplication(p)).norm() <
               1e-14);
  }
  BOOST_TEST((left_multiplication(one) == Eigen::Matrix4d::Identity()));
  BOOST_TEST((right_multiplication(one) == Eigen::Matrix4d::Identity()));
}

BOOST_AUTO_TEST_CASE(left_and_right_multiplication_commute) {
  Draw draw;
  for (int repeat = 0; repeat < 20; ++repeat) {
    const Eigen::Matrix4d left = left_multiplication(draw.quaternion());
    const Eigen::Matrix4d right = right_multiplication(draw.quaternion());
    BOOST_TEST((left * right - right * left).norm() < 1e-14);
  }
  // Two left multiplications do not.
  BOOST_TEST(((left_multiplication(i) * left_multiplication(j)) == left_multiplication(k)));
  BOOST_TEST(((left_multiplication(j) * left_multiplication(i)) == Eigen::Matrix4d(-left_multiplication(k))));
}

BOOST_AUTO_TEST_CASE(kronecker_products) {
  Matrix<double> x(2, 2), y(1, 2), expected(2, 4);
  x << 1, 2, 3, 4;
  y << 5, 6;
  expected << 5, 6, 10, 12, 15, 18, 20, 24;
  BOOST_TEST((kronecker(x, y) == expected));
  Draw draw;
  const Matrix<double> a = draw.real(2, 3), b = draw.real(4, 2), c = draw.real(3, 2), d = draw.real(2, 5);
  const Matrix<double> mixed = kronecker(a, b) * kronecker(c, d);
  BOOST_TEST((kronecker<double>(a * c, b * d) - mixed).norm() < 1e-14);
}

BOOST_AUTO_TEST_CASE(the_sandwich_is_a_homomorphism_in_both_arguments) {
  Draw draw;
  const Matrix<double> a = draw.quaternionic(2, 2), b = draw.quaternionic(3, 3);
  const Matrix<double> c = draw.quaternionic(2, 2), d = draw.quaternionic(3, 3);
  const Matrix<double> one_a = Matrix<double>::Identity(8, 8), one_b = Matrix<double>::Identity(12, 12);
  const Matrix<double> product = quaternionic_sandwich(a, b) * quaternionic_sandwich(c, d);  // (24, 24)
  BOOST_TEST(product.rows() == 24);
  BOOST_TEST((quaternionic_sandwich(a * c, b * d) - product).norm() < 1e-12);
  BOOST_TEST(
      (quaternionic_sandwich(a * c, one_b) - quaternionic_sandwich(a, one_b) * quaternionic_sandwich(c, one_b)).norm() <
      1e-12);
  BOOST_TEST(
      (quaternionic_sandwich(one_a, b * d) - quaternionic_sandwich(one_a, b) * quaternionic_sandwich(one_a, d)).norm() <
      1e-12);
  BOOST_TEST((quaternionic_sandwich(one_a, one_b) == Matrix<double>::Identity(24, 24)));
  BOOST_TEST((quaternionic_sandwich(a.transpose(), b.transpose()) - quaternionic_sandwich(a, b).transpose()).norm() <
             1e-14);
}

BOOST_AUTO_TEST_CASE(the_sandwich_multiplies_by_the_conjugate_on_the_right) {
  Draw draw;
  const Eigen::Vector4d p = draw.quaternion(), q = draw.quaternion(), x = draw.quaternion();
  const Eigen::Vector4d conjugate{q[0], -q[1], -q[2], -q[3]};
  const Matrix<double> sandwich = quaternionic_sandwich(left_multiplication(p), left_multiplication(q));  // (4, 4)
  BOOST_TEST((sandwich * x - product(product(p, x), conjugate)).norm() < 1e-15);
}

BOOST_AUTO_TEST_SUITE_END()
