#include <cayley/interpret/pair_network.hpp>

#include <boost/test/unit_test.hpp>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(pair_network_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(an_mlp_gives_the_hidden_layer_and_logits_of_its_unfolded_forward_pass) {
  for (const bool bias : {false, true}) {
    NamedMatrices<double> weights{{"W_x", random_matrix(6, 5, 1)},
                                  {"W_y", random_matrix(6, 5, 2)},
                                  {"W", random_matrix(10, 7, 3)},
                                  {"W_U", random_matrix(7, 6, 4)}};
    if (bias) weights["b_hidden"] = random_matrix(1, 7, 5);
    const auto model = OneLayerMlp<Cpu, double>::from_parameters(Cpu{}, weights);
    const PairNetwork network = pair_network(model);
    const auto pairs = all_pairs(6);
    const Matrix<double> expected = model.forward(pairs).host();
    BOOST_TEST((all_logits(network) - expected).cwiseAbs().maxCoeff() < 1e-12);
    BOOST_TEST(network.order() == 6);
    BOOST_TEST(network.hidden_size() == 7);
    double squares = 0;
    for (auto const& [name, matrix] : weights) squares += matrix.squaredNorm();
    BOOST_TEST(network.sum_of_squared_weights == squares, boost::test_tools::tolerance(1e-12));
    BOOST_TEST((network.left_embedding - weights["W_x"] * weights["W"].topRows(5)).cwiseAbs().maxCoeff() < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(a_bilinear_network_multiplies_embeddings) {
  const NamedMatrices<double> weights{
      {"W_x", random_matrix(6, 5, 1)}, {"W_y", random_matrix(6, 5, 2)}, {"W_U", random_matrix(5, 6, 4)}};
  const auto model = Bilinear<Cpu, double>::from_parameters(Cpu{}, weights);
  const PairNetwork network = pair_network(model);
  const auto pairs = all_pairs(6);
  BOOST_TEST((all_logits(network) - model.forward(pairs).host()).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_CASE(a_network_with_another_number_of_classes_is_refused) {
  const NamedMatrices<double> weights{
      {"W_x", random_matrix(6, 5, 1)}, {"W_y", random_matrix(6, 5, 2)}, {"W_U", random_matrix(5, 7, 4)}};
  const auto model = Bilinear<Cpu, double>::from_parameters(Cpu{}, weights);
  BOOST_CHECK_EXCEPTION(pair_network(model), Error, [](Error const& error) {
    return std::string(error.what()).find("found 7 classes and 6 elements") != std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()
