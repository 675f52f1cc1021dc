#include <cayley/core/packet_product.hpp>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>

BOOST_AUTO_TEST_SUITE(packet_product_test)

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

// Both sides of 1, 2, 3 packets and 1, 2 tiles; c lies inside a larger matrix, further from its borders than a packet.
BOOST_AUTO_TEST_CASE_TEMPLATE(parts_of_tiles_write_their_own_entries_alone, Scalar, Scalars) {
  using Tile = detail::ProductTile<Scalar>;
  constexpr Index width = Tile::width, gap = Tile::cols + 1;
  std::set<Index> row_counts{1, 2}, col_counts{1, 2};
  for (const Index beside : {-1, 0, 1}) {
    for (const Index tiles : {1, 2}) row_counts.insert(tiles * Tile::rows + beside);
    for (const Index packets : {1, 2, 3, 4, 6}) col_counts.insert(packets * width + beside);
  }
  const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
  for (const Index rows : row_counts) {
    for (const Index cols : col_counts) {
      for (const Index depth : {0, 3, 260}) {
        const Matrix<Scalar> a = Matrix<Scalar>::Random(rows, depth), b = Matrix<Scalar>::Random(depth, cols);
        Matrix<double> product = Matrix<double>::Zero(rows, cols);
        if (depth > 0) product = a.template cast<double>().lazyProduct(b.template cast<double>());
        for (const double beta : {0.0, 1.0, 0.5}) {
          const Matrix<Scalar> inside = Matrix<Scalar>::Random(rows, cols);
          const Index c_step = cols + 2 * gap;
          Matrix<Scalar> c = Matrix<Scalar>::Constant(rows + 2 * gap, c_step, Scalar(7));
          if (beta == 0) {
            c.block(gap, gap, rows, cols).setConstant(nan);
          } else {
            c.block(gap, gap, rows, cols) = inside;
          }
          packet_product<Scalar>(rows, cols, depth, operand(a, false), operand(b, false), &c(gap, gap), c_step,
                                 Scalar(-1.5), Scalar(beta));
          const Matrix<double> expected = -1.5 * product + beta * inside.template cast<double>();
          const Matrix<double> found = c.block(gap, gap, rows, cols).template cast<double>();
          const double bound = 2.0 * std::numeric_limits<Scalar>::epsilon() * static_cast<double>(depth + 2);
          BOOST_TEST(((found - expected).array().abs() <= bound).all(),
                     rows << " " << cols << " " << depth << " beta " << beta);
          c.block(gap, gap, rows, cols).setConstant(Scalar(7));
          BOOST_TEST((c.array() == Scalar(7)).all(), rows << " " << cols << " " << depth << ": written outside");
        }
      }
    }
  }
}

// -1 times a sum of zeros is -0 in a whole tile and in a part of one.
BOOST_AUTO_TEST_CASE_TEMPLATE(zeros_have_the_same_sign_in_parts_of_tiles, Scalar, Scalars) {
  using Tile = detail::ProductTile<Scalar>;
  const Index rows = 2 * Tile::rows - 1, cols = 2 * Tile::cols - 1;
  const Matrix<Scalar> a = Matrix<Scalar>::Zero(rows, 3), b = Matrix<Scalar>::Ones(3, cols);
  Matrix<Scalar> c = Matrix<Scalar>::Ones(rows, cols);
  packet_product<Scalar>(rows, cols, 3, operand(a, false), operand(b, false), c.data(), cols, -1, 0);
  for (Index i = 0; i < c.size(); ++i) BOOST_TEST_REQUIRE(std::signbit(c.data()[i]));
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

BOOST_AUTO_TEST_SUITE_END()
