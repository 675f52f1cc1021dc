#include <cayley/study/sequence_explain.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cmath>
#include <numbers>

#include "interpret/toy_sequence_models.hpp"
#include "io/scratch_folder.hpp"
#include "largest_difference.hpp"
#include "reference.hpp"
#include "study/small_sequence_runs.hpp"

using namespace cayley;
using namespace cayley::testing;

namespace {

constexpr Index sign = 0, freq_1 = 1, freq_3 = 3;  // places among the non-trivial irreps of Z/10

}  // namespace

BOOST_AUTO_TEST_SUITE(sequence_explain_test)

BOOST_AUTO_TEST_CASE(a_network_that_takes_the_largest_is_seen_to_do_so) {
  const MaxOfN task{6, 3};
  const MaxOfNAnalysis found = sequence_analysis(toy_max_model(task), task, task.all());
  BOOST_TEST(found.behaviour.accuracy == 1);
  BOOST_TEST(found.behaviour.attends_to_largest == 1);
  BOOST_TEST_REQUIRE(found.circuits.has_value());
  BOOST_TEST(found.circuits->heads[0].increasing_steps == 1);
  BOOST_TEST(found.circuits->heads[0].diagonal_rows == 1);
  BOOST_TEST_REQUIRE(found.overlap.size() == 1u);
  for (Index t = 0; t < 6; ++t) {
    BOOST_TEST(found.overlap[0][t] == toy_sharpness * static_cast<double>(t + 1), boost::test_tools::tolerance(1e-12));
  }
  // One that prefers small numbers is not.
  const MaxOfNAnalysis least = sequence_analysis(toy_max_model(task, -1), task, task.all());
  BOOST_TEST(least.circuits->heads[0].increasing_steps == 0);
  BOOST_TEST(least.behaviour.attends_to_largest < 0.5);
}

BOOST_AUTO_TEST_CASE(float_and_double_agree_and_mlps_have_no_circuits) {
  RunConfig config = small_sequence_config("max_of_n");
  MaxOfN const& task = config.sequences.max_of_n;
  const auto wide = sequence_analysis(small_sequence_model<double>(config), task, task.all());
  const auto narrow = sequence_analysis(small_sequence_model<float>(config), task, task.all());
  BOOST_TEST(std::abs(wide.behaviour.loss - narrow.behaviour.loss) < 1e-5);
  BOOST_TEST(largest_difference(wide.circuits->heads[1].OV, narrow.circuits->heads[1].OV) < 1e-5);
  config.transformer.attn_only = false;
  const auto with_mlp = sequence_analysis(small_sequence_model<double>(config), task, task.all());
  BOOST_TEST(!with_mlp.circuits.has_value());
  BOOST_TEST(with_mlp.overlap.empty());
  BOOST_TEST(with_mlp.behaviour.sequences == 216);
}

BOOST_AUTO_TEST_CASE(sums_are_analysed_in_one_pass_as_in_many) {
  const RunConfig config = small_sequence_config("digit_addition");
  DigitAddition const& task = config.sequences.digit_addition;
  const auto model = small_sequence_model(config);
  const TokenSequences data = sequence_evaluation(task, config).data;
  const DigitAdditionAnalysis found = sequence_analysis(model, task, data);
  const SequenceLosses losses = sequence_losses(model, data);
  BOOST_TEST(found.losses.part_losses == losses.part_losses, boost::test_tools::per_element());

  // Carries: half of the losses' weights each way, and no carry into the last digit.
  const Matrix<std::uint32_t> carries = task.carries(data);
  for (Index j = 0; j < 3; ++j) {
    const double with = carries.col(j).cast<double>().mean();
    const double mean =
        (with < 1 ? (1 - with) * found.losses_by_carry(j, 0) : 0) + (with > 0 ? with * found.losses_by_carry(j, 1) : 0);
    BOOST_TEST(mean == losses.part_losses[static_cast<std::size_t>(j)], boost::test_tools::tolerance(1e-12));
  }
  BOOST_TEST(std::isnan(found.losses_by_carry(2, 1)));
  BOOST_TEST(found.whole_sums <= losses.accuracy);

  // Neurons: the means that a pass for each column gives.
  BOOST_TEST_REQUIRE(found.neurons.size() == 2u);
  for (Index column = 0; column < 2; ++column) {
    std::vector<std::uint32_t> pairs;
    for (Index s = 0; s < data.sequences(); ++s) {
      const auto* tokens = data.tokens.data() + s * data.length;
      pairs.push_back(10 * tokens[column] + tokens[3 + column]);
    }
    const Matrix<double> means =
        mean_activation_by_class(model, {data.tokens, data.length}, "blocks.0.mlp.hook_post", 6 + column, pairs, 100);
    const DigitNeurons expected = detail::digit_neurons(means);
    DigitNeurons const& neurons = found.neurons[static_cast<std::size_t>(column)];
    BOOST_TEST(largest_difference(neurons.x_share, expected.x_share) < 1e-12);
    BOOST_TEST(largest_difference(neurons.y_share, expected.y_share) < 1e-12);
    BOOST_TEST(largest_difference(neurons.sum_share, expected.sum_share) < 1e-12);
    BOOST_TEST(neurons.x_share.sum() > 0.01);
  }
  const std::vector<std::uint32_t> few{0, 1, 2};
  BOOST_CHECK_EXCEPTION(sequence_analysis(model, task, data.subset(few)), Error, says({"each pair of digits"}));
  BOOST_CHECK_THROW(sequence_analysis(model, DigitAddition{3}, data), Error);
}

