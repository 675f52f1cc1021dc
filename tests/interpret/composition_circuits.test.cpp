#include <cayley/interpret/composition_circuits.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/interpret/order_statistics.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/nn/activation_cache.hpp>
#include <cayley/study/transformer_file.hpp>
#include <cmath>
#include <cstdint>
#include <nn/toy_transformers.hpp>
#include <string_view>
#include <vector>

#include "interpret/toy_sequence_models.hpp"
#include "largest_difference.hpp"
#include "reference.hpp"
#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(composition_circuits_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

TransformerShape two_layers(bool doubled_residual) {
  TransformerShape shape = toy_shape();
  shape.n_layers = 2;
  shape.attn_only = true;
  shape.has_biases = false;
  shape.doubled_residual = doubled_residual;
  return shape;
}

}  // namespace

BOOST_AUTO_TEST_CASE(circuits_are_products_of_weights) {
  const AttentionWeights w = attention_weights(toy_transformer<double>(two_layers(false)));
  auto const &first = w.head({0, 1}), &second = w.head({1, 0});
  using E = Embedding;
  BOOST_TEST(largest_difference(qk_circuit(w, {0, 1}), w.W_E * first.W_Q * first.W_K.transpose() * w.W_E.transpose()) <
             1e-13);
  BOOST_TEST(largest_difference(qk_circuit(w, {1, 0}, E::tokens, E::positions),
                                w.W_E * second.W_Q * second.W_K.transpose() * w.W_pos.transpose()) < 1e-13);
  BOOST_TEST(largest_difference(ov_circuit(w, {1, 0}), w.W_E * second.W_V * second.W_O * w.W_U) < 1e-13);
  BOOST_TEST(largest_difference(ov_circuit(w, {0, 1}, E::positions), w.W_pos * first.W_V * first.W_O * w.W_U) < 1e-13);
  BOOST_TEST(largest_difference(k_composition_circuit(w, {0, 1}, {1, 0}),
                                w.W_E * second.W_Q * second.W_K.transpose() * first.W_O.transpose() *
                                    first.W_V.transpose() * w.W_E.transpose()) < 1e-12);
  BOOST_TEST(largest_difference(k_composition_circuit(w, {0, 1}, {1, 0}, E::positions, E::positions),
                                w.W_pos * second.W_Q * second.W_K.transpose() * first.W_O.transpose() *
                                    first.W_V.transpose() * w.W_pos.transpose()) < 1e-12);
}

