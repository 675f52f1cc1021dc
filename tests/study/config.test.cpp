#include <cayley/study/config.hpp>

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(config_test)

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
  BOOST_TEST(config.training.optimizer.lr == 0.002);
  BOOST_TEST(config.num_epochs == 250000);
  BOOST_TEST(config.training.optimizer.betas[1] == 0.98);
  BOOST_TEST(config.extra_name == "_x");
}

BOOST_AUTO_TEST_CASE(optimiser_keys_may_be_left_out) {
  Json json = valid();
  for (const char* key : {"lr", "weight_decay", "betas", "extra_name"}) json.erase(key);
  const RunConfig config = parse_config(json, "cfg.json");
  BOOST_TEST(config.training.optimizer.lr == 1e-3);
  BOOST_TEST(config.training.optimizer.weight_decay == 1.0);
  BOOST_TEST(config.training.optimizer.betas[0] == 0.9);
}

BOOST_AUTO_TEST_CASE(training_keys_are_read_and_written_back) {
  Json json = valid();
  json["optimizer"] = "SGD";
  json["momentum"] = 0.5;
  json["warmup_steps"] = 10;
  json["batch_size"] = 64;
  json["layers"]["hidden_bias"] = true;
  json["stop_test_acc"] = 0.99;
  json["checkpoint_points"] = 0;
  json["log_every"] = 100;
  const RunConfig config = parse_config(json, "cfg.json");
  BOOST_TEST((config.training.optimizer.kind == OptimizerKind::sgd));
  BOOST_TEST(config.training.optimizer.momentum == 0.5);
  BOOST_TEST(config.training.schedule.warmup_steps == 10);
  BOOST_TEST(config.training.batch_size == 64);
  BOOST_TEST(config.hidden_bias);
  BOOST_TEST(config.stop.test_accuracy == 0.99);
  BOOST_TEST(config.checkpoint_epochs().epochs().empty());
  BOOST_TEST(config.logged_epochs().contains(249900));
  BOOST_TEST(!config.logged_epochs().contains(50));

  const Json whole = config_json(config);
  BOOST_TEST(config_json(parse_config(whole, "cfg.json")).dump() == whole.dump());
  // Every documented key is written by an MLP, a transformer or a task on sequences, and nothing else.
  json = valid();
  json["model"] = "Transformer";
  const Json transformer = config_json(parse_config(json, "cfg.json"));
  BOOST_TEST(config_json(parse_config(transformer, "cfg.json")).dump() == transformer.dump());
  std::set<std::string> written, documented;
  std::vector<Json> files{whole, transformer};
  for (std::string_view task : sequence_tasks) {
    Json sequences = {{"task", task}, {"model", "Transformer"}, {"seed", 1}, {"num_epochs", 10}, {"batch_size", 4}};
    files.push_back(config_json(parse_config(sequences, "cfg.json")));
  }
  for (Json const& file : files) {
    for (auto const& item : file.items()) {
      if (item.value().is_object()) {
        for (auto const& inner : item.value().items()) written.insert(item.key() + "." + inner.key());
      } else {
        written.insert(item.key());
      }
    }
  }
  for (ConfigKey const& key : config_keys) documented.emplace(key.name);
  BOOST_TEST(written == documented, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(transformers_have_keys_of_their_own) {
  Json json = valid();
  json["model"] = "Transformer";
  json.erase("layers");
  const RunConfig published = parse_config(json, "cfg.json");
  BOOST_TEST((published.transformer == published_transformer()));
  BOOST_TEST(published.transformer.d_mlp == 512);
  BOOST_TEST(!published.transformer.has_biases);
  json["group"] = "CyclicGroup";
  json["task"] = "add";
  json["split"] = "python";
  json["transformer"] = {{"n_layers", 2},        {"d_mlp", 64},
                         {"act_fn", "gelu"},     {"init", "modular_addition"},
                         {"equals_logit", true}, {"positions", "sinusoidal"}};
  const RunConfig config = parse_config(json, "cfg.json");
  BOOST_TEST(config.task == "add");
  BOOST_TEST((config.split == SplitKind::python));
  BOOST_TEST(config.transformer.n_layers == 2);
  BOOST_TEST(config.transformer.d_mlp == 64);
  BOOST_TEST(config.transformer.d_model == 128);
  BOOST_TEST((config.transformer.act_fn == ActFn::gelu));
  BOOST_TEST((config.transformer.positions == Positions::sinusoidal));
  BOOST_TEST((config.transformer_init == TransformerInit::modular_addition));
  BOOST_TEST(config.equals_logit);
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
  refuses([](Json& j) { j["optimizer"] = "adamw"; }, {"key \"optimizer\"", "not supported", "AdamW"});
  refuses([](Json& j) { j["momentum"] = 1.0; }, {"momentum"});
  refuses([](Json& j) { j["checkpoint_points"] = 1; }, {"checkpoint_points", "at least 2"});
  refuses([](Json& j) { j["batch_size"] = -3; }, {"batch_size", "at least 0", "-3"});
  refuses([](Json& j) { j["layers.embed_dim"] = 3; }, {"unknown key \"layers.embed_dim\""});
  refuses([](Json& j) { j["embed_dim"] = 3; }, {"unknown key \"embed_dim\"", "layers.embed_dim"});
  refuses([](Json& j) { j["frac_train"] = 1.4; }, {"frac_train", "0 .. 1", "1.4"});
  refuses([](Json& j) { j["model"] = "OneLayerMlp"; }, {"key \"model\"", "not supported", "did you mean OneLayerMLP"});
  refuses([](Json& j) { j["num_epochs"] = -1; }, {"num_epochs", "at least 0", "-1"});
  refuses([](Json& j) { j["layers"]["hidden_dim"] = 0; }, {"layers.hidden_dim", "at least 1"});
  refuses([](Json& j) { j["layers"].erase("hidden_dim"); }, {"hidden_dim"});
  refuses([](Json& j) { j["lr"] = -0.1; }, {"\"lr\"", "positive"});
  refuses([](Json& j) { j["betas"] = {0.9, 1.2}; }, {"betas", "1.2"});
  refuses([](Json& j) { j["betas"] = {0.9}; }, {"betas", "two numbers", "1"});
  refuses([](Json& j) { j = Json::array(); }, {"object"});
  refuses([](Json& j) { j["transformer"]["d_modle"] = 3; }, {"unknown key \"transformer.d_modle\"", "d_model"});
  refuses([](Json& j) { j["transformer"]["n_heads"] = 0; }, {"transformer", "n_heads", "at least 1"});
  refuses([](Json& j) { j["transformer"]["act_fn"] = "rleu"; }, {"act_fn", "rleu", "relu"});
  refuses([](Json& j) { j["task"] = "ad"; }, {"task", "not supported", "add"});
  refuses([](Json& j) { j["task"] = "add"; }, {"task", "CyclicGroup", "SymmetricGroup"});
  refuses([](Json& j) { j["split"] = "numpy"; }, {"split", "numpy", "torch"});
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_named) {
  const ScratchFolder scratch;
  BOOST_CHECK_EXCEPTION(read_config(scratch / "cfg.json"), Error, says({(scratch / "cfg.json").string()}));
}

BOOST_AUTO_TEST_SUITE_END()
