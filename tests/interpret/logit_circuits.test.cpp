#include <cayley/interpret/logit_circuits.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/group/dihedral.hpp>
#include <vector>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(logit_circuits_test)

using namespace cayley;
using namespace cayley::testing;
using boost::test_tools::per_element;

BOOST_AUTO_TEST_CASE(neurons_that_write_their_own_irrep_give_a_diagonal) {
  const FourierBasis<double> basis(Dihedral<5>{});
  const NeuronClusters clusters{{1, 3}, {{4}, {0, 2}}, {1, 3}};
  Matrix<double> coefficients = Matrix<double>::Zero(5, 10);
  coefficients(4, basis.block(1).begin) = 2;
  coefficients(0, basis.block(3).begin) = 1;
  coefficients(2, basis.block(3).begin + 3) = -3;
  coefficients(1, basis.block(0).begin) = 5;
  coefficients(3, basis.block(2).begin + 1) = 1;
  const Matrix<double> unembedding = inverse_transform(basis, coefficients, Axis::columns);
  const ClusteredUnembedding found = clustered_unembedding(basis, clusters, unembedding);
  BOOST_TEST(found.neurons == (std::vector<Index>{4, 0, 2, 1, 3}), per_element());
  BOOST_TEST(found.ends == (std::vector<Index>{1, 3, 5}), per_element());
  for (Index row = 0; row < 5; ++row) {
    const Index neuron = found.neurons[static_cast<std::size_t>(row)];
    BOOST_TEST((found.coefficients.row(row) - coefficients.row(neuron)).cwiseAbs().maxCoeff() < 1e-13);
  }
  Matrix<double> power(3, 4);
  power << 0, 4, 0, 0,  //
      0, 0, 0, 10,      //
      25, 0, 1, 0;
  BOOST_TEST((found.power - power).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_CASE(directions_of_an_irrep_are_those_of_its_basis_functions) {
  const FourierBasis<double> basis(Dihedral<3>{});
  const PairNetwork network = toy_mlp(6);
  const Matrix<double> found = direction_spectra(basis, 2, network.hidden_of_all(), network.unembedding);
  BOOST_TEST_REQUIRE(found.cols() == 4);
  for (Index k = 0; k < 4; ++k) {
    const Matrix<double> expected = logit_direction_spectrum(network, basis, basis.block(2).begin + k);
    for (Index i = 0; i < 6; ++i) {
      for (Index j = 0; j < 6; ++j) BOOST_TEST(std::abs(found(i * 6 + j, k) - expected(i, j)) < 1e-11);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
