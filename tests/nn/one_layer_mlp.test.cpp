#include <boost/test/unit_test.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cmath>
#include <nn/gradient_checks.hpp>
#include <nn/step_counts.hpp>
#include <nn/toy_models.hpp>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(one_layer_mlp_test)

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

// Larger than a chunk of rows and than the blocks of a matrix product.
template <class Scalar>
NamedMatrices<Scalar> large_weights() {
  return {{"W_x", random_matrix<Scalar>(60, 32, 1)},
          {"W_y", random_matrix<Scalar>(60, 32, 2)},
          {"W", random_matrix<Scalar>(64, 128, 3)},
          {"W_U", random_matrix<Scalar>(128, 60, 4)},
          {"b_hidden", random_matrix<Scalar>(1, 128, 5)}};
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

// Large weights over their fan-in, so that losses are those of a network in training.
template <class Scalar>
NamedMatrices<Scalar> moderate_weights(bool has_bias) {
  auto weights = large_weights<Scalar>();
  for (auto& [name, matrix] : weights) {
    if (name != "b_hidden") matrix *= Scalar(0.25);
  }
  if (!has_bias) weights.erase("b_hidden");
  return weights;
}

BOOST_AUTO_TEST_CASE(mlp_gradients_of_both_passes_agree) {
  const auto pairs = all_pairs(60);
  const auto labels = labels_of(pairs, 60);
  for (const bool has_bias : {false, true}) {
    const auto toy = OneLayerMlp<Cpu, double>::from_parameters({}, toy_mlp_weights<double>(has_bias));
    check_same_gradients(folded_gradients(toy, toy_pairs(), toy_labels()),
                         unfolded_gradients(toy, toy_pairs(), toy_labels()), 1e-12);

    const auto in_double = OneLayerMlp<Cpu, double>::from_parameters({}, moderate_weights<double>(has_bias));
    BOOST_TEST(in_double.examples(pairs, labels).lanes() == 15);
    BOOST_TEST(in_double.examples(pairs, labels).chunks(0).size() > 1U);
    const auto expected = unfolded_gradients(in_double, pairs, labels);
    BOOST_TEST(expected.gradients.size() == (has_bias ? 5U : 4U));
    check_same_gradients(folded_gradients(in_double, pairs, labels), expected, 1e-10);
    const auto in_float = OneLayerMlp<Cpu, float>::from_parameters({}, moderate_weights<float>(has_bias));
    check_same_gradients(folded_gradients(in_float, pairs, labels), expected, 1e-4);
    check_same_gradients(unfolded_gradients(in_float, pairs, labels), expected, 1e-4);
  }
}

BOOST_AUTO_TEST_CASE(mlp_gradients_are_those_of_the_loss) {
  for (const bool has_bias : {false, true}) {
    const auto model = OneLayerMlp<Cpu, double>::from_parameters({}, toy_mlp_weights<double>(has_bias));
    const auto differences = central_differences(model, toy_pairs(), toy_labels());
    check_same_gradients(folded_gradients(model, toy_pairs(), toy_labels()), differences, 1e-8);
    check_same_gradients(unfolded_gradients(model, toy_pairs(), toy_labels()), differences, 1e-8);

    // The check fails where a gradient is that of another batch.
    auto other_labels = toy_labels();
    other_labels[0] = (other_labels[0] + 1) % 7;
    const auto other = folded_gradients(model, toy_pairs(), other_labels);
    BOOST_TEST(relative_error(other.gradients[2], differences.gradients[2]) > 1e-3);
  }
}

BOOST_AUTO_TEST_CASE(mlp_gradients_on_a_minimal_backend) {
  const auto weights = toy_mlp_weights<double>(true);
  const auto expected =
      folded_gradients(OneLayerMlp<Cpu, double>::from_parameters({}, weights), toy_pairs(), toy_labels());
  const auto archetype = OneLayerMlp<ArchetypeBackend, double>::from_parameters({}, weights);
  check_same_gradients(folded_gradients(archetype, toy_pairs(), toy_labels()), expected, 1e-12);
  check_same_gradients(unfolded_gradients(archetype, toy_pairs(), toy_labels()), expected, 1e-12);
}

BOOST_AUTO_TEST_CASE(mlp_gradients_have_the_same_bits_for_any_number_of_threads) {
  const auto pairs = all_pairs(60);
  check_any_number_of_threads<OneLayerMlp<Cpu, float>>(moderate_weights<float>(true), pairs, labels_of(pairs, 60));
}

BOOST_AUTO_TEST_CASE(a_workspace_serves_batches_of_any_size) {
  const auto model = OneLayerMlp<Cpu, float>::from_parameters({}, moderate_weights<float>(false));
  const auto pairs = all_pairs(60);
  const auto labels = labels_of(pairs, 60);
  OneLayerMlp<Cpu, float>::Workspace workspace(model);
  auto gradients = model.zero_gradients();
  for (const std::size_t size : {300U, 3600U, 7U, 1000U}) {
    const std::vector<Pair> some_pairs(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(size));
    const std::vector<Element> some_labels(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(size));
    const auto expected = folded_gradients(model, some_pairs, some_labels);
    model.loss_and_gradient(model.examples(some_pairs, some_labels), workspace, gradients);
    BOOST_TEST(workspace.losses().sum == expected.loss.sum);
    BOOST_TEST(workspace.losses().examples == static_cast<Index>(size));
    for (std::size_t p = 0; p < 4; ++p) BOOST_TEST((to_double(gradients)[p] == expected.gradients[p]));
    model.loss(model.examples(some_pairs, some_labels, BatchUse::loss), workspace);
    BOOST_TEST(std::abs(workspace.losses().sum - expected.loss.sum) < 1e-6 * expected.loss.sum);
    BOOST_TEST(workspace.losses().correct == expected.loss.correct);
  }
}

BOOST_AUTO_TEST_CASE(mlp_gradient_hooks_are_reached_last_one_first) {
  const auto model = OneLayerMlp<Cpu, double>::from_parameters({}, toy_mlp_weights<double>(true));
  std::vector<std::string> reached;
  std::vector<Index> cols;
  Hooks<Cpu, double> gradient_hooks;
  for (std::string_view name : model.hook_names()) {
    gradient_hooks.add(std::string(name), [&](HookedTensor<Cpu, double>& gradient) {
      reached.emplace_back(gradient.name());
      cols.push_back(gradient.cols());
      BOOST_TEST(gradient.rows() == 30);
    });
  }
  model.unfolded_loss_and_gradient(toy_pairs(), toy_labels(), {}, gradient_hooks);
  BOOST_TEST(reached == (std::vector<std::string>{"out", "hidden", "embed_stack", "y_embed", "x_embed"}),
             boost::test_tools::per_element());
  BOOST_TEST(cols == (std::vector<Index>{7, 8, 12, 6, 6}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_edited_mlp_gradient_changes_what_lies_behind_it) {
  const auto model = OneLayerMlp<Cpu, double>::from_parameters({}, toy_mlp_weights<double>(true));
  const auto plain = unfolded_gradients(model, toy_pairs(), toy_labels());
  const auto twice = [](MatrixRef<double> gradient) { gradient *= 2; };
  // By parameter: W_x, W_y, W, W_U, b_hidden.
  const auto factors = [&](std::string const& hook_point) {
    const auto edited = edited_gradients(model, hook_point, twice);
    BOOST_TEST(edited.loss.sum == plain.loss.sum);
    std::vector<int> result;
    for (std::size_t p = 0; p < 5; ++p) {
      result.push_back((edited.gradients[p] == 2 * plain.gradients[p]) ? 2 : 1);
      BOOST_TEST((edited.gradients[p] == result.back() * plain.gradients[p]));
    }
    return result;
  };
  BOOST_TEST(factors("out") == (std::vector<int>{2, 2, 2, 2, 2}), boost::test_tools::per_element());
  BOOST_TEST(factors("hidden") == (std::vector<int>{2, 2, 2, 1, 2}), boost::test_tools::per_element());
  BOOST_TEST(factors("embed_stack") == (std::vector<int>{2, 2, 1, 1, 1}), boost::test_tools::per_element());
  BOOST_TEST(factors("x_embed") == (std::vector<int>{2, 1, 1, 1, 1}), boost::test_tools::per_element());
  BOOST_TEST(factors("y_embed") == (std::vector<int>{1, 2, 1, 1, 1}), boost::test_tools::per_element());
  BOOST_CHECK_THROW(edited_gradients(model, "hiden", twice), Error);
}

// An ablated neuron: the loss is that of the network without it, which has no gradient in its row of W_U.
BOOST_AUTO_TEST_CASE(mlp_hooks_edit_the_forward_pass_of_a_gradient) {
  const auto model = OneLayerMlp<Cpu, double>::from_parameters({}, toy_mlp_weights<double>(false));
  Hooks<Cpu, double> hooks;
  hooks.add("hidden", [](MatrixRef<double> hidden) { hidden.col(3).setZero(); });
  const auto found = model.unfolded_loss_and_gradient(toy_pairs(), toy_labels(), hooks);
  auto weights = toy_mlp_weights<double>(false);
  weights["W_U"].row(3).setZero();
  const auto without =
      unfolded_gradients(OneLayerMlp<Cpu, double>::from_parameters({}, weights), toy_pairs(), toy_labels());
  BOOST_TEST(std::abs(found.loss.sum - without.loss.sum) < 1e-12 * without.loss.sum);
  BOOST_TEST(found.gradients[3].host().row(3).isZero());
  BOOST_TEST(!without.gradients[3].row(3).isZero());
  BOOST_CHECK_THROW(model.unfolded_loss_and_gradient(toy_pairs(), std::vector<Element>(29), hooks), Error);
}

BOOST_AUTO_TEST_CASE(a_batch_for_its_loss_alone_has_no_gradient) {
  const auto model = OneLayerMlp<Cpu, float>::from_parameters({}, toy_mlp_weights<float>(false));
  OneLayerMlp<Cpu, float>::Workspace workspace(model);
  auto gradients = model.zero_gradients();
  BOOST_CHECK_THROW(
      model.loss_and_gradient(model.examples(toy_pairs(), toy_labels(), BatchUse::loss), workspace, gradients), Error);
  model.loss(model.examples({}, {}, BatchUse::loss), workspace);
  BOOST_TEST(workspace.losses().examples == 0);
}

BOOST_AUTO_TEST_CASE(a_step_takes_no_new_memory) {
  const auto model = OneLayerMlp<OwnBackend, float>::from_parameters({}, toy_mlp_weights<float>(true));
  const auto counts = counts_of_step(model, model.examples(toy_pairs(), toy_labels()));
  BOOST_TEST(counts.allocations == 0);
  BOOST_TEST(counts.synchronizations == 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
