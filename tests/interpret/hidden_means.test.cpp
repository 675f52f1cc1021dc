#include <cayley/interpret/hidden_means.hpp>

#include <cayley/group/dihedral.hpp>

#include <boost/test/unit_test.hpp>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(hidden_means_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(means_and_power_follow_their_definitions) {
  const CayleyTable table = cayley_table(Dihedral<4>{});
  const PairNetwork network = toy_mlp(8);
  const HiddenMeans means = hidden_means(network, table);
  const Matrix<double> hidden = network.hidden_of_all();
  Matrix<double> left = Matrix<double>::Zero(8, 7), right = left, product = left;
  for (Element a : elements(table)) {
    for (Element b : elements(table)) {
      const auto row = hidden.row(a * 8 + b) / 8;
      left.row(a) += row;
      right.row(b) += row;
      product.row(table.compose(a, b)) += row;
    }
  }
  BOOST_TEST((means.by_left - left).cwiseAbs().maxCoeff() < 1e-14);
  BOOST_TEST((means.by_right - right).cwiseAbs().maxCoeff() < 1e-14);
  BOOST_TEST((means.by_product - product).cwiseAbs().maxCoeff() < 1e-14);
  BOOST_TEST((means.overall - hidden.colwise().mean()).cwiseAbs().maxCoeff() < 1e-14);
  const RowVector<double> power = (hidden.rowwise() - hidden.colwise().mean()).colwise().squaredNorm();
  BOOST_TEST((means.centred_power - power).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_CASE(the_power_of_a_large_constant_activation_does_not_cancel) {
  // relu(1e6 + small): squares minus squared mean would lose every digit of the deviation.
  const CayleyTable table = cayley_table(Dihedral<4>{});
  PairNetwork network = toy_mlp(8);
  network.hidden = [](std::span<const Pair> pairs, MatrixRef<double> out) {
    out.setZero();
    for (std::size_t i = 0; i < pairs.size(); ++i) out(static_cast<Index>(i), 0) = 1e6 + 1e-3 * pairs[i].a;
  };
  const double expected = 8 * 1e-6 * 42;  // sum over a of (a - 3.5)^2 is 42, for each of 8 b
  BOOST_TEST(hidden_means(network, table).centred_power[0] == expected, boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_SUITE_END()
