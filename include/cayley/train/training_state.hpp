/// What a training run needs to go on as if it had never stopped.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/nn/parameter.hpp>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <string>

namespace cayley {

/// The state of a run between two epochs, on the host. A run that goes on from it computes the same bits.
template <class Scalar>
struct TrainingState {
  std::int64_t epoch = 0;         ///< epochs done
  std::int64_t steps = 0;         ///< optimiser steps done
  std::string generator;          ///< `TorchGenerator::state`
  NamedMatrices<Scalar> weights;  ///< by parameter
  /// By PyTorch's name of the moment (exp_avg, exp_avg_sq, momentum_buffer), then by parameter.
  std::map<std::string, NamedMatrices<Scalar>, std::less<>> moments;
};

/// An entry of a tensor for messages: "W_x[3,0] is nan".
template <class Scalar>
std::string entry_text(std::string const& name, Matrix<Scalar> const& matrix, Index i, Index j) {
  std::ostringstream text;
  text << name << '[' << i << ',' << j << "] is ";
  if (std::isnan(matrix(i, j))) {
    text << "nan";
  } else {
    text << matrix(i, j);
  }
  return text.str();
}

/// The first entry of these tensors that is a NaN or an infinity, as `entry_text`; nothing where there is none.
template <class Scalar>
std::optional<std::string> not_finite(NamedMatrices<Scalar> const& matrices) {
  for (auto const& [name, matrix] : matrices) {
    for (Index i = 0; i < matrix.rows(); ++i) {
      for (Index j = 0; j < matrix.cols(); ++j) {
        if (!std::isfinite(matrix(i, j))) return entry_text(name, matrix, i, j);
      }
    }
  }
  return std::nullopt;
}

/// The same of a state: its weights, then its moments, "exp_avg_sq of W_U[0,5] is inf".
template <class Scalar>
std::optional<std::string> not_finite(TrainingState<Scalar> const& state) {
  if (auto found = not_finite(state.weights)) return found;
  for (auto const& [moment, matrices] : state.moments) {
    if (const auto found = not_finite(matrices)) return moment + " of " + *found;
  }
  return std::nullopt;
}

/// The entry of largest absolute value of these tensors, as `entry_text`; empty without tensors.
template <class Scalar>
std::string largest_entry(NamedMatrices<Scalar> const& matrices) {
  std::string text;
  Scalar largest = -1;
  for (auto const& [name, matrix] : matrices) {
    Index i = 0, j = 0;
    if (matrix.size() == 0 || !(matrix.cwiseAbs().maxCoeff(&i, &j) > largest)) continue;
    largest = std::abs(matrix(i, j));
    text = entry_text(name, matrix, i, j);
  }
  return text;
}

}  // namespace cayley
