/// Small transformers and sequences for them.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/task/token_sequences.hpp>
#include <nn/gradient_checks.hpp>
#include <nn/toy_models.hpp>
#include <string>
#include <vector>

namespace cayley::testing {

inline TransformerShape toy_shape() {
  return {
      .n_layers = 1, .d_model = 8, .n_heads = 2, .d_head = 3, .d_mlp = 10, .d_vocab = 7, .d_vocab_out = 5, .n_ctx = 4};
}

/// Every variant that changes the arithmetic, named.
struct NamedShape {
  std::string name;
  TransformerShape shape;
};
inline std::ostream& operator<<(std::ostream& out, NamedShape const& named) {
  return out << named.name;
}

inline std::vector<NamedShape> toy_shapes() {
  std::vector<NamedShape> shapes{{"one layer", toy_shape()}};
  const auto add = [&](std::string name, auto change) {
    TransformerShape shape = toy_shape();
    change(shape);
    shapes.push_back({std::move(name), shape});
  };
  add("two layers", [](auto& s) { s.n_layers = 2; });
  add("attention only", [](auto& s) { s.attn_only = true; });
  add("two layers of attention, doubled residual", [](auto& s) {
    s.n_layers = 2;
    s.attn_only = s.doubled_residual = true;
  });
  add("doubled residual, MLP", [](auto& s) { s.doubled_residual = true; });
  add("no biases", [](auto& s) { s.has_biases = false; });
  add("biases of the MLP alone", [](auto& s) { s.mlp_biases_alone = true; });
  add("gelu", [](auto& s) { s.act_fn = ActFn::gelu; });
  add("gelu_new, full attention", [](auto& s) {
    s.act_fn = ActFn::gelu_new;
    s.is_causal = false;
  });
  add("no positions", [](auto& s) { s.positions = Positions::none; });
  add("sinusoids", [](auto& s) { s.positions = Positions::sinusoidal; });
  add("layer norm", [](auto& s) {
    s.n_layers = 2;
    s.has_layer_norm = true;
  });
  add("one layer, layer norm, attention only", [](auto& s) { s.attn_only = s.has_layer_norm = true; });
  return shapes;
}

template <class Scalar, class B = Cpu>
Transformer<B, Scalar> toy_transformer(TransformerShape const& shape, B const& backend = {}) {
  Transformer<B, Scalar> model(backend, shape);
  unsigned seed = 1;
  for (auto& parameter : model.parameters()) {
    parameter.assign(Scalar(0.5) * random_matrix<Scalar>(parameter.rows(), parameter.cols(), seed++));
  }
  return model;
}

/// Sequences of three that are read at different positions, one of them nowhere and one twice.
inline TokenSequences toy_sequences() {
  return {3, {0, 1, 6, 3, 5, 2, 4, 4, 1, 6, 0, 3, 2, 2, 2}, {1, 2, 3, 8, 14}, {0, 4, 2, 2, 1}, {}, 1.25};
}

/// All pairs of six tokens, then token 6, with the sum mod 5 to be read there.
inline TokenSequences toy_pair_sequences() {
  LabelledExamples<Pair> pairs;
  for (Element a = 0; a < 6; ++a) {
    for (Element b = 0; b < 6; ++b) {
      if ((a + 2 * b) % 7 == 3) continue;
      pairs.examples.push_back({b, a});
      pairs.labels.push_back((a + b) % 5);
    }
  }
  return pair_sequences(pairs, 6);
}

template <class M>
HostGradients gradients_of(M const& model, typename M::Examples const& batch) {
  typename M::Workspace workspace(model);
  auto gradients = model.zero_gradients();
  for (auto& gradient : gradients) {
    gradient.assign(Matrix<typename M::ScalarType>::Constant(gradient.rows(), gradient.cols(), 77));
  }
  for (int pass = 0; pass < 2; ++pass) model.loss_and_gradient(batch, workspace, gradients);
  return {workspace.losses(), to_double(gradients)};
}

/// As `check_same_gradients`, where some gradients may be zero.
inline void check_close_gradients(HostGradients const& found, HostGradients const& expected, double tolerance,
                                  std::string const& what) {
  BOOST_TEST_CONTEXT(what) {
    BOOST_TEST(found.loss.examples == expected.loss.examples);
    BOOST_TEST(found.loss.correct == expected.loss.correct);
    BOOST_TEST(std::abs(found.loss.mean() - expected.loss.mean()) <= tolerance * expected.loss.mean());
    BOOST_TEST_REQUIRE(found.gradients.size() == expected.gradients.size());
    for (std::size_t p = 0; p < expected.gradients.size(); ++p) {
      const double largest = std::max(1e-3, expected.gradients[p].cwiseAbs().maxCoeff());
      const double error = (found.gradients[p] - expected.gradients[p]).cwiseAbs().maxCoeff();
      BOOST_TEST(error <= tolerance * largest, "parameter " << p << ": error " << error << " of " << largest);
    }
  }
}

}  // namespace cayley::testing
