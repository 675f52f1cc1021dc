#include <cayley/study/sequence_config.hpp>

#include <boost/test/unit_test.hpp>
#include <string>

#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(sequence_config_test)

using namespace cayley;

BOOST_AUTO_TEST_CASE(keys_of_every_task_are_read_and_written_back) {
  for (std::string_view task : sequence_tasks) {
    SequenceConfig config;
    const Json defaults = sequences_json(task, config, 3);
    BOOST_TEST(defaults["seed"] == 3);
    Json json = defaults;
    json["train"] = 7;
    json["test"] = 8;
    json["seed"] = 11;
    parse_sequences(json, "cfg.json", task, config);
    BOOST_TEST(config.train == 7);
    BOOST_TEST(config.test == 8);
    BOOST_TEST(*config.seed == 11u);
    BOOST_TEST(sequences_json(task, config, 3).dump() == json.dump());
  }
  SequenceConfig config;
  parse_sequences({{"n", 5}, {"vocabulary", 9}}, "cfg.json", "max_of_n", config);
  BOOST_TEST(with_sequence_task("max_of_n", config, [](auto const& task) { return task.d_vocab(); }) == 10);
  BOOST_TEST(with_sequence_task("max_of_n", config, [](auto const& task) { return task.n_ctx(); }) == 6);
}

BOOST_AUTO_TEST_CASE(mistakes_name_the_key_and_the_task) {
  SequenceConfig config;
  BOOST_CHECK_EXCEPTION(parse_sequences({{"digit", 3}}, "cfg.json", "digit_addition", config), Error,
                        says({"cfg.json", "digit_addition", "\"digit\"", "digits"}));
  BOOST_CHECK_EXCEPTION(parse_sequences({{"digits", 0}}, "cfg.json", "digit_addition", config), Error,
                        says({"digits", "at least 1", "0"}));
  BOOST_CHECK_EXCEPTION(parse_sequences(Json::array(), "cfg.json", "induction", config), Error, says({"object"}));
}

BOOST_AUTO_TEST_SUITE_END()
