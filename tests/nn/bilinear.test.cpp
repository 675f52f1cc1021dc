#include <boost/test/unit_test.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cmath>
#include <nn/gradient_checks.hpp>
#include <nn/step_counts.hpp>
#include <nn/toy_models.hpp>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(bilinear_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE_TEMPLATE(bilinear_forward_is_the_definition_pair_by_pair, P, Places) {
  using Scalar = typename P::ScalarType;
  const auto weights = toy_bilinear_weights<Scalar>();
  const auto model = Bilinear<typename P::Backend, Scalar>::from_parameters({}, weights);
  BOOST_TEST((model.shape() == BilinearShape{5, 6, 7}));
  const auto pairs = toy_pairs();
  Matrix<double> product(30, 6);
  for (Index i = 0; i < 30; ++i) {
    const Pair pair = pairs[static_cast<std::size_t>(i)];
    for (Index d = 0; d < 6; ++d) {
      product(i, d) =
          static_cast<double>(weights.at("W_x")(pair.a, d)) * static_cast<double>(weights.at("W_y")(pair.b, d));
    }
  }
  const Matrix<double> expected = naive_unembed(product, weights.at("W_U"));
  BOOST_TEST(relative_error(model.forward(pairs).host(), expected) < tolerance<Scalar>);
}

