#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/representation/irrep.hpp>
#include <cayley/representation/permutation_groups.hpp>
#include <cayley/representation/rotations.hpp>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(irrep_test)

using namespace cayley;

namespace {

bool contains(Error const& error, std::string const& text) {
  return std::string(error.what()).find(text) != std::string::npos;
}

Irrep of_shape(Index dimension, IrrepType type) {
  return Irrep("rho", dimension, type, {}, [](Element, double*) {});
}

}  // namespace

BOOST_AUTO_TEST_CASE(types_have_names_and_dimensions) {
  BOOST_TEST(to_string(IrrepType::real) == "real");
  BOOST_TEST(to_string(IrrepType::complex) == "complex");
  BOOST_TEST(to_string(IrrepType::quaternionic) == "quaternionic");
  BOOST_TEST(of_shape(4, IrrepType::real).nu() == 1);
  BOOST_TEST(of_shape(4, IrrepType::complex).nu() == 2);
  BOOST_TEST(of_shape(4, IrrepType::quaternionic).nu() == 4);
}

BOOST_AUTO_TEST_CASE(the_isotypic_dimension_is_d_squared_over_nu) {
  BOOST_TEST(of_shape(3, IrrepType::real).isotypic_dimension() == 9);
  BOOST_TEST(of_shape(6, IrrepType::complex).isotypic_dimension() == 18);
  BOOST_TEST(of_shape(8, IrrepType::quaternionic).isotypic_dimension() == 16);
}

BOOST_AUTO_TEST_CASE(impossible_dimensions_are_refused) {
  BOOST_CHECK_EXCEPTION(of_shape(0, IrrepType::real), Error,
                        [](Error const& e) { return contains(e, "irrep rho: dimension 0"); });
  BOOST_CHECK_EXCEPTION(of_shape(3, IrrepType::complex), Error,
                        [](Error const& e) { return contains(e, "dimension 3 is not possible for complex type"); });
  BOOST_CHECK_THROW(of_shape(6, IrrepType::quaternionic), Error);
  BOOST_CHECK_THROW(of_shape(-4, IrrepType::quaternionic), Error);
}

BOOST_AUTO_TEST_CASE(matrix_elements_are_the_first_columns_of_the_blocks) {
  using Position = std::pair<Index, Index>;
  BOOST_TEST((of_shape(3, IrrepType::real).matrix_element(5) == Position{1, 2}));
  const Irrep complex = of_shape(4, IrrepType::complex);
  BOOST_TEST((complex.matrix_element(0) == Position{0, 0}));
  BOOST_TEST((complex.matrix_element(1) == Position{0, 2}));
  BOOST_TEST((complex.matrix_element(7) == Position{3, 2}));
  const Irrep quaternionic = of_shape(8, IrrepType::quaternionic);
  BOOST_TEST((quaternionic.matrix_element(1) == Position{0, 4}));
  BOOST_TEST((quaternionic.matrix_element(15) == Position{7, 4}));
}

// The statement of irrep.hpp: the independent matrix elements are orthogonal functions of squared norm
// order/d.
BOOST_AUTO_TEST_CASE(matrix_elements_are_orthogonal_functions) {
  const auto check = [](Irreps const& irreps) {
    Matrix<double> functions(irreps.order(), irreps.order());  // (elements, matrix elements)
    std::vector<double> squared_norms;
    Index column = 0;
    for (Irrep const& irrep : irreps) {
      for (Index k = 0; k < irrep.isotypic_dimension(); ++k, ++column) {
        const auto [i, j] = irrep.matrix_element(k);
        for (Index a = 0; a < irreps.order(); ++a) {
          functions(a, column) = irrep.matrix(static_cast<Element>(a))(i, j);
        }
        squared_norms.push_back(static_cast<double>(irreps.order()) / static_cast<double>(irrep.dimension()));
      }
    }
    BOOST_TEST(column == irreps.order());
    Matrix<double> products = functions.transpose() * functions;  // (matrix elements, matrix elements)
    for (Index k = 0; k < column; ++k) products(k, k) -= squared_norms[static_cast<std::size_t>(k)];
    BOOST_TEST(products.cwiseAbs().maxCoeff() < 1e-10);
  };
  check(irreps(Symmetric<4>{}));
  check(irreps(Alternating<4>{}));
  check(irreps(Cyclic<>{7}));
  check(irreps(Dihedral<>{6}));
}

BOOST_AUTO_TEST_CASE(basis_functions_have_names) {
  const Irreps cyclic = irreps(Cyclic<>{6});
  BOOST_TEST(cyclic.at("trivial").basis_name(0) == "Const");
  BOOST_TEST(cyclic.at("sign").basis_name(0) == "+-1");
  BOOST_TEST(cyclic.at("freq_2").basis_name(0) == "cos 2");
  BOOST_TEST(cyclic.at("freq_2").basis_name(1) == "sin 2");
  const Irreps symmetric = irreps(Symmetric<5>{});
  BOOST_TEST(symmetric.at("trivial").basis_name(0) == "Const");
  BOOST_TEST(symmetric.at("sign").basis_name(0) == "sign");
  BOOST_TEST(symmetric.at("(4,1)").basis_name(1) == "(4,1)[0,1]");
  BOOST_TEST(symmetric.at("(4,1)").basis_name(15) == "(4,1)[3,3]");
  BOOST_TEST(of_shape(4, IrrepType::complex).basis_name(3) == "rho[1,2]");
  BOOST_TEST(irreps(Dihedral<>{5}).at("freq_2").basis_name(2) == "freq_2[1,0]");
}

