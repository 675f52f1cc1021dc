#include <cayley/nn/token_tables.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nn/toy_transformers.hpp>
#include <vector>

BOOST_AUTO_TEST_SUITE(token_tables_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

std::vector<NamedShape> folding_shapes() {
  std::vector<NamedShape> shapes = toy_shapes();
  std::erase_if(shapes, [](NamedShape const& named) {
    return !Transformer<Cpu, float>::folds(named.shape) || named.shape.positions == Positions::sinusoidal;
  });
  return shapes;
}

}  // namespace

/// The logits of a sequence, mixed by hand from the tables, are those of the model.
BOOST_DATA_TEST_CASE(mixed_tables_are_the_model, folding_shapes()) {
  TransformerShape const& shape = sample.shape;
  const auto model = toy_transformer<double>(shape);
  TokenTables<Cpu, double> tables({}, shape, detail::each_transformer_parameter(shape, [](auto&&...) {}), nullptr);
  const std::vector<std::uint32_t> tokens{3, 0, 5, 2};
  tables.fold(model.parameters(), 4, 2, false);
  const Matrix<double> table = tables.table().host();
  RowVector<double> mixed = tables.rest().host().row(0);
  for (Index h = 0; h < shape.n_heads; ++h) {
    std::vector<double> weights;
    double total = 1;  // the last position has score 0
    const auto row = [&](Index p) { return p * shape.d_vocab + tokens[std::size_t(p)]; };
    for (Index p = 0; p < 3; ++p) {
      weights.push_back(std::exp(tables.scores()[row(p) * tables.score_stride() + h]));
      total += weights.back();
    }
    for (Index p = 0; p < 3; ++p) {
      mixed += weights[std::size_t(p)] / total * table.row(row(p)).segment(h * tables.cols(), tables.cols());
    }
  }
  const Index mlp = shape.attn_only ? 0 : shape.d_mlp, padding = tables.cols() - mlp - shape.d_vocab_out;
  BOOST_TEST((mixed.tail(padding).array() == 0).all());
  RowVector<double> logits = mixed.segment(mlp, shape.d_vocab_out);
  if (!shape.attn_only) {
    Matrix<double> hidden = mixed.head(shape.d_mlp);
    detail::activate(shape.act_fn, Cpu{}, matrix_view(hidden.data(), 1, shape.d_mlp));
    const auto u = tables.u();
    const Eigen::Map<Matrix<double> const> out(u.data, u.rows, u.cols);
    logits += hidden.row(0) * out.leftCols(shape.d_vocab_out);
  }
  const Matrix<double> expected = model.forward({tokens, 4}).host();
  BOOST_TEST((logits - expected.row(3)).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
