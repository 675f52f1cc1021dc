/// Steps of optimisers, functors for `for_each` over the entries of parameters. Includes no Eigen.
#pragma once

#include <cayley/backend/host_device.hpp>
#include <cayley/backend/lane_group.hpp>
#include <cmath>

namespace cayley {

/// What changes from one step to the next, in device memory: so that a step which was recorded once can be run again.
template <class Scalar>
struct StepSizes {
  Scalar keep;             ///< factor of the weight before the step: 1 - lr * weight_decay for AdamW, else 1
  Scalar step_size;        ///< of Adam and AdamW lr / (1 - beta1^t), of SGD lr
  Scalar root_correction;  ///< of Adam and AdamW sqrt(1 - beta2^t)
};

/// Stores the sizes of a step: called once, it writes out[0 .. 2] = keep, step_size, root_correction.
template <class Scalar>
struct StoreStepSizes {
  StepSizes<Scalar> sizes;
  Scalar* out;

  CAYLEY_HOST_DEVICE void operator()(Index) const {
    out[0] = sizes.keep;
    out[1] = sizes.step_size;
    out[2] = sizes.root_correction;
  }
};

/// A step of Adam or AdamW: m and v are the running means of the gradient and of its square.
/// Order of the operations as in torch.optim.AdamW, so that a step rounds like one of PyTorch's.
/// Ref: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019), algorithm 2.
template <class Scalar>
struct AdamUpdate {
  Scalar* weight;
  Scalar const* gradient;
  Scalar* exp_avg;
  Scalar* exp_avg_sq;
  Scalar const* step;   ///< as `StoreStepSizes` leaves it
  Scalar l2;            ///< of the weight, added to the gradient: weight_decay for Adam, 0 for AdamW
  Scalar beta1, rest1;  ///< beta1 and 1 - beta1
  Scalar beta2, rest2;  ///< beta2 and 1 - beta2
  Scalar eps;

  CAYLEY_HOST_DEVICE void operator()(Index i) const {
    const Scalar keep = step[0], step_size = step[1], root_correction = step[2];
    const Scalar w = weight[i] * keep;
    const Scalar g = gradient[i] + l2 * weight[i];
    const Scalar m = exp_avg[i] * beta1 + rest1 * g;
    const Scalar v = exp_avg_sq[i] * beta2 + rest2 * (g * g);
    exp_avg[i] = m;
    exp_avg_sq[i] = v;
    weight[i] = w - step_size * (m / (std::sqrt(v) / root_correction + eps));
  }
};

/// A step of stochastic gradient descent with momentum, as torch.optim.SGD takes it.
template <class Scalar>
struct SgdUpdate {
  Scalar* weight;
  Scalar const* gradient;
  Scalar* momentum_buffer;
  Scalar l2;  ///< of the weight, added to the gradient
  Scalar momentum;
  Scalar const* step;  ///< as `StoreStepSizes` leaves it

  CAYLEY_HOST_DEVICE void operator()(Index i) const {
    const Scalar b = momentum_buffer[i] * momentum + (gradient[i] + l2 * weight[i]);
    momentum_buffer[i] = b;
    weight[i] -= step[1] * b;
  }
};

/// Updates of several parameters as one: a row for each block of entries of one of them.
template <class Update>
struct JoinedUpdates {
  static constexpr int most = 16;  ///< so that it fits in the arguments of a kernel
  static constexpr Index block = 1024;

  int count = 0;
  Index rows = 0;          ///< blocks of all parameters
  Index first[most] = {};  ///< block of each parameter
  Index size[most] = {};   ///< entries of each parameter
  Update update[most] = {};

  /// Adds a parameter of `entries` entries; there must be room for it.
  void add(Index entries, Update const& one) {
    first[count] = rows;
    size[count] = entries;
    update[count++] = one;
    rows += (entries + block - 1) / block;
  }

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Update mine = update[0];
    Index begin = row, end = size[0];
    CAYLEY_UNROLL
    for (int k = 1; k < most; ++k) {
      if (k < count && row >= first[k]) {
        mine = update[k];
        begin = row - first[k];
        end = size[k];
      }
    }
    begin *= block;
    end = begin + block < end ? begin + block : end;
    for (Index i = begin + lanes.rank(); i < end; i += lanes.size()) mine(i);
  }
};

}  // namespace cayley
