#include <cayley/interpret/sign_circuit.hpp>

#include <cayley/group/symmetric.hpp>

#include <boost/test/unit_test.hpp>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(sign_circuit_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

/// relu(x sigma(a) + y sigma(b)), written to the logits with coefficient u along sigma.
PairNetwork sign_network(double x, double y, double u, double noise = 0) {
  Matrix<double> sigma(6, 1);
  for (Element g : ElementRange(6)) sigma(g, 0) = signature<3>(Symmetric<3>::permutation(g));
  const Matrix<double> left = x * sigma + noise * random_matrix(6, 1, 7);
  const NamedMatrices<double> weights{
      {"W_x", left}, {"W_y", y * sigma}, {"W", Matrix<double>::Ones(2, 1)}, {"W_U", u * sigma.transpose()}};
  return pair_network(OneLayerMlp<Cpu, double>::from_parameters(Cpu{}, weights));
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_exact_circuit_is_read_off_exactly) {
  const FourierBasis<double> basis(Symmetric<3>{});
  const std::vector<Index> neurons{0};
  const auto circuit = sign_circuit(sign_network(2, 2, 0.5), basis, basis.irreps().find("sign"), neurons);
  auto const& neuron = circuit.neurons.at(0);
  const auto close = boost::test_tools::tolerance(1e-12);
  BOOST_TEST(neuron.left.coefficient == 2.0, close);
  BOOST_TEST(neuron.left.share == 1.0, close);
  BOOST_TEST(neuron.unembedding.coefficient == 0.5, close);
  BOOST_TEST(neuron.block_mean[0] == 4.0, close);
  for (std::size_t block = 1; block < 4; ++block) BOOST_TEST(std::abs(neuron.block_mean[block]) < 1e-12);
  for (std::size_t block = 0; block < 4; ++block) {
    BOOST_TEST(std::abs(neuron.block_theory[block] - neuron.block_mean[block]) < 1e-12);
  }
  BOOST_TEST(neuron.block_share == 1.0, close);
  BOOST_TEST(circuit.logit_by_block[0] == 2.0, close);
}

BOOST_AUTO_TEST_CASE(what_is_not_along_the_signature_lowers_the_shares) {
  const FourierBasis<double> basis(Symmetric<3>{});
  const std::vector<Index> neurons{0};
  const auto circuit = sign_circuit(sign_network(2, -1, 0.5, 1), basis, basis.irreps().find("sign"), neurons);
  auto const& neuron = circuit.neurons.at(0);
  BOOST_TEST(neuron.left.share < 0.99);
  BOOST_TEST(neuron.right.share == 1.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(neuron.block_share < 0.99);
  BOOST_TEST(neuron.block_share > 0.3);
}

BOOST_AUTO_TEST_CASE(a_neuron_that_never_fires_has_shares_of_zero) {
  const FourierBasis<double> basis(Symmetric<3>{});
  const std::vector<Index> neurons{0};
  const auto sign = sign_circuit(sign_network(0, 0, 0), basis, basis.irreps().find("sign"), neurons);
  BOOST_TEST(sign.neurons[0].left.share == 0.0);
  BOOST_TEST(sign.neurons[0].block_share == 0.0);
}

BOOST_AUTO_TEST_CASE(an_irrep_of_more_dimensions_is_refused) {
  const FourierBasis<double> basis(Symmetric<3>{});
  const std::vector<Index> neurons{0};
  BOOST_CHECK_EXCEPTION(
      sign_circuit(sign_network(1, 1, 1), basis, basis.irreps().find("(2,1)"), neurons), Error,
      [](Error const& e) { return std::string(e.what()).find("(2,1) has dimension 2") != std::string::npos; });
}

BOOST_AUTO_TEST_SUITE_END()
