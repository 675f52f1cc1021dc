#include <cayley/interpret/transformer_network.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/interpret/losses.hpp>
#include <cayley/interpret/representation_metrics.hpp>
#include <vector>

#include "interpret/toy_transformer.hpp"
#include "largest_difference.hpp"

BOOST_AUTO_TEST_SUITE(transformer_network_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(the_folded_network_is_the_transformer_at_its_last_position) {
  for (const bool has_biases : {false, true}) {
    const auto model = toy_transformer(6, has_biases);
    const PairNetwork network = pair_network(model);
    const auto pairs = all_pairs(6);
    const Matrix<double> hidden = at_last_position(model, 6, "blocks.0.mlp.hook_post");
    BOOST_TEST(largest_difference(network.hidden_of(pairs), hidden) < 1e-11);
    BOOST_TEST(largest_difference(network.logits_of(pairs), at_last_position(model, 6, "")) < 1e-11);
  }
}

BOOST_AUTO_TEST_CASE(the_logit_of_the_last_token_is_dropped) {
  const auto model = toy_transformer(6, true, true);
  const Matrix<double> logits = at_last_position(model, 6, "");
  BOOST_TEST_REQUIRE(logits.cols() == 7);
  const PairNetwork network = pair_network(model);
  BOOST_TEST(network.order() == 6);
  BOOST_TEST(largest_difference(network.logits_of(all_pairs(6)), logits.leftCols(6)) < 1e-11);
}

// Metrics of logits see the residual stream's direct path, those of the hidden layer do not.
BOOST_AUTO_TEST_CASE(hidden_losses_leave_the_direct_path_out) {
  const Dihedral<3> g;
  const CayleyTable table = cayley_table(g);
  const FourierBasis<double> basis(g);
  TrainingSet train(36, 1);
  const PairNetwork network = pair_network(toy_transformer(6, true));
  PairNetwork hidden_alone = network;
  hidden_alone.direct = {};
  const RepresentationMetrics all = representation_metrics(network, table, basis, train);
  const RepresentationMetrics hidden = representation_metrics(hidden_alone, table, basis, train, {{}, all.key});
  BOOST_TEST(all.all_loss == pair_losses(network, table, train).all_loss, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::abs(all.all_loss - hidden.all_loss) > 1e-3);
  for (std::size_t i = 0; i < all.irreps.size(); ++i) {
    BOOST_TEST(all.irreps[i].hidden_excluded_loss == hidden.irreps[i].hidden_excluded_loss,
               boost::test_tools::tolerance(1e-12));
    if (i > 0) BOOST_TEST(std::abs(all.irreps[i].logit_similarity - hidden.irreps[i].logit_similarity) > 1e-9);
  }
  BOOST_TEST(all.total_hidden_excluded_loss == hidden.total_hidden_excluded_loss, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(other_transformers_are_refused) {
  TransformerShape shape = toy_transformer(6, true).shape();
  shape.attn_only = true;
  BOOST_CHECK_THROW(pair_network(Transformer<Cpu, double>(Cpu{}, shape)), Error);
  shape.attn_only = false;
  shape.d_vocab = 9;
  BOOST_CHECK_THROW(pair_network(Transformer<Cpu, double>(Cpu{}, shape)), Error);
}

BOOST_AUTO_TEST_SUITE_END()
