#include <cayley/study/config.hpp>

#include <boost/test/unit_test.hpp>

#include "io/scratch_folder.hpp"

using namespace cayley;

namespace {

Json valid() {
  return parse_json(R"({"lr": 0.002, "num_epochs": 250000, "weight_decay": 1, "betas": [0.9, 0.98],
    "layers": {"embed_dim": 256, "hidden_dim": 128}, "model": "OneLayerMLP", "group": "SymmetricGroup",
    "group_parameter": 5, "frac_train": 0.4, "seed": 2, "extra_name": "_x"})",
                    "cfg.json");
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_published_configuration_is_read) {
  const RunConfig config = parse_config(valid(), "cfg.json");
  BOOST_TEST(config.group == "SymmetricGroup");
  BOOST_TEST(config.group_parameter == 5);
  BOOST_TEST(config.model == "OneLayerMLP");
  BOOST_TEST(config.embed_dim == 256);
  BOOST_TEST(config.hidden_dim == 128);
  BOOST_TEST(config.frac_train == 0.4);
  BOOST_TEST(config.seed == 2u);
  BOOST_TEST(config.lr == 0.002);
  BOOST_TEST(config.num_epochs == 250000);
  BOOST_TEST(config.betas[1] == 0.98);
  BOOST_TEST(config.extra_name == "_x");
}

BOOST_AUTO_TEST_CASE(optimiser_keys_may_be_left_out) {
  Json json = valid();
  for (const char* key : {"lr", "weight_decay", "betas", "extra_name"}) json.erase(key);
  const RunConfig config = parse_config(json, "cfg.json");
  BOOST_TEST(config.lr == 1e-3);
  BOOST_TEST(config.weight_decay == 1.0);
  BOOST_TEST(config.betas[0] == 0.9);
}

BOOST_AUTO_TEST_CASE(mistakes_name_the_file_and_the_key) {
  const auto refuses = [](auto change, std::vector<std::string> parts) {
    Json json = valid();
    change(json);
    parts.push_back("runs/7/cfg.json");
    BOOST_CHECK_EXCEPTION(parse_config(json, "runs/7/cfg.json"), Error, says(parts));
  };
  refuses([](Json& j) { j["wieght_decay"] = 1; }, {"unknown key \"wieght_decay\"", "did you mean weight_decay"});
  refuses([](Json& j) { j["layers"]["hiden_dim"] = 1; }, {"unknown key \"layers.hiden_dim\"", "hidden_dim"});
  for (const char* key : {"group", "group_parameter", "model", "layers", "frac_train", "seed", "num_epochs"}) {
    refuses([key](Json& j) { j.erase(key); }, {std::string("no key \"") + key + "\""});
  }
  refuses([](Json& j) { j["layers"].erase("embed_dim"); }, {"embed_dim", "layers"});
  refuses([](Json& j) { j["seed"] = "two"; }, {"seed", "two"});
  refuses([](Json& j) { j["seed"] = -1; }, {"seed"});
  refuses([](Json& j) { j["frac_train"] = 1.4; }, {"frac_train", "0 .. 1", "1.4"});
  refuses([](Json& j) { j["model"] = "OneLayerMlp"; }, {"key \"model\"", "not supported", "did you mean OneLayerMLP"});
  refuses([](Json& j) { j["num_epochs"] = -1; }, {"num_epochs", "at least 0", "-1"});
  refuses([](Json& j) { j["layers"]["hidden_dim"] = 0; }, {"layers.hidden_dim", "at least 1"});
  refuses([](Json& j) { j["layers"].erase("hidden_dim"); }, {"hidden_dim"});
  refuses([](Json& j) { j["lr"] = -0.1; }, {"\"lr\"", "positive"});
  refuses([](Json& j) { j["betas"] = {0.9, 1.2}; }, {"betas", "1.2"});
  refuses([](Json& j) { j["betas"] = {0.9}; }, {"betas", "two numbers", "1"});
  refuses([](Json& j) { j = Json::array(); }, {"object"});
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_named) {
  const ScratchFolder scratch;
  BOOST_CHECK_EXCEPTION(read_config(scratch / "cfg.json"), Error, says({(scratch / "cfg.json").string()}));
}
