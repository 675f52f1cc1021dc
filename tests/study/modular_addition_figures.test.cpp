#include <cayley/study/modular_addition_figures.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/interpret/neuron_clusters.hpp>
#include <vector>

#include "interpret/toy_transformer.hpp"

BOOST_AUTO_TEST_SUITE(modular_addition_figures_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

/// A random network on C_5 and what is known of it.
struct Subject {
  Cyclic<5> g;
  FourierBasis<double> basis = FourierBasis<double>(g);
  Transformer<Cpu, double> model = toy_transformer(5);
  PairTransformer weights = pair_transformer(model);
  TransformerActivations activations = transformer_activations(weights);
  std::vector<HeadCircuits> circuits = head_circuits(weights);
  ModularAddition found = modular_addition(model, cayley_table(g), basis, every_third_pair(5), 0);
  Matrix<double> W_logit = times<double>(weights.W_out, weights.W_U);
};

template <class Kind>
Kind const& trace(Figure const& figure, std::size_t frame, std::size_t at = 0, std::size_t panel = 0) {
  return std::get<Kind>(figure.frames.empty() ? figure.panels.at(panel).traces.at(at)
                                              : figure.frames.at(frame).traces.at(panel).at(at));
}

Matrix<double> const& map_of(Figure const& figure, std::size_t frame = 0, std::size_t panel = 0) {
  return trace<HeatMap>(figure, frame, 0, panel).z;
}

}  // namespace

BOOST_AUTO_TEST_CASE(maps_over_pairs_hold_the_activations) {
  const Subject s;
  const Figure attention = attention_figure(5, s.activations);
  BOOST_TEST_REQUIRE(attention.frames.size() == 2u);
  BOOST_TEST(map_of(attention, 1)(3, 4) == s.activations.attention(3 * 5 + 4, 3));
  const Figure neurons = activation_figure(5, s.activations);
  BOOST_TEST_REQUIRE(neurons.frames.size() == 3u);
  BOOST_TEST(neurons.frames[2].label == "2");
  BOOST_TEST(map_of(neurons, 2)(1, 4) == s.activations.hidden(1 * 5 + 4, 2));
  // More neurons than there are.
  BOOST_TEST(activation_figure(5, s.activations, 99).frames.size() == 10u);
}

