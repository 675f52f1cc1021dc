#include <boost/test/unit_test.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/plot/fourier_map.hpp>

BOOST_AUTO_TEST_SUITE(fourier_map_test)
using namespace cayley;

BOOST_AUTO_TEST_CASE(both_axes_have_the_names_of_the_basis) {
  const FourierBasis basis(Cyclic<5>{});
  const Matrix<double> coefficients = Matrix<double>::Identity(5, 5);
  const HeatMap map = fourier_map(basis.names(), coefficients);
  BOOST_TEST(map.row_labels == (std::vector<std::string>{"Const", "cos 1", "sin 1", "cos 2", "sin 2"}),
             boost::test_tools::per_element());
  BOOST_TEST(map.row_labels == map.column_labels, boost::test_tools::per_element());
  BOOST_TEST((map.z == coefficients));
}

BOOST_AUTO_TEST_SUITE_END()
