// Mistakes that people make, in programs and on the command line: the message has to say what is wrong, what was expected,
// and, where it can be guessed, what to do.
#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/fourier/transform.hpp>
#include <cayley/group/table_group.hpp>
#include <cayley/interpret/representation_metrics.hpp>
#include <cayley/io/json.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/representation/irreps.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/task/split.hpp>
#include <cayley/train/trainer.hpp>

#include "lab/run_lab.hpp"

BOOST_AUTO_TEST_SUITE(mistakes_test)

using namespace cayley;
using Mlp = OneLayerMlp<Cpu, float>;

namespace {

template <class F>
void check_message(F const& f, std::vector<std::string> const& parts) {
  std::string message = "no error";
  try {
    f();
  } catch (Error const& error) {
    message = error.what();
  }
  for (std::string const& part : parts) {
    BOOST_TEST(message.find(part) != std::string::npos, '"' << message << "\" does not say " << part);
  }
}

Mlp small_network() {
  return Mlp(Cpu{}, {6, 4, 5, 6});
}

}  // namespace

BOOST_AUTO_TEST_CASE(in_a_program) {
  Mlp network = small_network();
  const auto shaped = [](Index rows, Index cols) { return Matrix<float>(Matrix<float>::Zero(rows, cols)); };

  // 1. A matrix the wrong way round. 2. A misspelt weight. 3. A misspelt hook.
  check_message([&] { network.set_parameter("W_x", shaped(4, 6)); },
                {"OneLayerMlp: W_x", "expected shape (order, embed_dim) = (6, 4), found (4, 6)"});
  check_message([&] { network.set_parameter("W_z", shaped(6, 4)); }, {"no parameter 'W_z'", "did you mean W_x"});
  const std::vector<Pair> pairs{{1, 2}};
  check_message(
      [&] {
        Hooks<Cpu, float> hooks;
        hooks.add("hiden", [](MatrixRef<float>) {});
        network.forward(pairs, hooks);
      },
      {"no hook point 'hiden'", "did you mean hidden?", "x_embed"});

  // 4. Weights of a larger group. 5. A tensor that is missing.
  NamedMatrices<float> weights;
  for (auto const& parameter : network.parameters()) weights[parameter.name()] = parameter.host();
  weights["W_U"] = shaped(7, 6);
  check_message([&] { Mlp::from_parameters(Cpu{}, weights); }, {"OneLayerMlp", "W_U", "found (7, 6)"});
  weights.erase("W_U");
  check_message([&] { Mlp::from_parameters(Cpu{}, weights); }, {"no tensor W_U, found W, W_x, W_y"});

  // 6. Elements of another group. 7. Labels counted from 1. 8. One label too few.
  const std::vector<Pair> outside{{1, 6}};
  check_message([&] { network.forward(outside); }, {"pair 0 is (1, 6)", "below the order 6"});
  check_message([&] { network.examples(pairs, std::vector<Element>{6}); }, {"label 0 is 6", "a class below 6"});
  check_message([&] { network.examples(pairs, std::vector<Element>{}); }, {"1 pairs has 0 labels"});

  // 9. A function on another group. 10. A basis of another group. 11. A misspelt irrep.
  const FourierBasis<double> basis(Symmetric<3>{});
  check_message([&] { transform(basis, Matrix<double>::Zero(24, 1)); }, {"6", "24"});
  check_message(
      [&] {
        representation_metrics(pair_network(network), cayley_table(Symmetric<4>{}),
                               FourierBasis<double>(Symmetric<4>{}), TrainingSet(576, 1));
      },
      {"a network on 6 elements", "a group of 24"});
  check_message([&] { basis.irreps().at("sing"); }, {"sing", "did you mean sign?"});

  // 12. A table that is no group. 13. A share in percent. 14. No training data. 15. A negative learning rate.
  check_message([] { TableGroup("Q", {{0, 1, 2}, {1, 0, 2}, {2, 2, 0}}); }, {"Q"});
  check_message([] { random_split(36, 70, 1); }, {"70", "0 .. 1"});
  const GroupComposition data = group_composition(Symmetric<3>{});
  check_message([&] { Trainer(network, GroupComposition{}, data, {}, TorchGenerator(1)); },
                {"the training set is empty"});
  TrainerOptions backwards;
  backwards.optimizer.lr = -1;
  check_message([&] { Trainer(network, data, data, backwards, TorchGenerator(1)); }, {"lr", "-1"});

  // 16. A state of another network.
  Trainer trainer(network, data, data, {}, TorchGenerator(1));
  Trainer larger(Mlp(Cpu{}, {6, 4, 7, 6}), data, data, {}, TorchGenerator(1));
  check_message([&] { trainer.restore(larger.state()); }, {"W", "expected shape", "a model of other sizes"});
}

