#include <boost/test/unit_test.hpp>
#include <cayley/fourier/convolution.hpp>
#include <cayley/fourier/transform.hpp>
#include <cmath>
#include <set>
#include <string>

#include "fourier/closeness.hpp"
#include "fourier/sample_groups.hpp"

BOOST_AUTO_TEST_SUITE(convolution_test)

using namespace cayley;
using testing::distance;
using testing::random_function;
using testing::sample_groups;
using testing::SampleGroup;
using testing::Scalars;
using testing::tolerance;

namespace {

/// 1 at an element, 0 elsewhere.
template <class Scalar>
Vector<Scalar> delta(SampleGroup const& group, Element a) {
  return Vector<Scalar>::Unit(group.order(), static_cast<Index>(a));
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(sums_over_the_ways_to_write_an_element_as_a_product, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const Vector<double> f = random_function<double>(group, 1), h = random_function<double>(group, 2);
    Vector<double> expected = Vector<double>::Zero(group.order());
    for (Element x : elements(group.table)) {
      for (Element y : elements(group.table)) expected[group.table.compose(x, y)] += f[x] * h[y];
    }
    const Vector<Scalar> found = convolve<Scalar>(group.table, f.cast<Scalar>(), h.cast<Scalar>());
    BOOST_TEST(distance(found, expected) <= tolerance<Scalar>, group.name());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(is_associative, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    CayleyTable const& g = group.table;
    const Vector<Scalar> a = random_function<Scalar>(group, 3), b = random_function<Scalar>(group, 4),
                         c = random_function<Scalar>(group, 5);
    BOOST_TEST(distance(convolve(g, convolve(g, a, b), c), convolve(g, a, convolve(g, b, c))) <= tolerance<Scalar>,
               group.name());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(delta_at_the_identity_is_the_unit, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const Vector<Scalar> f = random_function<Scalar>(group, 6);
    const Vector<Scalar> unit = delta<Scalar>(group, group.table.identity());
    BOOST_TEST((convolve(group.table, f, unit) == f), group.name());
    BOOST_TEST((convolve(group.table, unit, f) == f), group.name());
  }
}

BOOST_AUTO_TEST_CASE(deltas_multiply_as_their_elements_do) {
  for (SampleGroup const& group : sample_groups()) {
    const auto order = static_cast<Element>(group.order());
    for (Element a : elements(group.table)) {
      const Element b = (7 * a + 3) % order;
      BOOST_TEST((convolve(group.table, delta<double>(group, a), delta<double>(group, b)) ==
                  delta<double>(group, group.table.compose(a, b))),
                 group.name());
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(fourier_matrix_is_the_weighted_sum_of_matrices, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const Vector<double> f = random_function<double>(group, 7);
    for (Irrep const& irrep : group.irreps) {
      Matrix<double> expected = Matrix<double>::Zero(irrep.dimension(), irrep.dimension());
      for (Element g : elements(group.table)) {
        const Matrix<double> rho = irrep.matrix(g);
        for (Index k = 0; k < rho.size(); ++k) expected.data()[k] += f[g] * rho.data()[k];
      }
      BOOST_TEST(distance(fourier_matrix<Scalar>(irrep, f.cast<Scalar>()), expected) <= tolerance<Scalar>,
                 group.name() << ", " << irrep.label());
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(convolution_becomes_the_product_of_fourier_matrices_in_order, Scalar, Scalars) {
  std::set<IrrepType> types;
  for (SampleGroup const& group : sample_groups()) {
    const Vector<Scalar> f = random_function<Scalar>(group, 8), h = random_function<Scalar>(group, 9);
    const Vector<Scalar> product = convolve(group.table, f, h);
    for (Irrep const& irrep : group.irreps) {
      types.insert(irrep.type());
      const Matrix<Scalar> hat_f = fourier_matrix(irrep, f), hat_h = fourier_matrix(irrep, h);
      const Matrix<Scalar> hat = fourier_matrix(irrep, product);
      BOOST_TEST_CONTEXT(group.name() << ", " << irrep.label()) {
        BOOST_TEST(distance(hat, hat_f * hat_h) <= tolerance<Scalar>);
        // Over R, C and H a matrix of more than one entry, or a quaternion, does not commute.
        const bool commutes = irrep.dimension() == 1 || (irrep.dimension() == 2 && irrep.type() == IrrepType::complex);
        if (!commutes) BOOST_TEST(distance(hat, hat_h * hat_f) > 0.01);
      }
    }
  }
  BOOST_TEST(types.size() == 3u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(left_translation_multiplies_on_the_left_and_right_on_the_right, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    CayleyTable const& g = group.table;
    const Vector<Scalar> f = random_function<Scalar>(group, 10);
    for (Element a : {g.identity(), static_cast<Element>(g.order() / 2), static_cast<Element>(g.order() - 1)}) {
      Vector<Scalar> left(g.order()), right(g.order());
      for (Element x : elements(g)) {
        left[x] = f[g.compose(g.inverse(a), x)];
        right[x] = f[g.compose(x, a)];
      }
      for (Irrep const& irrep : group.irreps) {
        const Matrix<Scalar> hat = fourier_matrix(irrep, f);
        const Matrix<Scalar> rho = irrep.matrix(a).template cast<Scalar>();
        BOOST_TEST_CONTEXT(group.name() << ", " << irrep.label() << ", by element " << a) {
          // f(a^-1 g): substituting g = a h gives rho(a) rho(h).
          BOOST_TEST(distance(fourier_matrix(irrep, left), rho * hat) <= tolerance<Scalar>);
          // f(g a): substituting g = h a^-1 gives rho(h) rho(a)^-1, and rho(a) is orthogonal.
          BOOST_TEST(distance(fourier_matrix(irrep, right), hat * rho.transpose()) <= tolerance<Scalar>);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(fourier_matrices_hold_the_coefficients_of_the_orthonormal_basis, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    const Vector<Scalar> f = random_function<Scalar>(group, 11);
    const Matrix<Scalar> coefficients = transform(basis, Matrix<Scalar>(f));  // (order, 1)
    for (Index r = 0; r < group.irreps.size(); ++r) {
      Irrep const& irrep = group.irreps[r];
      const Matrix<Scalar> hat = fourier_matrix(irrep, f);
      const double scale = std::sqrt(static_cast<double>(irrep.dimension()) / static_cast<double>(group.order()));
      for (Index k = 0; k < irrep.isotypic_dimension(); ++k) {
        const auto [i, j] = irrep.matrix_element(k);
        const double expected = scale * static_cast<double>(hat(i, j));
        const double found = static_cast<double>(coefficients(basis.block(r).begin + k, 0));
        BOOST_TEST(std::abs(found - expected) <= tolerance<Scalar>, group.name() << ", " << irrep.label());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_number_of_values_is_named) {
  const CayleyTable g = cayley_table(Symmetric<3>{});
  const Vector<double> right = Vector<double>::Zero(6), wrong = Vector<double>::Zero(5);
  const auto says = [](std::string message) {
    return [message](Error const& error) {
      BOOST_TEST(error.what() == message);
      return true;
    };
  };
  BOOST_CHECK_EXCEPTION(convolve(g, wrong, right), Error,
                        says("convolution: functions with 5 and 6 values on a group of order 6"));
  BOOST_CHECK_EXCEPTION(convolve(g, right, wrong), Error,
                        says("convolution: functions with 6 and 5 values on a group of order 6"));
}

BOOST_AUTO_TEST_SUITE_END()
