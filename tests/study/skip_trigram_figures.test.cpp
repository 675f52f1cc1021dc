#include <cayley/study/skip_trigram_figures.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/study/sequence_measures.hpp>
#include <string>
#include <vector>

#include "io/scratch_folder.hpp"
#include "study/small_sequence_runs.hpp"

BOOST_AUTO_TEST_SUITE(skip_trigram_figures_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(gradients_are_those_of_each_checkpoint) {
  const ScratchFolder scratch;
  write_small_sequence_run(scratch / "run", small_sequence_json("skip_trigram"), {2, 10});
  const auto run = read_sequence_run(scratch / "run");
  const Figure figure = attention_gradient_figure(progress_measures(run, 1), 3, 1);
  BOOST_TEST_REQUIRE(figure.panels[0].traces.size() == 3u);
  SkipTrigram const& task = run.config.sequences.skip_trigram;
  const TokenSequences data = sequence_evaluation(task, run.config).data;
  const std::vector<std::uint64_t> seeds{2, 10};
  for (std::size_t i = 0; i < 2; ++i) {
    const Matrix<double> gradient = trigram_attention(small_sequence_model(run.config, seeds[i]), task, data).gradient;
    for (std::size_t k = 0; k < 3; ++k) {
      Curve const& curve = std::get<Curve>(figure.panels[0].traces[k]);
      BOOST_TEST(curve.x[i] == static_cast<double>(seeds[i]));
      BOOST_TEST(curve.y[i] == gradient(static_cast<Index>(k), 1), boost::test_tools::tolerance(1e-12));
    }
  }
  BOOST_CHECK_THROW(attention_gradient_figure({{"epoch"}, {{0}}}, 3), Error);
}

BOOST_AUTO_TEST_SUITE_END()
