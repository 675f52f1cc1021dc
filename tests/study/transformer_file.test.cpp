#include <cayley/study/transformer_file.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/nn/activation_cache.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "io/scratch_folder.hpp"
#include "nn/toy_models.hpp"
#include "reference.hpp"

BOOST_AUTO_TEST_SUITE(transformer_file_test)

using namespace cayley;
using cayley::testing::random_matrix;

namespace {

using Net = Transformer<Cpu, double>;

TransformerShape small_shape() {
  return {
      .n_layers = 2, .d_model = 8, .n_heads = 2, .d_head = 3, .d_mlp = 10, .d_vocab = 7, .d_vocab_out = 5, .n_ctx = 4};
}

/// The same shape with the biases that a layout holds.
TransformerShape held_by(TransformerLayout layout, TransformerShape shape) {
  if (layout == TransformerLayout::transformer_lens) return shape;
  shape.has_biases = shape.has_biases && !shape.attn_only;
  shape.mlp_biases_alone = shape.has_biases;
  return shape;
}

/// Random weights; biases that the older layouts do not hold are zero when `only_older` says so.
template <class Scalar = double>
Transformer<Cpu, Scalar> random_transformer(TransformerShape const& shape, bool only_older) {
  Transformer<Cpu, Scalar> model(Cpu{}, shape);
  unsigned seed = 1;
  for (auto& parameter : model.parameters()) {
    std::string const& name = parameter.name();
    const bool bias = name.find(".b_") != name.npos && !name.ends_with(".b_in") && !name.ends_with(".b_out");
    if (!only_older || !bias) {
      parameter.assign(random_matrix<Scalar>(parameter.rows(), parameter.cols(), seed++));
    }
  }
  return model;
}

/// The same file without some tensors and with others.
TensorFile edited(TensorFile const& file, std::string const& without, std::string const& with = "",
                  Tensor const& tensor = {}) {
  TensorFile result("model.safetensors");
  result.metadata() = file.metadata();
  for (auto const& name : file.names()) {
    if (name != without) result.add(name, file.at(name));
  }
  if (!with.empty()) result.add(with, tensor);
  return result;
}

Tensor zeros(Shape const& shape) {
  return {Dtype::f64, shape, std::string(static_cast<std::size_t>(*element_count(shape)) * 8, '\0')};
}

void check_round_trip(TransformerShape const& variant, TransformerLayout layout) {
  const TransformerShape shape = held_by(layout, variant);
  const Net model = random_transformer(shape, false);
  const TensorFile file = parse_safetensors(safetensors_bytes(transformer_file(model, layout)), "model.safetensors");
  const auto read = read_transformer<double>(file);
  BOOST_TEST((read.shape == shape));
  for (auto const& parameter : model.parameters()) {
    BOOST_TEST((read.weights.at(parameter.name()) == parameter.host()), parameter.name());
  }
  Net::from_parameters(Cpu{}, read.shape, read.weights);
  BOOST_TEST((transformer_file(read, layout) == file));
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_layout_reads_back_what_was_written) {
  std::vector<TransformerShape> variants(7, small_shape());
  variants[1].has_biases = false;
  variants[2].act_fn = ActFn::gelu_new;
  variants[2].doubled_residual = true;
  variants[3].positions = Positions::sinusoidal;
  variants[4].is_causal = false;
  variants[4].positions = Positions::none;
  variants[5].n_heads = 1;
  variants[5].d_model = variants[5].d_head = variants[5].d_vocab = variants[5].d_mlp = 6;
  variants[6].attn_only = true;
  variants[6].d_mlp = 0;
  for (TransformerShape const& shape : variants) {
    check_round_trip(shape, TransformerLayout::transformer_lens);
    check_round_trip(shape, TransformerLayout::older);
    TransformerShape attn_only = shape;
    attn_only.attn_only = true;
    attn_only.d_mlp = 0;
    check_round_trip(attn_only, TransformerLayout::older_attn_only);
  }
  TransformerShape norms = small_shape();
  norms.has_layer_norm = true;
  check_round_trip(norms, TransformerLayout::transformer_lens);
}

BOOST_AUTO_TEST_CASE(shapes_and_entries_are_those_of_the_layout) {
  const Net model = random_transformer(small_shape(), true);
  const TensorFile lens = transformer_file(model), older = transformer_file(model, TransformerLayout::older);
  const auto at = [](TensorFile const& file, char const* name, Shape const& place) {
    Shape const& shape = file.shape(name);
    BOOST_TEST_REQUIRE(shape.size() == place.size());
    std::size_t index = 0;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      index = index * static_cast<std::size_t>(shape[i]) + static_cast<std::size_t>(place[i]);
    }
    return file.values<double>(name, shape)[index];
  };
  BOOST_TEST((lens.shape("blocks.1.attn.W_Q") == Shape{2, 8, 3}));
  BOOST_TEST((older.shape("blocks.1.attn.W_Q") == Shape{2, 3, 8}));
  BOOST_TEST((lens.shape("blocks.0.attn.b_Q") == Shape{2, 3}));
  BOOST_TEST((lens.shape("blocks.0.attn.b_O") == Shape{8}));
  for (Index i = 0; i < 8; ++i) {
    for (Index h = 0; h < 2; ++h) {
      for (Index k = 0; k < 3; ++k) {
        BOOST_TEST(at(lens, "blocks.1.attn.W_V", {h, i, k}) == at(older, "blocks.1.attn.W_V", {h, k, i}));
        BOOST_TEST(at(lens, "blocks.1.attn.W_O", {h, k, i}) == at(older, "blocks.1.attn.W_O", {i, 3 * h + k}));
      }
    }
    for (Index t = 0; t < 7; ++t) BOOST_TEST(at(lens, "embed.W_E", {t, i}) == at(older, "embed.W_E", {i, t}));
    for (Index m = 0; m < 10; ++m) {
      BOOST_TEST(at(lens, "blocks.0.mlp.W_in", {i, m}) == at(older, "blocks.0.mlp.W_in", {m, i}));
      BOOST_TEST(at(lens, "blocks.0.mlp.W_out", {m, i}) == at(older, "blocks.0.mlp.W_out", {i, m}));
    }
    for (Index c = 0; c < 5; ++c) BOOST_TEST(at(lens, "unembed.W_U", {i, c}) == at(older, "unembed.W_U", {i, c}));
    for (Index p = 0; p < 4; ++p) {
      BOOST_TEST(at(lens, "pos_embed.W_pos", {p, i}) == at(older, "pos_embed.W_pos", {p, i}));
    }
  }
  BOOST_TEST(!older.contains("blocks.0.attn.b_Q"));
  BOOST_TEST((older.at("blocks.0.mlp.b_in") == lens.at("blocks.0.mlp.b_in")));
  const auto single = random_transformer<float>(small_shape(), true);
  BOOST_TEST((transformer_file(single).at("embed.W_E").dtype == Dtype::f32));
}

