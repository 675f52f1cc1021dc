#include <cayley/study/sequence_evaluation.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cmath>
#include <map>
#include <set>

#include "io/scratch_folder.hpp"
#include "study/small_sequence_runs.hpp"

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_SUITE(sequence_evaluation_test)

BOOST_AUTO_TEST_CASE(balanced_sums_hold_each_pair_equally_often_in_each_column) {
  const DigitAddition task{3};
  TorchGenerator generator(11);
  const TokenSequences sums = balanced_sums(task, 2, generator);
  BOOST_TEST_REQUIRE(sums.sequences() == 200);
  std::vector<std::map<std::uint32_t, int>> seen(3);
  std::set<std::vector<std::uint32_t>> different;
  for (std::size_t s = 0; s < 200; ++s) {
    const auto* t = sums.tokens.data() + 12 * s;
    for (std::size_t column = 0; column < 3; ++column) ++seen[column][10 * t[column] + t[4 + column]];
    const std::uint32_t x = 100 * t[0] + 10 * t[1] + t[2], y = 100 * t[4] + 10 * t[5] + t[6];
    BOOST_TEST(1000 * t[8] + 100 * t[9] + 10 * t[10] + t[11] == x + y);
    different.insert({t, t + 12});
  }
  for (auto const& column : seen) {
    BOOST_TEST(column.size() == 100u);
    for (auto const& [pair, count] : column) BOOST_TEST(count == 2, "pair " << pair << ": " << count);
  }
  BOOST_TEST(different.size() > 190u);  // columns are in orders of their own
}

BOOST_AUTO_TEST_CASE(data_are_all_inputs_or_fresh_sequences_of_another_seed) {
  RunConfig config = small_sequence_config("max_of_n");
  SequenceEvaluation found = sequence_evaluation(config.sequences.max_of_n, config);
  BOOST_TEST(found.data.sequences() == 216);
  BOOST_TEST(!found.seed.has_value());
  config.sequences.max_of_n = {4, 8};  // 4^8 = 65536 inputs
  BOOST_TEST(sequence_evaluation(config.sequences.max_of_n, config).data.sequences() == most_evaluated_inputs);
  config.sequences.max_of_n = {4, 9};
  found = sequence_evaluation(config.sequences.max_of_n, config);
  BOOST_TEST(found.data.sequences() == 4096);
  BOOST_TEST((found.seed == evaluation_seed(config)));
  BOOST_TEST((found.data.tokens == sequence_evaluation(config.sequences.max_of_n, config).data.tokens));

  config = small_sequence_config("skip_trigram");
  BOOST_TEST(sequence_evaluation(SkipTrigram{}, config).data.sequences() == 1000);
  BOOST_TEST(sequence_evaluation(SkipTrigram{4000, 3}, config).data.sequences() == 16);
  BOOST_TEST(sequence_evaluation(DigitAddition{2}, config).data.sequences() == 500);
  found = sequence_evaluation(Induction{}, config);
  BOOST_TEST(found.data.sequences() == 256);
  NumpyGenerator generator(5);  // what the run is trained on
  BOOST_TEST((found.data.tokens != Induction{}.draw(256, generator).tokens));
}

BOOST_AUTO_TEST_CASE(the_seed_of_evaluation_is_never_that_of_the_run) {
  RunConfig config = small_sequence_config("induction");
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{123}, std::uint64_t{0x61c88647}, std::uint64_t{0xffffffff},
                             std::uint64_t{1} << 40}) {
    config.sequences.seed = seed;
    BOOST_TEST(evaluation_seed(config) <= 0xffffffffu);
    BOOST_TEST(evaluation_seed(config) != (seed & 0xffffffffu));
    seeds.insert(evaluation_seed(config));
  }
  BOOST_TEST(seeds.size() == 4u);  // 2^40 and 0 have the same low 32 bits, which is all that generators take
  config.sequences.seed.reset();
  config.seed = 123;
  BOOST_TEST(seeds.count(evaluation_seed(config)) == 1u);
}

