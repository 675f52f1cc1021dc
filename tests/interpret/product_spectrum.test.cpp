#include <cayley/interpret/product_spectrum.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/group/symmetric.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(product_spectrum_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(cosine_and_sine_of_a_sum_depend_on_the_product_alone) {
  const Cyclic<> g(11);
  const FourierBasis<double> basis(g);
  const CayleyTable table = cayley_table(g);
  // Columns: 5 + cos 3(a + b), sin 3(a + b), cos 3(a - b), cos 3a cos 3b, 2, cos 3(a + b) + cos 4(a + b)
  Matrix<double> f(121, 6);
  for (Index a = 0; a < 11; ++a) {
    for (Index b = 0; b < 11; ++b) {
      const auto wave = [](Index k) { return 2 * std::numbers::pi * static_cast<double>(k) / 11; };
      f.row(a * 11 + b) << 5 + std::cos(wave(3 * (a + b))), std::sin(wave(3 * (a + b))), std::cos(wave(3 * (a - b))),
          std::cos(wave(3 * a)) * std::cos(wave(3 * b)), 2, std::cos(wave(3 * (a + b))) + std::cos(wave(4 * (a + b)));
    }
  }
  const ProductSpectrum spectrum = product_spectrum(basis, table, f);
  const std::vector<Index> three{3}, four{4}, both{3, 4};
  RowVector<double> expected(6);
  expected << 1, 1, 0, 0.5, 0, 0.5;
  BOOST_TEST((spectrum.share(three) - expected).cwiseAbs().maxCoeff() < 1e-12);
  BOOST_TEST(spectrum.mean_share(three) == 0.5, boost::test_tools::tolerance(1e-12));
  expected << 0, 0, 0, 0, 0, 0.5;
  BOOST_TEST((spectrum.share(four) - expected).cwiseAbs().maxCoeff() < 1e-12);
  BOOST_TEST(spectrum.share(both)[5] == 1.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(spectrum.irrep_power(0, 0) == 25.0 * 121, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(spectrum.centred_power[0] == 121 / 2.0, boost::test_tools::tolerance(1e-12));
}

// The mean of rho(ba) over the pairs with ab = g is chi(g)/d times the identity: by Schur's lemma nothing of rho_01(ba)
// is a function of ab, and half of rho_00(ba) for d = 2.
BOOST_AUTO_TEST_CASE(the_order_of_the_operands_matters) {
  const Dihedral<5> g;
  const FourierBasis<double> basis(g);
  const CayleyTable table = cayley_table(g);
  const std::vector<Index> key{basis.irreps().find("freq_2")};
  Irrep const& irrep = basis.irreps()[key[0]];
  Matrix<double> f(100, 4);
  for (Element a : elements(table)) {
    for (Element b : elements(table)) {
      const Matrix<double> forward = irrep.matrix(table.compose(a, b)), back = irrep.matrix(table.compose(b, a));
      f.row(a * 10 + b) << forward(0, 1), forward(0, 0) + 1, back(0, 1), back(0, 0);
    }
  }
  RowVector<double> expected(4);
  expected << 1, 1, 0, 0.5;
  BOOST_TEST((product_spectrum(basis, table, f).share(key) - expected).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_CASE(projections_follow_their_definition) {
  const Symmetric<3> g;
  const FourierBasis<double> basis(g);
  const CayleyTable table = cayley_table(g);
  const Matrix<double> f = random_matrix(36, 3, 5);
  const ProductSpectrum spectrum = product_spectrum(basis, table, f);
  for (Index r = 0; r < basis.irreps().size(); ++r) {
    // The orthonormal functions of (a, b), as columns of a matrix with a row for each pair.
    Matrix<double> functions(36, basis.block(r).size);
    for (Element a : elements(table)) {
      for (Element b : elements(table)) {
        functions.row(a * 6 + b) = basis.functions(r).row(table.compose(a, b)) / std::sqrt(6.0);
      }
    }
    const Matrix<double> expected = functions * (functions.transpose() * f);
    const std::vector<Index> irreps{r};
    const Matrix<double> found = spread_over_pairs(table, project_by_product(basis, table, irreps, f));
    BOOST_TEST((found - expected).cwiseAbs().maxCoeff() < 1e-12);
    BOOST_TEST((spectrum.irrep_power.row(r) - expected.colwise().squaredNorm()).cwiseAbs().maxCoeff() < 1e-12);
  }
  const std::vector<Index> all{0, 1, 2};
  const Matrix<double> mean = mean_by_product(table, f);
  BOOST_TEST((project_by_product(basis, table, all, f) - mean).cwiseAbs().maxCoeff() < 1e-12);
  BOOST_TEST((mean_by_product(table, spread_over_pairs(table, mean)) - mean).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_CASE(tables_of_other_sizes_are_refused) {
  const CayleyTable table = cayley_table(Symmetric<3>{});
  BOOST_CHECK_THROW(mean_by_product(table, Matrix<double>::Zero(35, 2)), Error);
  BOOST_CHECK_THROW(spread_over_pairs(table, Matrix<double>::Zero(36, 2)), Error);
}

BOOST_AUTO_TEST_SUITE_END()
