#include <boost/test/unit_test.hpp>
#include <cayley/nn/bilinear.hpp>
#include <nn/toy_models.hpp>
#include <string>
#include <vector>

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

}  // namespace
