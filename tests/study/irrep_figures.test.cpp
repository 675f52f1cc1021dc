#include <cayley/study/irrep_figures.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/plot/plotly_json.hpp>
#include <cayley/study/config.hpp>
#include <cmath>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(irrep_figures_test)

using namespace cayley;
using cayley::testing::toy_mlp;

StudyGroup s3() {
  return study_group(parse_config(parse_json(R"({"group": "SymmetricGroup", "group_parameter": 3,
    "model": "OneLayerMLP", "layers": {"embed_dim": 5, "hidden_dim": 7}, "frac_train": 0.5, "seed": 1, "num_epochs": 1})",
                                             "cfg.json"),
                                  "cfg.json"),
                     ".", "cfg.json");
}

// Numbers of a figure are those of the analysis, rounded to five digits.
void check_map(Json const& z, Matrix<double> const& expected) {
  BOOST_TEST_REQUIRE(static_cast<Index>(z.size()) == expected.rows());
  for (Index r = 0; r < expected.rows(); ++r) {
    Json const& row = z[static_cast<std::size_t>(r)];
    BOOST_TEST_REQUIRE(static_cast<Index>(row.size()) == expected.cols());
    for (Index c = 0; c < expected.cols(); ++c) {
      const double value = row[static_cast<std::size_t>(c)].get<double>();
      BOOST_TEST(std::abs(value - expected(r, c)) <= 1e-4 * std::abs(expected(r, c)));
    }
  }
}

BOOST_AUTO_TEST_CASE(logits_of_a_class_beside_characters) {
  const StudyGroup group = s3();
  const PairNetwork network = toy_mlp(6);
  const Index standard = group.irreps().find("standard");
  const Json data = plotly_json(logit_slice_figure(network, group, {standard}, 4))["data"];
  BOOST_TEST_REQUIRE(data.size() == 2U);
  Matrix<double> logits = network.logits_of(all_pairs(6)).col(4).reshaped<Eigen::RowMajor>(6, 6);
  logits /= logits.cwiseAbs().maxCoeff();
  check_map(data[0]["z"], logits);
  Matrix<double> traces(6, 6);
  for (Element a : elements(group.table)) {
    for (Element b : elements(group.table)) {
      const Element g = group.table.compose(group.table.compose(a, b), group.table.inverse(4));
      traces(a, b) = group.irreps()[standard].matrix(g).trace() / 2;
    }
  }
  check_map(data[1]["z"], traces);
}

BOOST_AUTO_TEST_CASE(change_of_basis_and_linear_map) {
  const StudyGroup group = s3();
  const PairNetwork network = toy_mlp(6);
  const Index standard = group.irreps().find("standard");
  const ProductRepresentation held =
      product_representation(network, group.basis, hidden_means(network, group.table), standard);
  Irrep const& irrep = group.irreps()[standard];
  check_map(plotly_json(change_of_basis_figure(held, irrep))["data"][0]["z"], held.change_of_basis);
  check_map(plotly_json(linear_map_figure(held, irrep))["data"][0]["z"], held.linear_map);
}

BOOST_AUTO_TEST_CASE(activations_of_neurons_ordered_by_sign) {
  const StudyGroup group = s3();
  const PairNetwork network = toy_mlp(6);
  const std::vector<Element> order = ordered_by_sign(group, group.irreps().find("sign"));
  // Elements of S3 by lexicographic rank: 012, 021, 102, 120, 201, 210.
  BOOST_TEST(order == (std::vector<Element>{0, 3, 4, 1, 2, 5}), boost::test_tools::per_element());
  BOOST_CHECK_THROW(ordered_by_sign(group, group.irreps().find("standard")), Error);
  const std::vector<Index> neurons{2, 5};
  const Json data = plotly_json(neuron_activation_figure(network, order, neurons, "t", "r"))["data"];
  const Matrix<double> hidden = network.hidden_of_all();
  BOOST_TEST_REQUIRE(data.size() == 2U);
  for (std::size_t k = 0; k < 2; ++k) {
    Matrix<double> expected(6, 6);
    for (Index a = 0; a < 6; ++a) {
      for (Index b = 0; b < 6; ++b) {
        expected(a, b) =
            hidden(order[static_cast<std::size_t>(a)] * 6 + order[static_cast<std::size_t>(b)], neurons[k]);
      }
    }
    check_map(data[k]["z"], expected);
    BOOST_TEST((data[k]["zmax"] == data[0]["zmax"]));
  }
  BOOST_CHECK_THROW(neuron_activation_figure(network, order, {}, "t", "r"), Error);
}

BOOST_AUTO_TEST_SUITE_END()
