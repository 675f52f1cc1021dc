#include <cayley/study/run_network.hpp>

#include <boost/test/unit_test.hpp>
#include <numeric>

#include "interpret/toy_network.hpp"
#include "io/scratch_folder.hpp"
#include "reference.hpp"

BOOST_AUTO_TEST_SUITE(run_network_test)

using namespace cayley;
using cayley::testing::random_matrix;

namespace {

RunConfig config_of(std::string model = "OneLayerMLP") {
  RunConfig config;
  config.group = "SymmetricGroup";
  config.group_parameter = 3;
  config.model = std::move(model);
  config.embed_dim = 5;
  config.hidden_dim = 7;
  config.frac_train = 0.5;
  config.seed = 4;
  return config;
}

TensorFile weights(bool bilinear = false, std::string x = "W_x", std::string y = "W_y") {
  TensorFile file("model.safetensors");
  file.add(x, random_matrix(6, 5, 1));
  file.add(y, random_matrix(6, 5, 2));
  if (!bilinear) file.add("W", random_matrix(10, 7, 3));
  file.add("W_U", random_matrix(bilinear ? 5 : 7, 6, 4));
  return file;
}

/// A transformer on three positions without biases of attention.
TensorFile transformer_weights(Index d_vocab, Index d_vocab_out,
                               TransformerLayout layout = TransformerLayout::transformer_lens) {
  Transformer<Cpu, double> model(Cpu{}, {.d_model = 8,
                                         .n_heads = 2,
                                         .d_head = 3,
                                         .d_mlp = 10,
                                         .d_vocab = d_vocab,
                                         .d_vocab_out = d_vocab_out,
                                         .n_ctx = 3});
  unsigned seed = 1;
  for (auto& parameter : model.parameters()) {
    std::string const& name = parameter.name();
    const bool drawn = name.find(".W_") != name.npos || name.ends_with(".b_in") || name.ends_with(".b_out");
    if (drawn) parameter.assign(random_matrix(parameter.rows(), parameter.cols(), seed++));
  }
  const TensorFile written = transformer_file(model, layout);
  return parse_safetensors(safetensors_bytes(written), "model.safetensors");
}

const std::vector<Element> own_order{0, 1, 2, 3, 4, 5};
const std::vector<Element> other_order{3, 1, 5, 0, 2, 4};

Matrix<double> all_pair_logits(PairNetwork const& network) {
  return network.logits_of(all_pairs(6));
}

}  // namespace

