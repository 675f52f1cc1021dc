#include <boost/test/unit_test.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/plot/numbered.hpp>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(numbered_test)

namespace {

using namespace cayley;

using Names = std::vector<std::string>;
using Numbers = std::vector<double>;

BOOST_AUTO_TEST_CASE(names_are_numbered_from_0) {
  BOOST_TEST(numbered_names("head", 2) == (Names{"head 0", "head 1"}), boost::test_tools::per_element());
  BOOST_TEST(number_names(3) == (Names{"0", "1", "2"}), boost::test_tools::per_element());
  BOOST_TEST(numbered_names("head", 0).empty());
}

BOOST_AUTO_TEST_CASE(traces_are_numbered_from_0) {
  Matrix<double> values(2, 3);
  values << 4, 5, 6, 7, 8, 9;
  const Curve curve = numbered_curve("row", values.row(1), 2, {"a", "b", "c"});
  BOOST_TEST(curve.name == "row");
  BOOST_TEST(curve.colour == 2u);
  BOOST_TEST(curve.x == (Numbers{0, 1, 2}), boost::test_tools::per_element());
  BOOST_TEST(curve.y == (Numbers{7, 8, 9}), boost::test_tools::per_element());
  BOOST_TEST(curve.hover == (Names{"a", "b", "c"}), boost::test_tools::per_element());
  const Points points = numbered_points("column", values.col(2), 1);
  BOOST_TEST(points.x == (Numbers{0, 1}), boost::test_tools::per_element());
  BOOST_TEST(points.y == (Numbers{6, 9}), boost::test_tools::per_element());
  BOOST_TEST(points.hover.empty());
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