BOOST_AUTO_TEST_CASE(a_file_without_metadata_tells_its_layout_by_its_tensors) {
  const auto bare = [](TransformerShape const& shape, TransformerLayout layout) {
    TensorFile file = transformer_file(random_transformer(shape, true), layout);
    file.metadata().clear();
    return file;
  };
  TransformerShape shape = small_shape();
  for (auto layout : {TransformerLayout::transformer_lens, TransformerLayout::older}) {
    for (Index d_head : {3, 8}) {  // 8: W_Q is (2, 8, 8) either way, and the indices of W_O decide
      shape.d_head = d_head;
      const TensorFile file = bare(shape, layout);
      BOOST_TEST((transformer_layout(file) == layout));
      BOOST_TEST((read_transformer<double>(file).shape == held_by(layout, shape)));
    }
  }
  const TensorFile undecided = edited(bare(shape, TransformerLayout::older), "blocks.0.attn.W_O");
  BOOST_CHECK_EXCEPTION(read_transformer<double>(undecided), Error,
                        says({"model.safetensors", "blocks.0.attn.W_Q", "(2, 8, 8)", "transformer_lens, older"}));
  BOOST_CHECK_EXCEPTION(read_transformer<double>(undecided, TransformerLayout::older), Error,
                        says({"model.safetensors", "no tensor \"blocks.0.attn.W_O\""}));
  shape.attn_only = true;
  shape.d_mlp = 0;
  shape.has_biases = false;
  const TensorFile attn_only = bare(shape, TransformerLayout::older_attn_only);
  BOOST_TEST((transformer_layout(attn_only) == TransformerLayout::older_attn_only));
  BOOST_TEST((read_transformer<double>(attn_only).shape == shape));
}

