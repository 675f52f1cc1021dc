#include <boost/test/unit_test.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <nn/toy_models.hpp>
#include <string>
#include <vector>

namespace {

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE_TEMPLATE(mlp_forward_is_the_definition_pair_by_pair, P, Places) {
  using Scalar = typename P::ScalarType;
  for (const bool has_bias : {false, true}) {
    const auto weights = toy_mlp_weights<Scalar>(has_bias);
    const auto model = OneLayerMlp<typename P::Backend, Scalar>::from_parameters({}, weights);
    BOOST_TEST((model.shape() == OneLayerMlpShape{5, 6, 8, 7, has_bias}));
    const auto pairs = toy_pairs();
    const Matrix<double> expected = naive_unembed(naive_hidden(weights, pairs), weights.at("W_U"));
    BOOST_TEST(relative_error(model.forward(pairs).host(), expected) < tolerance<Scalar>);
    BOOST_TEST(relative_error(model.forward_folded(pairs).host(), expected) < tolerance<Scalar>);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(folded_tables_are_products_of_the_weights, P, Places) {
  using Scalar = typename P::ScalarType;
  const auto weights = toy_mlp_weights<Scalar>(true);
  const auto as_double = [&](std::string const& name) {
    return Matrix<double>(weights.at(name).template cast<double>());
  };
  const auto folded = OneLayerMlp<typename P::Backend, Scalar>::from_parameters({}, weights).folded();
  const Matrix<double> x = as_double("W_x") * as_double("W").topRows(6);
  Matrix<double> y = as_double("W_y") * as_double("W").bottomRows(6);
  y.rowwise() += as_double("b_hidden").row(0);
  BOOST_TEST(relative_error(folded.X().host(), x) < tolerance<Scalar>);
  BOOST_TEST(relative_error(folded.Y().host(), y) < tolerance<Scalar>);
  BOOST_TEST((folded.U().host() == weights.at("W_U")));
}

// Larger than a chunk of rows and than the blocks of a matrix product.
template <class Scalar>
NamedMatrices<Scalar> large_weights() {
  return {{"W_x", random_matrix<Scalar>(60, 32, 1)},
          {"W_y", random_matrix<Scalar>(60, 32, 2)},
          {"W", random_matrix<Scalar>(64, 128, 3)},
          {"W_U", random_matrix<Scalar>(128, 60, 4)},
          {"b_hidden", random_matrix<Scalar>(1, 128, 5)}};
}

std::vector<Pair> all_pairs(Element order) {
  std::vector<Pair> pairs;
  for (Element a = 0; a < order; ++a) {
    for (Element b = 0; b < order; ++b) pairs.push_back({a, b});
  }
  return pairs;
}

BOOST_AUTO_TEST_CASE(both_paths_and_both_scalars_agree_at_full_size) {
  const auto pairs = all_pairs(60);
  const auto in_float = OneLayerMlp<Cpu, float>::from_parameters({}, large_weights<float>());
  NamedMatrices<double> widened;
  for (auto const& [name, matrix] : large_weights<float>()) widened[name] = matrix.cast<double>();
  const auto in_double = OneLayerMlp<Cpu, double>::from_parameters({}, widened);

  const Matrix<double> expected = in_double.forward(pairs).host();
  BOOST_TEST(relative_error(in_double.forward_folded(pairs).host(), expected) < 1e-12);
  BOOST_TEST(relative_error(in_float.forward(pairs).host(), expected) < 1e-4);
  BOOST_TEST(relative_error(in_float.forward_folded(pairs).host(), expected) < 1e-4);
}

BOOST_AUTO_TEST_CASE(backends_agree) {
  const auto pairs = toy_pairs();
  const auto weights = toy_mlp_weights<double>(true);
  const auto cpu = OneLayerMlp<Cpu, double>::from_parameters({}, weights);
  const auto archetype = OneLayerMlp<ArchetypeBackend, double>::from_parameters({}, weights);
  BOOST_TEST(relative_error(archetype.forward(pairs).host(), cpu.forward(pairs).host()) < 1e-12);
  BOOST_TEST(relative_error(archetype.forward_folded(pairs).host(), cpu.forward_folded(pairs).host()) < 1e-12);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(mlp_hook_points_are_reached_in_the_order_of_their_names, P, Places) {
  using B = typename P::Backend;
  using Scalar = typename P::ScalarType;
  const auto model = OneLayerMlp<B, Scalar>::from_parameters({}, toy_mlp_weights<Scalar>(false));
  std::vector<std::string> reached;
  std::vector<Index> cols;
  Hooks<B, Scalar> hooks;
  for (std::string_view name : model.hook_names()) {
    hooks.add(std::string(name), [&](HookedTensor<B, Scalar>& tensor) {
      reached.emplace_back(tensor.name());
      cols.push_back(tensor.cols());
      BOOST_TEST(tensor.rows() == 30);
    });
  }
  const auto pairs = toy_pairs();
  model.forward(pairs, hooks);
  BOOST_TEST(reached == (std::vector<std::string>{"x_embed", "y_embed", "embed_stack", "hidden", "out"}),
             boost::test_tools::per_element());
  BOOST_TEST(cols == (std::vector<Index>{6, 6, 12, 8, 7}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(mlp_an_edit_at_any_hook_point_reaches_the_logits) {
  const auto model = OneLayerMlp<Cpu, double>::from_parameters({}, toy_mlp_weights<double>(false));
  const auto pairs = toy_pairs();
  const Matrix<double> plain = model.forward(pairs).host();
  for (std::string_view name : model.hook_names()) {
    Hooks<Cpu, double> hooks;
    hooks.add(std::string(name), [](MatrixRef<double> activation) { activation.row(7).array() += 1; });
    const Matrix<double> edited = model.forward(pairs, hooks).host();
    for (Index i = 0; i < 30; ++i) BOOST_TEST((edited.row(i) == plain.row(i)) == (i != 7));
  }
}

BOOST_AUTO_TEST_CASE(an_empty_batch_has_no_logits) {
  const auto model = OneLayerMlp<Cpu, float>::from_parameters({}, toy_mlp_weights<float>(true));
  BOOST_TEST(model.forward({}).rows() == 0);
  BOOST_TEST(model.forward_folded({}).cols() == 7);
}

BOOST_AUTO_TEST_CASE(elements_outside_the_group_are_refused_on_both_paths) {
  const auto model = OneLayerMlp<Cpu, float>::from_parameters({}, toy_mlp_weights<float>(false));
  const std::vector<Pair> pairs{{0, 5}};
  BOOST_CHECK_THROW(model.forward(pairs), Error);
  BOOST_CHECK_THROW(model.forward_folded(pairs), Error);
}

BOOST_AUTO_TEST_CASE(parameters_are_named_ordered_and_settable) {
  OneLayerMlp<Cpu, float> model(Cpu{}, {5, 6, 8, 7, true});
  std::vector<std::string> names;
  for (auto const& parameter : model.parameters()) {
    names.push_back(parameter.name());
    BOOST_TEST(parameter.host().isZero());
  }
  BOOST_TEST(names == (std::vector<std::string>{"W_x", "W_y", "W", "W_U", "b_hidden"}),
             boost::test_tools::per_element());
  BOOST_TEST((OneLayerMlp<Cpu, float>(Cpu{}, {5, 6, 8, 7})).parameters().size() == 4U);

  const auto weights = toy_mlp_weights<float>(true);
  for (auto const& [name, matrix] : weights) model.set_parameter(name, matrix);
  const auto pairs = toy_pairs();
  const auto loaded = OneLayerMlp<Cpu, float>::from_parameters({}, weights);
  BOOST_TEST((model.forward(pairs).host() == loaded.forward(pairs).host()));

  const auto copy = model;
  model.set_parameter("W_U", Matrix<float>::Zero(8, 7));
  BOOST_TEST(model.forward(pairs).host().isZero());
  BOOST_TEST((copy.forward(pairs).host() == loaded.forward(pairs).host()));
}

template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (Error const& error) {
    return error.what();
  }
  return "no error";
}

BOOST_AUTO_TEST_CASE(wrong_parameters_are_named_with_expected_and_found_shape) {
  const auto load = [](NamedMatrices<float> const& weights) {
    return error_of([&] { OneLayerMlp<Cpu, float>::from_parameters({}, weights); });
  };
  auto weights = toy_mlp_weights<float>(false);
  weights["W"] = Matrix<float>::Zero(10, 8);
  BOOST_TEST(load(weights) ==
             "OneLayerMlp: W: expected shape (2 embed_dim, hidden_dim) = (12, 8), found (10, 8) "
             "(order and embed_dim from W_x, hidden_dim from W, classes from W_U)");
  weights.erase("W");
  BOOST_TEST(load(weights) == "OneLayerMlp: no tensor W, found W_U, W_x, W_y");
  weights = toy_mlp_weights<float>(false);
  weights.erase("W_y");
  BOOST_TEST(load(weights) == "OneLayerMlp: no tensor W_y, found W, W_U, W_x");
  weights = toy_mlp_weights<float>(false);
  weights["W_E_a"] = weights["W_x"];
  BOOST_TEST(load(weights) == "OneLayerMlp has no parameter 'W_E_a'; expected one of W_x, W_y, W, W_U");

  OneLayerMlp<Cpu, float> model(Cpu{}, {5, 6, 8, 7});
  BOOST_TEST(error_of([&] { model.set_parameter("W_x", Matrix<float>::Zero(6, 5)); }) ==
             "OneLayerMlp: W_x: expected shape (order, embed_dim) = (5, 6), found (6, 5)");
  BOOST_TEST(error_of([] {
               OneLayerMlp<Cpu, float>(Cpu{}, {5, 6, 0, 7});
             }) == "W: expected hidden_dim of at least 1, found 0");
}

}  // namespace
