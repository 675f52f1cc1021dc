#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <conformance/archetype_backend.hpp>
#include <nn/toy_models.hpp>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

BOOST_AUTO_TEST_SUITE(hooks_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

using Backends = std::tuple<Cpu, ArchetypeBackend>;

template <class B>
OneLayerMlp<B, double> toy_mlp() {
  return OneLayerMlp<B, double>::from_parameters(B{}, toy_mlp_weights<double>(false));
}

// What the logits are when neuron 3 is set to zero, by hand.
Matrix<double> ablated_logits(std::vector<Pair> const& pairs) {
  const auto weights = toy_mlp_weights<double>(false);
  Matrix<double> hidden = naive_hidden(weights, pairs);
  hidden.col(3).setZero();
  return naive_unembed(hidden, weights.at("W_U"));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_matrix_callback_edits_in_place, B, Backends) {
  const auto model = toy_mlp<B>();
  const auto pairs = toy_pairs();
  Hooks<B, double> hooks;
  hooks.add("hidden", [](MatrixRef<double> hidden) { hidden.col(3).setZero(); });
  const Matrix<double> expected = ablated_logits(pairs);
  BOOST_TEST(relative_error(model.forward(pairs, hooks).host(), expected) < 1e-12);
  BOOST_TEST(relative_error(model.forward(pairs).host(), expected) > 1e-3);
}

// Zeroes one column, wherever the activation lies.
struct ZeroColumn {
  double* values;
  Index stride;
  Index column;
  CAYLEY_HOST_DEVICE void operator()(Index row) const { values[row * stride + column] = 0; }
};

BOOST_AUTO_TEST_CASE_TEMPLATE(a_tensor_callback_edits_on_the_backend, B, Backends) {
  const auto pairs = toy_pairs();
  Hooks<B, double> hooks;
  hooks.add("hidden", [](HookedTensor<B, double>& hidden) {
    hidden.backend().for_each(hidden.rows(), ZeroColumn{hidden.buffer().data(), hidden.cols(), 3});
  });
  BOOST_TEST(relative_error(toy_mlp<B>().forward(pairs, hooks).host(), ablated_logits(pairs)) < 1e-12);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_tensor_callback_replaces_the_activation, B, Backends) {
  const auto pairs = toy_pairs();
  Hooks<B, double> hooks;
  hooks.add("hidden", [](HookedTensor<B, double>& hidden) {
    BOOST_TEST(hidden.name() == "hidden");
    Matrix<double> edited = hidden.host();
    edited.col(3).setZero();
    hidden.assign(edited);
    BOOST_CHECK_THROW(hidden.assign(edited.leftCols(2)), Error);
  });
  BOOST_TEST(relative_error(toy_mlp<B>().forward(pairs, hooks).host(), ablated_logits(pairs)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(callbacks_of_a_name_run_in_the_order_of_addition) {
  const auto model = toy_mlp<Cpu>();
  const auto pairs = toy_pairs();
  std::string order;
  Matrix<double> seen;
  Hooks<Cpu, double> hooks;
  hooks.add("out", [&](MatrixRef<double>) { order += "5"; })
      .add("hidden", [&](MatrixRef<double>& hidden) { order += "1", hidden.setConstant(2); })
      .add("hidden", [&](MatrixRef<double> hidden) { order += "2", hidden *= 3; })
      .add("hidden", [&](ConstMatrixRef<double> const& hidden) { order += "3", seen = hidden; })
      .add("hidden", [&](HookedTensor<Cpu, double>&) { order += "4"; });
  model.forward(pairs, hooks);
  BOOST_TEST(order == "12345");
  BOOST_TEST((seen.array() == 6).all());
  BOOST_TEST(seen.rows() == 30);
  BOOST_TEST(seen.cols() == 8);
}

BOOST_AUTO_TEST_CASE(a_callback_may_keep_state_of_its_own) {
  const auto model = toy_mlp<Cpu>();
  const auto pairs = toy_pairs();
  Hooks<Cpu, double> hooks;
  std::vector<int> counts;
  hooks.add("out", [calls = 0, &counts](MatrixRef<double>) mutable { counts.push_back(++calls); });
  model.forward(pairs, hooks);
  model.forward(pairs, hooks);
  BOOST_TEST(counts == (std::vector<int>{1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_misspelt_name_is_refused_before_anything_runs) {
  const auto model = toy_mlp<Cpu>();
  const auto pairs = toy_pairs();
  bool ran = false;
  Hooks<Cpu, double> hooks;
  hooks.add("x_embed", [&](MatrixRef<double>) { ran = true; });
  hooks.add("hiden", [](MatrixRef<double>) {});
  BOOST_CHECK_EXCEPTION(model.forward(pairs, hooks), Error, [](Error const& error) {
    return std::string(error.what()) ==
           "no hook point 'hiden' (did you mean hidden?); expected one of x_embed, y_embed, embed_stack, "
           "hidden, out";
  });
  BOOST_TEST(!ran);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_exception_from_a_callback_leaves_nothing_behind, B, Backends) {
  const auto model = toy_mlp<B>();
  const auto pairs = toy_pairs();
  const Matrix<double> before = model.forward(pairs).host();
  {
    Hooks<B, double> hooks;
    hooks.add("x_embed", [](MatrixRef<double> x) { x.setZero(); });
    hooks.add("hidden", [](MatrixRef<double>) { throw std::logic_error("stop"); });
    BOOST_CHECK_THROW(model.forward(pairs, hooks), std::logic_error);
    BOOST_CHECK_THROW(model.forward(pairs, hooks), std::logic_error);
  }
  BOOST_TEST((model.forward(pairs).host() == before));
  for (auto const& parameter : model.parameters()) {
    BOOST_TEST((parameter.host() == toy_mlp_weights<double>(false).at(parameter.name())));
  }
}

BOOST_AUTO_TEST_CASE(an_activation_keeps_its_size) {
  const auto pairs = toy_pairs();
  Hooks<Cpu, double> hooks;
  hooks.add("hidden", [](HookedTensor<Cpu, double>& hidden) { hidden.buffer() = Cpu::Buffer<double>(3); });
  BOOST_CHECK_EXCEPTION(toy_mlp<Cpu>().forward(pairs, hooks), Error, [](Error const& error) {
    return std::string(error.what()) == "hook hidden: a callback changed the size of the activation";
  });
}

BOOST_AUTO_TEST_CASE(hooks_are_values) {
  Hooks<Cpu, double> hooks;
  BOOST_TEST(hooks.empty());
  int calls = 0;
  hooks.add("out", [&](MatrixRef<double>) { ++calls; });
  auto twice = hooks;
  twice.add("out", [&](MatrixRef<double>) { ++calls; });
  const auto pairs = toy_pairs();
  toy_mlp<Cpu>().forward(pairs, hooks);
  BOOST_TEST(calls == 1);
  toy_mlp<Cpu>().forward(pairs, twice);
  BOOST_TEST(calls == 3);
}

// A tensor callback and a matrix callback are told apart by what they take.
struct TakesTensor {
  void operator()(HookedTensor<Cpu, float>&) const;
};
struct TakesMatrix {
  void operator()(MatrixRef<float>) const;
};
static_assert(TensorCallback<TakesTensor, Cpu, float> && !MatrixCallback<TakesTensor, float>);
static_assert(MatrixCallback<TakesMatrix, float> && !TensorCallback<TakesMatrix, Cpu, float>);
static_assert(!TensorCallback<TakesTensor, Cpu, double> && !MatrixCallback<TakesMatrix, double>);

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
