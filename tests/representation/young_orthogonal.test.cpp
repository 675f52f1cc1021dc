#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/representation/young_orthogonal.hpp>
#include <cmath>
#include <limits>
#include <vector>

BOOST_AUTO_TEST_SUITE(young_orthogonal_test)

using namespace cayley;

namespace {

template <int N>
Matrix<double> matrix(YoungOrthogonal const& form, Element a) {
  Matrix<double> result =
      Matrix<double>::Constant(form.dimension(), form.dimension(), std::numeric_limits<double>::quiet_NaN());
  form.write_matrix(Symmetric<N>::permutation(a), result.data());
  return result;
}

/// Largest deviation; infinite for NaN.
double distance(Matrix<double> const& a, Matrix<double> const& b) {
  const double deviation = (a - b).norm();
  return deviation >= 0 ? deviation : std::numeric_limits<double>::infinity();
}

template <int N>
std::vector<Matrix<double>> adjacent_transpositions(YoungOrthogonal const& form) {
  std::vector<Matrix<double>> result;
  for (int i = 0; i + 1 < N; ++i) {
    result.push_back(matrix<N>(form, Symmetric<N>::adjacent_transposition(i)));
  }
  return result;
}

template <int N>
void check_coxeter_relations() {
  for (Partition const& partition : partitions(N)) {
    BOOST_TEST_CONTEXT(to_string(partition)) {
      const YoungOrthogonal form(partition);
      BOOST_TEST((form.partition() == partition));
      BOOST_TEST(form.dimension() == dimension(partition));
      const Matrix<double> one = Matrix<double>::Identity(form.dimension(), form.dimension());
      BOOST_TEST(distance(matrix<N>(form, 0), one) == 0);
      const std::vector<Matrix<double>> s = adjacent_transpositions<N>(form);
      for (std::size_t i = 0; i < s.size(); ++i) {
        BOOST_TEST(distance(s[i] * s[i], one) < 1e-13);
        BOOST_TEST(distance(s[i], s[i].transpose()) == 0);
        for (std::size_t j = i + 1; j < s.size(); ++j) {
          if (j == i + 1) {
            BOOST_TEST(distance(s[i] * s[j] * s[i], s[j] * s[i] * s[j]) < 1e-13);
          } else {
            BOOST_TEST(distance(s[i] * s[j], s[j] * s[i]) < 1e-13);
          }
        }
      }
    }
  }
}

template <int N>
void check_matrices() {
  const Symmetric<N> g;
  for (Partition const& partition : partitions(N)) {
    const YoungOrthogonal form(partition);
    const Matrix<double> one = Matrix<double>::Identity(form.dimension(), form.dimension());
    double orthogonality = 0, symmetry = 0, product = 0;
    for (Element a : elements(g)) {
      const Matrix<double> rho = matrix<N>(form, a);
      orthogonality = std::max(orthogonality, distance(rho * rho.transpose(), one));
      if (g.compose(a, a) == 0) symmetry = std::max(symmetry, distance(rho, rho.transpose()));
      for (Element s : g.generators()) {
        product = std::max(product, distance(matrix<N>(form, g.compose(a, s)), rho * matrix<N>(form, s)));
      }
    }
    BOOST_TEST_CONTEXT(to_string(partition)) {
      BOOST_TEST(orthogonality < 1e-12);
      BOOST_TEST(symmetry < 1e-12);
      BOOST_TEST(product < 1e-12);
    }
  }
}

template <int N>
void check_self_conjugate(Partition const& partition) {
  BOOST_TEST_CONTEXT(to_string(partition)) {
    const YoungOrthogonal form(partition);
    const std::vector<Index> transposed = form.transposed_tableaux();
    const std::vector<int> signs = form.tableau_signs();
    const auto size = static_cast<std::size_t>(form.dimension());
    BOOST_TEST_REQUIRE(transposed.size() == size);
    BOOST_TEST_REQUIRE(signs.size() == size);
    // S maps tableau t to sign(t) times its transpose.
    Matrix<double> associator = Matrix<double>::Zero(form.dimension(), form.dimension());
    for (std::size_t t = 0; t < size; ++t) {
      BOOST_TEST(transposed[t] != static_cast<Index>(t));
      BOOST_TEST(transposed[static_cast<std::size_t>(transposed[t])] == static_cast<Index>(t));
      BOOST_TEST(std::abs(signs[t]) == 1);
      associator(transposed[t], static_cast<Index>(t)) = signs[t];
    }
    for (Matrix<double> const& s : adjacent_transpositions<N>(form)) {
      BOOST_TEST(distance(associator * s, -s * associator) < 1e-13);
    }
  }
}

}  // namespace

