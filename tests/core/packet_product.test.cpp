#include <cayley/core/packet_product.hpp>

#include <boost/test/unit_test.hpp>
#include <limits>
#include <tuple>

using namespace cayley;

namespace {

template <class Scalar>
StridedOperand<Scalar> operand(Matrix<Scalar> const& m, bool transposed) {
  return transposed ? StridedOperand<Scalar>{m.data(), 1, m.cols()} : StridedOperand<Scalar>{m.data(), m.cols(), 1};
}

}  // namespace

// Sizes on both sides of a tile, of a packet and of a block of the depth.
using Scalars = std::tuple<float, double>;
BOOST_AUTO_TEST_CASE_TEMPLATE(products_of_every_shape, Scalar, Scalars) {
  std::srand(1);
  for (Index rows : {1, 7, 8, 17}) {
    for (Index cols : {1, 3, 16, 24, 49, 120}) {
      for (Index depth : {0, 1, 5, 256, 300}) {
        for (const bool left : {false, true}) {
          for (const bool right : {false, true}) {
            const Matrix<Scalar> a = Matrix<Scalar>::Random(left ? depth : rows, left ? rows : depth);
            const Matrix<Scalar> b = Matrix<Scalar>::Random(right ? cols : depth, right ? depth : cols);
            const Matrix<double> wide_a = a.template cast<double>(), wide_b = b.template cast<double>();
            // Eigen takes blocks of empty matrices, which the sanitizer minds.
            Matrix<double> product = Matrix<double>::Zero(rows, cols);
            if (depth > 0) {
              product = (left ? Matrix<double>(wide_a.transpose()) : wide_a)
                            .lazyProduct(right ? Matrix<double>(wide_b.transpose()) : wide_b);
            }
            const double tolerance = 1e-6 * (sizeof(Scalar) == 4 ? 10 : 1e-7) * static_cast<double>(depth + 1);

            // c lies in a wider matrix, whose other entries stay as they are.
            Matrix<Scalar> c = Matrix<Scalar>::Constant(rows, cols + 2, Scalar(7));
            c.leftCols(cols).setConstant(std::numeric_limits<Scalar>::quiet_NaN());  // not read for beta = 0
            packet_product<Scalar>(rows, cols, depth, operand(a, left), operand(b, right), c.data(), cols + 2, 2, 0);
            const auto error = [&](Matrix<double> const& expected) {
              return (c.leftCols(cols).template cast<double>() - expected).cwiseAbs().maxCoeff();
            };
            BOOST_TEST(error(2 * product) <= tolerance, rows << " " << cols << " " << depth);
            packet_product<Scalar>(rows, cols, depth, operand(a, left), operand(b, right), c.data(), cols + 2, 1, 0.5);
            BOOST_TEST(error(2 * product) <= tolerance, rows << " " << cols << " " << depth);
            BOOST_TEST((c.rightCols(2).array() == Scalar(7)).all());
          }
        }
      }
    }
  }
}

// What makes results independent of how a batch is cut into chunks.
BOOST_AUTO_TEST_CASE(an_entry_depends_on_its_row_and_column_alone) {
  const Matrix<float> a = Matrix<float>::Random(37, 300), b = Matrix<float>::Random(300, 53);
  Matrix<float> whole(37, 53), part(5, 53);
  packet_product<float>(37, 53, 300, operand(a, false), operand(b, false), whole.data(), 53, 1, 0);
  for (Index first : {0, 3, 32}) {
    packet_product<float>(5, 53, 300, {a.data() + first * 300, 300, 1}, operand(b, false), part.data(), 53, 1, 0);
    BOOST_TEST((part.array() == whole.middleRows(first, 5).array()).all());
  }
  const Matrix<float> right = b.rightCols(20);
  Matrix<float> columns(37, 20);
  packet_product<float>(37, 20, 300, operand(a, false), operand(right, false), columns.data(), 20, 1, 0);
  BOOST_TEST((columns.array() == whole.rightCols(20).array()).all());
}
