/// The median of several runs, before the single runs.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/plot/figure.hpp>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

namespace cayley {

/// The median of some values, the mean of the middle two where their number is even. Values that are not finite do not
/// count; NaN where none is left.
inline double median(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return std::nan("");
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 != 0 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// The runs, faded, and before them their median, over every x that all of them have. A single run is returned as it is.
/// Errors: `Error` without runs.
inline std::vector<Trace> with_median(std::vector<Curve> runs) {
  require(!runs.empty(), "median: no runs");
  if (runs.size() == 1) return {std::move(runs.front())};
  std::map<double, std::vector<double>> by_x;
  for (Curve const& run : runs) {
    for (std::size_t i = 0; i < run.x.size(); ++i) by_x[run.x[i]].push_back(run.y[i]);
  }
  Curve middle{"median " + runs.front().name, {}, {}};
  middle.colour = runs.front().colour;
  for (auto const& [x, values] : by_x) {
    if (values.size() != runs.size()) continue;
    middle.x.push_back(x);
    middle.y.push_back(median(values));
  }
  std::vector<Trace> traces;
  for (Curve& run : runs) {
    run.faded = true;
    traces.emplace_back(std::move(run));
  }
  traces.emplace_back(std::move(middle));
  return traces;
}

}  // namespace cayley