// Tableaux in order: 0 1 / 2, then 0 2 / 1.
BOOST_AUTO_TEST_CASE(matrices_of_the_triangle) {
  const YoungOrthogonal form({2, 1});
  const double root = std::sqrt(3.0) / 2;
  Matrix<double> first(2, 2), second(2, 2), cycle(2, 2);
  first << 1, 0, 0, -1;
  second << -0.5, root, root, 0.5;
  cycle << -0.5, root, -root, -0.5;
  BOOST_TEST(distance(matrix<3>(form, Symmetric<3>::element({1, 0, 2})), first) < 1e-15);
  BOOST_TEST(distance(matrix<3>(form, Symmetric<3>::element({0, 2, 1})), second) < 1e-15);
  // First (0 1), then (1 2): 0 -> 1 -> 2, 1 -> 0, 2 -> 1.
  BOOST_TEST(distance(matrix<3>(form, Symmetric<3>::element({2, 0, 1})), cycle) < 1e-15);
}

BOOST_AUTO_TEST_CASE(one_row_is_trivial_and_one_column_is_the_sign) {
  const YoungOrthogonal row({4}), column({1, 1, 1, 1});
  for (Element a : elements(Symmetric<4>{})) {
    BOOST_TEST(matrix<4>(row, a)(0, 0) == 1);
    BOOST_TEST(matrix<4>(column, a)(0, 0) == signature<4>(Symmetric<4>::permutation(a)));
  }
  BOOST_TEST(matrix<1>(YoungOrthogonal({1}), 0)(0, 0) == 1);
}

// S_4 acts on (2,2) through its quotient S_3.
BOOST_AUTO_TEST_CASE(the_square_factors_through_the_triangle) {
  const YoungOrthogonal square({2, 2}), triangle({2, 1});
  const std::vector<Matrix<double>> s = adjacent_transpositions<4>(square), t = adjacent_transpositions<3>(triangle);
  BOOST_TEST(distance(s[0], t[0]) < 1e-15);
  BOOST_TEST(distance(s[1], t[1]) < 1e-15);
  BOOST_TEST(distance(s[2], t[0]) < 1e-15);
}

// Tableaux of (4,1) by the entry k of the second row, largest first. At k = i + 1 the entry i has content i
// and the entry i + 1 has content -1.
BOOST_AUTO_TEST_CASE(axial_distances_of_the_standard_representation) {
  const YoungOrthogonal form({4, 1});
  for (int i = 1; i < 4; ++i) {
    const double inverse = 1.0 / (i + 1);
    Matrix<double> expected = Matrix<double>::Identity(4, 4);
    const Index higher = 4 - (i + 1), lower = 4 - i;
    expected(higher, higher) = -inverse;
    expected(lower, lower) = inverse;
    expected(higher, lower) = expected(lower, higher) = std::sqrt(1 - inverse * inverse);
    BOOST_TEST(distance(matrix<5>(form, Symmetric<5>::adjacent_transposition(i)), expected) < 1e-15);
  }
}

BOOST_AUTO_TEST_CASE(adjacent_transpositions_satisfy_the_coxeter_relations) {
  check_coxeter_relations<2>();
  check_coxeter_relations<3>();
  check_coxeter_relations<4>();
  check_coxeter_relations<5>();
  check_coxeter_relations<6>();
  check_coxeter_relations<7>();
}

BOOST_AUTO_TEST_CASE(matrices_are_orthogonal_multiplicative_and_symmetric_for_involutions) {
  check_matrices<3>();
  check_matrices<4>();
  check_matrices<5>();
}

BOOST_AUTO_TEST_CASE(transposing_tableaux_anticommutes_with_adjacent_transpositions) {
  check_self_conjugate<3>({2, 1});
  check_self_conjugate<4>({2, 2});
  check_self_conjugate<5>({3, 1, 1});
  check_self_conjugate<6>({3, 2, 1});
  check_self_conjugate<7>({4, 1, 1, 1});
  check_self_conjugate<8>({3, 3, 2});
  check_self_conjugate<8>({4, 2, 1, 1});
}

BOOST_AUTO_TEST_SUITE_END()
