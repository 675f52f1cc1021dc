#include <cayley/study/spectrum_figures.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/plot/plotly_json.hpp>
#include <cmath>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(spectrum_figures_test)

using namespace cayley;
using cayley::testing::toy_mlp;

void check_values(Json const& found, Vector<double> const& expected) {
  BOOST_TEST_REQUIRE(static_cast<Index>(found.size()) == expected.size());
  for (Index k = 0; k < expected.size(); ++k) {
    const double value = found[static_cast<std::size_t>(k)].get<double>();
    BOOST_TEST(std::abs(value - expected[k]) <= 1e-4 * std::abs(expected[k]));
  }
}

const FourierBasis<double> basis{Cyclic<5>{}};

BOOST_AUTO_TEST_CASE(each_function_of_the_basis_is_a_frame) {
  const Json json = plotly_json(group_basis_figure(basis));
  BOOST_TEST_REQUIRE(json["frames"].size() == 5U);
  for (Index k = 0; k < 5; ++k) {
    check_values(json["frames"][static_cast<std::size_t>(k)]["data"][0]["y"], basis.matrix().col(k));
  }
  BOOST_TEST((json["layout"]["sliders"][0]["steps"][1]["label"] == "cos 1"));
}

BOOST_AUTO_TEST_CASE(spectra_of_weights) {
  const PairNetwork network = toy_mlp(5);
  const Vector<double> left = weight_spectrum(basis, network.left_embedding);
  const Vector<double> right = weight_spectrum(basis, network.right_embedding);
  const Json data = plotly_json(weight_spectrum_figure(basis, {{"left", left}, {"right", right}}, "title"))["data"];
  check_values(data[0]["y"], left);
  check_values(data[1]["y"], right);
  BOOST_TEST((data[0]["text"] == Json(basis.names())));
  BOOST_CHECK_THROW(weight_spectrum_figure(basis, {{"short", left.head(2)}}, "title"), Error);
}

BOOST_AUTO_TEST_CASE(irreps_are_named_where_there_is_room) {
  const auto ticks = irrep_ticks(FourierBasis<double>(Symmetric<5>{}));
  BOOST_TEST(ticks.size() == 6U);
  BOOST_TEST(ticks[0].label == "(4,1)");
  BOOST_TEST(ticks[0].at == 8.5);  // functions 1 to 16
  BOOST_TEST(irrep_ticks(FourierBasis<double>(Cyclic<53>{})).empty());
}

BOOST_AUTO_TEST_CASE(functions_of_pairs) {
  const Matrix<double> first = cayley::testing::random_matrix(5, 5, 1),
                       second = cayley::testing::random_matrix(5, 5, 2);
  const Json json = plotly_json(pair_map_figure("neuron", {{"3", first}, {"7", second}}, "t", "r"));
  const Json spectra = plotly_json(pair_spectrum_figure(basis.names(), "neuron", {{"3", first}, {"7", second}}, "t"));
  for (Json const& figure : {json, spectra}) {
    check_values(figure["frames"][0]["data"][0]["z"][4], first.row(4).transpose());
    check_values(figure["frames"][1]["data"][0]["z"][2], second.row(2).transpose());
    BOOST_TEST((figure["layout"]["sliders"][0]["steps"][1]["label"] == "7"));
  }
  BOOST_TEST((spectra["data"][0]["x"] == Json(basis.names())));
  const Json one = plotly_json(pair_spectrum_figure(basis.names(), "", {{"", first}}, "t", ColourScale::sequential));
  BOOST_TEST(!one.contains("frames"));
  check_values(one["data"][0]["z"][0], first.row(0).transpose());
}

BOOST_AUTO_TEST_CASE(neurons_by_irrep) {
  const PairNetwork network = toy_mlp(5);
  const auto neurons = explained_neurons(pair_spectrum(basis, network.hidden_of_all()));
  const Json data = plotly_json(neuron_irrep_figure(basis.irreps(), neurons))["data"];
  BOOST_TEST_REQUIRE(data[0]["y"].size() == neurons.size());
  for (std::size_t k = 0; k < neurons.size(); ++k) {
    BOOST_TEST(std::abs(data[0]["x"][k].get<double>() - static_cast<double>(neurons[k].irrep)) <= 0.25);
    BOOST_TEST(std::abs(data[0]["y"][k].get<double>() - neurons[k].fraction) < 1e-4);
  }
}

BOOST_AUTO_TEST_SUITE_END()
