#include <cayley/interpret/neurons.hpp>

#include <cayley/group/dihedral.hpp>

#include <boost/test/unit_test.hpp>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(neurons_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

struct Toy {
  CayleyTable table = cayley_table(Dihedral<5>{});
  FourierBasis<double> basis{Dihedral<5>{}};
  PairNetwork network = toy_mlp(10);
  NeuronPower power = neuron_power(network, basis, hidden_means(network, table));
};

}  // namespace

BOOST_AUTO_TEST_CASE(power_by_irrep_adds_up_to_the_neurons_power) {
  const Toy toy;
  const RowVector<double> left = toy.network.left_embedding.colwise().squaredNorm();
  BOOST_TEST((toy.power.left.colwise().sum() - left).cwiseAbs().maxCoeff() < 1e-12);
  BOOST_TEST(toy.power.neurons() == 7);
  // Functions of a, of b and of ab are orthogonal once centred, so together they explain at most everything.
  const RowVector<double> explained = (toy.power.hidden_x + toy.power.hidden_y + toy.power.hidden_xy).colwise().sum();
  BOOST_TEST((explained.array() <= toy.power.hidden.array() * (1 + 1e-12)).all());
  BOOST_TEST((explained.array() > 0.1 * toy.power.hidden.array()).any());
}

BOOST_AUTO_TEST_CASE(hidden_power_is_that_of_the_projected_activation_over_all_pairs) {
  const Toy toy;
  const Matrix<double> hidden = toy.network.hidden_of_all();
  const Matrix<double> centred = hidden.rowwise() - hidden.colwise().mean();
  const Index r = toy.basis.irreps().find("freq_2");
  Matrix<double> sum = Matrix<double>::Zero(10, 7);
  for (Index row = 0; row < 100; ++row)
    sum.row(toy.table.products()[static_cast<std::size_t>(row)]) += centred.row(row) / 10;
  const RowVector<double> expected =
      10 * naive_projection(toy.basis.irreps(), toy.table, r, sum).colwise().squaredNorm();
  BOOST_TEST((toy.power.hidden_xy.row(r) - expected).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_CASE(clusters_go_by_power_in_both_embeddings) {
  NeuronPower power;
  power.left = power.right = Matrix<double>::Zero(3, 4);
  power.left << 0, 0, 0, 5, 2, 0, 3, 0, 0, 0, 9, 0;
  power.right << 0, 0, 0, 5, 2, 0, 3, 0, 0, 0, 0, 0;
  power.hidden = RowVector<double>::Constant(4, 200);
  power.hidden[1] = 3;
  BOOST_TEST((dead_neurons(power.left, power.right) == std::vector<Index>{1}));
  BOOST_TEST((silent_neurons(power) == std::vector<Index>{1}));
  BOOST_TEST((silent_neurons(power, 1).empty()));
  BOOST_TEST((neurons_of_irrep(power, 1) == std::vector<Index>{0, 2}));
  BOOST_TEST((neurons_of_irrep(power, 1, 2.5) == std::vector<Index>{2}));
  BOOST_TEST((neurons_of_irrep(power, 2).empty()));  // the left embedding alone does not count
  const auto main = main_irreps(power.left);
  BOOST_TEST(main[0].irrep == 1);
  BOOST_TEST(main[0].share == 1.0);
  BOOST_TEST(main[1].share == 0.0);  // no power at all
  BOOST_TEST(main[2].irrep == 2);
  BOOST_TEST(main[2].share == 0.75);
  BOOST_TEST(main[3].share == 0.0);  // the trivial irrep is no neuron's irrep
}

BOOST_AUTO_TEST_CASE(a_cluster_shares_its_variance_among_the_parts) {
  const Toy toy;
  const std::vector<Index> neurons{1, 4};
  const Index r = toy.basis.irreps().find("freq_1");
  const ClusterVariance variance = cluster_variance(toy.power, r, neurons);
  const double whole = toy.power.hidden[1] + toy.power.hidden[4];
  BOOST_TEST(variance.xy == (toy.power.hidden_xy(r, 1) + toy.power.hidden_xy(r, 4)) / whole,
             boost::test_tools::tolerance(1e-14));
  BOOST_TEST(variance.trivial < 1e-25);
  BOOST_TEST(variance.sum() == variance.x + variance.y + variance.xy + variance.trivial);
  BOOST_TEST(variance.all <= 1 + 1e-12);
  BOOST_TEST(variance.all >= variance.sum());
}

BOOST_AUTO_TEST_SUITE_END()