BOOST_AUTO_TEST_CASE(whole_sums_count_those_without_a_mistake) {
  // One digit, no MLP, no embedding: the logits say 0 everywhere, which is right for x + y = 0 alone.
  RunConfig config = small_sequence_config("digit_addition");
  config.transformer.attn_only = true;
  config.transformer.has_biases = true;
  config.sequences.digit_addition.digits = 1;
  auto model = small_sequence_model(config);
  for (char const* name : {"embed.W_E", "pos_embed.W_pos", "blocks.0.attn.b_V", "blocks.0.attn.b_O"}) {
    model.set_parameter(name, Matrix<double>(Matrix<double>::Zero(detail::host_parameter(model, name).rows(),
                                                                  detail::host_parameter(model, name).cols())));
  }
  Matrix<double> bias = Matrix<double>::Zero(1, 10);
  bias(0, 0) = 1;
  model.set_parameter("unembed.b_U", bias);
  const DigitAddition task = config.sequences.digit_addition;
  const DigitAdditionAnalysis found = sequence_analysis(model, task, sequence_evaluation(task, config).data);
  BOOST_TEST(found.whole_sums == 0.01, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(found.losses.part_accuracies[0] == 0.55, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(found.losses.part_accuracies[1] == 0.1, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(found.neurons.empty());
}

BOOST_AUTO_TEST_CASE(neurons_are_told_apart_by_what_they_depend_on) {
  const auto wave = [](int k, int n) { return std::cos(2 * std::numbers::pi * k * n / 10); };
  Matrix<double> means(100, 4);
  for (int a = 0; a < 10; ++a) {
    for (int b = 0; b < 10; ++b) {
      means.row(10 * a + b) << 5 + wave(3, a + b), 2 * wave(1, b), (a % 2 == 0 ? 1 : -1), wave(1, a) * wave(3, b);
    }
  }
  const auto close = boost::test_tools::tolerance(1e-12);
  const auto of = [&](Index neuron) { return detail::digit_neurons(Matrix<double>(means.col(neuron))); };
  BOOST_TEST(of(0).sum_share[freq_3] == 1, close);
  BOOST_TEST(of(0).x_share.sum() < 1e-12);
  BOOST_TEST(of(1).y_share[freq_1] == 1, close);
  BOOST_TEST(of(1).sum_share.sum() < 1e-12);
  BOOST_TEST(of(2).x_share[sign] == 1, close);
  BOOST_TEST(of(3).x_share.sum() + of(3).y_share.sum() + of(3).sum_share.sum() < 1e-12);
  // Together: powers 50, 200, 100 and 25 of 375.
  const DigitNeurons all = detail::digit_neurons(means);
  BOOST_TEST(all.sum_share[freq_3] == 50. / 375, close);
  BOOST_TEST(all.y_share[freq_1] == 200. / 375, close);
  BOOST_TEST(all.x_share[sign] == 100. / 375, close);
  BOOST_TEST(all.clusters.irreps == (std::vector<Index>{sign + 1, freq_1 + 1, freq_3 + 1}),
             boost::test_tools::per_element());
  BOOST_TEST(all.clusters.unassigned == std::vector<Index>{3}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(skip_trigrams_have_losses_attention_and_tables) {
  RunConfig config = small_sequence_config("skip_trigram");
  SkipTrigram const& task = config.sequences.skip_trigram;
  const auto model = small_sequence_model(config);
  const TokenSequences data = sequence_evaluation(task, config).data;
  const SkipTrigramAnalysis found = sequence_analysis(model, task, data);
  BOOST_TEST(found.losses.part_losses.size() == 3u);
  BOOST_TEST_REQUIRE(found.circuits.has_value());
  // Means by trigram are those over all sequences.
  const Matrix<double> all = mean_attention_at(model, {data.tokens, data.length}, marked_token_places(task, data));
  RowVector<double> weighted = RowVector<double>::Zero(2);
  for (std::uint32_t part : data.parts) weighted += found.attention.attention.row(part) / 1000;
  BOOST_TEST(largest_difference(weighted, all) < 1e-12);
  config.transformer.n_layers = 2;
  const auto deeper = small_sequence_model(config);
  const SkipTrigramAnalysis of_last = sequence_analysis(deeper, task, data);
  BOOST_TEST(!of_last.circuits.has_value());
  BOOST_TEST(largest_difference(of_last.attention.attention, trigram_attention(deeper, task, data, 1).attention) == 0);
}

BOOST_AUTO_TEST_CASE(induction_heads_written_by_hand_are_found) {
  for (bool doubled : {false, true}) {
    const auto model = toy_induction_model(doubled);
    const InductionAnalysis found = sequence_analysis(model, toy_induction, toy_induction_sequences());
    BOOST_TEST(found.previous_position(0, 0) == 1);
    BOOST_TEST(found.previous_position(0, 1) == 1. / 12, boost::test_tools::tolerance(1e-12));  // all keys alike
    BOOST_TEST(found.OV_diagonal(1, 0) == 1);
    BOOST_TEST_REQUIRE(found.compositions.size() == 1u);
    BOOST_TEST(found.compositions[0].K_diagonal(0, 0) == 1);
    BOOST_TEST(found.compositions[0].K_diagonal(0, 1) == 1. / 12, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(found.previous_token_scores(0, 0) > 0.99);
    BOOST_TEST(found.induction_scores(1, 0) > 0.99);
    BOOST_TEST(found.ablated.intact.accuracy == 1);
    BOOST_TEST(found.ablated.head_losses()(0, 0) > 1);
    BOOST_TEST(found.uniform_loss == 13. / 12 * std::log(11.), boost::test_tools::tolerance(1e-12));
    BOOST_TEST(found.optimal_loss < found.uniform_loss);
  }
}

BOOST_AUTO_TEST_CASE(layer_norms_leave_what_is_measured) {
  RunConfig config = small_sequence_config("induction");
  config.transformer.has_layer_norm = true;
  const auto data = sequence_evaluation(config.sequences.induction, config).data;
  const auto found = sequence_analysis(small_sequence_model(config), config.sequences.induction, data);
  BOOST_TEST(found.OV_diagonal.size() == 0);
  BOOST_TEST(found.compositions.empty());
  BOOST_TEST(found.induction_scores.sum() > 0);
}

BOOST_AUTO_TEST_CASE(a_stored_run_is_explained) {
  const ScratchFolder scratch;
  write_small_sequence_run(scratch / "run", small_sequence_json("skip_trigram"), {3});
  write_file_atomically(scratch / "run/log.csv", "epoch,train_loss\n0,2\n1,0.7\n");
  const SequenceExplanation found = explain(read_sequence_run(scratch / "run"));
  BOOST_TEST(found.sequences == 1000);
  BOOST_TEST_REQUIRE(std::holds_alternative<SkipTrigramAnalysis>(found.analysis));
  const RunConfig config = small_sequence_config("skip_trigram");
  SkipTrigram const& task = config.sequences.skip_trigram;
  const auto expected =
      sequence_analysis(small_sequence_model(config, 3), task, sequence_evaluation(task, config).data);
  BOOST_TEST(std::get<SkipTrigramAnalysis>(found.analysis).losses.loss == expected.losses.loss);
  BOOST_TEST_REQUIRE(found.phases.size() == 1u);
  BOOST_TEST((found.phases[0].epochs[0] == 1.0));
}

// The README beside the published networks gives their scores on 128 fresh sequences.
BOOST_AUTO_TEST_CASE(the_published_induction_heads_are_found,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  const ScratchFolder scratch;
  const Json json = parse_json(R"({"task": "induction", "model": "Transformer", "seed": 123, "num_epochs": 1,
    "batch_size": 128})",
                               "cfg.json");
  write_small_sequence_run(scratch / "run", json, {});
  std::filesystem::copy(reference_file("sequence/induction_heads.safetensors"), scratch / "run/model.safetensors");
  const SequenceExplanation explained = explain(read_sequence_run(scratch / "run"));
  auto const& found = std::get<InductionAnalysis>(explained.analysis);
  Matrix<double> expected(2, 4);
  expected << 0.050, 0.057, 0.290, 0.052, 0, 0, 0, 0;
  BOOST_TEST(largest_difference(found.previous_token_scores.row(0), expected.row(0)) < 0.01);
  BOOST_TEST(found.previous_token_scores.row(1).maxCoeff() < 0.04);
  expected.row(1) << 0.065, 0.647, 0.666, 0.649;
  BOOST_TEST(largest_difference(found.induction_scores.row(1), expected.row(1)) < 0.03);
  BOOST_TEST(found.induction_scores.row(0).maxCoeff() < 0.02);
  BOOST_TEST(std::abs(found.ablated.intact.loss - 0.294) < 0.06);
  expected << 1.37, 1.51, 5.22, 1.83, 0.295, 0.554, 0.800, 0.797;
  BOOST_TEST((found.ablated.head_losses() - expected).cwiseQuotient(expected).cwiseAbs().maxCoeff() < 0.15);
  BOOST_TEST(std::abs(found.ablated.layers[0].loss - 4.84) < 0.1);
  BOOST_TEST(std::abs(found.ablated.layers[1].loss - 5.37) < 0.2);
  // Heads 1 to 3 of layer 1 read most of head 2 of layer 0, through their keys.
  for (Index head : {1, 2, 3}) {
    Index from = 0;
    found.compositions[0].scores.K.row(head).maxCoeff(&from);
    BOOST_TEST(from == 2, "head " << head);
  }
}

BOOST_AUTO_TEST_SUITE_END()