BOOST_AUTO_TEST_CASE(metadata_of_published_files) {
  TensorFile file = transformer_file(random_transformer(small_shape(), true), TransformerLayout::older);
  file.metadata() = {{"act", "ReLU"}, {"residual_doubled", "True"}, {"pos_embed_type", "orig"}, {"d_model", "8"}};
  TransformerShape expected = held_by(TransformerLayout::older, small_shape());
  expected.doubled_residual = true;
  BOOST_TEST((read_transformer<double>(file).shape == expected));
  file.metadata() = {{"act_type", "GeLU"}, {"residual_doubled", "False"}};
  expected.doubled_residual = false;
  expected.act_fn = ActFn::gelu;
  BOOST_TEST((read_transformer<double>(file).shape == expected));
  for (char const* key : {"act_type", "residual_doubled", "pos_embed_type", "layout", "attention_dir"}) {
    file.metadata() = {{key, "swish"}};
    BOOST_CHECK_EXCEPTION(read_transformer<double>(file), Error, says({std::string("\"") + key + "\"", "swish"}));
  }
  file.metadata() = {{"pos_embed_type", "none"}};
  BOOST_CHECK_EXCEPTION(read_transformer<double>(file), Error, says({"n_ctx"}));
  file.metadata()["n_ctx"] = "4 or so";
  BOOST_CHECK_EXCEPTION(read_transformer<double>(file), Error, says({"n_ctx", "4 or so"}));
}

BOOST_AUTO_TEST_CASE(broken_files_are_named_with_tensor_and_shapes) {
  const TensorFile lens = transformer_file(random_transformer(small_shape(), true));
  const TensorFile older = transformer_file(random_transformer(small_shape(), true), TransformerLayout::older);
  for (char const* name : {"blocks.0.attn.W_Q", "blocks.1.attn.W_K", "blocks.1.attn.b_O", "blocks.0.mlp.W_in",
                           "unembed.b_U", "embed.W_E", "pos_embed.W_pos"}) {
    BOOST_CHECK_EXCEPTION(read_transformer<double>(edited(lens, name)), Error,
                          says({"model.safetensors", std::string("no tensor \"") + name + "\""}));
  }
  BOOST_CHECK_EXCEPTION(read_transformer<double>(edited(older, "blocks.1.mlp.b_in")), Error,
                        says({"model.safetensors", "blocks.1.mlp.b_in"}));
  const auto reshaped = [](TensorFile const& file, char const* name, Shape const& shape) {
    return edited(file, name, name, zeros(shape));
  };
  BOOST_CHECK_EXCEPTION(read_transformer<double>(reshaped(lens, "blocks.1.mlp.W_in", {8, 9})), Error,
                        says({"model.safetensors", "\"blocks.1.mlp.W_in\"", "(8, 10)", "(8, 9)", "d_model 8"}));
  BOOST_CHECK_EXCEPTION(read_transformer<double>(reshaped(older, "blocks.1.attn.W_O", {8, 5})), Error,
                        says({"model.safetensors", "\"blocks.1.attn.W_O\"", "(8, 6)", "(8, 5)", "older"}));
  BOOST_CHECK_EXCEPTION(read_transformer<double>(reshaped(lens, "blocks.0.attn.W_Q", {16, 3})), Error,
                        says({"\"blocks.0.attn.W_Q\"", "3 sizes", "(16, 3)"}));
  BOOST_CHECK_EXCEPTION(read_transformer<double>(reshaped(lens, "embed.W_E", {0, 8})), Error,
                        says({"\"embed.W_E\"", "at least 1", "(0, 8)"}));
  BOOST_CHECK_EXCEPTION(read_transformer<double>(edited(lens, "", "blocks.0.mlp.W_gate", zeros({8, 10}))), Error,
                        says({"model.safetensors", "\"blocks.0.mlp.W_gate\"", "(8, 10)", "blocks.0.mlp.W_in"}));
  BOOST_CHECK_EXCEPTION(read_transformer<double>(edited(older, "", "blocks.0.attn.b_Q", zeros({2, 3}))), Error,
                        says({"\"blocks.0.attn.b_Q\"", "no tensor of this name", "older"}));
  BOOST_CHECK_EXCEPTION(read_transformer<double>(edited(lens, "", "blocks.3.attn.W_Q", zeros({2, 8, 3}))), Error,
                        says({"no tensor \"blocks.2.attn.W_Q\""}));
  const auto constants =
      edited(edited(lens, "", "blocks.0.attn.mask", zeros({4, 4})), "", "blocks.0.attn.IGNORE", zeros({}));
  BOOST_TEST((read_transformer<double>(constants).shape == small_shape()));
  BOOST_CHECK_EXCEPTION(read_transformer<double>(TensorFile("empty.safetensors")), Error,
                        says({"empty.safetensors", "blocks.0.attn.W_Q"}));
}