BOOST_AUTO_TEST_CASE(phases_are_read_from_smoothed_losses) {
  const double nan = std::nan("");
  CsvTable log{{"epoch", "train_loss", "test_loss", "train_acc", "train_loss_average", "train_loss_digit_0"}, {}};
  for (int i = 0; i < 8; ++i) {
    const double loss = i < 3 ? 2 : i < 6 ? 0.3 : 0.05;
    // The part is missing in every other row, where it must not count as a loss below or above.
    log.rows.push_back({10.0 * i, loss, nan, 0.5, 9, i % 2 == 0 ? loss : nan});
  }
  const std::vector<LoggedPhases> phases = logged_phases(log);
  BOOST_TEST_REQUIRE(phases.size() == 2u);  // no test set, and the average is none of its own
  using Epochs = decltype(LoggedPhases::epochs);
  BOOST_TEST(phases[0].column == "train_loss");
  BOOST_TEST((phases[0].epochs == Epochs{30, 30, 60, std::nullopt}));
  BOOST_TEST(phases[1].column == "train_loss_digit_0");
  BOOST_TEST((phases[1].epochs == Epochs{40, 40, 60, std::nullopt}));

  // 100 rows are smoothed over two: one late outlier of 0.6 counts as (0.6 + 0.3)/2 < 0.5.
  CsvTable longer{{"epoch", "train_loss"}, {}};
  for (int i = 0; i < 100; ++i) longer.rows.push_back({1.0 * i, i < 50 ? 2 : i == 90 ? 0.6 : 0.3});
  BOOST_TEST((logged_phases(longer)[0].epochs == Epochs{51, 51, std::nullopt, std::nullopt}));
  longer.rows[90][1] = 0.8;
  BOOST_TEST((logged_phases(longer)[0].epochs == Epochs{51, 92, std::nullopt, std::nullopt}));
}

BOOST_AUTO_TEST_CASE(a_log_that_is_being_written_is_read_to_its_last_line) {
  const ScratchFolder scratch;
  BOOST_TEST(logged_phases(scratch.path()).empty());
  write_file_atomically(scratch / "log.csv", "epoch,train_loss\n0,2\n1,0.7\n2,0.");
  const std::vector<LoggedPhases> phases = logged_phases(scratch.path());
  BOOST_TEST_REQUIRE(phases.size() == 1u);
  BOOST_TEST((phases[0].epochs[0] == 1.0));
  BOOST_TEST(!phases[0].epochs[1].has_value());
}

BOOST_AUTO_TEST_CASE(runs_are_read_and_weights_of_another_task_refused) {
  const ScratchFolder scratch;
  const auto run = scratch / "run";
  const Json json = small_sequence_json("skip_trigram");
  write_small_sequence_run(run, json, {20, 3});
  const RunConfig config = small_sequence_config("skip_trigram");
  const auto weights = [](auto const& model) { return Matrix<double>(detail::host_parameter(model, "embed.W_E")); };
  StoredSequenceRun<double> stored = read_sequence_run(run);
  BOOST_TEST((stored.checkpoint == 20));
  BOOST_TEST((weights(stored.model) == weights(small_sequence_model(config, 20))));
  write_safetensors(run / "model.safetensors", transformer_file(small_sequence_model(config, 7)));
  stored = read_sequence_run(run);
  BOOST_TEST(!stored.checkpoint.has_value());
  BOOST_TEST((weights(stored.model) == weights(small_sequence_model(config, 7))));

  const auto refuses = [&](char const* key, int value, std::vector<std::string> const& parts) {
    Json other = json;
    other["sequences"][key] = value;
    write_json(run / "cfg.json", other);
    BOOST_CHECK_EXCEPTION(read_sequence_run(run), Error, says(parts));
  };
  refuses("keys", 4, {"model.safetensors", "embed.W_E", "10 tokens", "skip_trigram", "found 8", "(8, 8)"});
  refuses("noise_length", 6, {"model.safetensors", "pos_embed.W_pos", "8 positions", "found 7"});
  Json classes = json;
  classes["task"] = "max_of_n";
  classes["sequences"] = {{"n", 3}, {"vocabulary", 7}};
  write_json(run / "cfg.json", classes);
  BOOST_CHECK_EXCEPTION(read_sequence_run(run), Error, says({"unembed.W_U", "7 classes", "max_of_n", "found 3"}));

  BOOST_CHECK_EXCEPTION(read_sequence_run(scratch / "none"), Error, says({"none", "expected a run directory"}));
  write_small_sequence_run(scratch / "empty", json, {});
  BOOST_CHECK_EXCEPTION(read_sequence_run(scratch / "empty"), Error, says({"model.safetensors", "no checkpoints"}));
  write_file_atomically(scratch / "empty/cfg.json",
                        R"({"group": "CyclicGroup", "group_parameter": 5, "model": "Transformer",
    "frac_train": 0.5, "seed": 1, "num_epochs": 1})");
  BOOST_CHECK_EXCEPTION(read_sequence_run(scratch / "empty"), Error, says({"cfg.json", "task", "composition"}));
}

BOOST_AUTO_TEST_SUITE_END()
