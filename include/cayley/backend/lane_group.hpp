/// Lane groups: how a row functor shares one row among lanes that run together.
///
/// On the host a row has one lane. On a GPU the 32 lanes of a warp share a row: lane `rank()` takes the
/// columns rank(), rank() + size(), rank() + 2 size(), ... and the collectives combine what the lanes found.
/// Every lane of a group must reach the same collectives in the same order. Includes no Eigen.
#pragma once

#include <cayley/backend/host_device.hpp>
#include <concepts>

namespace cayley {

/// The lanes that share one row.
///   rank(), size()    this lane, 0 <= rank < size; size is the same for all lanes of a group
///   sum(x), max(x)    the same value in every lane: over the x of all lanes, added in an order fixed by size
///   sync()            what a lane wrote before is seen by all lanes after
template <class Lanes>
concept LaneGroup = requires(Lanes const& lanes, float x, double y) {
  { lanes.rank() } -> std::convertible_to<Index>;
  { lanes.size() } -> std::convertible_to<Index>;
  { lanes.sum(x) } -> std::same_as<float>;
  { lanes.sum(y) } -> std::same_as<double>;
  { lanes.max(x) } -> std::same_as<float>;
  { lanes.max(y) } -> std::same_as<double>;
  lanes.sync();
};

/// The lane group of a host backend: a single lane that takes every column. Folds away when inlined.
struct OneLane {
  CAYLEY_HOST_DEVICE static constexpr Index rank() { return 0; }
  CAYLEY_HOST_DEVICE static constexpr Index size() { return 1; }
  template <class T>
  CAYLEY_HOST_DEVICE static constexpr T sum(T x) {
    return x;
  }
  template <class T>
  CAYLEY_HOST_DEVICE static constexpr T max(T x) {
    return x;
  }
  CAYLEY_HOST_DEVICE static constexpr void sync() {}
};

static_assert(LaneGroup<OneLane>);

namespace detail {

/// start and term(0), .., term(count - 1), joined in 16 parts, term i in part i % 16, and then the parts by halves.
/// Compilers may take a part for each element of a vector register, which changes no bit of the result.
template <class Scalar, class Term, class Join>
CAYLEY_HOST_DEVICE Scalar joined_terms(Index count, Scalar start, Term const& term, Join const& join) {
  constexpr Index parts = 16;
  Scalar joined[parts];
  for (Index k = 0; k < parts; ++k) joined[k] = start;
  Index first = 0;
  for (; first + parts <= count; first += parts) {
    for (Index k = 0; k < parts; ++k) joined[k] = join(joined[k], term(first + k));
  }
  for (Index k = 0; first + k < count; ++k) joined[k] = join(joined[k], term(first + k));
  for (Index half = parts / 2; half > 0; half /= 2) {
    for (Index k = 0; k < half; ++k) joined[k] = join(joined[k], joined[k + half]);
  }
  return joined[0];
}

}  // namespace detail

/// The sum of term(i) for i = 0 .. count-1, in every lane. On the host it has the same bits with every compiler.
template <class Scalar, LaneGroup Lanes, class Term>
CAYLEY_HOST_DEVICE Scalar sum_over(Lanes const& lanes, Index count, Term const& term) {
  if constexpr (std::same_as<Lanes, OneLane>) {
    return detail::joined_terms(count, Scalar(0), term, [](Scalar a, Scalar b) { return a + b; });
  } else {
    Scalar sum = 0;
    for (Index i = lanes.rank(); i < count; i += lanes.size()) sum += term(i);
    return lanes.sum(sum);
  }
}

/// The largest of `least` and of term(i) for i = 0 .. count-1, in every lane. Terms that are NaN are passed over.
template <class Scalar, LaneGroup Lanes, class Term>
CAYLEY_HOST_DEVICE Scalar max_over(Lanes const& lanes, Index count, Scalar least, Term const& term) {
  if constexpr (std::same_as<Lanes, OneLane>) {
    return detail::joined_terms(count, least, term, [](Scalar a, Scalar b) { return b > a ? b : a; });
  } else {
    for (Index i = lanes.rank(); i < count; i += lanes.size()) {
      const Scalar value = term(i);
      least = value > least ? value : least;
    }
    return lanes.max(least);
  }
}

}  // namespace cayley
