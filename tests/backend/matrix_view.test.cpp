#include <boost/test/unit_test.hpp>
#include <cayley/backend/matrix_view.hpp>

#ifdef EIGEN_WORLD_VERSION
#error "backend/matrix_view.hpp must not include Eigen"
#endif

#include <concepts>
#include <string>

BOOST_AUTO_TEST_SUITE(matrix_view_test)

namespace {

using namespace cayley;

static_assert(std::convertible_to<MatrixView<float>, MatrixView<float const>>);
static_assert(!std::convertible_to<MatrixView<float const>, MatrixView<float>>);

BOOST_AUTO_TEST_CASE(views_know_their_shape_as_a_product_sees_it) {
  float values[12] = {};
  const auto view = matrix_view(values, 3, 4);
  BOOST_TEST(view.row_stride == 4);
  BOOST_TEST(view.product_rows() == 3);
  BOOST_TEST(transposed(view).product_rows() == 4);
  BOOST_TEST(transposed(view).product_cols() == 3);
  BOOST_TEST(transposed(transposed(view)).product_rows() == 3);

  const auto block = row_block(view, 1, 2);
  BOOST_TEST(block.data == values + 4);
  BOOST_TEST(block.rows == 2);
  BOOST_TEST(block.cols == 4);
  BOOST_CHECK_THROW(row_block(view, 2, 2), Error);
  BOOST_CHECK_THROW(row_block(view, -1, 2), Error);
  BOOST_CHECK_THROW(row_block(transposed(view), 0, 1), Error);

  const auto columns = column_block(view, 1, 2);
  BOOST_TEST(columns.data == values + 1);
  BOOST_TEST(columns.rows == 3);
  BOOST_TEST(columns.cols == 2);
  BOOST_TEST(columns.row_stride == 4);
  BOOST_CHECK_THROW(column_block(view, 3, 2), Error);
  BOOST_CHECK_THROW(column_block(transposed(view), 0, 1), Error);
  BOOST_TEST(column_block(matrix_view<float>(nullptr, 0, 4), 2, 2).data == nullptr);
}

BOOST_AUTO_TEST_CASE(a_batch_is_a_row_of_matrices_or_one_for_all) {
  double values[24] = {};
  MatrixView<double> batch{values, 2, 3, 4, true, 3, 8};
  BOOST_TEST(batch.matrix(2).data == values + 16);
  BOOST_TEST(batch.matrix(2).batches == 1);
  BOOST_TEST(batch.matrix(2).is_transposed);
  batch.batches = 1;
  BOOST_TEST(batch.matrix(2).data == values);
  const MatrixView<double const> constant = batch;
  BOOST_TEST(constant.batch_stride == 8);
  BOOST_TEST(constant.row_stride == 4);
}

BOOST_AUTO_TEST_CASE(a_matrix_is_cut_into_those_of_a_batch) {
  float values[24] = {};
  const auto view = matrix_view(values, 4, 6);
  const auto beside = side_by_side(view, 2, 2, 2);
  BOOST_TEST(beside.batches == 2);
  BOOST_TEST(beside.rows == 4);
  BOOST_TEST(beside.cols == 2);
  BOOST_TEST(beside.matrix(1).data == values + 4);
  BOOST_TEST(beside.matrix(1).row_stride == 6);
  BOOST_CHECK_THROW(side_by_side(view, 3, 2, 2), Error);
  const auto below = stacked(view, 2);
  BOOST_TEST(below.batches == 2);
  BOOST_TEST(below.rows == 2);
  BOOST_TEST(below.matrix(1).data == values + 12);
  BOOST_CHECK_THROW(stacked(view, 3), Error);
  BOOST_CHECK_THROW(stacked(view, 0), Error);
  BOOST_CHECK_THROW(stacked(transposed(view), 2), Error);
}

BOOST_AUTO_TEST_CASE(products_that_do_not_fit_are_refused) {
  float x[16] = {}, y[16] = {}, z[16] = {};
  const auto message = [](MatrixView<float const> a, MatrixView<float const> b, MatrixView<float> c) {
    try {
      check_product<float>(a, b, c);
    } catch (Error const& error) {
      return std::string(error.what());
    }
    return std::string("fits");
  };
  const auto a = matrix_view(x, 2, 3);
  const auto b = matrix_view(y, 3, 4);
  const auto c = matrix_view(z, 2, 4);
  BOOST_TEST(message(a, b, c) == "fits");
  BOOST_TEST(message(transposed(b), transposed(a), matrix_view(z, 4, 2)) == "fits");
  BOOST_TEST(message(a, transposed(b), c) ==
             "matrix product: the shapes of a (2, 3), b (4, 3) and c (2, 4) do not fit");
  BOOST_TEST(message(a, b, matrix_view(z, 2, 3)) ==
             "matrix product: the shapes of a (2, 3), b (3, 4) and c (2, 3) do not fit");
  BOOST_TEST(message(a, matrix_view(y, 3, 2), transposed(matrix_view(z, 2, 2))) ==
             "matrix product: the result c cannot be transposed");

  auto narrow = a;
  narrow.row_stride = 2;
  BOOST_TEST(message(narrow, b, c) == "matrix product: a row stride is smaller than the number of columns");
  auto two = a;
  two.batches = 2;
  BOOST_TEST(message(two, b, c) == "matrix product: expected 1 or 1 matrices in a and b, found 2 and 1");
  auto overlapping = c;
  overlapping.batches = 2;
  overlapping.batch_stride = 7;
  BOOST_TEST(message(a, b, overlapping) == "matrix product: the matrices of c overlap, batch stride 7");
  overlapping.batch_stride = 8;
  BOOST_TEST(message(a, b, overlapping) == "fits");
  auto beside = side_by_side(matrix_view(z, 2, 8), 0, 2, 4);
  BOOST_TEST(message(a, b, beside) == "fits");
  beside.batch_stride = 3;
  BOOST_TEST(message(a, b, beside) == "matrix product: the matrices of c overlap, batch stride 3");
  beside.batch_stride = 5;
  BOOST_TEST(message(a, b, beside) == "matrix product: the matrices of c overlap, batch stride 5");
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
