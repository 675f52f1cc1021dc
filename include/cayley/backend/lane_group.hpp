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

}  // namespace cayley
