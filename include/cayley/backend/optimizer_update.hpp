/// Steps of optimisers, a functor for `for_each` over the entries of a parameter. Includes no Eigen.
#pragma once

#include <cayley/backend/host_device.hpp>
#include <cmath>

namespace cayley {

/// A step of Adam or AdamW: m and v are the running means of the gradient and of its square.
/// Order of the operations as in torch.optim.AdamW, so that a step rounds like one of PyTorch's.
/// Ref: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019), algorithm 2.
template <class Scalar>
struct AdamUpdate {
  Scalar* weight;
  Scalar const* gradient;
  Scalar* exp_avg;
  Scalar* exp_avg_sq;
  Scalar keep;             ///< factor of the weight before the step: 1 - lr * weight_decay for AdamW, 1 for Adam
  Scalar l2;               ///< of the weight, added to the gradient: weight_decay for Adam, 0 for AdamW
  Scalar beta1, rest1;     ///< beta1 and 1 - beta1
  Scalar beta2, rest2;     ///< beta2 and 1 - beta2
  Scalar step_size;        ///< lr / (1 - beta1^t)
  Scalar root_correction;  ///< sqrt(1 - beta2^t)
  Scalar eps;

  CAYLEY_HOST_DEVICE void operator()(Index i) const {
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
  Scalar lr;

  CAYLEY_HOST_DEVICE void operator()(Index i) const {
    const Scalar b = momentum_buffer[i] * momentum + (gradient[i] + l2 * weight[i]);
    momentum_buffer[i] = b;
    weight[i] -= lr * b;
  }
};

}  // namespace cayley