BOOST_AUTO_TEST_CASE(named_basis_functions_are_the_functions_of_that_name) {
  const Irreps list = irreps(Cyclic<>{8});
  Irrep const& irrep = list.at("freq_3");
  for (Element a = 0; a < 8; ++a) {
    const double angle = 2 * std::numbers::pi * 3 * a / 8;
    const auto [cos_row, cos_column] = irrep.matrix_element(0);
    const auto [sin_row, sin_column] = irrep.matrix_element(1);
    BOOST_TEST(std::abs(irrep.matrix(a)(cos_row, cos_column) - std::cos(angle)) < 1e-14);
    BOOST_TEST(std::abs(irrep.matrix(a)(sin_row, sin_column) - std::sin(angle)) < 1e-14);
  }
}

BOOST_AUTO_TEST_CASE(renaming_changes_labels_alone) {
  const Irreps list = irreps(Symmetric<3>{});
  const Irrep renamed = list.at("(2,1)").renamed("standard");
  BOOST_TEST(renamed.label() == "standard");
  BOOST_TEST(renamed.basis_name(1) == "standard[0,1]");
  BOOST_TEST((renamed.matrix(4) == list.at("(2,1)").matrix(4)));
  BOOST_TEST((renamed.characters() == list.at("(2,1)").characters()));

  const Irreps all = list.renamed({"one", "two", "three"});
  BOOST_TEST(all[1].label() == "two");
  BOOST_TEST(all.find("three") == 2);
  BOOST_TEST(all.find("(2,1)") == -1);
  BOOST_TEST((all.character_table() == list.character_table()));
  BOOST_TEST(list[1].label() == "(2,1)");
  BOOST_CHECK_EXCEPTION(list.renamed({"one", "two"}), Error,
                        [](Error const& e) { return contains(e, "2 labels for 3 irreps"); });
}

BOOST_AUTO_TEST_CASE(a_miss_lists_the_labels) {
  const Irreps list = irreps(Symmetric<4>{});
  BOOST_TEST(list.at("(2,2)").dimension() == 2);
  BOOST_TEST(list.find("(2,2)") == 2);
  BOOST_TEST(list.find("standard") == -1);
  BOOST_CHECK_EXCEPTION(list.at("standard"), Error, [](Error const& e) {
    return contains(e, "no irrep is called standard") && contains(e, "trivial, (3,1), (2,2), (2,1,1), sign");
  });
  BOOST_CHECK_EXCEPTION(list.at("sing"), Error, [](Error const& e) { return contains(e, "did you mean sign?"); });
}

BOOST_AUTO_TEST_CASE(characters_are_looked_up_by_class) {
  const Symmetric<4> g;
  const Irreps list = irreps(g);
  const Matrix<double> table = list.character_table();  // (irreps, classes)
  BOOST_TEST(table.rows() == list.size());
  BOOST_TEST(table.cols() == list.classes().count());
  for (Index i = 0; i < list.size(); ++i) {
    for (Element a : elements(g)) {
      const auto c = static_cast<Index>(list.classes().class_of[a]);
      BOOST_TEST(list.character(list[i], a) == table(i, c));
      BOOST_TEST(std::abs(table(i, c) - list[i].matrix(a).trace()) < 1e-12);
    }
  }
  const std::vector<double> traces =
      traces_by_class(list.classes(), 3, [&](Element a, double* out) { list[1].write_matrix(a, out); });
  for (std::size_t c = 0; c < traces.size(); ++c) {
    BOOST_TEST(std::abs(traces[c] - table(1, static_cast<Index>(c))) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(lists_count_and_iterate) {
  const Irreps list = irreps(Cyclic<>{5});
  BOOST_TEST(list.order() == 5);
  BOOST_TEST(list.size() == 3);
  Index position = 0;
  for (Irrep const& irrep : list) BOOST_TEST(irrep.label() == list[position++].label());
  BOOST_TEST(position == 3);
}

BOOST_AUTO_TEST_CASE(a_list_that_is_not_complete_is_refused) {
  const Irreps list = irreps(Symmetric<3>{});
  BOOST_CHECK_EXCEPTION((Irreps(list.classes(), {list[0], list[1]})), Error, [](Error const& e) {
    return contains(e, "irreps span 5 dimensions of functions on a group of order 6");
  });
  BOOST_CHECK_THROW((Irreps(list.classes(), {list[0], list[0], list[1], list[2]})), Error);
  BOOST_CHECK_THROW((Irreps(list.classes(), {})), Error);
}

BOOST_AUTO_TEST_CASE(characters_of_another_number_of_classes_are_refused) {
  const Irreps list = irreps(Symmetric<3>{});
  const Irrep broken("broken", 1, IrrepType::real, {1, 1}, [](Element, double* out) { *out = 1; });
  BOOST_CHECK_EXCEPTION((Irreps(list.classes(), {broken, list[1], list[2]})), Error,
                        [](Error const& e) { return contains(e, "irrep broken: 2 character values for 3 classes"); });
}

BOOST_AUTO_TEST_CASE(one_dimensional_irreps_take_their_values) {
  const Cyclic<> g{4};
  const ConjugacyClasses classes = conjugacy_classes(g);
  const Irrep trivial = trivial_irrep(classes);
  BOOST_TEST(trivial.label() == "trivial");
  BOOST_TEST(trivial.matrix(3)(0, 0) == 1);
  BOOST_TEST((trivial.characters() == std::vector<double>{1, 1, 1, 1}));
  const Irrep sign = one_dimensional_irrep("parity", classes, [](Element a) { return a % 2 == 0 ? 1.0 : -1.0; });
  BOOST_TEST(sign.dimension() == 1);
  BOOST_TEST(sign.matrix(3)(0, 0) == -1);
  BOOST_TEST((sign.characters() == std::vector<double>{1, -1, 1, -1}));
  BOOST_TEST(sign.basis_name(0) == "parity");
}

BOOST_AUTO_TEST_SUITE_END()
