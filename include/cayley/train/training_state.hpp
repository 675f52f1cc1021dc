/// What a training run needs to go on as if it had never stopped.
#pragma once

#include <cayley/nn/parameter.hpp>
#include <cstdint>
#include <functional>
#include <map>
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

}  // namespace cayley
