/// Ranges of what figures show.
#pragma once

#include <algorithm>
#include <cayley/plot/figure.hpp>
#include <cmath>
#include <limits>
#include <optional>
#include <variant>
#include <vector>

namespace cayley {

/// The smallest and the largest finite value; nothing where there is none.
template <class Values>
std::optional<Limits> finite_limits(Values const& values) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Limits found{infinity, -infinity};
  for (double value : values) {
    if (std::isfinite(value)) found = {std::min(found[0], value), std::max(found[1], value)};
  }
  if (found[0] > found[1]) return {};
  return found;
}

/// The limits that hold both.
inline std::optional<Limits> joined(std::optional<Limits> const& a, std::optional<Limits> const& b) {
  if (!a || !b) return a ? a : b;
  return Limits{std::min((*a)[0], (*b)[0]), std::max((*a)[1], (*b)[1])};
}

/// What the colours of a heat map span: its own limits, else those of its finite values, symmetric about zero where the
/// scale is diverging, from zero or below where it is sequential. Never of width zero.
inline Limits colour_limits(HeatMap const& map) {
  if (map.limits) return *map.limits;
  Limits limits = finite_limits(map.z.reshaped()).value_or(Limits{0, 1});
  if (map.scale == ColourScale::diverging) {
    const double most = std::max(std::abs(limits[0]), std::abs(limits[1]));
    limits = {-most, most};
  } else {
    limits[0] = std::min(limits[0], 0.0);
  }
  if (!(limits[0] < limits[1])) limits[1] = limits[0] + 1;
  return limits;
}

/// Gives all heat maps of one scale the same colours: facets can then be compared.
inline void share_colours(Figure& figure) {
  std::optional<Limits> shared[2];
  const auto each = [&](auto const& act) {
    for (Panel& panel : figure.panels) {
      for (Trace& trace : panel.traces) {
        if (auto* map = std::get_if<HeatMap>(&trace)) act(*map);
      }
    }
    for (Frame& frame : figure.frames) {
      for (auto& traces : frame.traces) {
        for (Trace& trace : traces) {
          if (auto* map = std::get_if<HeatMap>(&trace)) act(*map);
        }
      }
    }
  };
  const auto slot = [&](HeatMap const& map) -> std::optional<Limits>& {
    return shared[map.scale == ColourScale::diverging];
  };
  each([&](HeatMap const& map) { slot(map) = joined(slot(map), colour_limits(map)); });
  each([&](HeatMap& map) { map.limits = slot(map); });
}

}  // namespace cayley
