#include <cayley/interpret/spectra.hpp>

#include <cayley/group/cyclic.hpp>
#include <cayley/group/dihedral.hpp>

#include <boost/test/unit_test.hpp>
#include <numbers>

#include "interpret/toy_network.hpp"
#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(spectra_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(weight_spectra_add_up_and_find_planted_waves) {
  const FourierBasis<double> basis(Cyclic<>{11});
  Matrix<double> weights = random_matrix(11, 4, 1);
  BOOST_TEST(weight_spectrum(basis, weights).sum() == weights.squaredNorm(), boost::test_tools::tolerance(1e-12));
  for (Index j = 0; j < 11; ++j) {
    for (Index c = 0; c < 4; ++c) weights(j, c) = std::cos(2 * std::numbers::pi * 3 * static_cast<double>(j) / 11);
  }
  Index at = 0;
  const Vector<double> spectrum = weight_spectrum(basis, weights);
  BOOST_TEST(spectrum.maxCoeff(&at) == weights.squaredNorm(), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(basis.names()[static_cast<std::size_t>(at)] == "cos 3");
}

BOOST_AUTO_TEST_CASE(the_unembedding_of_some_neurons_alone) {
  const FourierBasis<double> basis(Dihedral<>{4});
  const PairNetwork network = toy_mlp(8);
  const std::vector<Index> all{0, 1, 2, 3, 4, 5, 6}, some{2, 5};
  const Matrix<double> columns = network.unembedding.transpose();
  BOOST_TEST((unembedding_spectrum(network, basis, all) - weight_spectrum(basis, columns)).cwiseAbs().maxCoeff() <
             1e-12);
  BOOST_TEST(unembedding_spectrum(network, basis, some).sum() ==
                 network.unembedding.row(2).squaredNorm() + network.unembedding.row(5).squaredNorm(),
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_planted_neuron_is_explained_by_its_irrep) {
  // On D_7: 1 + rho_00(a) rho_01(b) of freq_2 in column 0; noise in column 1; nothing in column 2; a constant
  // in 3.
  const FourierBasis<double> basis(Dihedral<7>{});
  Irrep const& irrep = basis.irreps().at("freq_2");
  Matrix<double> activations(196, 4);
  activations.col(1) = random_matrix(196, 1, 3);
  activations.col(2).setZero();
  activations.col(3).setOnes();
  for (Element a : ElementRange(14)) {
    for (Element b : ElementRange(14)) activations(a * 14 + b, 0) = 1 + irrep.matrix(a)(0, 0) * irrep.matrix(b)(0, 1);
  }
  const PairSpectrum spectrum = pair_spectrum(basis, activations);
  BOOST_TEST((spectrum.power - activations.colwise().squaredNorm()).cwiseAbs().maxCoeff() < 1e-11);
  BOOST_TEST(spectrum.mean_power.sum() * 4 == activations.squaredNorm(), boost::test_tools::tolerance(1e-12));
  const auto neurons = explained_neurons(spectrum);
  BOOST_TEST(neurons[0].irrep == basis.irreps().find("freq_2"));
  BOOST_TEST(neurons[0].fraction == 1.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(neurons[0].centred_fraction == 1.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(neurons[1].centred_fraction < 0.5);
  BOOST_TEST(neurons[1].fraction < 0.5);
  BOOST_TEST(neurons[2].fraction == 0.0);
  BOOST_TEST(neurons[3].fraction == 1.0, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(irrep_power_is_the_block_of_constant_and_irrep_on_both_sides) {
  const FourierBasis<double> basis(Dihedral<3>{});
  const Matrix<double> activations = random_matrix(36, 2, 8);
  const PairSpectrum spectrum = pair_spectrum(basis, activations);
  const Matrix<double> coefficients = transform_pairs(basis, activations);
  for (Index r = 0; r < basis.irreps().size(); ++r) {
    std::vector<Index> functions{0};
    for (Index k = 0; k < basis.block(r).size; ++k) {
      if (r != 0) functions.push_back(basis.block(r).begin + k);
    }
    for (Index column = 0; column < 2; ++column) {
      double expected = 0;
      for (Index i : functions) {
        for (Index j : functions) expected += std::pow(coefficients(i * 6 + j, column), 2);
      }
      BOOST_TEST(spectrum.irrep_power(r, column) == expected, boost::test_tools::tolerance(1e-12));
    }
  }
}

BOOST_AUTO_TEST_CASE(power_by_irrep_alone_is_that_of_the_spectrum) {
  const FourierBasis<double> basis(Dihedral<5>{});
  const Matrix<double> activations = random_matrix(100, 45, 8);  // more columns than a piece has
  const PairPower power = pair_power(basis, activations);
  const PairSpectrum spectrum = pair_spectrum(basis, activations);
  BOOST_TEST((power.irrep_power - spectrum.irrep_power).cwiseAbs().maxCoeff() < 1e-11);
  BOOST_TEST((power.power - spectrum.power).cwiseAbs().maxCoeff() < 1e-11);
  BOOST_TEST((power.constant_power - spectrum.constant_power).cwiseAbs().maxCoeff() < 1e-11);
  BOOST_CHECK_EXCEPTION(pair_power(basis, activations.topRows(99)), Error, says({"100 rows", "99"}));
}

BOOST_AUTO_TEST_CASE(logit_directions_are_slices_of_the_transform_on_three_axes) {
  const FourierBasis<double> basis(Cyclic<>{5});
  const PairNetwork network = toy_mlp(5);
  const Matrix<double> by_class = transform(basis, all_logits(network), Axis::columns);
  const Matrix<double> expected = transform_pairs(basis, by_class.col(3));
  const Matrix<double> found = logit_direction_spectrum(network, basis, 3);
  for (Index i = 0; i < 5; ++i) {
    for (Index j = 0; j < 5; ++j) BOOST_TEST(std::abs(found(i, j) - expected(i * 5 + j, 0)) < 1e-11);
  }
  BOOST_CHECK_THROW(logit_direction_spectrum(network, basis, 5), Error);
}

BOOST_AUTO_TEST_SUITE_END()
