/// Sums and dot products of whole rows in vector registers: what mixing a few table rows comes down to.
#pragma once

#include <Eigen/Core>
#include <cayley/core/matrix.hpp>

namespace cayley {

/// out = start + sum over k of weights[k] rows[k], in the order of the rows.
/// Shape: start, out and each row (cols); `rows` and `weights` (count). `out` may be `start`.
template <class Scalar>
void mix_rows(Index count, Index cols, Scalar const* const* rows, Scalar const* weights, Scalar const* start,
              Scalar* out) {
  namespace E = Eigen::internal;
  using Packet = typename E::packet_traits<Scalar>::type;
  constexpr Index width = E::packet_traits<Scalar>::size;
  constexpr int packets = 4;
  Index c = 0;
  for (; c + packets * width <= cols; c += packets * width) {
    Packet sum[packets];
    CAYLEY_UNROLL_TIMES(4)
    for (int i = 0; i < packets; ++i) sum[i] = E::ploadu<Packet>(start + c + i * width);
    for (Index k = 0; k < count; ++k) {
      const Packet weight = E::pset1<Packet>(weights[k]);
      CAYLEY_UNROLL_TIMES(4)
      for (int i = 0; i < packets; ++i) {
        sum[i] = E::pmadd(weight, E::ploadu<Packet>(rows[k] + c + i * width), sum[i]);
      }
    }
    CAYLEY_UNROLL_TIMES(4)
    for (int i = 0; i < packets; ++i) E::pstoreu(out + c + i * width, sum[i]);
  }
  for (; c < cols; ++c) {
    Scalar sum = start[c];
    for (Index k = 0; k < count; ++k) sum += weights[k] * rows[k][c];
    out[c] = sum;
  }
}

namespace detail {

/// Adds `Rows` rows to `Targets` rows, see `add_rows`.
template <int Rows, int Targets, class Scalar>
void add_some_rows(Index cols, Scalar const* const* rows, Scalar const* const* weights, Scalar* to, Index to_step) {
  namespace E = Eigen::internal;
  using Packet = typename E::packet_traits<Scalar>::type;
  constexpr Index width = E::packet_traits<Scalar>::size;
  Packet weight[Rows][Targets];
  for (int k = 0; k < Rows; ++k) {
    for (int t = 0; t < Targets; ++t) weight[k][t] = E::pset1<Packet>(weights[k][t]);
  }
  Index c = 0;
  for (; c + width <= cols; c += width) {
    Packet row[Rows];
    CAYLEY_UNROLL_TIMES(4)
    for (int k = 0; k < Rows; ++k) row[k] = E::ploadu<Packet>(rows[k] + c);
    CAYLEY_UNROLL_TIMES(4)
    for (int t = 0; t < Targets; ++t) {
      Packet sum = E::ploadu<Packet>(to + t * to_step + c);
      CAYLEY_UNROLL_TIMES(4)
      for (int k = 0; k < Rows; ++k) sum = E::pmadd(weight[k][t], row[k], sum);
      E::pstoreu(to + t * to_step + c, sum);
    }
  }
  for (; c < cols; ++c) {
    for (int t = 0; t < Targets; ++t) {
      for (int k = 0; k < Rows; ++k) to[t * to_step + c] += weights[k][t] * rows[k][c];
    }
  }
}

}  // namespace detail

/// Adds up to 4 rows to each of `targets` rows: to[t] += sum over k of weights[k][t] rows[k], in the order of the rows.
/// Shape: each row and to[t] (cols), with `to_step` numbers from one to the next; weights[k] (targets).
template <class Scalar>
void add_rows(Index count, Index targets, Index cols, Scalar const* const* rows, Scalar const* const* weights,
              Scalar* to, Index to_step) {
  Index t = 0;
  for (; count == 4 && t + 4 <= targets; t += 4) {
    Scalar const* const from_t[4] = {weights[0] + t, weights[1] + t, weights[2] + t, weights[3] + t};
    detail::add_some_rows<4, 4>(cols, rows, from_t, to + t * to_step, to_step);
  }
  for (; t < targets; ++t) {
    for (Index k = 0; k < count; ++k) {
      Scalar const* const weight = weights[k] + t;
      detail::add_some_rows<1, 1>(cols, rows + k, &weight, to + t * to_step, to_step);
    }
  }
}

/// dots[k] = x . rows[k].
/// Shape: x and each row (cols); `rows` and `dots` (count).
template <class Scalar>
void row_dots(Index count, Index cols, Scalar const* x, Scalar const* const* rows, Scalar* dots) {
  namespace E = Eigen::internal;
  using Packet = typename E::packet_traits<Scalar>::type;
  constexpr Index width = E::packet_traits<Scalar>::size;
  constexpr Index together = 4;
  for (Index first = 0; first < count; first += together) {
    // Rows past the end repeat the first one and are not stored.
    Scalar const* row[together];
    Packet sum[together][2];
    CAYLEY_UNROLL_TIMES(4)
    for (Index k = 0; k < together; ++k) {
      row[k] = rows[first + k < count ? first + k : first];
      sum[k][0] = sum[k][1] = E::pset1<Packet>(Scalar(0));
    }
    Index c = 0;
    for (; c + 2 * width <= cols; c += 2 * width) {
      const Packet low = E::ploadu<Packet>(x + c), high = E::ploadu<Packet>(x + c + width);
      CAYLEY_UNROLL_TIMES(4)
      for (Index k = 0; k < together; ++k) {
        sum[k][0] = E::pmadd(low, E::ploadu<Packet>(row[k] + c), sum[k][0]);
        sum[k][1] = E::pmadd(high, E::ploadu<Packet>(row[k] + c + width), sum[k][1]);
      }
    }
    for (Index k = 0; k < together && first + k < count; ++k) {
      Scalar total = E::predux(E::padd(sum[k][0], sum[k][1]));
      for (Index i = c; i < cols; ++i) total += x[i] * row[k][i];
      dots[first + k] = total;
    }
  }
}

}  // namespace cayley