// The scores and logits that the model itself computes are the sums of the circuits, whatever its residual.
BOOST_AUTO_TEST_CASE(circuits_add_up_to_the_models_scores_and_logits) {
  for (const bool doubled : {false, true}) {
    BOOST_TEST_CONTEXT("doubled " << doubled) {
      const auto model = toy_transformer<double>(two_layers(doubled));
      const AttentionWeights w = attention_weights(model);
      const std::vector<std::uint32_t> tokens{5, 0, 3, 3};
      ActivationCache<double> cache;
      Hooks<Cpu, double> hooks;
      cache.record(hooks, model.hook_names(), [](std::string_view name) { return name.find(".attn.") != name.npos; });
      const Matrix<double> logits = model.forward({tokens, 4}, hooks).host();
      using E = Embedding;
      const Index query = 3;
      const auto row = [&](Index p) { return static_cast<Index>(tokens[static_cast<std::size_t>(p)]); };
      // What reaches a key of layer 1 through the heads of layer 0, seen from the embeddings at the query.
      for (Index h = 0; h < 2; ++h) {
        const RowVector<double> q =
            w.before(1) * (w.W_E.row(row(query)) + w.W_pos.row(query)) * w.head({1, h}).W_Q;  // without layer 0
        for (Index key = 0; key <= query; ++key) {
          double score = 0;
          for (E a : {E::tokens, E::positions}) {
            const Index at = a == E::tokens ? row(query) : query;
            for (E b : {E::tokens, E::positions}) {
              score += qk_circuit(w, {1, h}, a, b)(at, b == E::tokens ? row(key) : key);
              for (Index g = 0; g < 2; ++g) {
                auto const& pattern = cache["blocks.0.attn.hook_pattern"];
                for (Index p = 0; p <= key; ++p) {
                  score += pattern(g * 4 + key, p) *
                           k_composition_circuit(w, {0, g}, {1, h}, a, b)(at, b == E::tokens ? row(p) : p);
                }
              }
            }
          }
          const RowVector<double> k = cache["blocks.1.attn.hook_k"].row(key).segment(3 * h, 3);
          BOOST_TEST(score == q.dot(k), boost::test_tools::tolerance(1e-11));
        }
      }
      // Direct paths and those through one head; what passes through two is left to the model's values.
      RowVector<double> sum = std::pow(w.residual_factor, 2) * (w.W_E.row(row(query)) + w.W_pos.row(query)) * w.W_U;
      for (Index g = 0; g < 2; ++g) {
        for (Index p = 0; p <= query; ++p) {
          const double a0 = cache["blocks.0.attn.hook_pattern"](g * 4 + query, p);
          const double a1 = cache["blocks.1.attn.hook_pattern"](g * 4 + query, p);
          sum += a0 * (ov_circuit(w, {0, g}).row(row(p)) + ov_circuit(w, {0, g}, E::positions).row(p));
          sum += a1 * (ov_circuit(w, {1, g}).row(row(p)) + ov_circuit(w, {1, g}, E::positions).row(p));
          for (Index e = 0; e < 2; ++e) {
            const Matrix<double> z = cache["blocks.0.attn.hook_z"].block(p, 3 * e, 1, 3);
            sum += a1 * (z * w.head({0, e}).W_O * w.head({1, g}).W_V * w.head({1, g}).W_O * w.W_U).row(0);
          }
        }
      }
      BOOST_TEST((sum - logits.row(query)).cwiseAbs().maxCoeff() < 1e-11);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_known_circuit_composes_through_its_keys) {
  for (const bool doubled : {false, true}) {
    const AttentionWeights w = attention_weights(toy_induction_model(doubled));
    const Index v = toy_induction.vocabulary;
    const double stream = doubled ? 2 : 1;
    const Matrix<double> identity = Matrix<double>::Identity(v, v);
    BOOST_TEST(largest_difference(k_composition_circuit(w, {0, 0}, {1, 0}), stream * toy_sharpness * identity) < 1e-9);
    BOOST_TEST(largest_difference(ov_circuit(w, {1, 0}), stream * toy_gain * identity) < 1e-9);
    BOOST_TEST(qk_circuit(w, {1, 0}).cwiseAbs().maxCoeff() == 0);
    BOOST_TEST(qk_circuit(w, {0, 0}, Embedding::positions, Embedding::positions)(5, 4) == toy_sharpness);
    BOOST_TEST(k_composition_circuit(w, {0, 1}, {1, 0}).cwiseAbs().maxCoeff() == 0);
    const CompositionScores scores = composition_scores(w);
    // QK and OV map twelve tokens one to one: |A B| = sqrt(12) of norms sqrt(12) each.
    BOOST_TEST(scores.K(0, 0) == 1 / std::sqrt(12.0), boost::test_tools::tolerance(1e-12));
    BOOST_TEST(scores.Q(0, 0) == 0);
    BOOST_TEST(scores.V(0, 0) == 0);
    BOOST_TEST(std::isnan(scores.K(1, 0)));
  }
}

BOOST_AUTO_TEST_CASE(composition_scores_are_norms_of_products) {
  const AttentionWeights w = attention_weights(toy_transformer<double>(two_layers(true)));
  const CompositionScores scores = composition_scores(w);
  for (Index i = 0; i < 2; ++i) {
    for (Index j = 0; j < 2; ++j) {
      auto const &reader = w.head({1, i}), &writer = w.head({0, j});
      const Matrix<double> qk = reader.W_Q * reader.W_K.transpose(), ov = reader.W_V * reader.W_O;
      const Matrix<double> written = writer.W_V * writer.W_O;
      const auto close = boost::test_tools::tolerance(1e-12);
      // As published, with vectors as columns: |W_QK^T W_OV|, |W_QK W_OV|, |W_OV' W_OV|.
      BOOST_TEST(scores.Q(i, j) == (qk.transpose() * written.transpose()).norm() / qk.norm() / written.norm(), close);
      BOOST_TEST(scores.K(i, j) == (qk * written.transpose()).norm() / qk.norm() / written.norm(), close);
      BOOST_TEST(scores.V(i, j) == (ov.transpose() * written.transpose()).norm() / ov.norm() / written.norm(), close);
    }
  }
}

BOOST_AUTO_TEST_CASE(layers_must_be_in_order) {
  const AttentionWeights w = attention_weights(toy_transformer<double>(two_layers(false)));
  BOOST_TEST(thrown_message([&] {
               k_composition_circuit(w, {1, 0}, {1, 1});
             }) == "composition: expected an earlier layer than 1, found 1");
  BOOST_TEST(thrown_message([&] { composition_scores(w, 1, 0); }) ==
             "composition: expected an earlier layer than 0, found 1");
  BOOST_CHECK_THROW(composition_scores(w, 0, 2), Error);
  BOOST_CHECK_THROW(qk_circuit(w, {0, 2}), Error);
}

BOOST_AUTO_TEST_CASE(published_induction_heads_compose_with_the_previous_token_head,
                     *boost::unit_test::precondition(reference_is_set)) {
  const auto [shape, weights] =
      read_transformer<float>(read_safetensors(reference_file("sequence/induction_heads.safetensors")));
  const AttentionWeights w = attention_weights(Transformer<Cpu, float>::from_parameters(Cpu{}, shape, weights));
  const CompositionScores scores = composition_scores(w);
  BOOST_TEST_MESSAGE("K-composition (later, earlier), unrelated " << 1 / std::sqrt(48.0) << "\n"
                                                                  << scores.K << "\nQ\n"
                                                                  << scores.Q << "\nV\n"
                                                                  << scores.V);
  for (Index h = 0; h < 4; ++h) {
    Index strongest = -1;
    scores.K.row(h).maxCoeff(&strongest);
    RowVector<double> diagonal(4);
    for (Index g = 0; g < 4; ++g) diagonal[g] = share_of_diagonal_rows(k_composition_circuit(w, {0, g}, {1, h}));
    BOOST_TEST_MESSAGE("head 1." << h << ": K-composition led by the diagonal, by earlier head " << diagonal
                                 << ", copying rows of OV " << share_of_diagonal_rows(ov_circuit(w, {1, h})));
    if (h == 0) continue;
    BOOST_TEST(strongest == 2);
    BOOST_TEST(diagonal[2] > 0.4);  // by chance 1/128
    for (Index g : {0, 1, 3}) BOOST_TEST(diagonal[g] < 0.1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
