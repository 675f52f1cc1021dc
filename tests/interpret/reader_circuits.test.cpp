#include <cayley/interpret/reader_circuits.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/nn/activation_cache.hpp>
#include <cmath>
#include <cstdint>
#include <nn/toy_transformers.hpp>
#include <string>
#include <vector>

#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(reader_circuits_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

std::vector<NamedShape> one_layer_shapes() {
  std::vector<NamedShape> shapes;
  const auto add = [&](std::string name, auto change) {
    TransformerShape shape = toy_shape();
    shape.attn_only = true;
    change(shape);
    shapes.push_back({std::move(name), shape});
  };
  add("biases", [](auto&) {});
  add("no biases", [](auto& s) { s.has_biases = false; });
  add("doubled residual", [](auto& s) { s.doubled_residual = true; });
  add("no positions", [](auto& s) { s.positions = Positions::none; });
  add("sinusoids, full attention", [](auto& s) {
    s.positions = Positions::sinusoidal;
    s.is_causal = false;
  });
  return shapes;
}

}  // namespace

// The circuits are all there is: scores and logits of the model follow from them.
BOOST_AUTO_TEST_CASE(circuits_give_the_models_attention_and_logits) {
  const std::vector<std::uint32_t> tokens{5, 0, 3, 1, 6, 3};
  for (auto const& [name, shape] : one_layer_shapes()) {
    BOOST_TEST_CONTEXT(name) {
      const auto model = toy_transformer<double>(shape);
      const ReaderCircuits circuits = reader_circuits(model, 3, 3);
      ActivationCache<double> cache;
      Hooks<Cpu, double> hooks;
      cache.record(hooks, {"blocks.0.attn.hook_pattern"});
      const Matrix<double> logits = model.forward({tokens, 3}, hooks).host();
      BOOST_TEST_REQUIRE(circuits.heads.size() == 2u);
      for (Index s = 0; s < 2; ++s) {
        RowVector<double> sum = circuits.direct;
        for (Index h = 0; h < 2; ++h) {
          auto const& head = circuits.heads[static_cast<std::size_t>(h)];
          RowVector<double> scores(3);
          for (Index p = 0; p < 2; ++p) {
            scores[p] = (head.QK[tokens[static_cast<std::size_t>(3 * s + p)]] + head.QK_positions[p]) / std::sqrt(3.0);
          }
          scores[2] = 0;
          const RowVector<double> attention = scores.array().exp() / scores.array().exp().sum();
          const RowVector<double> expected = cache["blocks.0.attn.hook_pattern"].row((s * 2 + h) * 3 + 2);
          BOOST_TEST((attention - expected).cwiseAbs().maxCoeff() < 1e-12);
          for (Index p = 0; p < 2; ++p) {
            sum += attention[p] * (head.OV.row(tokens[static_cast<std::size_t>(3 * s + p)]) + head.OV_positions.row(p));
          }
          sum += attention[2] * head.OV_reader;
        }
        BOOST_TEST((sum - logits.row(3 * s + 2)).cwiseAbs().maxCoeff() < 1e-12);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(positions_are_counted_from_their_mean) {
  const ReaderCircuits circuits = reader_circuits(toy_transformer<double>(one_layer_shapes().front().shape), 6, 4);
  for (auto const& head : circuits.heads) {
    BOOST_TEST(head.QK.size() == 7);
    BOOST_TEST(head.QK_positions.size() == 3);
    BOOST_TEST(std::abs(head.QK_positions.sum()) < 1e-13);
    BOOST_TEST((head.OV.rows() == 7 && head.OV.cols() == 5));
    BOOST_TEST(head.OV_positions.colwise().sum().cwiseAbs().maxCoeff() < 1e-13);
  }
}

BOOST_AUTO_TEST_CASE(other_models_are_refused) {
  TransformerShape shape = toy_shape();
  BOOST_CHECK_THROW(reader_circuits(toy_transformer<double>(shape), 6, 3), Error);  // an MLP
  shape.attn_only = true;
  BOOST_TEST(thrown_message([&] { reader_circuits(toy_transformer<double>(shape), 7, 3); }) ==
             "reader circuits: expected a token below 7, found 7");
  BOOST_TEST(thrown_message([&] { reader_circuits(toy_transformer<double>(shape), 6, 5); }) ==
             "reader circuits: expected a length of 2 .. 4, found 5");
  BOOST_CHECK_THROW(reader_circuits(toy_transformer<double>(shape), 6, 1), Error);
  shape.n_layers = 2;
  BOOST_CHECK_THROW(reader_circuits(toy_transformer<double>(shape), 6, 3), Error);
  shape.n_layers = 1;
  shape.has_layer_norm = true;
  BOOST_CHECK_THROW(reader_circuits(toy_transformer<double>(shape), 6, 3), Error);
}

BOOST_AUTO_TEST_SUITE_END()
