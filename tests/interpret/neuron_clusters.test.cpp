#include <cayley/interpret/neuron_clusters.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/group/dihedral.hpp>
#include <vector>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(neuron_clusters_test)

using namespace cayley;
using namespace cayley::testing;
using boost::test_tools::per_element;

BOOST_AUTO_TEST_CASE(neurons_above_the_threshold_join_their_irrep) {
  const std::vector<ExplainedNeuron> neurons{{4, 1, 0.9}, {2, 1, 0.85}, {4, 1, 0.84}, {0, 0, 0}, {4, 1, 1}};
  const NeuronClusters clusters = neuron_clusters(neurons);
  BOOST_TEST(clusters.irreps == (std::vector<Index>{2, 4}), per_element());
  BOOST_TEST_REQUIRE(clusters.neurons.size() == 2u);
  BOOST_TEST(clusters.neurons[0] == (std::vector<Index>{1}), per_element());
  BOOST_TEST(clusters.neurons[1] == (std::vector<Index>{0, 4}), per_element());
  BOOST_TEST(clusters.unassigned == (std::vector<Index>{2, 3}), per_element());
  BOOST_TEST(clusters.in_order() == (std::vector<Index>{1, 0, 4, 2, 3}), per_element());
  BOOST_TEST(neuron_clusters(neurons, 0).neurons[1].size() == 3u);
  BOOST_TEST(neuron_clusters(neurons, 1.1).irreps.empty());
}

BOOST_AUTO_TEST_CASE(clusters_of_planted_activations) {
  // On D_5: rho_00(a) rho_01(b) of freq_1, the same of freq_2, sign(a), noise.
  const FourierBasis<double> basis(Dihedral<5>{});
  Irreps const& irreps = basis.irreps();
  Matrix<double> f(100, 4);
  f.col(3) = random_matrix(100, 1, 3);
  for (Element a : ElementRange(10)) {
    for (Element b : ElementRange(10)) {
      const auto product = [&](Irrep const& r) { return r.matrix(a)(0, 0) * r.matrix(b)(0, 1); };
      f.row(a * 10 + b).head(3) << product(irreps.at("freq_1")), 3 + product(irreps.at("freq_2")),
          irreps.at("sign").matrix(a)(0, 0);
    }
  }
  const NeuronClusters clusters = neuron_clusters(explained_neurons(pair_spectrum(basis, f)));
  const std::vector<Index> expected{irreps.find("sign"), irreps.find("freq_1"), irreps.find("freq_2")};
  BOOST_TEST(clusters.irreps == expected, per_element());
  BOOST_TEST(clusters.in_order() == (std::vector<Index>{2, 0, 1, 3}), per_element());
  BOOST_TEST(clusters.unassigned == std::vector<Index>{3}, per_element());
}

BOOST_AUTO_TEST_CASE(key_irreps_by_the_norm_of_the_embedding) {
  const FourierBasis<double> basis(Dihedral<5>{});
  Matrix<double> coefficients = Matrix<double>::Zero(10, 2);
  coefficients(0, 0) = 100;  // the trivial irrep does not count
  coefficients(basis.block(1).begin, 0) = 1;
  coefficients(basis.block(2).begin, 1) = 0.2;
  coefficients(basis.block(3).begin + 2, 1) = 2;
  const Matrix<double> embedding = inverse_transform(basis, coefficients);
  BOOST_TEST(key_irreps_by_embedding(basis, embedding) == (std::vector<Index>{1, 3}), per_element());
  BOOST_TEST(key_irreps_by_embedding(basis, embedding, 0.5) == std::vector<Index>{3}, per_element());
  BOOST_TEST(key_irreps_by_embedding(basis, embedding, 0.001).size() == 3u);
}

BOOST_AUTO_TEST_CASE(neurons_that_always_fire) {
  Matrix<double> f(4, 3);
  f << 1, 0, -1,  //
      2, 1, 0,    //
      3, -1, -5,  //
      4, 0.5, 0;
  const RowVector<double> positive = fraction_positive(f);
  BOOST_TEST((positive == (RowVector<double>(3) << 1, 0.5, 0).finished()));
  BOOST_TEST(always_firing_neurons(positive) == std::vector<Index>{0}, per_element());
  BOOST_TEST(always_firing_neurons(positive, 0.5) == (std::vector<Index>{0, 1}), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
