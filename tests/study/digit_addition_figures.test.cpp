#include <cayley/study/digit_addition_figures.hpp>

#include <boost/test/unit_test.hpp>

#include "study/small_sequence_runs.hpp"

BOOST_AUTO_TEST_SUITE(digit_addition_figures_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(the_basis_has_a_row_for_each_function) {
  const Figure figure = digit_basis_figure();
  HeatMap const& map = std::get<HeatMap>(figure.panels[0].traces.at(0));
  const FourierBasis<double> basis = digit_basis();
  BOOST_TEST(map.row_labels[3] == basis.names()[3]);
  BOOST_TEST((map.z.row(3) == basis.matrix().col(3).transpose()));
}

BOOST_AUTO_TEST_CASE(spectra_are_shares_of_what_varies) {
  const RunConfig config = small_sequence_config("digit_addition");
  DigitAddition const& task = config.sequences.digit_addition;
  const DigitAdditionAnalysis found =
      sequence_analysis(small_sequence_model(config), task, sequence_evaluation(task, config).data);
  const Figure figure = digit_spectra_figure(found);
  for (std::size_t kind : {0u, 1u}) {
    Vector<double> const& spectrum = kind == 0 ? found.spectra.embedding : found.spectra.unembedding;
    Bars const& bars = std::get<Bars>(figure.panels[0].traces.at(kind));
    BOOST_TEST_REQUIRE(bars.heights.size() == 9u);
    BOOST_TEST(bars.labels[8] == digit_basis().names()[9]);
    BOOST_TEST(bars.heights[8] == spectrum[9] / (spectrum.sum() - spectrum[0]), boost::test_tools::tolerance(1e-12));
  }
}

BOOST_AUTO_TEST_SUITE_END()