BOOST_AUTO_TEST_CASE(rows_and_classes_move_to_the_librarys_order) {
  const RunConfig config = config_of();
  const StudyGroup group = study_group(config, ".", "cfg.json");
  const PairNetwork own = run_network(weights(), config, group, own_order);
  const PairNetwork other = run_network(weights(), config, group, other_order);
  const Matrix<double> own_logits = cayley::testing::all_logits(own), other_logits = cayley::testing::all_logits(other);
  for (Index a = 0; a < 6; ++a) {
    for (Index b = 0; b < 6; ++b) {
      for (Index c = 0; c < 6; ++c) {
        const auto at = [](Index i) { return static_cast<Index>(other_order[static_cast<std::size_t>(i)]); };
        BOOST_TEST(std::abs(own_logits(a * 6 + b, c) - other_logits(at(a) * 6 + at(b), at(c))) < 1e-12);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(early_tensor_names_and_the_bilinear_network) {
  const RunConfig config = config_of("BilinearNet");
  const StudyGroup group = study_group(config, ".", "cfg.json");
  const PairNetwork late = run_network(weights(true), config, group, own_order);
  const PairNetwork early = run_network(weights(true, "W_E_a", "W_E_b"), config, group, own_order);
  BOOST_TEST((cayley::testing::all_logits(late) - cayley::testing::all_logits(early)).cwiseAbs().maxCoeff() == 0.0);
}

BOOST_AUTO_TEST_CASE(tensors_that_do_not_fit_are_named_with_both_shapes) {
  RunConfig config = config_of();
  const StudyGroup group = study_group(config, ".", "cfg.json");
  TensorFile missing("model.safetensors");
  missing.add("W_x", random_matrix(6, 5, 1));
  BOOST_CHECK_EXCEPTION(run_network(missing, config, group, own_order), Error, says({"model.safetensors", "W_y"}));
  config.embed_dim = 4;
  BOOST_CHECK_EXCEPTION(run_network(weights(), config, group, own_order), Error,
                        says({"model.safetensors", "\"W_x\"", "(6, 4)", "S3", "(6, 5)"}));
}

BOOST_AUTO_TEST_CASE(a_hidden_bias_is_a_row_or_flat) {
  const RunConfig config = config_of();
  const StudyGroup group = study_group(config, ".", "cfg.json");
  const Matrix<double> bias = random_matrix(1, 7, 9);
  TensorFile row = weights(), flat = weights();
  row.add("b_hidden", bias);
  flat.add("b_hidden", Vector<double>(bias.row(0)));
  const Matrix<double> with_row = cayley::testing::all_logits(run_network(row, config, group, own_order));
  BOOST_TEST((with_row - cayley::testing::all_logits(run_network(flat, config, group, own_order))).norm() == 0.0);
  BOOST_TEST((with_row - cayley::testing::all_logits(run_network(weights(), config, group, own_order))).norm() > 0.1);
}

BOOST_AUTO_TEST_CASE(transformers_in_every_layout_move_to_the_librarys_order) {
  const RunConfig config = config_of("Transformer");
  const StudyGroup group = study_group(config, ".", "cfg.json");
  const TensorFile file = transformer_weights(7, 6);
  const Matrix<double> own = all_pair_logits(run_network(file, config, group, own_order));
  const Matrix<double> other = all_pair_logits(run_network(file, config, group, other_order));
  for (Index a = 0; a < 6; ++a) {
    for (Index b = 0; b < 6; ++b) {
      for (Index c = 0; c < 6; ++c) {
        const auto at = [](Index i) { return static_cast<Index>(other_order[static_cast<std::size_t>(i)]); };
        BOOST_TEST(std::abs(own(a * 6 + b, c) - other(at(a) * 6 + at(b), at(c))) < 1e-12);
      }
    }
  }
  const TensorFile older = transformer_weights(7, 6, TransformerLayout::older);
  const Matrix<double> same = all_pair_logits(run_network(older, config, group, other_order));
  BOOST_TEST((same - other).cwiseAbs().maxCoeff() == 0.0);
}

BOOST_AUTO_TEST_CASE(transformers_of_another_group_are_named_with_tensor_and_sizes) {
  const RunConfig config = config_of("Transformer");
  const StudyGroup group = study_group(config, ".", "cfg.json");
  BOOST_CHECK_EXCEPTION(run_network(transformer_weights(6, 6), config, group, own_order), Error,
                        says({"model.safetensors", "\"embed.W_E\"", "7 tokens", "S3", "found 6", "(6, 8)"}));
  BOOST_CHECK_EXCEPTION(run_network(transformer_weights(7, 5), config, group, own_order), Error,
                        says({"model.safetensors", "\"unembed.W_U\"", "6 or 7 classes", "S3", "(8, 5)"}));
  BOOST_CHECK_EXCEPTION(run_network(weights(), config, group, own_order), Error,
                        says({"model.safetensors", "no tensor \"blocks.0.attn.W_Q\"", "W_x"}));
}

BOOST_AUTO_TEST_CASE(the_training_set_is_drawn_in_the_order_of_the_data) {
  const RunConfig config = config_of();
  const TrainingSet own = run_training_set(config, own_order), other = run_training_set(config, other_order);
  BOOST_TEST(std::accumulate(own.begin(), own.end(), 0) == 18);
  for (std::size_t a = 0; a < 6; ++a) {
    for (std::size_t b = 0; b < 6; ++b) BOOST_TEST(own[a * 6 + b] == other[other_order[a] * 6 + other_order[b]]);
  }
}

BOOST_AUTO_TEST_CASE(the_published_split_starts_with_the_published_pairs,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  const Json json = read_json(cayley::testing::reference_file("rng_vectors.json"));
  for (auto const& [name, entry] : json.at("split").items()) {
    const auto pairs = entry.at("n_pairs").get<Index>();
    const Json config = read_json(cayley::testing::reference_file("runs/" + name + "/cfg.json"));
    const TrainTestSplit split =
        random_split(pairs, config.at("frac_train").get<double>(), entry.at("seed").get<std::uint64_t>());
    BOOST_TEST(split.train.size() == entry.at("train_size").get<std::size_t>());
    const auto n = static_cast<std::uint32_t>(std::llround(std::sqrt(static_cast<double>(pairs))));
    std::size_t i = 0;
    for (auto const& pair : entry.at("first_train_pairs_abc")) {
      BOOST_TEST(split.train[i] == pair[0].get<std::uint32_t>() * n + pair[1].get<std::uint32_t>());
      ++i;
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
