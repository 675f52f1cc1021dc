/// Nonlinearities of MLPs and layer normalisation, in place. Includes no Eigen.
#pragma once

#include <cayley/backend/host_device.hpp>
#include <cayley/backend/lane_group.hpp>
#include <cmath>

namespace cayley {

/// x Phi(x), with the normal distribution function Phi.
/// Shape: values (rows, cols).
/// Ref: Hendrycks and Gimpel, Gaussian Error Linear Units (2016); `gelu` of TransformerLens.
template <class Scalar>
struct Gelu {
  Scalar* values;
  Index stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* x = values + row * stride;
    constexpr auto root_half = Scalar(0.70710678118654752440);
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) {
      x[c] = x[c] * Scalar(0.5) * (Scalar(1) + std::erf(x[c] * root_half));
    }
  }
};

/// The approximation x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2.
/// Shape: values (rows, cols).
/// Ref: Hendrycks and Gimpel, Gaussian Error Linear Units (2016); `gelu_new` of TransformerLens.
template <class Scalar>
struct GeluTanh {
  Scalar* values;
  Index stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* x = values + row * stride;
    constexpr auto root = Scalar(0.79788456080286535588);
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) {
      const Scalar y = root * (x[c] + Scalar(0.044715) * x[c] * x[c] * x[c]);
      x[c] = Scalar(0.5) * x[c] * (Scalar(1) + std::tanh(y));
    }
  }
};

/// Subtracts the mean of each row from it.
/// Shape: values (rows, cols).
template <class Scalar>
struct CentreRows {
  Scalar* values;
  Index stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* x = values + row * stride;
    Scalar sum = 0;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) sum += x[c];
    const Scalar mean = lanes.sum(sum) / static_cast<Scalar>(cols);
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) x[c] -= mean;
  }
};

/// The root of the mean square of each row, scale[row] = sqrt(mean(values[row]^2) + eps).
/// Shape: values (rows, cols), scale (rows).
template <class Scalar>
struct RowScale {
  Scalar const* values;
  Index stride;
  Index cols;
  Scalar eps;
  Scalar* scale;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* x = values + row * stride;
    Scalar sum = 0;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) sum += x[c] * x[c];
    sum = lanes.sum(sum);
    if (lanes.rank() == 0) scale[row] = std::sqrt(sum / static_cast<Scalar>(cols) + eps);
  }
};

/// values[row] = values[row] / scale[row] * weight + bias, in place.
/// Shape: values (rows, cols), scale (rows), weight and bias (cols).
template <class Scalar>
struct ScaleRows {
  Scalar* values;
  Index stride;
  Index cols;
  Scalar const* scale;
  Scalar const* weight;
  Scalar const* bias;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* x = values + row * stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) x[c] = x[c] / scale[row] * weight[c] + bias[c];
  }
};

/// Adds other rows, in place: values[row] += addend[row].
/// Shape: values and addend (rows, cols).
template <class Scalar>
struct AddRows {
  Scalar* values;
  Index stride;
  Scalar const* addend;
  Index addend_stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* to = values + row * stride;
    Scalar const* from = addend + row * addend_stride;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] += from[c];
  }
};

}  // namespace cayley
