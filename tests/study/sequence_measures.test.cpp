#include <cayley/study/sequence_measures.hpp>

#include <boost/test/unit_test.hpp>
#include <string>

#include "io/scratch_folder.hpp"
#include "study/small_sequence_runs.hpp"

using namespace cayley;
using namespace cayley::testing;

namespace {

/// The measures of a run with checkpoints at epochs 2 and 10.
struct Measured {
  CsvTable table;
  RunConfig config;
  double at(std::string const& column, std::size_t row = 1) const { return table.column(column)[row]; }
};

Measured measured(std::string const& task, int threads = 1) {
  const ScratchFolder scratch;
  write_small_sequence_run(scratch / "run", small_sequence_json(task), {10, 2});
  const auto run = read_sequence_run(scratch / "run");
  Measured result{progress_measures(run, threads), run.config};
  BOOST_TEST(result.table.column("epoch") == (std::vector<double>{2, 10}), boost::test_tools::per_element());
  write_csv(scratch / "measures.csv", result.table);  // names that a file can hold
  BOOST_TEST((read_csv(scratch / "measures.csv").rows == result.table.rows));
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sequence_measures_test)

BOOST_AUTO_TEST_CASE(max_of_n_is_followed_over_all_inputs) {
  const Measured found = measured("max_of_n");
  MaxOfN const& task = found.config.sequences.max_of_n;
  const auto model = small_sequence_model(found.config, 10);
  const MaxBehaviour behaviour = max_behaviour(model, task);
  BOOST_TEST(found.at("loss") == behaviour.loss);
  BOOST_TEST(found.at("accuracy") == behaviour.accuracy);
  BOOST_TEST(found.at("copies_attended") == behaviour.copies_attended);
  const Vector<double> overlap = attention_overlap(model, task, 1);
  for (Index t = 0; t < 6; ++t) {
    BOOST_TEST(found.at("overlap_head_1_number_" + std::to_string(t)) == overlap[t]);
  }
  BOOST_TEST(found.at("loss", 0) == max_behaviour(small_sequence_model(found.config, 2), task).loss);
  BOOST_TEST(found.at("diagonal_rows_head_0") == max_circuits(model, task).heads[0].diagonal_rows);
  BOOST_TEST((measured("max_of_n", 2).table.rows == found.table.rows));
}

BOOST_AUTO_TEST_CASE(digits_and_trigrams_are_followed_one_by_one) {
  const Measured digits = measured("digit_addition");
  DigitAddition const& sums = digits.config.sequences.digit_addition;
  const auto adder = small_sequence_model(digits.config, 10);
  const SequenceLosses losses = sequence_losses(adder, sequence_evaluation(sums, digits.config).data);
  for (std::size_t j = 0; j < 3; ++j) {
    BOOST_TEST(digits.at("loss_digit_" + std::to_string(j)) == losses.part_losses[j]);
    BOOST_TEST(digits.at("accuracy_digit_" + std::to_string(j)) == losses.part_accuracies[j]);
  }
  const DigitWeightSpectra spectra = digit_weight_spectra(adder);
  BOOST_TEST(digits.at("embedding_Const") == spectra.embedding[0]);
  BOOST_TEST(digits.at("unembedding_" + digit_basis().names().back()) == spectra.unembedding[9]);

  const Measured trigrams = measured("skip_trigram");
  SkipTrigram const& task = trigrams.config.sequences.skip_trigram;
  const auto model = small_sequence_model(trigrams.config, 10);
  const TokenSequences data = sequence_evaluation(task, trigrams.config).data;
  BOOST_TEST(trigrams.at("loss_trigram_2") == sequence_losses(model, data).part_losses[2]);
  const Matrix<double> attention =
      mean_attention_at(model, {data.tokens, data.length}, marked_token_places(task, data));
  BOOST_TEST(trigrams.at("attention_layer_0_head_1") == attention(0, 1));
  BOOST_TEST(trigrams.at("advantage_head_1_trigram_2") == skip_trigram_circuits(model, task).heads[1].advantage()[2]);
}

BOOST_AUTO_TEST_CASE(induction_is_followed_by_head) {
  const Measured found = measured("induction");
  Induction const& task = found.config.sequences.induction;
  const auto model = small_sequence_model(found.config, 10);
  const TokenSequences data = sequence_evaluation(task, found.config).data;
  BOOST_TEST(found.at("loss") == sequence_losses(model, data).loss);
  BOOST_TEST(found.at("previous_token_layer_0_head_1") ==
             previous_token_scores(model, {data.tokens, data.length})(0, 1));
  BOOST_TEST(found.at("induction_layer_1_head_0") == induction_scores(model, task, data)(1, 0));
  BOOST_TEST(found.at("K_layer_1_head_0_from_layer_0_head_1") == composition_scores(attention_weights(model)).K(0, 1));
}

BOOST_AUTO_TEST_CASE(checkpoints_must_be_there_and_fit) {
  const ScratchFolder scratch;
  write_small_sequence_run(scratch / "run", small_sequence_json("skip_trigram"), {2, 10});
  const auto run = read_sequence_run(scratch / "run");
  std::filesystem::copy_file(scratch / "run/checkpoints/10.safetensors", scratch / "run/model.safetensors");
  write_small_sequence_run(scratch / "other", small_sequence_json("max_of_n"), {2});
  std::filesystem::copy_file(scratch / "other/checkpoints/2.safetensors", scratch / "run/checkpoints/2.safetensors",
                             std::filesystem::copy_options::overwrite_existing);
  BOOST_CHECK_EXCEPTION(progress_measures(run, 1), Error, says({"checkpoints/2.safetensors", "embed.W_E"}));
  std::filesystem::remove_all(scratch / "run/checkpoints");
  BOOST_CHECK_EXCEPTION(progress_measures(run, 1), Error, says({"no checkpoints"}));
}

BOOST_AUTO_TEST_SUITE_END()
