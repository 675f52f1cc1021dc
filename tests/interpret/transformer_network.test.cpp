#include <cayley/interpret/transformer_network.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/interpret/losses.hpp>
#include <cayley/interpret/representation_metrics.hpp>
#include <nn/toy_models.hpp>
#include <vector>

namespace {

using namespace cayley;
using namespace cayley::testing;

Transformer<Cpu, double> random_transformer(Index order, bool has_biases) {
  Transformer<Cpu, double> model(Cpu{}, {.d_model = 8,
                                         .n_heads = 2,
                                         .d_head = 3,
                                         .d_mlp = 10,
                                         .d_vocab = order + 1,
                                         .d_vocab_out = order,
                                         .n_ctx = 3,
                                         .has_biases = has_biases});
  unsigned seed = 1;
  for (auto& parameter : model.parameters()) {
    parameter.assign(random_matrix<double>(parameter.rows(), parameter.cols(), seed++));
  }
  return model;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_folded_network_is_the_transformer_at_its_last_position) {
  for (const bool has_biases : {false, true}) {
    const auto model = random_transformer(6, has_biases);
    const PairNetwork network = pair_network(model);
    const auto pairs = all_pairs(6);
    std::vector<std::uint32_t> tokens;
    for (Pair pair : pairs) tokens.insert(tokens.end(), {pair.a, pair.b, 6u});
    Matrix<double> hidden;
    Hooks<Cpu, double> hooks;
    hooks.add("blocks.0.mlp.hook_post", [&](HookedTensor<Cpu, double>& tensor) { hidden = tensor.host(); });
    const Matrix<double> logits = model.forward({tokens, 3}, hooks).host();
    const Matrix<double> found_hidden = network.hidden_of(pairs), found = network.logits_of(pairs);
    for (Index i = 0; i < found.rows(); ++i) {
      BOOST_TEST((found_hidden.row(i) - hidden.row(3 * i + 2)).cwiseAbs().maxCoeff() < 1e-11);
      BOOST_TEST((found.row(i) - logits.row(3 * i + 2)).cwiseAbs().maxCoeff() < 1e-11);
    }
  }
}

// Metrics of logits see the residual stream's direct path, those of the hidden layer do not.
BOOST_AUTO_TEST_CASE(hidden_losses_leave_the_direct_path_out) {
  const Dihedral<3> g;
  const CayleyTable table = cayley_table(g);
  const FourierBasis<double> basis(g);
  TrainingSet train(36, 1);
  const PairNetwork network = pair_network(random_transformer(6, true));
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
  TransformerShape shape = random_transformer(6, true).shape();
  shape.attn_only = true;
  BOOST_CHECK_THROW(pair_network(Transformer<Cpu, double>(Cpu{}, shape)), Error);
  shape.attn_only = false;
  shape.d_vocab = 9;
  BOOST_CHECK_THROW(pair_network(Transformer<Cpu, double>(Cpu{}, shape)), Error);
}
