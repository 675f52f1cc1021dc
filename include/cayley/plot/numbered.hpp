/// Names and traces of what is numbered from 0: heads, neurons, the elements of a group.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/plot/figure.hpp>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// "head 0", "head 1", ..
inline std::vector<std::string> numbered_names(std::string const& what, Index count) {
  std::vector<std::string> names;
  for (Index i = 0; i < count; ++i) names.push_back(what + " " + std::to_string(i));
  return names;
}

/// "0", "1", .., as the stops of a slider.
inline std::vector<std::string> number_names(Index count) {
  std::vector<std::string> names;
  for (Index i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

/// The values of a vector or a row or column of a matrix, as traces take them.
template <class Values>
std::vector<double> value_list(Values const& values) {
  std::vector<double> list;
  for (Index i = 0; i < values.size(); ++i) list.push_back(values[i]);
  return list;
}

namespace detail {

/// 0, 1, ..
inline std::vector<double> counted(Index count) {
  std::vector<double> numbers;
  for (Index i = 0; i < count; ++i) numbers.push_back(static_cast<double>(i));
  return numbers;
}

}  // namespace detail

/// A curve over 0, 1, .., whose points have names where `hover` gives them.
template <class Values>
Curve numbered_curve(std::string name, Values const& values, std::size_t colour, std::vector<std::string> hover = {}) {
  return {std::move(name), detail::counted(values.size()), value_list(values), std::move(hover), colour};
}

/// Points over 0, 1, ..
template <class Values>
Points numbered_points(std::string name, Values const& values, std::size_t colour) {
  Points points;
  points.name = std::move(name);
  points.x = detail::counted(values.size());
  points.y = value_list(values);
  points.colour = colour;
  return points;
}

}  // namespace cayley
