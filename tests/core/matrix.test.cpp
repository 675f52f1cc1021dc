#include <boost/test/unit_test.hpp>
#include <cayley/core/matrix.hpp>
#include <concepts>
#include <type_traits>
#include <vector>

BOOST_AUTO_TEST_SUITE(matrix_test)

using namespace cayley;

namespace {

static_assert(std::signed_integral<Index>);
static_assert(Matrix<float>::IsRowMajor == 1);
static_assert(Matrix<double>::IsRowMajor == 1);
static_assert(Vector<float>::ColsAtCompileTime == 1 && RowVector<float>::RowsAtCompileTime == 1);
static_assert(std::is_same_v<Matrix<float>::Scalar, float> && std::is_same_v<Vector<double>::Scalar, double>);

const double* address(ConstMatrixRef<double> view) {
  return view.data();
}
Index stride(ConstMatrixRef<double> view) {
  return view.outerStride();
}
void fill(MatrixRef<double> view, double value) {
  view.setConstant(value);
}

Matrix<double> counted(Index rows, Index cols) {
  Matrix<double> m(rows, cols);
  for (Index i = 0; i < m.size(); ++i) m.data()[i] = static_cast<double>(i);
  return m;
}

}  // namespace

BOOST_AUTO_TEST_CASE(rows_are_contiguous) {
  const Matrix<double> m = counted(2, 3);
  BOOST_TEST(m(0, 2) == 2.0);
  BOOST_TEST(m(1, 0) == 3.0);
  BOOST_TEST(m.innerStride() == 1);
  BOOST_TEST(m.outerStride() == 3);
}

BOOST_AUTO_TEST_CASE(const_view_binds_to_a_matrix_and_to_a_block_without_a_copy) {
  const Matrix<double> m = counted(4, 5);
  BOOST_TEST(address(m) == m.data());
  BOOST_TEST(address(m.block(1, 2, 2, 3)) == m.data() + 7);
  BOOST_TEST(stride(m.block(1, 2, 2, 3)) == 5);
  BOOST_TEST(address(m.middleRows(2, 2)) == m.data() + 10);
}

BOOST_AUTO_TEST_CASE(const_view_binds_to_memory_of_another_owner_without_a_copy) {
  const std::vector<double> memory(6, 1.0);
  const Eigen::Map<const Matrix<double>> map(memory.data(), 2, 3);
  BOOST_TEST(address(map) == memory.data());
}

BOOST_AUTO_TEST_CASE(const_view_of_an_expression_holds_its_values) {
  const Matrix<double> m = counted(2, 2);
  const ConstMatrixRef<double> view = 2.0 * m;
  BOOST_TEST(view(1, 1) == 6.0);
}

BOOST_AUTO_TEST_CASE(writable_view_writes_through) {
  Matrix<double> m = counted(3, 3);
  fill(m.block(0, 1, 2, 2), -1.0);
  BOOST_TEST(m(0, 0) == 0.0);
  BOOST_TEST(m(0, 1) == -1.0);
  BOOST_TEST(m(1, 2) == -1.0);
  BOOST_TEST(m(2, 1) == 7.0);
  fill(m, 4.0);
  BOOST_TEST(m.sum() == 36.0);
}

BOOST_AUTO_TEST_CASE(vectors_have_one_column_or_one_row) {
  const Vector<float> v = Vector<float>::Ones(4);
  const RowVector<float> r = RowVector<float>::Ones(4);
  BOOST_TEST(v.rows() == 4);
  BOOST_TEST(r.cols() == 4);
  BOOST_TEST((r * v).value() == 4.0f);
}

BOOST_AUTO_TEST_SUITE_END()
