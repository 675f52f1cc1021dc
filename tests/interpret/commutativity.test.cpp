#include <cayley/interpret/commutativity.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/representation/irreps.hpp>
#include <cmath>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(commutativity_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(cosine_of_rows) {
  Matrix<double> m(3, 2);
  m << 1, 0,  //
      2, 2,   //
      -3, 0;
  BOOST_TEST(row_cosine(m, 0, 1) == std::sqrt(0.5), boost::test_tools::tolerance(1e-14));
  BOOST_TEST(row_cosine(m, 0, 2) == -1.0, boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(exchange_of_operands_on_a_group_that_does_not_commute) {
  // Columns: chi(ab) is symmetric; r(a) - r(b) + 4 antisymmetric but for its mean; r(a) alone; nothing. And rho_01(ab)
  // correlates with rho_01(ba) by the mean of their product: 0, by Schur orthogonality.
  const Dihedral<5> g;
  const CayleyTable table = cayley_table(g);
  const Irreps all = irreps(g);
  Irrep const& irrep = all.at("freq_1");
  Matrix<double> f(100, 5);
  for (Element a : elements(table)) {
    for (Element b : elements(table)) {
      const auto r = [&](Element x) { return irrep.matrix(x)(0, 0); };
      const Matrix<double> product = irrep.matrix(table.compose(a, b));
      f.row(a * 10 + b) << product.trace(), r(a) - r(b) + 4, r(a), 3, product(0, 1);
    }
  }
  RowVector<double> expected(5);
  expected << 1, -1, 0, 0, 0;
  BOOST_TEST((exchange_similarity(10, f) - expected).cwiseAbs().maxCoeff() < 1e-12);
  BOOST_CHECK_THROW(exchange_similarity(9, f), Error);
}

BOOST_AUTO_TEST_CASE(exchange_similarity_is_a_correlation) {
  const Matrix<double> f = random_matrix(25, 1, 4);
  Eigen::Map<Matrix<double> const> square(f.data(), 5, 5);
  const Matrix<double> centred = square.array() - square.mean();
  BOOST_TEST(exchange_similarity(5, f)[0] == centred.cwiseProduct(centred.transpose()).sum() / centred.squaredNorm(),
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_SUITE_END()
