#include <cayley/backend/activation.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/core/matrix.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <nn/toy_models.hpp>
#include <tuple>
#include <type_traits>

BOOST_AUTO_TEST_SUITE(activation_test)

namespace {

using namespace cayley;
using namespace cayley::testing;
using Backends = std::tuple<Cpu, ArchetypeBackend>;

static_assert(std::is_trivially_copyable_v<Gelu<float>> && std::is_trivially_copyable_v<GeluTanh<float>> &&
              std::is_trivially_copyable_v<GeluBackward<float>> &&
              std::is_trivially_copyable_v<GeluTanhBackward<float>>);
static_assert(std::is_trivially_copyable_v<CentreRows<float>> && std::is_trivially_copyable_v<RowScale<float>> &&
              std::is_trivially_copyable_v<ScaleRows<float>> && std::is_trivially_copyable_v<ScaleRowsBackward<float>>);
static_assert(std::is_trivially_copyable_v<RowScaleBackward<double>> &&
              std::is_trivially_copyable_v<AddScaleWeightGradient<double>>);

constexpr double step = 1e-5;  ///< of finite differences

/// Forward is in place; Backward multiplies by its slope. The rows lie in wider ones, whose other entries stay.
template <class B, class Forward, class Backward>
void check_slope() {
  constexpr Index rows = 3, cols = 7, gradient_stride = 9, in_stride = 8;
  const Matrix<double> x = 3 * random_matrix<double>(rows, in_stride, 1);
  const Matrix<double> before = random_matrix<double>(rows, gradient_stride, 2);
  Matrix<double> above = x.array() + step, below = x.array() - step, gradient = before;
  const B backend;
  backend.for_each_row(rows, Forward{above.data(), in_stride, in_stride});
  backend.for_each_row(rows, Forward{below.data(), in_stride, in_stride});
  backend.for_each_row(rows, Backward{gradient.data(), gradient_stride, x.data(), in_stride, cols});
  const Matrix<double> slope = (above - below) / (2 * step);
  BOOST_TEST((gradient.leftCols(cols).array() - before.leftCols(cols).array() * slope.leftCols(cols).array())
                 .abs()
                 .maxCoeff() < 1e-9);
  BOOST_TEST((gradient.rightCols(gradient_stride - cols) == before.rightCols(gradient_stride - cols)));
}

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

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_of_gelu_are_slopes, B, Backends) {
  check_slope<B, Gelu<double>, GeluBackward<double>>();
  check_slope<B, GeluTanh<double>, GeluTanhBackward<double>>();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(far_out_gelu_passes_gradients_or_stops_them, B, Backends) {
  const Matrix<float> x = (Matrix<float>(1, 4) << -1000, -30, 30, 1000).finished();
  Matrix<float> exact = Matrix<float>::Constant(1, 4, 2), rough = exact;
  B{}.for_each_row(1, GeluBackward<float>{exact.data(), 4, x.data(), 4, 4});
  B{}.for_each_row(1, GeluTanhBackward<float>{rough.data(), 4, x.data(), 4, 4});
  for (Index i = 0; i < 4; ++i) {
    BOOST_TEST(exact(0, i) == (x(0, i) < 0 ? 0.0f : 2.0f));
    BOOST_TEST(rough(0, i) == (x(0, i) < 0 ? 0.0f : 2.0f));
  }
}

// d of sum g (x / s w): by x it is g w / s, by s it is -sum g w x / s^2, by w it is sum over rows of g x / s.
BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_of_each_step_of_layer_norm, B, Backends) {
  constexpr Index rows = 4, cols = 7, stride = 9;
  const Matrix<double> x = random_matrix<double>(rows, cols, 1), weight = random_matrix<double>(1, cols, 2);
  const Matrix<double> scale = random_matrix<double>(rows, 1, 3).array() + 2,
                       before = random_matrix<double>(rows, stride, 4);
  const Matrix<double> g = before.leftCols(cols);
  const B backend;

  Matrix<double> gradient = before, scale_gradient(rows, 1);
  backend.for_each_row(rows, ScaleRowsBackward<double>{gradient.data(), stride, cols, x.data(), scale.data(),
                                                       weight.data(), scale_gradient.data()});
  BOOST_TEST((gradient.rightCols(stride - cols) == before.rightCols(stride - cols)));
  for (Index row = 0; row < rows; ++row) {
    const double s = scale(row, 0);
    const Matrix<double> gw = g.row(row).cwiseProduct(weight);
    BOOST_TEST((gradient.row(row).leftCols(cols) - gw / s).cwiseAbs().maxCoeff() < 1e-15);
    BOOST_TEST(std::abs(scale_gradient(row, 0) + gw.row(0).dot(x.row(row)) / (s * s)) < 1e-14);
  }

  gradient = before;
  backend.for_each_row(
      rows, RowScaleBackward<double>{gradient.data(), stride, cols, x.data(), scale.data(), scale_gradient.data()});
  BOOST_TEST((gradient.rightCols(stride - cols) == before.rightCols(stride - cols)));
  for (Index row = 0; row < rows; ++row) {
    const double factor = scale_gradient(row, 0) / (cols * scale(row, 0));
    BOOST_TEST((gradient.row(row).leftCols(cols) - g.row(row) - factor * x.row(row)).cwiseAbs().maxCoeff() < 1e-15);
  }

  const Matrix<double> of_weight = random_matrix<double>(1, cols, 5);
  Matrix<double> sum = of_weight;
  backend.for_each(cols, AddScaleWeightGradient<double>{g.data(), x.data(), scale.data(), rows, cols, sum.data()});
  for (Index c = 0; c < cols; ++c) {
    double expected = of_weight(0, c);
    for (Index row = 0; row < rows; ++row) expected += g(row, c) * x(row, c) / scale(row, 0);
    BOOST_TEST(std::abs(sum(0, c) - expected) < 1e-14);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_of_layer_norm_are_slopes, B, Backends) {
  constexpr Index rows = 3, cols = 5;
  constexpr double eps = 0.1;  // large enough to matter
  const B backend;
  Matrix<double> x = random_matrix<double>(rows, cols, 1), weight = random_matrix<double>(1, cols, 2);
  const Matrix<double> bias = random_matrix<double>(1, cols, 3), factor = random_matrix<double>(rows, cols, 4);
  Matrix<double> centred, scale(rows, 1);
  const auto loss = [&] {
    centred = x;
    backend.for_each_row(rows, CentreRows<double>{centred.data(), cols, cols});
    backend.for_each_row(rows, RowScale<double>{centred.data(), cols, cols, eps, scale.data()});
    Matrix<double> out = centred;
    backend.for_each_row(rows, ScaleRows<double>{out.data(), cols, cols, scale.data(), weight.data(), bias.data()});
    return out.cwiseProduct(factor).sum();
  };
  const auto slope = [&](double& number) {
    const double before = number;
    number = before + step;
    const double above = loss();
    number = before - step;
    const double below = loss();
    number = before;
    return (above - below) / (2 * step);
  };

  loss();
  Matrix<double> gradient = factor, scale_gradient(rows, 1), weight_gradient = Matrix<double>::Zero(1, cols);
  backend.for_each(cols, AddScaleWeightGradient<double>{gradient.data(), centred.data(), scale.data(), rows, cols,
                                                        weight_gradient.data()});
  backend.for_each_row(rows, ScaleRowsBackward<double>{gradient.data(), cols, cols, centred.data(), scale.data(),
                                                       weight.data(), scale_gradient.data()});
  backend.for_each_row(
      rows, RowScaleBackward<double>{gradient.data(), cols, cols, centred.data(), scale.data(), scale_gradient.data()});
  backend.for_each_row(rows, CentreRows<double>{gradient.data(), cols, cols});
  for (Index i = 0; i < x.size(); ++i) BOOST_TEST(std::abs(gradient.data()[i] - slope(x.data()[i])) < 1e-9);
  for (Index c = 0; c < cols; ++c) BOOST_TEST(std::abs(weight_gradient(0, c) - slope(weight(0, c))) < 1e-9);
}

BOOST_AUTO_TEST_SUITE_END()
