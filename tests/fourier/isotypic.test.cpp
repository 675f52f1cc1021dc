#include <boost/test/unit_test.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cmath>
#include <string>

#include "fourier/closeness.hpp"
#include "fourier/sample_groups.hpp"

BOOST_AUTO_TEST_SUITE(isotypic_test)

using namespace cayley;
using testing::distance;
using testing::random_functions;
using testing::sample_groups;
using testing::SampleGroup;
using testing::Scalars;
using testing::tolerance;

namespace {

/// d/(order nu) chi(g h^-1). Shape: (order, order).
Matrix<double> projection_by_characters(SampleGroup const& group, Irrep const& irrep) {
  const double scale = static_cast<double>(irrep.dimension()) / static_cast<double>(group.order() * irrep.nu());
  Matrix<double> result(group.order(), group.order());
  for (Element g : elements(group.table)) {
    for (Element h : elements(group.table)) {
      result(g, h) = scale * group.irreps.character(irrep, group.table.compose(g, group.table.inverse(h)));
    }
  }
  return result;
}

/// The character as a function. Shape: (order, 1).
Matrix<double> character_function(SampleGroup const& group, Irrep const& irrep) {
  Matrix<double> result(group.order(), 1);
  for (Element g : elements(group.table)) result(g, 0) = group.irreps.character(irrep, g);
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(projection_is_the_character_formula, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    const Matrix<double> f = random_functions<double>(group.order(), 2, 1);
    for (Index i = 0; i < group.irreps.size(); ++i) {
      const Matrix<double> expected = projection_by_characters(group, group.irreps[i]) * f;
      BOOST_TEST(distance(project(basis, i, f.cast<Scalar>()), expected) <= tolerance<Scalar>,
                 group.name() << ", " << group.irreps[i].label());
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(projections_are_idempotent_symmetric_and_orthogonal, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    const Matrix<Scalar> f = random_functions<Scalar>(group.order(), 2, 2);
    const Matrix<Scalar> h = random_functions<Scalar>(group.order(), 2, 3);
    for (Index i = 0; i < group.irreps.size(); ++i) {
      const Matrix<Scalar> pf = project(basis, i, f), ph = project(basis, i, h);
      const Index other = (i + 1) % group.irreps.size();
      BOOST_TEST_CONTEXT(group.name() << ", " << group.irreps[i].label()) {
        BOOST_TEST(distance(project(basis, i, pf), pf) <= tolerance<Scalar>);
        BOOST_TEST(distance(pf.transpose() * h, f.transpose() * ph) <= tolerance<Scalar>);
        if (other != i) BOOST_TEST(project(basis, other, pf).cwiseAbs().maxCoeff() <= tolerance<Scalar>);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(projections_add_up_to_the_identity, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    const Matrix<Scalar> f = random_functions<Scalar>(group.order(), 3, 4);
    Matrix<Scalar> sum = Matrix<Scalar>::Zero(group.order(), 3);
    for (Index i = 0; i < group.irreps.size(); ++i) sum += project(basis, i, f);
    BOOST_TEST(distance(sum, f) <= tolerance<Scalar>, group.name());
  }
}

BOOST_AUTO_TEST_CASE(the_trivial_projection_is_the_mean) {
  for (SampleGroup const& group : sample_groups()) {
    const Matrix<double> f = random_functions<double>(group.order(), 2, 5);
    const Matrix<double> mean = f.colwise().mean().replicate(group.order(), 1);
    BOOST_TEST(distance(project(FourierBasis(group.irreps), 0, f), mean) <= tolerance<double>, group.name());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(power_is_the_squared_norm_of_the_projection_by_column, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    Matrix<Scalar> f = random_functions<Scalar>(group.order(), 3, 6);
    f.col(2) *= Scalar{0.5};
    const Matrix<Scalar> power = isotypic_power_by_column(basis, f);
    BOOST_TEST_CONTEXT(group.name()) {
      BOOST_TEST(power.rows() == group.irreps.size());
      for (Index i = 0; i < power.rows(); ++i) {
        BOOST_TEST(distance(power.row(i), project(basis, i, f).colwise().squaredNorm()) <= tolerance<Scalar>);
      }
      BOOST_TEST(distance(power.colwise().sum(), f.colwise().squaredNorm()) <= tolerance<Scalar>);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(power_of_all_columns_adds_up_to_the_squared_norm, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    const Matrix<Scalar> f = random_functions<Scalar>(group.order(), 3, 7);
    const Vector<Scalar> power = isotypic_power(basis, f);
    BOOST_TEST_CONTEXT(group.name()) {
      BOOST_TEST(distance(power, isotypic_power_by_column(basis, f).rowwise().sum()) <= tolerance<Scalar>);
      BOOST_TEST(static_cast<double>(std::abs(power.sum() - f.squaredNorm())) <= tolerance<Scalar>);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(power_does_not_change_under_translations, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    const CayleyTable& g = group.table;
    const Matrix<Scalar> f = random_functions<Scalar>(group.order(), 2, 8);
    const Matrix<Scalar> power = isotypic_power_by_column(basis, f);
    for (Element a : elements(g)) {
      Matrix<Scalar> left(f.rows(), f.cols()), right(f.rows(), f.cols());
      for (Element x : elements(g)) {
        left.row(x) = f.row(g.compose(g.inverse(a), x));
        right.row(x) = f.row(g.compose(x, a));
      }
      BOOST_TEST_CONTEXT(group.name() << ", by element " << a) {
        BOOST_TEST(distance(isotypic_power_by_column(basis, left), power) <= tolerance<Scalar>);
        BOOST_TEST(distance(isotypic_power_by_column(basis, right), power) <= tolerance<Scalar>);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_character_has_power_at_its_own_irrep_only) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis basis(group.irreps);
    for (Index i = 0; i < group.irreps.size(); ++i) {
      Vector<double> expected = Vector<double>::Zero(group.irreps.size());
      expected[i] = static_cast<double>(group.order() * group.irreps[i].nu());
      BOOST_TEST(distance(isotypic_power(basis, character_function(group, group.irreps[i])), expected) <= 1e-10,
                 group.name() << ", " << group.irreps[i].label());
    }
  }
}

BOOST_AUTO_TEST_CASE(no_columns_have_no_power) {
  const FourierBasis basis(Symmetric<3>{});
  const Matrix<double> none(6, 0);
  BOOST_TEST(isotypic_power_by_column(basis, none).rows() == 3);
  BOOST_TEST(isotypic_power_by_column(basis, none).cols() == 0);
  BOOST_TEST((isotypic_power(basis, none) == Vector<double>::Zero(3)));
  BOOST_TEST(project(basis, 1, none).rows() == 6);
}

BOOST_AUTO_TEST_CASE(takes_a_block_of_a_matrix) {
  const FourierBasis basis(Symmetric<3>{});
  const Matrix<double> large = random_functions<double>(8, 7, 9);
  const Matrix<double> block = large.block(1, 2, 6, 3);
  BOOST_TEST((project(basis, 1, large.block(1, 2, 6, 3)) == project(basis, 1, block)));
  BOOST_TEST((isotypic_power(basis, large.block(1, 2, 6, 3)) == isotypic_power(basis, block)));
}

BOOST_AUTO_TEST_CASE(a_wrong_shape_is_named) {
  const FourierBasis basis(Symmetric<3>{});
  const Matrix<double> wrong = Matrix<double>::Zero(5, 2);
  const auto says = [](std::string message) {
    return [message](Error const& error) {
      BOOST_TEST(error.what() == message);
      return true;
    };
  };
  BOOST_CHECK_EXCEPTION(project(basis, 0, wrong), Error,
                        says("isotypic projection: expected 6 rows, found a (5, 2) matrix"));
  BOOST_CHECK_EXCEPTION(isotypic_power(basis, wrong), Error,
                        says("Fourier transform: expected 6 rows, found a (5, 2) matrix"));
  BOOST_CHECK_EXCEPTION(isotypic_power_by_column(basis, wrong), Error,
                        says("Fourier transform: expected 6 rows, found a (5, 2) matrix"));
}

BOOST_AUTO_TEST_SUITE_END()
