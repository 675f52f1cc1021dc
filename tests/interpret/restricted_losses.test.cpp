#include <cayley/interpret/restricted_losses.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/group/symmetric.hpp>
#include <cmath>
#include <vector>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(restricted_losses_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

/// Everything on S3, a network with seven neurons and random weights.
struct Toy {
  Symmetric<3> g;
  FourierBasis<double> basis{g};
  CayleyTable table = cayley_table(g);
  PairNetwork network = toy_mlp(6);
  TrainingSet train = every_third_pair(6);
  Matrix<double> hidden = network.hidden_of_all(), logits = all_logits(network);

  /// The orthogonal projection on an irrep's terms, (36, 36).
  Matrix<double> term_projector(Index irrep) const {
    const Matrix<double> terms = irrep_terms(basis, irrep), one = terms * terms.transpose();
    Matrix<double> both(36, 36);
    for (Index i = 0; i < 6; ++i) {
      for (Index j = 0; j < 6; ++j) both.block(i * 6, j * 6, 6, 6) = one(i, j) * one;
    }
    return both;
  }
  /// The orthogonal projection on the functions rho_ij(ab), (36, 36).
  Matrix<double> product_projector(Index irrep) const {
    Matrix<double> functions(36, basis.block(irrep).size);
    for (Element a : elements(table)) {
      for (Element b : elements(table)) {
        functions.row(a * 6 + b) = basis.functions(irrep).row(table.compose(a, b)) / std::sqrt(6.0);
      }
    }
    return functions * functions.transpose();
  }
  double corrected_loss(Matrix<double> const& part, TrainingSet const* only = nullptr) const {
    const RowVector<double> rest = (logits - part).colwise().mean();
    return naive_loss(part.rowwise() + rest, table, only);
  }
};

const auto nearly = boost::test_tools::tolerance(1e-11);

}  // namespace

BOOST_AUTO_TEST_CASE(clusters_keep_the_terms_of_their_irrep) {
  const Toy toy;
  const NeuronClusters clusters{{1, 2}, {{0, 5}, {1, 2, 6}}, {3, 4}};
  Matrix<double> first = Matrix<double>::Zero(36, 6), second = first, rest = first;
  for (Index k : clusters.neurons[0])
    first += toy.term_projector(1) * toy.hidden.col(k) * toy.network.unembedding.row(k);
  for (Index k : clusters.neurons[1]) {
    second += toy.term_projector(2) * toy.hidden.col(k) * toy.network.unembedding.row(k);
  }
  for (Index k : clusters.unassigned) rest += toy.hidden.col(k) * toy.network.unembedding.row(k);
  const ClusterLosses found =
      cluster_losses(toy.basis, toy.table, clusters, toy.hidden, toy.network.unembedding, toy.logits);
  BOOST_TEST(found.with_unassigned == toy.corrected_loss(first + second + rest), nearly);
  BOOST_TEST(found.without_unassigned == toy.corrected_loss(first + second), nearly);
  BOOST_TEST_REQUIRE(found.without_irreps.size() == 2u);
  BOOST_TEST(found.without_irreps[0] == toy.corrected_loss(second + rest), nearly);
  BOOST_TEST(found.without_irreps[1] == toy.corrected_loss(first + rest), nearly);
}

BOOST_AUTO_TEST_CASE(unassigned_neurons_alone_are_the_network) {
  const Toy toy;
  const NeuronClusters none{{}, {}, {0, 1, 2, 3, 4, 5, 6}};
  const ClusterLosses found =
      cluster_losses(toy.basis, toy.table, none, toy.hidden, toy.network.unembedding, toy.logits);
  BOOST_TEST(found.with_unassigned == naive_loss(toy.logits, toy.table), nearly);
  BOOST_TEST(found.without_unassigned == toy.corrected_loss(Matrix<double>::Zero(36, 6)), nearly);
  BOOST_TEST(found.without_irreps.empty());
}

BOOST_AUTO_TEST_CASE(excluded_losses_lack_one_irrep_of_the_product) {
  const Toy toy;
  const std::vector<Index> irreps{2, 1};
  const auto found = excluded_losses(toy.basis, toy.table, toy.train, irreps, toy.logits);
  BOOST_TEST_REQUIRE(found.size() == 2u);
  for (std::size_t k = 0; k < 2; ++k) {
    const Matrix<double> excluded = toy.logits - toy.product_projector(irreps[k]) * toy.logits;
    BOOST_TEST(found[k] == naive_loss(excluded, toy.table, &toy.train), nearly);
  }
}

BOOST_AUTO_TEST_CASE(restricted_losses_keep_the_irreps_of_the_product) {
  const Toy toy;
  TrainingSet test = toy.train;
  for (auto& flag : test) flag = flag == 0 ? 1 : 0;
  const std::vector<Index> irreps{1, 2};
  const Matrix<double> part = (toy.product_projector(1) + toy.product_projector(2)) * toy.logits;
  const SplitLosses found = product_restricted_losses(toy.basis, toy.table, toy.train, irreps, toy.logits);
  BOOST_TEST(found.all == toy.corrected_loss(part), nearly);
  BOOST_TEST(found.train == toy.corrected_loss(part, &toy.train), nearly);
  BOOST_TEST(found.test == toy.corrected_loss(part, &test), nearly);
}

// On S3, logits 3 chi_R(ab c^-1) of the standard irrep R lie on R(ab): without it nothing but the uniform guess is
// left.
BOOST_AUTO_TEST_CASE(a_network_that_knows_one_irrep) {
  const Toy toy;
  const Index standard = toy.basis.irreps().find("(2,1)"), sign = toy.basis.irreps().find("sign");
  Matrix<double> logits(36, 6);
  for (std::size_t row = 0; row < 36; ++row) {
    for (Element c : elements(toy.table)) {
      const Element quotient = toy.table.compose(toy.table.products()[row], toy.table.inverse(c));
      logits(static_cast<Index>(row), c) = 3 * toy.basis.irreps()[standard].matrix(quotient).trace();
    }
  }
  const std::vector<Index> irreps{sign, standard};
  const auto excluded = excluded_losses(toy.basis, toy.table, toy.train, irreps, logits);
  // chi = 2, 0 (three times), -1 (twice)
  const double own = std::log1p(3 * std::exp(-6.0) + 2 * std::exp(-9.0));
  BOOST_TEST(excluded[0] == own, nearly);
  BOOST_TEST(excluded[1] == std::log(6.0), nearly);
  BOOST_TEST(product_restricted_losses(toy.basis, toy.table, toy.train, irreps, logits).all == own, nearly);
}

BOOST_AUTO_TEST_SUITE_END()