BOOST_AUTO_TEST_CASE(maps_in_the_fourier_basis_hold_the_coefficients) {
  const Subject s;
  const Matrix<double> attention = transform_pairs(s.basis, s.activations.attention.col(3));
  const Figure figure = attention_spectrum_figure(s.basis, s.activations);
  BOOST_TEST(map_of(figure, 1)(2, 3) == attention(2 * 5 + 3, 0), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(trace<HeatMap>(figure, 0).row_labels == s.basis.names(), boost::test_tools::per_element());
  const Matrix<double> hidden = transform_pairs(s.basis, s.activations.hidden);
  BOOST_TEST(map_of(activation_spectrum_figure(s.basis, s.activations), 1)(4, 0) == hidden(20, 1),
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(curves_of_weights) {
  const Subject s;
  const Figure neurons = neuron_weights_figure(s.circuits);
  BOOST_TEST_REQUIRE(neurons.frames.size() == 5u);
  BOOST_TEST(trace<Curve>(neurons, 4, 1).y[3] == s.circuits[1].W_neur(3, 4));
  BOOST_TEST(trace<Curve>(attention_weights_figure(s.circuits), 0, 1).y[2] == s.circuits[1].W_attn[2]);
  const Figure spectrum = neuron_weights_spectrum_figure(s.basis, s.circuits);
  BOOST_TEST(trace<Curve>(spectrum, 2, 0).y[1] == s.basis.matrix().col(1).dot(s.circuits[0].W_neur.col(2)),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(trace<Curve>(spectrum, 2, 0).hover[1] == "cos 1");
  BOOST_TEST(trace<Curve>(attention_weights_spectrum_figure(s.basis, s.circuits), 0, 1).y[4] ==
                 s.basis.matrix().col(4).dot(s.circuits[1].W_attn),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(trace<Curve>(embedding_spectrum_figure(s.basis, s.found), 0).y[3] == s.found.embedding_spectrum[3]);
}

BOOST_AUTO_TEST_CASE(the_basis_and_its_products) {
  const FourierBasis<double> basis(Cyclic<5>{});
  const Figure graphs = fourier_basis_figure(basis);
  BOOST_TEST_REQUIRE(graphs.frames.size() == 5u);
  BOOST_TEST(graphs.frames[3].label == "cos 2");
  BOOST_TEST(trace<Curve>(graphs, 3).y[1] == basis.matrix()(1, 3));
  BOOST_TEST((map_of(fourier_gram_figure(basis)) - Matrix<double>::Identity(5, 5)).norm() < 1e-12);
}

BOOST_AUTO_TEST_CASE(spectra_leave_the_constant_out) {
  const Subject s;
  const PairSpectrum hidden = pair_spectrum(s.basis, s.activations.hidden);
  const Matrix<double> shown = map_of(mean_activation_spectrum_figure(s.basis, hidden));
  BOOST_TEST(shown(0, 0) == 0);
  BOOST_TEST(shown(1, 2) == hidden.mean_power(1, 2));
  const PairSpectrum logits = pair_spectrum(s.basis, s.activations.logits);
  BOOST_TEST(map_of(logit_spectrum_figure(s.basis, logits))(3, 3) == logits.mean_power(3, 3));
  const Figure clusters = cluster_spectra_figure(s.basis, s.found.clusters, s.activations.hidden);
  BOOST_TEST_REQUIRE(clusters.panels.size() == s.found.clusters.irreps.size());
  Matrix<double> sum = Matrix<double>::Zero(5, 5);
  for (std::size_t c = 0; c < clusters.panels.size(); ++c) {
    sum += static_cast<double>(s.found.clusters.neurons[c].size()) * map_of(clusters, 0, c);
  }
  BOOST_TEST((sum / 10 - shown).norm() < 1e-10 * shown.norm());
}

BOOST_AUTO_TEST_CASE(neurons_and_what_they_write) {
  const Subject s;
  const Figure neurons = explained_neurons_figure(s.basis, s.found);
  Points const& points = trace<Points>(neurons, 0);
  BOOST_TEST_REQUIRE(points.x.size() == 10u);
  BOOST_TEST(points.x[7] == static_cast<double>(s.found.neurons[7].irrep));
  BOOST_TEST(points.y[7] == s.found.neurons[7].centred_fraction);
  BOOST_TEST(points.value[7] == s.found.fraction_positive[7]);
  BOOST_TEST(neurons.panels[0].markers.at(0).at == s.found.threshold);

  const Matrix<double> all = map_of(unembedding_figure(s.basis, s.W_logit));
  BOOST_TEST(all.rows() == 10);
  BOOST_TEST(all(6, 2) == s.W_logit.row(6).dot(s.basis.matrix().col(2)), boost::test_tools::tolerance(1e-12));
  const ClusteredUnembedding clustered = clustered_unembedding(s.basis, s.found.clusters, s.W_logit);
  const Figure by_cluster = clustered_unembedding_figure(s.basis, s.found.clusters, clustered);
  for (std::size_t row = 0; row < 10; ++row) {
    const auto at = static_cast<Index>(row);
    BOOST_TEST((map_of(by_cluster).row(at) - all.row(clustered.neurons[row])).norm() < 1e-12);
  }
  auto const& lines = by_cluster.panels[0].markers;
  BOOST_TEST_REQUIRE(lines.size() == clustered.ends.size());
  BOOST_TEST(lines.front().at == static_cast<double>(s.found.clusters.neurons[0].size()) - 0.5);
  BOOST_TEST(lines.front().label == s.basis.irreps()[s.found.clusters.irreps[0]].label());
  BOOST_TEST(lines.back().label == "no frequency");
}

BOOST_AUTO_TEST_CASE(directions_of_the_logits_by_frequency) {
  const Subject s;
  for (Index direction : {0, 1}) {
    const Figure figure = direction_spectra_figure(s.basis, {1, 2}, s.activations.hidden, s.W_logit, direction);
    BOOST_TEST_REQUIRE(figure.frames.size() == 2u);
    BOOST_TEST(figure.frames[1].label == (direction == 0 ? "cos 2" : "sin 2"));
    const Matrix<double> spectra = direction_spectra(s.basis, 2, s.activations.hidden, s.W_logit);
    BOOST_TEST(map_of(figure, 1)(3, 4) == spectra(19, direction));
  }
  // A one-dimensional irrep has no second direction.
  BOOST_CHECK_THROW(direction_spectra_figure(FourierBasis<double>(Cyclic<2>{}), {1}, Matrix<double>::Ones(4, 3),
                                             Matrix<double>::Ones(3, 2), 1),
                    Error);
}

BOOST_AUTO_TEST_SUITE_END()
