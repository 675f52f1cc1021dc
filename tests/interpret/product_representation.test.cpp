#include <cayley/interpret/product_representation.hpp>

#include <cayley/group/alternating.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/interpret/losses.hpp>

#include <Eigen/Geometry>
#include <Eigen/SVD>
#include <boost/test/unit_test.hpp>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(product_representation_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

/// A network whose hidden layer holds the matrix elements of one irrep of ab, times `mixing`, and whose
/// unembedding reads characters off them exactly when `mixing` is orthogonal.
PairNetwork ideal_network(CayleyTable const& table, FourierBasis<double> const& basis, Index r,
                          Matrix<double> const& mixing) {
  PairNetwork network;
  network.unembedding = mixing.transpose() * basis.functions(r).transpose();
  network.hidden = [&table, &basis, r, mixing](std::span<const Pair> pairs, MatrixRef<double> out) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      out.row(static_cast<Index>(i)) = basis.functions(r).row(table.compose(pairs[i].a, pairs[i].b)) * mixing;
    }
  };
  return network;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_ideal_network_holds_the_representation_exactly) {
  const CayleyTable table = cayley_table(Alternating<4>{});
  const FourierBasis<double> basis(Alternating<4>{});
  for (const char* label : {"(3,1)", "(2,2)"}) {  // real, and complex type
    const Index r = basis.irreps().find(label);
    const Index m = basis.block(r).size;
    const Matrix<double> ideal = 3 * Matrix<double>::Identity(m, m);
    const PairNetwork network = ideal_network(table, basis, r, ideal);
    const auto found = product_representation(network, basis, hidden_means(network, table), r);
    BOOST_TEST(std::abs(found.cosine - 1) < 1e-12);
    BOOST_TEST(std::abs(found.row_scaled_cosine - 1) < 1e-12);
    BOOST_TEST(std::abs(found.linear_map_cosine - 1) < 1e-12);
    BOOST_TEST(found.mean_square_error < 1e-12);
    BOOST_TEST((found.singular_values.array() / found.singular_values[0] - 1).abs().maxCoeff() < 1e-12);
    const std::vector<Index> key{r};
    const HiddenMeans means = hidden_means(network, table);
    const Matrix<double> rebuilt = rebuilt_logits(network, basis, means, key);
    BOOST_TEST((rebuilt - ideal_rebuilt_logits(network, basis, means, key)).cwiseAbs().maxCoeff() < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(cosines_follow_their_definitions_and_do_not_depend_on_the_orthogonal_form) {
  const CayleyTable table = cayley_table(Symmetric<4>{});
  const FourierBasis<double> basis(Symmetric<4>{});
  const Index n = 24, r = basis.irreps().find("(3,1)"), m = basis.block(r).size;
  const PairNetwork network = toy_mlp(n);
  const HiddenMeans means = hidden_means(network, table);
  const auto found = product_representation(network, basis, means, r);

  Matrix<double> functions(n * n, m);  // B: orthonormal on pairs
  for (Index i = 0; i < n * n; ++i) {
    functions.row(i) = basis.functions(r).row(table.products()[static_cast<std::size_t>(i)]) / std::sqrt(24.0);
  }
  const Matrix<double> c = functions.transpose() * network.hidden_of_all();
  BOOST_TEST((found.change_of_basis - c).cwiseAbs().maxCoeff() < 1e-11);
  const Matrix<double> x = functions * c * c.transpose();
  BOOST_TEST(found.cosine == x.cwiseProduct(functions).sum() / (x.norm() * functions.norm()),
             boost::test_tools::tolerance(1e-12));
  const double difference =
      (x / x.norm() - functions / functions.norm()).squaredNorm() / static_cast<double>(n * n * m);
  BOOST_TEST(found.mean_square_error == difference, boost::test_tools::tolerance(1e-10));

  // P M U P against chi(g c^-1).
  const Matrix<double> projector = basis.functions(r) * basis.functions(r).transpose();
  const Matrix<double> map = projector * means.by_product * network.unembedding * projector;
  Matrix<double> characters(n, n);
  for (Element g : elements(table)) {
    for (Element h : elements(table)) {
      characters(g, h) = basis.irreps().character(basis.irreps()[r], table.compose(g, table.inverse(h)));
    }
  }
  BOOST_TEST(found.linear_map_cosine == map.cwiseProduct(characters).sum() / (map.norm() * characters.norm()),
             boost::test_tools::tolerance(1e-11));

  // The same irrep in another orthogonal form.
  const Eigen::Matrix3d turn = Eigen::AngleAxisd(0.7, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix();
  std::vector<Irrep> turned;
  for (Irrep const& irrep : basis.irreps()) {
    if (irrep.label() != "(3,1)") {
      turned.push_back(irrep);
    } else {
      turned.emplace_back("(3,1)", 3, IrrepType::real, irrep.characters(), [irrep, turn](Element g, double* out) {
        Eigen::Map<Matrix<double>>(out, 3, 3) = turn * irrep.matrix(g) * turn.transpose();
      });
    }
  }
  const FourierBasis<double> other(Irreps(basis.irreps().classes(), turned));
  BOOST_TEST((other.functions(r) - basis.functions(r)).cwiseAbs().maxCoeff() > 0.01);
  const auto again = product_representation(network, other, means, r);
  BOOST_TEST(again.cosine == found.cosine, boost::test_tools::tolerance(1e-11));
  BOOST_TEST(again.linear_map_cosine == found.linear_map_cosine, boost::test_tools::tolerance(1e-11));
  BOOST_TEST((again.singular_values - found.singular_values).cwiseAbs().maxCoeff() < 1e-7 * found.singular_values[0]);
}

BOOST_AUTO_TEST_CASE(an_ideal_change_of_basis_has_equal_singular_values) {
  const CayleyTable table = cayley_table(Symmetric<3>{});
  const FourierBasis<double> basis(Symmetric<3>{});
  const PairNetwork network = toy_mlp(6);
  const HiddenMeans means = hidden_means(network, table);
  const std::vector<Index> key{1};
  // u v^T by Eigen's own decomposition.
  const Matrix<double> functions = basis.functions(1);
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(functions.transpose() * means.by_product,
                                              Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Matrix<double> expected =
      functions * (svd.singularValues().mean() * svd.matrixU() * svd.matrixV().transpose()) * network.unembedding;
  BOOST_TEST((ideal_rebuilt_logits(network, basis, means, key) - expected).cwiseAbs().maxCoeff() < 1e-10);
  const auto found = product_representation(network, basis, means, 1);
  BOOST_TEST((found.singular_values - svd.singularValues() * std::sqrt(6.0)).cwiseAbs().maxCoeff() < 1e-10);
}

BOOST_AUTO_TEST_SUITE_END()
