#include <cayley/interpret/ablation.hpp>

#include <cayley/group/alternating.hpp>

#include <boost/test/unit_test.hpp>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(ablation_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(ablations_take_projections_of_means_away) {
  const CayleyTable table = cayley_table(Alternating<4>{});
  const FourierBasis<double> basis(Alternating<4>{});
  const PairNetwork network = toy_mlp(12);
  const HiddenMeans means = hidden_means(network, table);
  const Ablations result = ablations(network, table, basis, means, every_third_pair(12));
  BOOST_TEST(result.baseline == naive_loss(all_logits(network), table), boost::test_tools::tolerance(1e-12));
  const Matrix<double> hidden = network.hidden_of_all();
  for (Index r = 0; r < basis.irreps().size(); ++r) {
    const auto loss_without = [&](Matrix<double> const& mean, auto key) {
      const Matrix<double> part = naive_projection(basis.irreps(), table, r, mean);
      Matrix<double> ablated = hidden;
      for (Element a : elements(table)) {
        for (Element b : elements(table)) ablated.row(a * 12 + b) -= part.row(key(a, b));
      }
      return naive_loss(ablated * network.unembedding, table);
    };
    const auto close = boost::test_tools::tolerance(1e-11);
    auto const& losses = result.irreps[static_cast<std::size_t>(r)];
    BOOST_TEST(losses.xy == loss_without(means.by_product, [&](Element a, Element b) { return table.compose(a, b); }),
               close);
    BOOST_TEST(losses.x == loss_without(means.by_left, [](Element a, Element) { return a; }), close);
    BOOST_TEST(losses.y == loss_without(means.by_right, [](Element, Element b) { return b; }), close);
  }
  BOOST_TEST(result.irreps[0].x == result.irreps[0].xy, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(result.relative_change(2 * result.baseline) == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()
