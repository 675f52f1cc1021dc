#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/fourier/basis.hpp>
#include <cmath>
#include <concepts>
#include <numbers>
#include <string>
#include <type_traits>
#include <vector>

#include "fourier/closeness.hpp"
#include "fourier/sample_groups.hpp"

BOOST_AUTO_TEST_SUITE(basis_test)

using namespace cayley;
using testing::distance;
using testing::sample_group;
using testing::sample_groups;
using testing::SampleGroup;
using testing::Scalars;
using testing::tolerance;

namespace own {

/// A group with irreps of its own beside it.
struct Mirror {
  static Index order() { return 2; }
  static Element identity() { return 0; }
  static Element compose(Element a, Element b) { return a ^ b; }
  static Element inverse(Element a) { return a; }
};

Irreps irreps(Mirror const& g) {
  return cayley::irreps(g).renamed({"even", "odd"});
}

}  // namespace own

namespace {

static_assert(std::copyable<FourierBasis<double>> && std::copyable<FourierBasis<float>>);
static_assert(!FiniteGroup<FourierBasis<double>>);
static_assert(std::is_constructible_v<FourierBasis<float>, Symmetric<3>>);
static_assert(!std::is_constructible_v<FourierBasis<float>, int>);
static_assert(!std::is_convertible_v<Symmetric<3>, FourierBasis<double>>);
static_assert(std::is_same_v<decltype(FourierBasis(Symmetric<3>{})), FourierBasis<double>>);

/// The basis of C_n as it is written in textbooks.
Matrix<double> cosines_and_sines(Index n) {
  Matrix<double> result(n, n);
  const auto size = static_cast<double>(n);
  for (Index j = 0; j < n; ++j) {
    Index column = 0;
    result(j, column++) = 1 / std::sqrt(size);
    if (n % 2 == 0) result(j, column++) = (j % 2 == 0 ? 1 : -1) / std::sqrt(size);
    for (Index k = 1; 2 * k < n; ++k) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(k * j) / size;
      result(j, column++) = std::sqrt(2 / size) * std::cos(angle);
      result(j, column++) = std::sqrt(2 / size) * std::sin(angle);
    }
  }
  return result;
}

template <class Scalar>
double distance_from_orthonormal(FourierBasis<Scalar> const& basis) {
  const Matrix<Scalar> products = basis.matrix().transpose() * basis.matrix();
  return distance(products, Matrix<Scalar>::Identity(basis.order(), basis.order()));
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(is_orthonormal, Scalar, Scalars) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis<Scalar> basis(group.irreps);
    BOOST_TEST_CONTEXT(group.name()) {
      BOOST_TEST(basis.order() == group.order());
      BOOST_TEST(basis.matrix().rows() == group.order());
      BOOST_TEST(basis.matrix().cols() == group.order());
      BOOST_TEST(distance_from_orthonormal(basis) <= tolerance<Scalar>);
    }
  }
}

BOOST_AUTO_TEST_CASE(is_orthonormal_on_a_group_of_order_720) {
  BOOST_TEST(distance_from_orthonormal(FourierBasis<float>(Symmetric<6>{})) <= tolerance<float>);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(on_cyclic_groups_it_is_cosines_and_sines, Scalar, Scalars) {
  for (Index n : {1, 2, 3, 4, 12, 13, 113}) {
    const FourierBasis<Scalar> basis(Cyclic<>{n});
    BOOST_TEST(distance(basis.matrix(), cosines_and_sines(n)) <= tolerance<Scalar>, "C" << n);
  }
  // Sign: the first sine rises from the identity.
  const FourierBasis<Scalar> basis(Cyclic<12>{});
  BOOST_TEST(basis.matrix()(1, 3) > 0);
}

BOOST_AUTO_TEST_CASE(functions_are_the_scaled_matrix_elements_of_the_irreps) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis basis(group.irreps);
    Matrix<double> expected(group.order(), group.order());
    Index column = 0;
    for (Irrep const& irrep : group.irreps) {
      const double scale = std::sqrt(static_cast<double>(irrep.dimension()) / static_cast<double>(group.order()));
      for (Index k = 0; k < irrep.isotypic_dimension(); ++k, ++column) {
        const auto [i, j] = irrep.matrix_element(k);
        for (Element g : elements(group.table)) expected(g, column) = scale * irrep.matrix(g)(i, j);
      }
    }
    BOOST_TEST(distance(basis.matrix(), expected) <= tolerance<double>, group.name());
  }
}

BOOST_AUTO_TEST_CASE(in_float_it_is_the_basis_in_double_rounded) {
  for (SampleGroup const& group : sample_groups()) {
    const Matrix<float> rounded = FourierBasis<double>(group.irreps).matrix().cast<float>();
    BOOST_TEST((FourierBasis<float>(group.irreps).matrix() == rounded), group.name());
  }
}

