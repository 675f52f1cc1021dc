#include <cayley/interpret/max_circuits.hpp>

#include <boost/test/unit_test.hpp>
#include <nn/toy_transformers.hpp>

#include "interpret/toy_sequence_models.hpp"
#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(max_circuits_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

const MaxOfN task{6, 2};

TransformerShape max_shape() {
  return {.d_model = 8,
          .n_heads = 2,
          .d_head = 3,
          .d_vocab = 7,
          .d_vocab_out = 6,
          .n_ctx = 3,
          .attn_only = true,
          .has_biases = false};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_known_circuit_scores_numbers_by_size_and_copies_them) {
  const MaxCircuits circuits = max_circuits(toy_max_model(task), task);
  BOOST_TEST_REQUIRE(circuits.heads.size() == 1u);
  auto const& head = circuits.heads.front();
  BOOST_TEST((head.QK == toy_sharpness * Vector<double>::LinSpaced(6, 1, 6)));
  BOOST_TEST((head.QK_positions == Vector<double>::Zero(2)));
  BOOST_TEST((head.OV == toy_gain * Matrix<double>::Identity(6, 6)));
  BOOST_TEST((head.OV_equals == RowVector<double>::Zero(6)));
  BOOST_TEST((circuits.direct == RowVector<double>::Zero(6)));
  BOOST_TEST(head.increasing_steps == 1);
  BOOST_TEST(head.rank_correlation == 1, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(head.diagonal_rows == 1);
  BOOST_TEST(head.centred_OV()(2, 2) == 0);
  BOOST_TEST(head.centred_OV()(2, 3) == -toy_gain);
  const MaxCircuits inverted = max_circuits(toy_max_model(task, -1), task);
  BOOST_TEST(inverted.heads[0].increasing_steps == 0);
  BOOST_TEST(inverted.heads[0].rank_correlation == -1, boost::test_tools::tolerance(1e-14));
}

// The formulas of the notebook, entry by entry.
BOOST_AUTO_TEST_CASE(circuits_are_the_published_products) {
  const auto model = toy_transformer<double>(max_shape());
  const MaxCircuits circuits = max_circuits(model, task);
  const AttentionWeights w = attention_weights(model);
  const RowVector<double> last = w.W_E.row(6) + w.W_pos.row(2), mean = w.W_pos.topRows(2).colwise().mean();
  for (Index h = 0; h < 2; ++h) {
    auto const& head = w.head({0, h});
    auto const& found = circuits.heads[static_cast<std::size_t>(h)];
    const Matrix<double> qk = head.W_Q * head.W_K.transpose(), ov = head.W_V * head.W_O * w.W_U;
    const Matrix<double> numbers = w.W_E.topRows(6).rowwise() + mean;
    const Matrix<double> positions = w.W_pos.topRows(2).rowwise() - mean;
    const auto worst = [](auto const& difference) { return difference.cwiseAbs().maxCoeff(); };
    const double equals = (last * qk).dot(last);
    BOOST_TEST(worst(found.QK - ((last * qk * numbers.transpose()).array() - equals).matrix().transpose()) < 1e-13);
    BOOST_TEST(worst(found.QK_positions - (last * qk * positions.transpose()).transpose()) < 1e-13);
    BOOST_TEST(worst(found.OV - numbers * ov) < 1e-13);
    BOOST_TEST(worst(found.OV_positions - positions * ov) < 1e-13);
    BOOST_TEST(worst(found.OV_equals - last * ov) < 1e-13);
    BOOST_TEST(found.rank_correlation == rank_correlation_with_index(found.QK));
    BOOST_TEST(found.diagonal_rows == share_of_diagonal_rows(found.OV));

    const Vector<double> overlap = attention_overlap(model, task, h);
    const Matrix<double> shifted = w.W_E.topRows(6).array() + w.W_pos.col(0).head(2).mean();
    BOOST_TEST(worst(overlap - (last * qk * shifted.transpose()).transpose()) < 1e-13);
    const Vector<double> difference = overlap - found.QK;
    BOOST_TEST(worst((difference.array() - difference[0]).matrix()) < 1e-13);
  }
  BOOST_TEST((circuits.direct - last * w.W_U).cwiseAbs().maxCoeff() < 1e-13);
}

BOOST_AUTO_TEST_CASE(other_models_are_refused) {
  const auto model = toy_transformer<double>(max_shape());
  BOOST_TEST(thrown_message([&] {
               max_circuits(model, MaxOfN{7, 2});
             }) == "max of n: expected a model of 8 tokens, 7 classes and 3 positions, found 7, 6 and 3");
  BOOST_CHECK_THROW(max_circuits(model, MaxOfN{6, 3}), Error);
  BOOST_CHECK_THROW(attention_overlap(model, task, 2), Error);
  TransformerShape shape = max_shape();
  shape.n_layers = 2;
  BOOST_CHECK_THROW(max_circuits(toy_transformer<double>(shape), task), Error);
}

BOOST_AUTO_TEST_SUITE_END()
