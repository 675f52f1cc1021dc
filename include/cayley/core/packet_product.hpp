/// The matrix product behind every other: matrices that stay in a core's caches, without packing them.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cayley/core/matrix.hpp>
#include <vector>

namespace cayley {

// The products of this library are many and small: chunks of a batch times weights. A general library copies both
// operands into its own layout first, which at these sizes costs as much as an eighth of the product; here a tile of the
// result is held in registers while rows of b stream past, read where they lie. Each combination of Eigen expressions
// also costs a second or more of compile time, which this does not.

/// An operand: entry (i, j) is data[i * row_step + j * col_step].
template <class Scalar>
struct StridedOperand {
  Scalar const* data;
  Index row_step;
  Index col_step;

  Scalar const& operator()(Index i, Index j) const { return data[i * row_step + j * col_step]; }
};

namespace detail {

/// The result is computed in tiles of `rows` by `packets * width` numbers, each held in registers.
template <class Scalar>
struct ProductTile {
  using Packet = typename Eigen::internal::packet_traits<Scalar>::type;
  static constexpr Index width = Eigen::internal::packet_traits<Scalar>::size;
  static constexpr int packets = 3;
  static constexpr int rows = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 8 : 4;
  static constexpr Index cols = packets * width;
  static constexpr Index depth = 256;  ///< rows of b at a time; a panel of them stays in the second-level cache
};

/// c = alpha a b + beta c for one tile of Packets * width columns, of which `cols` are stored, and `rows` rows.
/// Rows of `b` have Packets * width numbers. If beta = 0, c is not read.
template <int Packets, bool IsWhole, class Scalar>
void product_tile(Index rows, Index cols, Index depth, StridedOperand<Scalar> a, Scalar const* b, Index b_step,
                  Scalar* c, Index c_step, Scalar alpha, Scalar beta) {
  namespace E = Eigen::internal;
  using Tile = ProductTile<Scalar>;
  using Packet = typename Tile::Packet;
  constexpr Index width = Tile::width;
  Packet sum[Tile::rows][Packets];
  Index a_row[Tile::rows];
  CAYLEY_UNROLL_TIMES(8)
  for (int i = 0; i < Tile::rows; ++i) {
    // Rows past the end repeat the first one and are not stored.
    a_row[i] = IsWhole || i < rows ? i * a.row_step : 0;
    CAYLEY_UNROLL_TIMES(3)
    for (int p = 0; p < Packets; ++p) sum[i][p] = E::pset1<Packet>(Scalar(0));
  }
  for (Index k = 0; k < depth; ++k) {
    Packet row[Packets];
    CAYLEY_UNROLL_TIMES(3)
    for (int p = 0; p < Packets; ++p) row[p] = E::ploadu<Packet>(b + k * b_step + p * width);
    CAYLEY_UNROLL_TIMES(8)
    for (int i = 0; i < Tile::rows; ++i) {
      const Packet factor = E::pset1<Packet>(a.data[(IsWhole ? i * a.row_step : a_row[i]) + k * a.col_step]);
      CAYLEY_UNROLL_TIMES(3)
      for (int p = 0; p < Packets; ++p) sum[i][p] = E::pmadd(factor, row[p], sum[i][p]);
    }
  }
  const Packet scale = E::pset1<Packet>(alpha);
  if constexpr (IsWhole) {
    const Packet keep = E::pset1<Packet>(beta);
    CAYLEY_UNROLL_TIMES(8)
    for (int i = 0; i < Tile::rows; ++i) {
      CAYLEY_UNROLL_TIMES(3)
      for (int p = 0; p < Packets; ++p) {
        Scalar* to = c + i * c_step + p * width;
        const Packet value = E::pmul(scale, sum[i][p]);
        E::pstoreu(to, beta == Scalar(0) ? value : E::padd(E::pmul(keep, E::ploadu<Packet>(to)), value));
      }
    }
  } else {
    const Index whole = cols / width;
    for (Index i = 0; i < rows; ++i) {
      Scalar* to = c + i * c_step;
      for (int p = 0; p < Packets; ++p) {
        const Packet value = E::pmul(scale, sum[i][p]);
        if (p < whole) {
          E::pstoreu(to + p * width,
                     beta == Scalar(0)
                         ? value
                         : E::padd(E::pmul(E::pset1<Packet>(beta), E::ploadu<Packet>(to + p * width)), value));
          continue;
        }
        Scalar rest[width];
        E::pstoreu(rest, value);
        for (Index j = p * width; j < cols; ++j) {
          const Scalar found = rest[j - p * width];
          to[j] = beta == Scalar(0) ? found : beta * to[j] + found;
        }
      }
    }
  }
}

/// The same for any number of rows.
template <int Packets, class Scalar>
void product_panel(Index rows, Index cols, Index depth, StridedOperand<Scalar> a, Scalar const* b, Index b_step,
                   Scalar* c, Index c_step, Scalar alpha, Scalar beta) {
  using Tile = ProductTile<Scalar>;
  for (Index i = 0; i < rows; i += Tile::rows, a.data += Tile::rows * a.row_step, c += Tile::rows * c_step) {
    const Index count = std::min<Index>(Tile::rows, rows - i);
    if (count == Tile::rows && cols == Packets * Tile::width) {
      product_tile<Packets, true>(count, cols, depth, a, b, b_step, c, c_step, alpha, beta);
    } else {
      product_tile<Packets, false>(count, cols, depth, a, b, b_step, c, c_step, alpha, beta);
    }
  }
}

}  // namespace detail

/// c = alpha a b + beta c.
/// Shape: a (rows, depth), b (depth, cols), c (rows, cols) with `c_step` numbers from one row to the next. c shares no
///        memory with a and b; if beta = 0, c is not read.
/// Accuracy: each entry is a sum over depth in ascending order, in blocks of 256, by fused multiply-adds where the
///           processor has them. An entry depends on its row of a and its column of b alone: not on the other sizes.
template <class Scalar>
void packet_product(Index rows, Index cols, Index depth, StridedOperand<Scalar> a, StridedOperand<Scalar> b, Scalar* c,
                    Index c_step, Scalar alpha, Scalar beta) {
  using Tile = detail::ProductTile<Scalar>;
  if (rows == 0) return;  // there may be no memory to point into
  if (depth == 0) {
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < cols; ++j) c[i * c_step + j] = beta == Scalar(0) ? Scalar(0) : beta * c[i * c_step + j];
    }
  }
  thread_local std::vector<Scalar, Eigen::aligned_allocator<Scalar>> copy;
  // The part of the product with rows first .. first + 255 of b and its columns j .. j + Tile::cols - 1.
  const auto add = [&](Index j, Index first) {
    const Index count = std::min(Tile::cols, cols - j);
    const Index packets = (count + Tile::width - 1) / Tile::width, padded = packets * Tile::width;
    const Index block = std::min(Tile::depth, depth - first);
    StridedOperand<Scalar> panel{&b(first, j), b.row_step, b.col_step};
    if (b.col_step != 1 || padded != count) {
      // Columns that are not contiguous, or too few for whole packets.
      copy.resize(static_cast<std::size_t>(Tile::depth * Tile::cols));
      for (Index k = 0; k < block; ++k) {
        Scalar* to = copy.data() + k * padded;
        for (Index i = 0; i < count; ++i) to[i] = panel(k, i);
        std::fill(to + count, to + padded, Scalar(0));
      }
      panel = {copy.data(), padded, 1};
    }
    const StridedOperand<Scalar> columns{&a(0, first), a.row_step, a.col_step};
    const Scalar keep = first == 0 ? beta : Scalar(1);
    const auto run = [&](auto product) {
      product(rows, count, block, columns, panel.data, panel.row_step, c + j, c_step, alpha, keep);
    };
    if (packets == 1) run(detail::product_panel<1, Scalar>);
    if (packets == 2) run(detail::product_panel<2, Scalar>);
    if (packets == 3) run(detail::product_panel<3, Scalar>);
  };
  // What is passed over again and again should be the smaller: 256 columns of a, or Tile::cols columns of c.
  if (cols < depth) {
    for (Index first = 0; first < depth; first += Tile::depth) {
      for (Index j = 0; j < cols; j += Tile::cols) add(j, first);
    }
  } else {
    for (Index j = 0; j < cols; j += Tile::cols) {
      for (Index first = 0; first < depth; first += Tile::depth) add(j, first);
    }
  }
}

}  // namespace cayley
