/// Training states of the tests of state files and of directories of runs.
#pragma once

#include <cayley/core/random.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/study/state_file.hpp>
#include <cayley/train/training_state.hpp>
#include <cstdint>

namespace cayley {

/// A state of which every number follows from the epoch.
template <class Scalar>
TrainingState<Scalar> state_of(std::int64_t epoch) {
  const auto matrix = [&](Index rows, Index columns, double factor) {
    Matrix<Scalar> result(rows, columns);
    for (Index i = 0; i < result.size(); ++i) {
      result.data()[i] = static_cast<Scalar>(factor / (1.0 + static_cast<double>(epoch + i)));
    }
    return result;
  };
  TrainingState<Scalar> state;
  state.epoch = epoch;
  state.steps = 3 * epoch;
  TorchGenerator generator(static_cast<std::uint64_t>(epoch));
  state.generator = generator.state();
  state.weights = {{"W_U", matrix(5, 7, 1)}, {"W_x", matrix(7, 2, 2)}, {"b_hidden", matrix(1, 5, 3)}};
  state.moments["exp_avg"] = {{"W_U", matrix(5, 7, 4)}, {"W_x", matrix(7, 2, 5)}};
  state.moments["exp_avg_sq"] = {{"W_U", matrix(5, 7, 6)}, {"W_x", matrix(7, 2, 7)}};
  return state;
}

template <class Scalar>
bool same(TrainingState<Scalar> const& a, TrainingState<Scalar> const& b) {
  // By bytes, as NaN and -0 are values of a state too.
  const auto bytes = [](auto const& state) { return safetensors_bytes(state_tensors(state, "state")); };
  return a.epoch == b.epoch && a.steps == b.steps && a.generator == b.generator && bytes(a) == bytes(b);
}

}  // namespace cayley
