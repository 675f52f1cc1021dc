/// Heat maps with an axis for each function of a Fourier basis.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/plot/figure.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// A function of pairs in the Fourier basis of both numbers. Shape: coefficients (order, order), as `transform_pairs`
/// gives them for one column: a row for each function of the left number.
inline HeatMap fourier_map(std::vector<std::string> const& names, Matrix<double> coefficients,
                           ColourScale scale = ColourScale::diverging) {
  return {std::move(coefficients), names, names, scale};
}

}  // namespace cayley