BOOST_AUTO_TEST_CASE(on_the_command_line) {
  const ScratchFolder scratch;
  const auto path = [&](std::string const& name) { return (scratch / name).string(); };
  const Json good = parse_json(R"({"group": "SymmetricGroup", "group_parameter": 3, "model": "OneLayerMLP", "seed": 1,
    "layers": {"embed_dim": 4, "hidden_dim": 6}, "frac_train": 0.7, "num_epochs": 40, "checkpoint_every": 20})",
                               "good");
  write_json(scratch / "good.json", good);
  const auto train = [&](char const* key, Json const& value, std::vector<std::string> const& parts) {
    Json changed = good;
    changed[key] = value;
    write_json(scratch / "changed.json", changed);
    check_lab("train " + path("changed.json") + " --out " + path("new"), 1, parts);
    BOOST_TEST(!std::filesystem::exists(scratch / "new"));
  };

  // 17. to 22. In cfg.json: a misspelt key, a misspelt group, a group too large, text for a number, percent, a name that is
  // in other letters.
  train("num_epoch", 3, {"changed.json: unknown key \"num_epoch\" (did you mean num_epochs?)"});
  train("group", "SymetricGroup", {"key \"group\"", "did you mean SymmetricGroup?"});
  train("group_parameter", 30, {"key \"group_parameter\": expected 1 .. 7 for SymmetricGroup, found 30"});
  train("seed", "one", {"key \"seed\": expected an integer", "found string \"one\""});
  train("frac_train", 70, {"key \"frac_train\": expected 0 .. 1, found 70"});
  train("model", "OneLayerMlp", {"key \"model\"", "did you mean OneLayerMLP?"});

  // 23. A comma too many.
  write_file_atomically(scratch / "comma.json", "{\"seed\": 1,}");
  check_lab("train " + path("comma.json") + " --out " + path("new"), 1, {"comma.json: not JSON", "line 1, column 12"});

  // 24. to 27. The command line itself: a misspelt command, a misspelt option, no place for the run, an unknown backend.
  check_lab("explane " + path("run"), 2, {"no command \"explane\"", "did you mean explain?"});
  check_lab("train " + path("good.json") + " --out " + path("new") + " --sede 3", 2, {"not expected", "--sede"});
  check_lab("train " + path("good.json"), 2, {"--out is required"});
  check_lab("train " + path("good.json") + " --out " + path("new") + " --backend gpu", 2, {"gpu", "cpu", "cuda"});

  check_lab("train " + path("good.json") + " --out " + path("run"), 0, {});
  // 28. The directory of another run. 29. A directory that is not there. 30. One that is no run.
  check_lab("train " + path("good.json") + " --out " + path("run"), 1, {"run: expected no run", "found cfg.json"});
  check_lab("explain " + path("rnu"), 1, {"rnu: expected a run directory, found nothing"});
  std::filesystem::create_directory(scratch / "empty");
  check_lab("explain " + path("empty"), 1, {"empty/cfg.json: cannot open"});

  // 31. An element twice. 32. Too few elements. 33. Key irreps where there are none. 34. A misspelt irrep.
  write_file_atomically(scratch / "twice.json", "[0, 1, 2, 3, 4, 4]");
  check_lab("explain " + path("run") + " --elements " + path("twice.json"), 1, {"twice.json: entry 5: 4 stands twice"});
  write_file_atomically(scratch / "few.json", "[0, 1, 2]");
  check_lab("explain " + path("run") + " --elements " + path("few.json"), 1,
            {"few.json: expected an array of the 6 elements of S3, found 3"});
  check_lab("explain " + path("run") + " --key sign", 2, {"--key", "--checkpoints"});
  check_lab("explain " + path("run") + " --checkpoints --key sing", 1, {"sing", "did you mean sign?"});

  // 35. Weights of another size than cfg.json says. 36. A file that was cut. 37. No weights at all.
  Json other = read_json(scratch / "run" / "cfg.json");
  other["layers"]["embed_dim"] = 8;
  std::filesystem::copy(scratch / "run", scratch / "other", std::filesystem::copy_options::recursive);
  write_json(scratch / "other" / "cfg.json", other);
  check_lab("explain " + path("other"), 1,
            {"model.safetensors: tensor \"W_x\": expected shape (6, 8)", "the sizes in cfg.json, found (6, 4)"});
  const std::string bytes = read_file(scratch / "run" / "model.safetensors");
  write_file_atomically(scratch / "run" / "model.safetensors", bytes.substr(0, bytes.size() - 5));
  check_lab("explain " + path("run"), 1, {"run/model.safetensors"});
  std::filesystem::remove(scratch / "run" / "model.safetensors");
  std::filesystem::remove_all(scratch / "run" / "checkpoints");
  check_lab("explain " + path("run"), 1, {"model.safetensors"});
}

BOOST_AUTO_TEST_SUITE_END()
