#include <cayley/backend/activation.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/core/matrix.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <nn/toy_models.hpp>
#include <tuple>

namespace {

using namespace cayley;
using namespace cayley::testing;
using Backends = std::tuple<Cpu, ArchetypeBackend>;

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(gelu_and_its_approximation, B, Backends) {
  Matrix<double> exact(1, 5), rough(1, 5);
  exact << -3, -1, 0, 0.5, 2;
  rough = exact;
  B{}.for_each_row(1, Gelu<double>{exact.data(), 5, 5});
  B{}.for_each_row(1, GeluTanh<double>{rough.data(), 5, 5});
  // x times the normal distribution function, from a table.
  const double expected[]{-3 * 0.0013498980316301, -0.1586552539314571, 0, 0.5 * 0.6914624612740131,
                          2 * 0.9772498680518208};
  for (Index i = 0; i < 5; ++i) {
    BOOST_TEST(std::abs(exact(0, i) - expected[i]) < 1e-14);
    BOOST_TEST(std::abs(rough(0, i) - expected[i]) < 5e-4);
  }
  BOOST_TEST(std::abs(rough(0, 4) - 1.954597694087775) < 1e-12);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(layer_norm_in_its_steps, B, Backends) {
  const Matrix<double> before = random_matrix<double>(3, 7, 1);
  const Matrix<double> weight = random_matrix<double>(1, 7, 2), bias = random_matrix<double>(1, 7, 3);
  Matrix<double> x = before, scale(3, 1);
  const B backend;
  backend.for_each_row(3, CentreRows<double>{x.data(), 7, 7});
  backend.for_each_row(3, RowScale<double>{x.data(), 7, 7, 1e-5, scale.data()});
  backend.for_each_row(3, ScaleRows<double>{x.data(), 7, 7, scale.data(), weight.data(), bias.data()});
  for (Index row = 0; row < 3; ++row) {
    const auto centred = before.row(row).array() - before.row(row).mean();
    const double root = std::sqrt(centred.square().mean() + 1e-5);
    BOOST_TEST(std::abs(scale(row, 0) - root) < 1e-14);
    BOOST_TEST((x.row(row).array() - (centred / root * weight.row(0).array() + bias.row(0).array())).abs().maxCoeff() <
               1e-13);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_added, B, Backends) {
  Matrix<double> x = random_matrix<double>(3, 4, 1);
  const Matrix<double> before = x, addend = random_matrix<double>(3, 6, 2);
  B{}.for_each_row(3, AddRows<double>{x.data(), 4, addend.data() + 1, 6, 4});
  BOOST_TEST((x - before - addend.middleCols(1, 4)).cwiseAbs().maxCoeff() == 0.0);
}
