#include <cayley/interpret/explained_fractions.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/fourier/pair_transform.hpp>
#include <cayley/group/dihedral.hpp>
#include <vector>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(explained_fractions_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(quadratic_power_is_that_of_products_of_the_irrep_with_itself) {
  const FourierBasis<double> basis(Dihedral<5>{});
  const Matrix<double> f = random_matrix(100, 3, 2);
  const Matrix<double> coefficients = transform_pairs(basis, f);
  const Matrix<double> found = quadratic_power(basis, pair_spectrum(basis, f), f);
  for (Index r = 0; r < basis.irreps().size(); ++r) {
    const auto block = basis.block(r);
    RowVector<double> expected = RowVector<double>::Zero(3);
    for (Index i = block.begin; i < block.begin + block.size; ++i) {
      expected += coefficients.middleRows(i * 10 + block.begin, block.size).colwise().squaredNorm();
    }
    BOOST_TEST((found.row(r) - expected).cwiseAbs().maxCoeff() < 1e-12);
  }
}

// With r = rho_00 of a two-dimensional irrep, the mean of r(a)^2 is 1/2: 7 + r(a) + 2 r(a) r(b) has the centred power
// 1/2 + 4/4, of which 2/3 are quadratic.
BOOST_AUTO_TEST_CASE(fractions_of_planted_neurons) {
  const FourierBasis<double> basis(Dihedral<5>{});
  Irreps const& irreps = basis.irreps();
  const Index one = irreps.find("freq_1"), two = irreps.find("freq_2");
  Matrix<double> f(100, 4);
  f.col(2).setOnes();
  for (Element a : ElementRange(10)) {
    for (Element b : ElementRange(10)) {
      const auto r = [&](Index irrep, Element g) { return irreps[irrep].matrix(g)(0, 0); };
      const double neuron = 7 + r(one, a) + 2 * r(one, a) * r(one, b);
      f.row(a * 10 + b) << neuron, neuron + r(two, b), 1, r(one, a) * r(one, b) + r(two, a) * r(two, b) + r(two, a);
    }
  }
  const NeuronClusters clusters{{one}, {{0, 1, 2}}, {3}};
  const ExplainedFractions found = explained_fractions(basis, clusters, f);
  RowVector<double> all(4), quadratic(4);
  all << 1, 0.75, 0, 0.5;
  quadratic << 2.0 / 3, 0.5, 0, 0.5;
  BOOST_TEST((found.all - all).cwiseAbs().maxCoeff() < 1e-12);
  BOOST_TEST((found.quadratic - quadratic).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
