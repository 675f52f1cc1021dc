#include <cayley/interpret/irrep_terms.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/fourier/pair_transform.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/group/symmetric.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(irrep_terms_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(coefficients_are_entries_of_the_transform_of_pairs) {
  const FourierBasis<double> basis(Symmetric<3>{});
  const Matrix<double> f = random_matrix(36, 2, 9);
  const Matrix<double> all = transform_pairs(basis, f);
  for (Index r = 0; r < basis.irreps().size(); ++r) {
    std::vector<Index> functions{0};
    for (Index k = 0; r != 0 && k < basis.block(r).size; ++k) functions.push_back(basis.block(r).begin + k);
    const auto count = static_cast<Index>(functions.size());
    const Matrix<double> found = irrep_term_coefficients(basis, r, f);
    BOOST_TEST_REQUIRE(found.rows() == count * count);
    Matrix<double> kept = Matrix<double>::Zero(36, 2);
    for (Index i = 0; i < count; ++i) {
      for (Index j = 0; j < count; ++j) {
        const Index row = functions[static_cast<std::size_t>(i)] * 6 + functions[static_cast<std::size_t>(j)];
        BOOST_TEST((found.row(i * count + j) - all.row(row)).cwiseAbs().maxCoeff() < 1e-13);
        kept.row(row) = all.row(row);
      }
    }
    const Matrix<double> projection = inverse_transform_pairs(basis, kept);
    BOOST_TEST((from_irrep_terms(basis, r, found) - projection).cwiseAbs().maxCoeff() < 1e-13);
  }
}

BOOST_AUTO_TEST_CASE(nine_terms_of_a_frequency) {
  const FourierBasis<double> basis(Cyclic<>{7});
  Matrix<double> kept(49, 1), lost(49, 1);
  for (Index a = 0; a < 7; ++a) {
    for (Index b = 0; b < 7; ++b) {
      const auto cosine = [](Index k) { return std::cos(2 * std::numbers::pi * static_cast<double>(k) / 7); };
      kept(a * 7 + b, 0) = 1 + cosine(2 * a) - cosine(2 * b + 1) + cosine(2 * (a - b) + 3);
      lost(a * 7 + b, 0) = cosine(3 * a) + cosine(2 * a) * cosine(3 * b) + cosine(a + b);
    }
  }
  const Matrix<double> both = kept + lost;
  const Matrix<double> terms = irrep_term_coefficients(basis, 2, both);
  BOOST_TEST(terms.rows() == 9);
  BOOST_TEST((from_irrep_terms(basis, 2, terms) - kept).cwiseAbs().maxCoeff() < 1e-13);
  BOOST_CHECK_THROW(irrep_term_coefficients(basis, 2, Matrix<double>::Zero(48, 1)), Error);
  BOOST_CHECK_THROW(from_irrep_terms(basis, 2, Matrix<double>::Zero(8, 1)), Error);
}

BOOST_AUTO_TEST_SUITE_END()