BOOST_AUTO_TEST_CASE(a_layout_that_cannot_hold_the_model_says_why) {
  const Net biased = random_transformer(small_shape(), false);
  BOOST_CHECK_EXCEPTION(transformer_file(biased, TransformerLayout::older), Error,
                        says({"older", "blocks.0.attn.b_Q", "zeros"}));
  BOOST_CHECK_EXCEPTION(transformer_file(biased, TransformerLayout::older_attn_only), Error,
                        says({"older_attn_only", "MLP", "10"}));
  TransformerShape norms = small_shape();
  norms.has_layer_norm = true;
  BOOST_CHECK_EXCEPTION(transformer_file(Net(Cpu{}, norms), TransformerLayout::older), Error, says({"layer norm"}));
  auto weights = read_transformer<double>(transformer_file(biased));
  weights.shape.d_vocab = 9;
  BOOST_CHECK_EXCEPTION(transformer_file(weights), Error, says({"embed.W_E", "(9, 8)", "(7, 8)"}));
}

namespace {

/// The model in `<name>.safetensors` on the tokens of `<name>_io.safetensors`: logits and, of each layer, patterns.
void check_published_activations(std::string const& name, std::vector<std::string> const& patterns) {
  const auto [shape, weights] =
      read_transformer<float>(read_safetensors(cayley::testing::reference_file("sequence/" + name + ".safetensors")));
  const auto model = Transformer<Cpu, float>::from_parameters(Cpu{}, shape, weights);
  const TensorFile io = read_safetensors(cayley::testing::reference_file("sequence/" + name + "_io.safetensors"));
  const Shape batch = io.shape("tokens");
  BOOST_TEST((io.shape("logits") == Shape{batch[0], batch[1], shape.d_vocab_out}));
  const auto tokens = io.values<std::uint32_t>("tokens", batch);
  ActivationCache<float> cache;
  Hooks<Cpu, float> hooks;
  cache.record(hooks, model.hook_names(), [](std::string_view hook) { return hook.ends_with("attn.hook_pattern"); });
  const auto worst = [&](Matrix<float> const& found, std::string const& tensor) {
    return (found - io.matrix<float>(tensor, io.shape(tensor))).cwiseAbs().maxCoeff();
  };
  const float of_logits = worst(model.forward({tokens, batch[1]}, hooks).host(), "logits");
  BOOST_TEST(of_logits < 1e-4f);
  BOOST_TEST(cache.names().size() == patterns.size());
  for (std::size_t layer = 0; layer < patterns.size(); ++layer) {
    const float of_pattern = worst(cache["blocks." + std::to_string(layer) + ".attn.hook_pattern"], patterns[layer]);
    BOOST_TEST(of_pattern < 1e-4f);
    BOOST_TEST_MESSAGE(name << " layer " << layer << ": logits " << of_logits << ", pattern " << of_pattern);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(published_sequence_models_give_their_logits_and_patterns,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  check_published_activations("digit_addition", {"pattern"});
  check_published_activations("induction_heads", {"pattern.0", "pattern.1"});
}

BOOST_AUTO_TEST_CASE(published_files_have_their_published_sizes,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  const auto shape_of = [](char const* name) {
    return read_transformer<float>(read_safetensors(cayley::testing::reference_file(name))).shape;
  };
  TransformerShape one_layer{
      .d_model = 128, .n_heads = 4, .d_head = 32, .d_mlp = 512, .d_vocab = 114, .d_vocab_out = 114, .n_ctx = 3};
  one_layer.mlp_biases_alone = true;
  BOOST_TEST((shape_of("modular_addition/model.safetensors") == one_layer));
  one_layer.mlp_biases_alone = false;
  one_layer.d_vocab_out = 113;
  BOOST_TEST((shape_of("runs/C113_T_seed1/model.safetensors") == one_layer));
  const TransformerShape induction{.n_layers = 2,
                                   .d_model = 48,
                                   .n_heads = 4,
                                   .d_head = 12,
                                   .d_vocab = 128,
                                   .d_vocab_out = 128,
                                   .n_ctx = 85,
                                   .attn_only = true,
                                   .has_biases = false,
                                   .doubled_residual = true};
  BOOST_TEST((shape_of("sequence/induction_heads.safetensors") == induction));
  const TransformerShape digit_addition{.d_model = 128,
                                        .n_heads = 4,
                                        .d_head = 32,
                                        .d_mlp = 512,
                                        .d_vocab = 12,
                                        .d_vocab_out = 10,
                                        .n_ctx = 18,
                                        .mlp_biases_alone = true};
  BOOST_TEST((shape_of("sequence/digit_addition.safetensors") == digit_addition));
}

BOOST_AUTO_TEST_SUITE_END()
