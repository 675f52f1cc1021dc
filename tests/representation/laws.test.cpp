#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/representation/irreps.hpp>
#include <cayley/representation/laws.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "laws/group_models.hpp"
#include "representation/groups_of_every_type.hpp"

BOOST_AUTO_TEST_SUITE(laws_test)

using namespace cayley;

namespace {

/// The names of the broken laws, in alphabetical order: `character schur`.
template <FiniteGroup G>
std::string broken(G const& g, Irreps const& irreps) {
  std::set<std::string> names;
  for (auto const& [law, counterexample] : broken_representation_laws(g, irreps)) {
    names.insert(law);
    BOOST_TEST(!counterexample.empty());
  }
  std::string text;
  for (std::string const& name : names) {
    if (!text.empty()) text += ' ';
    text += name;
  }
  return text;
}

/// The irreps with the one called `label` exchanged for another.
Irreps with(Irreps const& irreps, std::string const& label, Irrep const& replacement) {
  std::vector<Irrep> list;
  for (Irrep const& irrep : irreps) list.push_back(irrep.label() == label ? replacement : irrep);
  BOOST_TEST_REQUIRE(irreps.find(label) >= 0);
  return Irreps(irreps.classes(), std::move(list));
}

/// The irrep with each matrix M(g) exchanged for edit(g, M(g)); its label, type and characters stay.
template <class Edit>
Irrep edited(Irrep const& irrep, Edit edit) {
  return Irrep(irrep.label(), irrep.dimension(), irrep.type(), irrep.characters(),
               [irrep, edit](Element g, double* out) {
                 const Index d = irrep.dimension();
                 Eigen::Map<Matrix<double>>(out, d, d) = edit(g, irrep.matrix(g));
               });
}

Irrep with_characters(Irrep const& irrep, std::vector<double> characters) {
  return Irrep(irrep.label(), irrep.dimension(), irrep.type(), std::move(characters),
               [irrep](Element g, double* out) { irrep.write_matrix(g, out); });
}

/// A rotation that mixes all coordinates.
Matrix<double> mixing_rotation(Index d) {
  Matrix<double> rotation = Matrix<double>::Identity(d, d);
  for (Index i = 0; i + 1 < d; ++i) {
    Matrix<double> turn = Matrix<double>::Identity(d, d);
    turn(i, i) = turn(i + 1, i + 1) = std::cos(0.7);
    turn(i, i + 1) = -std::sin(0.7);
    turn(i + 1, i) = std::sin(0.7);
    rotation *= turn;
  }
  return rotation;
}

/// The direct sum of two irreps as one of the given type.
Irrep sum(Irrep const& a, Irrep const& b, IrrepType type) {
  std::vector<double> characters;
  for (std::size_t c = 0; c < a.characters().size(); ++c) characters.push_back(a.characters()[c] + b.characters()[c]);
  const Index d = a.dimension() + b.dimension();
  return Irrep("sum", d, type, std::move(characters), [a, b, d](Element g, double* out) {
    Eigen::Map<Matrix<double>> result(out, d, d);
    result.setZero();
    result.topLeftCorner(a.dimension(), a.dimension()) = a.matrix(g);
    result.bottomRightCorner(b.dimension(), b.dimension()) = b.matrix(g);
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(correct_irreps_break_no_law) {
  BOOST_TEST(broken(Symmetric<4>{}, irreps(Symmetric<4>{})).empty());
  BOOST_TEST(broken(testing::quaternion_group(), irreps(testing::quaternion_group())).empty());
  BOOST_TEST(broken(testing::frobenius_group_21(), irreps(testing::frobenius_group_21())).empty());
}

// Two transpositions exchange their matrices: traces, orthogonality and characters stay.
BOOST_AUTO_TEST_CASE(a_swapped_matrix_breaks_homomorphism) {
  const Symmetric<4> g;
  const Irreps list = irreps(g);
  Irrep const& standard = list.at("(3,1)");
  const Element s = g.adjacent_transposition(0), t = g.adjacent_transposition(2);
  const Irrep swapped = edited(standard, [=](Element a, Matrix<double> const& matrix) -> Matrix<double> {
    return a == s ? standard.matrix(t) : a == t ? standard.matrix(s) : matrix;
  });
  BOOST_TEST(broken(g, with(list, "(3,1)", swapped)) == "homomorphism");
}

// rho(b a) in place of rho(a b): the trap of a transposed convention.
BOOST_AUTO_TEST_CASE(an_antihomomorphism_is_rejected) {
  const Symmetric<4> g;
  const Irreps list = irreps(g);
  const Irrep transposed = edited(
      list.at("(2,1,1)"), [](Element, Matrix<double> const& matrix) -> Matrix<double> { return matrix.transpose(); });
  BOOST_TEST(broken(g, with(list, "(2,1,1)", transposed)) == "homomorphism");
}

BOOST_AUTO_TEST_CASE(a_violation_names_the_irrep_and_the_elements) {
  const Cyclic<> g{2};
  const Irreps list = irreps(g);
  const Irrep constant =
      edited(list.at("sign"), [](Element, Matrix<double> const& matrix) -> Matrix<double> { return -matrix; });
  const std::vector<LawViolation> found = broken_representation_laws(g, with(list, "sign", constant));
  BOOST_TEST_REQUIRE(found.size() == 2u);
  BOOST_TEST(found[0].law == "character");
  BOOST_TEST(found[0].counterexample == "sign: element 0");
  BOOST_TEST(found[1].law == "homomorphism");
  BOOST_TEST(found[1].counterexample == "sign: elements 0 and 0");
}

BOOST_AUTO_TEST_CASE(a_scaled_matrix_breaks_orthogonality) {
  const Symmetric<4> g;
  const Irreps list = irreps(g);
  const Irrep scaled =
      edited(list.at("(3,1)"), [](Element, Matrix<double> const& matrix) -> Matrix<double> { return 2 * matrix; });
  BOOST_TEST(broken(g, with(list, "(3,1)", scaled)) == "character homomorphism orthogonality");
  // A basis that is not orthonormal: a representation with the right characters all the same.
  const Irrep skewed = edited(list.at("(3,1)"), [](Element, Matrix<double> const& matrix) -> Matrix<double> {
    const Vector<double> scale{{1, 2, 1}}, inverse{{1, 0.5, 1}};
    return scale.asDiagonal() * matrix * inverse.asDiagonal();
  });
  BOOST_TEST(broken(g, with(list, "(3,1)", skewed)) == "orthogonality");
}

BOOST_AUTO_TEST_CASE(a_basis_that_is_not_adapted_breaks_adaptation) {
  const auto rotated = [](Irrep const& irrep) {
    const Matrix<double> rotation = mixing_rotation(irrep.dimension());
    return edited(irrep, [rotation](Element, Matrix<double> const& matrix) -> Matrix<double> {
      return rotation * matrix * rotation.transpose();
    });
  };
  const TableGroup frobenius = testing::frobenius_group_21();
  const Irreps complex = irreps(frobenius);
  BOOST_TEST(to_string(complex.at("irrep_6_1").type()) == "complex");
  BOOST_TEST(broken(frobenius, with(complex, "irrep_6_1", rotated(complex.at("irrep_6_1")))) == "adaptation");
  const TableGroup q8 = testing::quaternion_group();
  const Irreps quaternionic = irreps(q8);
  Irrep const& irrep = quaternionic.at("irrep_4_1");
  // A rotation of R^4 turns left multiplications into others; in R^8 it does not.
  BOOST_TEST(broken(q8, with(quaternionic, "irrep_4_1", rotated(irrep))).empty());
  const Product larger{q8, Symmetric<3>{}};
  const Irreps products = irreps(larger);
  const std::string label = "irrep_4_1 x (2,1)";
  BOOST_TEST(to_string(products.at(label).type()) == "quaternionic");
  BOOST_TEST(broken(larger, with(products, label, rotated(products.at(label)))) == "adaptation");
  // With one coordinate negated the matrices multiply from the right in place of the left.
  const Irrep right = edited(irrep, [](Element, Matrix<double> const& matrix) -> Matrix<double> {
    const Vector<double> flip{{-1, 1, 1, 1}};
    return flip.asDiagonal() * matrix * flip.asDiagonal();
  });
  BOOST_TEST(broken(q8, with(quaternionic, "irrep_4_1", right)) == "adaptation");
  // Any basis does for real type.
  const Irreps symmetric = irreps(Symmetric<4>{});
  BOOST_TEST(broken(Symmetric<4>{}, with(symmetric, "(3,1)", rotated(symmetric.at("(3,1)")))).empty());
}

BOOST_AUTO_TEST_CASE(a_wrong_value_breaks_character) {
  const Symmetric<4> g;
  const Irreps list = irreps(g);
  std::vector<double> values = list.at("(3,1)").characters();
  values[1] += 1;
  BOOST_TEST(broken(g, with(list, "(3,1)", with_characters(list.at("(3,1)"), values))).starts_with("character"));
  // The characters of the two 3-dimensional irreps of A5 exchanged: all sums over the group stay right.
  const Alternating<5> a5;
  const Irreps icosahedral = irreps(a5);
  Irrep const& plus = icosahedral.at("(3,1,1)+");
  Irrep const& minus = icosahedral.at("(3,1,1)-");
  const Irreps half = with(icosahedral, "(3,1,1)+", with_characters(plus, minus.characters()));
  const Irreps exchanged = with(half, "(3,1,1)-", with_characters(minus, plus.characters()));
  BOOST_TEST(broken(a5, exchanged) == "character");
}

BOOST_AUTO_TEST_CASE(an_irrep_listed_twice_breaks_schur) {
  const Alternating<5> g;
  const Irreps list = irreps(g);
  BOOST_TEST(broken(g, with(list, "(3,1,1)-", list.at("(3,1,1)+"))) == "schur");
}

// The sum of sign and trivial in place of the irrep of dimension 2.
BOOST_AUTO_TEST_CASE(a_reducible_representation_breaks_schur) {
  const Symmetric<3> g;
  const Irreps list = irreps(g);
  const Irrep reducible = sum(list.at("trivial"), list.at("sign"), IrrepType::real);
  BOOST_TEST(broken(g, with(list, "(2,1)", reducible)) == "indicator schur");
}

BOOST_AUTO_TEST_CASE(a_wrong_type_breaks_indicator) {
  // Two real irreps as one of complex type: the norm is 2, as for a complex pair.
  const Product klein{Cyclic<>{2}, Cyclic<>{2}};
  const Irreps four = irreps(klein);
  const Irreps pair(four.classes(), {four[0], sum(four[1], four[2], IrrepType::complex), four[3]});
  BOOST_TEST(broken(klein, pair) == "adaptation indicator");
  // A real irrep taken twice as one of quaternionic type: the norm is 4, as for a quaternionic irrep.
  const Symmetric<3> s3;
  const Irreps list = irreps(s3);
  const Irrep twice = sum(list.at("(2,1)"), list.at("(2,1)"), IrrepType::quaternionic);
  BOOST_TEST(broken(s3, with(list, "(2,1)", twice)) == "adaptation indicator");
  // A complex pair as one of real type.
  const Cyclic<> c5{5};
  const Irreps five = irreps(c5);
  const Irrep claimed("freq_1", 2, IrrepType::real, five.at("freq_1").characters(),
                      [irrep = five.at("freq_1")](Element a, double* out) { irrep.write_matrix(a, out); });
  BOOST_TEST(broken(c5, Irreps(five.classes(), {five[0], claimed})) == "indicator schur");
}

// D4 and Q8 have the same complex character table; only the indicator tells the matrices' type.
BOOST_AUTO_TEST_CASE(quaternionic_characters_on_a_dihedral_group_are_rejected) {
  const Dihedral<> g{4};
  const Irreps list = irreps(g);
  const Irrep twice = sum(list.at("freq_1"), list.at("freq_1"), IrrepType::quaternionic);
  BOOST_TEST(broken(g, with(list, "freq_1", twice)) == "adaptation indicator");
}

BOOST_AUTO_TEST_CASE(an_incomplete_list_is_refused_at_once) {
  const Irreps list = irreps(Symmetric<4>{});
  BOOST_CHECK_THROW((Irreps(list.classes(), {list[0], list[1], list[2], list[3]})), Error);
}

BOOST_AUTO_TEST_CASE(irreps_of_a_group_of_another_order_break_completeness) {
  BOOST_TEST(broken(Symmetric<4>{}, irreps(Symmetric<3>{})) == "completeness");
  BOOST_TEST(broken(Cyclic<>{5}, irreps(Cyclic<>{6})) == "completeness");
  BOOST_TEST(broken(cayley_table(Dihedral<>{4}), irreps(testing::frobenius_group_21())) == "completeness");
}

BOOST_AUTO_TEST_CASE(irreps_of_another_group_of_the_same_order_are_rejected) {
  BOOST_TEST(broken(Cyclic<>{6}, irreps(Symmetric<3>{})).find("homomorphism") != std::string::npos);
  BOOST_TEST(broken(Dihedral<>{4}, irreps(testing::quaternion_group())).find("homomorphism") != std::string::npos);
}

// For even n two more one-dimensional irreps; a list that has others in their places still spans the order.
BOOST_AUTO_TEST_CASE(the_dihedral_trap) {
  for (Index n : {4, 6, 8, 12}) {
    const Dihedral<> g{n};
    const Irreps list = irreps(g);
    BOOST_TEST_CONTEXT(g.name()) {
      const Irreps odd_formula = with(with(list, "sign_r", list.at("trivial")), "sign_rs", list.at("sign"));
      BOOST_TEST(broken(g, odd_formula) == "schur");
      BOOST_TEST(broken(g, with(list, "sign_rs", list.at("sign_r"))) == "schur");
      // freq_(n/2) is the sum of sign_r and sign_rs.
      const Irrep half_turn = sum(list.at("sign_r"), list.at("sign_rs"), IrrepType::real);
      BOOST_TEST(broken(g, with(list, "freq_1", half_turn)) == "indicator schur");
    }
  }
}

BOOST_AUTO_TEST_CASE(not_a_number_is_rejected) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Symmetric<4> g;
  const Irreps list = irreps(g);
  for (Index row = 0; row < 3; ++row) {
    for (Index column = 0; column < 3; ++column) {
      const Irrep spoilt = edited(list.at("(3,1)"), [=](Element a, Matrix<double> matrix) -> Matrix<double> {
        if (a == 23) matrix(row, column) = nan;
        return matrix;
      });
      BOOST_TEST(!broken(g, with(list, "(3,1)", spoilt)).empty());
    }
  }
  std::vector<double> values = list.at("(3,1)").characters();
  values[1] = nan;
  BOOST_TEST(broken(g, with(list, "(3,1)", with_characters(list.at("(3,1)"), values))) == "character schur");
}

BOOST_AUTO_TEST_CASE(the_tolerance_is_per_entry) {
  const Symmetric<3> g;
  const Irreps list = irreps(g);
  const Irrep noisy = edited(list.at("(2,1)"), [](Element a, Matrix<double> matrix) -> Matrix<double> {
    if (a == 4) matrix(0, 1) += 1e-6;
    return matrix;
  });
  const Irreps nearly = with(list, "(2,1)", noisy);
  BOOST_TEST(!broken_representation_laws(g, nearly, 1e-7).empty());
  BOOST_TEST(broken_representation_laws(g, nearly, 1e-5).empty());
}

BOOST_AUTO_TEST_CASE(samples_find_a_fault_in_a_large_group) {
  const Symmetric<6> g;
  const Irreps list = irreps(g);
  const Irrep flipped = edited(list.at("sign"), [](Element a, Matrix<double> const& matrix) -> Matrix<double> {
    return a % 3 == 1 ? Matrix<double>(-matrix) : matrix;
  });
  const std::vector<LawViolation> found =
      broken_representation_laws(g, with(list, "sign", flipped), 1e-9, {.budget = 50});
  BOOST_TEST_REQUIRE(found.size() == 2u);
  BOOST_TEST(found[0].law == "character");
  BOOST_TEST(found[1].law == "homomorphism");
}

BOOST_AUTO_TEST_SUITE_END()
