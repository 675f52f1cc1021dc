#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/activation_cache.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/nn/transformer.hpp>
#include <conformance/archetype_backend.hpp>
#include <cstdint>
#include <nn/toy_models.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(activation_cache_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

using Backends = std::tuple<Cpu, ArchetypeBackend>;
using Names = std::vector<std::string>;

static_assert(!std::is_copy_constructible_v<ActivationCache<float>> &&
              std::is_move_constructible_v<ActivationCache<float>>);

BOOST_AUTO_TEST_CASE_TEMPLATE(every_activation_has_its_published_shape_and_value, B, Backends) {
  const auto weights = toy_mlp_weights<double>(false);
  const auto model = OneLayerMlp<B, double>::from_parameters(B{}, weights);
  const auto pairs = toy_pairs();
  ActivationCache<double> cache;
  Hooks<B, double> hooks;
  cache.record(hooks, model.hook_names());
  const Matrix<double> logits = model.forward(pairs, hooks).host();

  BOOST_TEST(cache.names() == (Names{"embed_stack", "hidden", "out", "x_embed", "y_embed"}),
             boost::test_tools::per_element());
  for (Index i = 0; i < 30; ++i) {
    const Pair pair = pairs[static_cast<std::size_t>(i)];
    BOOST_TEST((cache["x_embed"].row(i) == weights.at("W_x").row(pair.a)));
    BOOST_TEST((cache["y_embed"].row(i) == weights.at("W_y").row(pair.b)));
  }
  BOOST_TEST((cache["embed_stack"].leftCols(6) == cache["x_embed"]));
  BOOST_TEST((cache["embed_stack"].rightCols(6) == cache["y_embed"]));
  BOOST_TEST(relative_error(cache["hidden"], naive_hidden(weights, pairs)) < 1e-12);
  BOOST_TEST((cache["out"] == logits));
}

BOOST_AUTO_TEST_CASE(a_filter_chooses_what_is_recorded) {
  const auto model = Bilinear<Cpu, double>::from_parameters(Cpu{}, toy_bilinear_weights<double>());
  const auto pairs = toy_pairs();

  ActivationCache<double> embeds;
  Hooks<Cpu, double> hooks;
  embeds.record(hooks, model.hook_names(), [](std::string_view name) { return name.ends_with("_embed"); });
  ActivationCache<double> listed;
  listed.record(hooks, {"product", "out"});
  model.forward(pairs, hooks);
  BOOST_TEST(embeds.names() == (Names{"x_embed", "y_embed"}), boost::test_tools::per_element());
  BOOST_TEST(listed.names() == (Names{"out", "product"}), boost::test_tools::per_element());
  BOOST_TEST(embeds.contains("x_embed"));
  BOOST_TEST(!embeds.contains("product"));
  BOOST_CHECK_EXCEPTION(embeds["product"], Error, [](Error const& error) {
    return std::string(error.what()) == "no activation 'product' was recorded; recorded: x_embed, y_embed";
  });
  embeds.clear();
  BOOST_CHECK_EXCEPTION(embeds["product"], Error, [](Error const& error) {
    return std::string(error.what()) == "no activation 'product' was recorded; recorded: none";
  });
}

BOOST_AUTO_TEST_CASE(a_misspelt_name_is_found_by_the_model) {
  const auto model = Bilinear<Cpu, float>::from_parameters(Cpu{}, toy_bilinear_weights<float>());
  const auto pairs = toy_pairs();
  ActivationCache<float> cache;
  Hooks<Cpu, float> hooks;
  cache.record(hooks, {"x_embd"});
  BOOST_CHECK_EXCEPTION(model.forward(pairs, hooks), Error, [](Error const& error) {
    const std::string message = error.what();
    return message.find("no hook point 'x_embd' (did you mean x_embed, y_embed?)") == 0 &&
           message.find("expected one of x_embed, y_embed, product, out") != std::string::npos;
  });
  BOOST_TEST(cache.names().empty());
}

BOOST_AUTO_TEST_CASE(a_filter_chooses_one_kind_of_activation_of_every_layer) {
  const Transformer<Cpu, double> model(
      Cpu{},
      {.n_layers = 2, .d_model = 4, .n_heads = 2, .d_head = 3, .d_mlp = 5, .d_vocab = 6, .d_vocab_out = 6, .n_ctx = 3});
  const std::vector<std::uint32_t> tokens{0, 1, 2, 5, 4, 3};
  ActivationCache<double> patterns, layer, none;
  Hooks<Cpu, double> hooks;
  patterns.record(hooks, model.hook_names(), [](std::string_view name) { return name.ends_with("hook_pattern"); });
  layer.record(hooks, model.hook_names(), [](std::string_view name) { return name.starts_with("blocks.1.attn."); });
  none.record(hooks, model.hook_names(), [](std::string_view) { return false; });
  model.forward({tokens, 3}, hooks);
  BOOST_TEST(patterns.names() == (Names{"blocks.0.attn.hook_pattern", "blocks.1.attn.hook_pattern"}),
             boost::test_tools::per_element());
  BOOST_TEST(layer.names().size() == 7u);
  BOOST_TEST((layer["blocks.1.attn.hook_pattern"] == patterns["blocks.1.attn.hook_pattern"]));
  BOOST_TEST(none.names().empty());
}

BOOST_AUTO_TEST_CASE(what_is_recorded_is_what_earlier_callbacks_left) {
  const auto model = OneLayerMlp<Cpu, float>::from_parameters(Cpu{}, toy_mlp_weights<float>(false));
  const auto pairs = toy_pairs();
  ActivationCache<float> before, after;
  Hooks<Cpu, float> hooks;
  before.record(hooks, {"hidden"});
  hooks.add("hidden", [](MatrixRef<float> hidden) { hidden.setConstant(-1); });
  after.record(hooks, {"hidden"});
  model.forward(pairs, hooks);
  BOOST_TEST((before["hidden"].array() >= 0).all());
  BOOST_TEST((after["hidden"].array() == -1).all());
}

BOOST_AUTO_TEST_CASE(hooks_outlive_the_cache_and_follow_it_when_it_moves) {
  const auto model = OneLayerMlp<Cpu, float>::from_parameters(Cpu{}, toy_mlp_weights<float>(false));
  const auto pairs = toy_pairs();
  Hooks<Cpu, float> hooks;
  {
    ActivationCache<float> gone;
    gone.record(hooks, {"out"});
  }
  ActivationCache<float> first;
  first.record(hooks, {"hidden"});
  const ActivationCache<float> cache = std::move(first);
  model.forward(pairs, hooks);
  BOOST_TEST(cache["hidden"].rows() == 30);
  model.forward(std::span(pairs).first(4), hooks);
  BOOST_TEST(cache["hidden"].rows() == 4);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
