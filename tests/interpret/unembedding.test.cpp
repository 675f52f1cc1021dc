#include <cayley/interpret/unembedding.hpp>

#include <cayley/group/symmetric.hpp>

#include <boost/test/unit_test.hpp>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(unembedding_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(shares_of_a_clusters_unembedding_add_up_to_one) {
  const FourierBasis<double> basis(Symmetric<4>{});
  const PairNetwork network = toy_mlp(24);
  const std::vector<Index> neurons{0, 3, 6};
  double total = 0;
  for (Index r = 0; r < basis.irreps().size(); ++r) total += unembedding_share(network, basis, r, neurons);
  BOOST_TEST(total == 1.0, boost::test_tools::tolerance(1e-12));
  const CayleyTable table = cayley_table(Symmetric<4>{});
  Matrix<double> rows(24, 3);
  for (Index k = 0; k < 3; ++k) rows.col(k) = network.unembedding.row(neurons[static_cast<std::size_t>(k)]).transpose();
  BOOST_TEST(unembedding_share(network, basis, 1, neurons) ==
                 naive_projection(basis.irreps(), table, 1, rows).squaredNorm() / rows.squaredNorm(),
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(the_unembedding_splits_into_irreps_and_the_rest) {
  const CayleyTable table = cayley_table(Symmetric<3>{});
  const FourierBasis<double> basis(Symmetric<3>{});
  const PairNetwork network = toy_mlp(6);
  const std::vector<Index> key{1};
  const auto losses = unembedding_losses(network, table, basis, key);
  const Matrix<double> kept = naive_projection(basis.irreps(), table, 1, network.unembedding.transpose()).transpose();
  const Matrix<double> hidden = network.hidden_of_all();
  BOOST_TEST(losses.restricted == naive_loss(hidden * kept, table), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(losses.without == naive_loss(hidden * (network.unembedding - kept), table),
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_SUITE_END()