BOOST_AUTO_TEST_CASE(blocks_follow_each_other_in_the_order_of_the_irreps) {
  for (SampleGroup const& group : sample_groups()) {
    const FourierBasis basis(group.irreps);
    const std::vector<Index> irrep_of = basis.irrep_of();
    BOOST_TEST_CONTEXT(group.name()) {
      BOOST_REQUIRE(static_cast<Index>(irrep_of.size()) == group.order());
      Index begin = 0;
      for (Index i = 0; i < group.irreps.size(); ++i) {
        Irrep const& irrep = basis.irreps()[i];
        BOOST_TEST(irrep.label() == group.irreps[i].label());
        BOOST_TEST(basis.block(i).begin == begin);
        BOOST_TEST(basis.block(i).size == irrep.dimension() * irrep.dimension() / irrep.nu());
        BOOST_TEST((basis.functions(i) == basis.matrix().middleCols(begin, basis.block(i).size)));
        for (Index k = 0; k < basis.block(i).size; ++k) {
          BOOST_TEST(irrep_of[static_cast<std::size_t>(begin + k)] == i);
        }
        begin += basis.block(i).size;
      }
      BOOST_TEST(begin == group.order());
    }
  }
}

BOOST_AUTO_TEST_CASE(block_sizes_by_type) {
  const auto sizes = [](Irreps const& irreps) {
    const FourierBasis basis(irreps);
    std::vector<Index> result;
    for (Index i = 0; i < irreps.size(); ++i) result.push_back(basis.block(i).size);
    return result;
  };
  const auto per_element = boost::test_tools::per_element();
  BOOST_TEST(sizes(irreps(Cyclic<>{12})) == (std::vector<Index>{1, 1, 2, 2, 2, 2, 2}), per_element);
  BOOST_TEST(sizes(irreps(Dihedral<>{7})) == (std::vector<Index>{1, 1, 4, 4, 4}), per_element);
  BOOST_TEST(sizes(irreps(Symmetric<5>{})) == (std::vector<Index>{1, 16, 25, 36, 25, 16, 1}), per_element);
  // Dimension 4 over R, but over the quaternions only 1.
  BOOST_TEST(sizes(irreps(testing::quaternions())) == (std::vector<Index>{1, 1, 1, 1, 4}), per_element);
}

BOOST_AUTO_TEST_CASE(names_by_family) {
  const auto names = [](auto const& g) { return FourierBasis(g).names(); };
  using Names = std::vector<std::string>;
  const auto per_element = boost::test_tools::per_element();
  BOOST_TEST(names(Cyclic<1>{}) == (Names{"Const"}), per_element);
  BOOST_TEST(names(Cyclic<2>{}) == (Names{"Const", "+-1"}), per_element);
  BOOST_TEST(names(Cyclic<>{5}) == (Names{"Const", "cos 1", "sin 1", "cos 2", "sin 2"}), per_element);
  BOOST_TEST(names(Cyclic<>{6}) == (Names{"Const", "+-1", "cos 1", "sin 1", "cos 2", "sin 2"}), per_element);
  BOOST_TEST(names(Symmetric<3>{}) == (Names{"Const", "(2,1)[0,0]", "(2,1)[0,1]", "(2,1)[1,0]", "(2,1)[1,1]", "sign"}),
             per_element);
  // One column of each block: the first of every two for complex type, of every four for quaternionic type.
  BOOST_TEST(names(Alternating<3>{}) == (Names{"Const", "(2,1)[0,0]", "(2,1)[1,0]"}), per_element);
  BOOST_TEST(names(testing::quaternions()) == (Names{"Const", "irrep_1_1", "irrep_1_2", "irrep_1_3", "irrep_4_1[0,0]",
                                                     "irrep_4_1[1,0]", "irrep_4_1[2,0]", "irrep_4_1[3,0]"}),
             per_element);
}

BOOST_AUTO_TEST_CASE(a_name_for_every_function_and_no_name_twice) {
  for (SampleGroup const& group : sample_groups()) {
    std::vector<std::string> names = FourierBasis(group.irreps).names();
    BOOST_TEST(static_cast<Index>(names.size()) == group.order(), group.name());
    std::sort(names.begin(), names.end());
    BOOST_TEST((std::adjacent_find(names.begin(), names.end()) == names.end()), group.name());
  }
}

BOOST_AUTO_TEST_CASE(renamed_irreps_name_their_functions) {
  const Irreps irreps = cayley::irreps(Symmetric<3>{}).renamed({"one", "standard", "alternating"});
  const std::vector<std::string> names = FourierBasis(irreps).names();
  BOOST_TEST(names[1] == "standard[0,0]");
  BOOST_TEST(names[5] == "alternating");
}

BOOST_AUTO_TEST_CASE(a_group_and_its_irreps_give_the_same_basis) {
  const FourierBasis<double> of_group(Symmetric<4>{}), of_irreps(irreps(Symmetric<4>{}));
  BOOST_TEST((of_group.matrix() == of_irreps.matrix()));
}

BOOST_AUTO_TEST_CASE(uses_the_irreps_that_stand_beside_a_group_of_ones_own) {
  const FourierBasis basis(own::Mirror{});
  BOOST_TEST(basis.irreps()[0].label() == "even");
  BOOST_TEST(basis.irreps()[1].label() == "odd");
}

BOOST_AUTO_TEST_CASE(a_copy_owns_its_matrix) {
  FourierBasis<double> copy(Cyclic<>{2});
  {
    const FourierBasis<double> original(Symmetric<4>{});
    copy = original;
    BOOST_TEST(copy.matrix().data() != original.matrix().data());
  }
  BOOST_TEST(copy.order() == 24);
  BOOST_TEST(distance_from_orthonormal(copy) <= tolerance<double>);
  BOOST_TEST(copy.irreps().at("(3,1)").matrix(5).rows() == 3);
}

BOOST_AUTO_TEST_SUITE_END()