BOOST_AUTO_TEST_CASE(float_and_double_and_both_backends_agree) {
  const auto pairs = toy_pairs();
  NamedMatrices<double> widened;
  for (auto const& [name, matrix] : toy_bilinear_weights<float>()) widened[name] = matrix.cast<double>();
  const auto in_float = Bilinear<Cpu, float>::from_parameters({}, toy_bilinear_weights<float>());
  const auto in_double = Bilinear<Cpu, double>::from_parameters({}, widened);
  const auto archetype = Bilinear<ArchetypeBackend, double>::from_parameters({}, widened);
  const Matrix<double> expected = in_double.forward(pairs).host();
  BOOST_TEST(relative_error(in_float.forward(pairs).host(), expected) < 1e-4);
  BOOST_TEST(relative_error(archetype.forward(pairs).host(), expected) < 1e-12);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(bilinear_hook_points_are_reached_in_the_order_of_their_names, P, Places) {
  using B = typename P::Backend;
  using Scalar = typename P::ScalarType;
  const auto model = Bilinear<B, Scalar>::from_parameters({}, toy_bilinear_weights<Scalar>());
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
  BOOST_TEST(reached == (std::vector<std::string>{"x_embed", "y_embed", "product", "out"}),
             boost::test_tools::per_element());
  BOOST_TEST(cols == (std::vector<Index>{6, 6, 6, 7}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(bilinear_an_edit_at_any_hook_point_reaches_the_logits) {
  const auto model = Bilinear<Cpu, double>::from_parameters({}, toy_bilinear_weights<double>());
  const auto pairs = toy_pairs();
  const Matrix<double> plain = model.forward(pairs).host();
  for (std::string_view name : model.hook_names()) {
    Hooks<Cpu, double> hooks;
    hooks.add(std::string(name), [](MatrixRef<double> activation) { activation.row(7).array() += 1; });
    const Matrix<double> edited = model.forward(pairs, hooks).host();
    for (Index i = 0; i < 30; ++i) BOOST_TEST((edited.row(i) == plain.row(i)) == (i != 7));
  }
}

BOOST_AUTO_TEST_CASE(wrong_weights_and_pairs_are_refused) {
  auto weights = toy_bilinear_weights<float>();
  const auto model = Bilinear<Cpu, float>::from_parameters({}, weights);
  const std::vector<Pair> pairs{{5, 0}};
  BOOST_CHECK_THROW(model.forward(pairs), Error);
  BOOST_TEST(model.forward({}).rows() == 0);

  weights["W_U"] = Matrix<float>::Zero(5, 7);
  BOOST_CHECK_EXCEPTION((Bilinear<Cpu, float>::from_parameters({}, weights)), Error, [](Error const& error) {
    return std::string(error.what()) ==
           "Bilinear: W_U: expected shape (embed_dim, classes) = (6, 7), found (5, 7) "
           "(order and embed_dim from W_x, classes from W_U)";
  });
  weights.erase("W_U");
  BOOST_CHECK_THROW((Bilinear<Cpu, float>::from_parameters({}, weights)), Error);
}

// Larger than a chunk of rows, in several lanes.
template <class Scalar>
NamedMatrices<Scalar> bilinear_weights_of_order_60() {
  return {{"W_x", random_matrix<Scalar>(60, 40, 1)},
          {"W_y", random_matrix<Scalar>(60, 40, 2)},
          {"W_U", random_matrix<Scalar>(40, 60, 4)}};
}

BOOST_AUTO_TEST_CASE(bilinear_gradients_of_both_passes_agree) {
  const auto toy = Bilinear<Cpu, double>::from_parameters({}, toy_bilinear_weights<double>());
  check_same_gradients(folded_gradients(toy, toy_pairs(), toy_labels()),
                       unfolded_gradients(toy, toy_pairs(), toy_labels()), 1e-12);

  const auto pairs = all_pairs(60);
  const auto labels = labels_of(pairs, 60);
  const auto in_double = Bilinear<Cpu, double>::from_parameters({}, bilinear_weights_of_order_60<double>());
  BOOST_TEST(in_double.examples(pairs, labels).chunks(0).size() > 1U);
  BOOST_TEST(in_double.examples(pairs, labels).lanes() == 15);
  const auto expected = unfolded_gradients(in_double, pairs, labels);
  check_same_gradients(folded_gradients(in_double, pairs, labels), expected, 1e-10);
  const auto in_float = Bilinear<Cpu, float>::from_parameters({}, bilinear_weights_of_order_60<float>());
  check_same_gradients(folded_gradients(in_float, pairs, labels), expected, 1e-4);
  check_same_gradients(unfolded_gradients(in_float, pairs, labels), expected, 1e-4);
}

BOOST_AUTO_TEST_CASE(bilinear_gradients_are_those_of_the_loss) {
  const auto model = Bilinear<Cpu, double>::from_parameters({}, toy_bilinear_weights<double>());
  const auto differences = central_differences(model, toy_pairs(), toy_labels());
  check_same_gradients(folded_gradients(model, toy_pairs(), toy_labels()), differences, 1e-8);
  check_same_gradients(unfolded_gradients(model, toy_pairs(), toy_labels()), differences, 1e-8);

  // The check fails where a gradient is that of another batch.
  auto other_labels = toy_labels();
  other_labels[0] = (other_labels[0] + 1) % 7;
  const auto other = folded_gradients(model, toy_pairs(), other_labels);
  BOOST_TEST(relative_error(other.gradients[0], differences.gradients[0]) > 1e-3);
}

BOOST_AUTO_TEST_CASE(bilinear_gradients_on_a_minimal_backend) {
  const auto cpu = Bilinear<Cpu, double>::from_parameters({}, toy_bilinear_weights<double>());
  const auto archetype = Bilinear<ArchetypeBackend, double>::from_parameters({}, toy_bilinear_weights<double>());
  const auto expected = folded_gradients(cpu, toy_pairs(), toy_labels());
  check_same_gradients(folded_gradients(archetype, toy_pairs(), toy_labels()), expected, 1e-12);
  check_same_gradients(unfolded_gradients(archetype, toy_pairs(), toy_labels()), expected, 1e-12);
}

BOOST_AUTO_TEST_CASE(bilinear_gradients_have_the_same_bits_for_any_number_of_threads) {
  const auto pairs = all_pairs(60);
  check_any_number_of_threads<Bilinear<Cpu, float>>(bilinear_weights_of_order_60<float>(), pairs, labels_of(pairs, 60));
}

BOOST_AUTO_TEST_CASE(bilinear_gradient_hooks_are_reached_last_one_first) {
  const auto model = Bilinear<Cpu, double>::from_parameters({}, toy_bilinear_weights<double>());
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
  BOOST_TEST(reached == (std::vector<std::string>{"out", "product", "y_embed", "x_embed"}),
             boost::test_tools::per_element());
  BOOST_TEST(cols == (std::vector<Index>{7, 6, 6, 6}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_edited_bilinear_gradient_changes_what_lies_behind_it) {
  const auto model = Bilinear<Cpu, double>::from_parameters({}, toy_bilinear_weights<double>());
  const auto plain = unfolded_gradients(model, toy_pairs(), toy_labels());
  const auto twice = [](MatrixRef<double> gradient) { gradient *= 2; };
  // By parameter: W_x, W_y, W_U.
  const auto factors = [&](std::string const& hook_point) {
    const auto edited = edited_gradients(model, hook_point, twice);
    BOOST_TEST(edited.loss.sum == plain.loss.sum);
    std::vector<int> result;
    for (std::size_t p = 0; p < 3; ++p) {
      result.push_back((edited.gradients[p] == 2 * plain.gradients[p]) ? 2 : 1);
      BOOST_TEST((edited.gradients[p] == result.back() * plain.gradients[p]));
    }
    return result;
  };
  BOOST_TEST(factors("out") == (std::vector<int>{2, 2, 2}), boost::test_tools::per_element());
  BOOST_TEST(factors("product") == (std::vector<int>{2, 2, 1}), boost::test_tools::per_element());
  BOOST_TEST(factors("x_embed") == (std::vector<int>{2, 1, 1}), boost::test_tools::per_element());
  BOOST_TEST(factors("y_embed") == (std::vector<int>{1, 2, 1}), boost::test_tools::per_element());
  BOOST_CHECK_THROW(edited_gradients(model, "products", twice), Error);
}

// With product scaled on the way forward, W_U sees the scaled product and the loss is that of the scaled logits.
BOOST_AUTO_TEST_CASE(bilinear_hooks_edit_the_forward_pass_of_a_gradient) {
  const auto model = Bilinear<Cpu, double>::from_parameters({}, toy_bilinear_weights<double>());
  Hooks<Cpu, double> hooks;
  hooks.add("product", [](MatrixRef<double> product) { product *= 3; });
  const auto found = model.unfolded_loss_and_gradient(toy_pairs(), toy_labels(), hooks);
  auto weights = toy_bilinear_weights<double>();
  weights["W_U"] *= 3;
  const auto scaled =
      unfolded_gradients(Bilinear<Cpu, double>::from_parameters({}, weights), toy_pairs(), toy_labels());
  BOOST_TEST(std::abs(found.loss.sum - scaled.loss.sum) < 1e-12 * scaled.loss.sum);
  BOOST_TEST(relative_error(found.gradients[2].host(), 3 * scaled.gradients[2]) < 1e-12);
}

BOOST_AUTO_TEST_CASE(labels_outside_the_classes_are_refused_on_both_bilinear_passes) {
  const auto model = Bilinear<Cpu, double>::from_parameters({}, toy_bilinear_weights<double>());
  auto labels = toy_labels();
  labels[3] = 7;
  BOOST_CHECK_THROW(model.examples(toy_pairs(), labels), Error);
  BOOST_CHECK_THROW(model.unfolded_loss_and_gradient(toy_pairs(), labels), Error);
}

BOOST_AUTO_TEST_CASE(a_step_takes_no_new_memory) {
  const auto model = Bilinear<OwnBackend, float>::from_parameters({}, toy_bilinear_weights<float>());
  const auto counts = counts_of_step(model, model.examples(toy_pairs(), toy_labels()));
  BOOST_TEST(counts.allocations == 0);
  BOOST_TEST(counts.synchronizations == 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
