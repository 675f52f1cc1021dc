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

/// The gradient of `Gelu`, in place: gradient[row] *= Phi(x) + x phi(x), x = in[row].
/// Shape: gradient and in (rows, cols).
template <class Scalar>
struct GeluBackward {
  Scalar* gradient;
  Index gradient_stride;
  Scalar const* in;
  Index in_stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* to = gradient + row * gradient_stride;
    Scalar const* x = in + row * in_stride;
    constexpr auto root_half = Scalar(0.70710678118654752440), density = Scalar(0.39894228040143267794);
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) {
      const Scalar distribution = Scalar(0.5) * (Scalar(1) + std::erf(x[c] * root_half));
      to[c] *= distribution + x[c] * density * std::exp(-x[c] * x[c] / Scalar(2));
    }
  }
};

/// The gradient of `GeluTanh`, in place.
/// Shape: gradient and in (rows, cols).
template <class Scalar>
struct GeluTanhBackward {
  Scalar* gradient;
  Index gradient_stride;
  Scalar const* in;
  Index in_stride;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* to = gradient + row * gradient_stride;
    Scalar const* x = in + row * in_stride;
    constexpr auto root = Scalar(0.79788456080286535588), cubic = Scalar(0.044715);
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) {
      const Scalar t = std::tanh(root * (x[c] + cubic * x[c] * x[c] * x[c]));
      const Scalar inner = root * (Scalar(1) + Scalar(3) * cubic * x[c] * x[c]);
      to[c] *= Scalar(0.5) * (Scalar(1) + t + x[c] * (Scalar(1) - t * t) * inner);
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
    const Scalar mean = sum_over<Scalar>(lanes, cols, [&](Index c) { return x[c]; }) / static_cast<Scalar>(cols);
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
    const Scalar sum = sum_over<Scalar>(lanes, cols, [&](Index c) { return x[c] * x[c]; });
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

/// The gradient of `ScaleRows` before its bias, in place: that of the output becomes that of the values, the scale held
/// fixed; the scale's own gradient is written beside it.
/// Shape: gradient and values (rows, cols), scale and scale_gradient (rows), weight (cols).
template <class Scalar>
struct ScaleRowsBackward {
  Scalar* gradient;
  Index stride;
  Index cols;
  Scalar const* values;  ///< before they were scaled, without gaps
  Scalar const* scale;
  Scalar const* weight;
  Scalar* scale_gradient;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* to = gradient + row * stride;
    Scalar const* x = values + row * cols;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] *= weight[c] / scale[row];
    const Scalar sum = sum_over<Scalar>(lanes, cols, [&](Index c) { return to[c] * x[c]; });
    if (lanes.rank() == 0) scale_gradient[row] = -sum / scale[row];
  }
};

/// Adds the gradient that reaches the values through their `RowScale`: gradient[row] += scale_gradient values / (cols scale).
/// Shape: gradient and values (rows, cols), scale and scale_gradient (rows).
template <class Scalar>
struct RowScaleBackward {
  Scalar* gradient;
  Index stride;
  Index cols;
  Scalar const* values;  ///< without gaps
  Scalar const* scale;
  Scalar const* scale_gradient;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar* to = gradient + row * stride;
    Scalar const* x = values + row * cols;
    const Scalar factor = scale_gradient[row] / (static_cast<Scalar>(cols) * scale[row]);
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] += factor * x[c];
  }
};

/// The gradient of the weight of `ScaleRows`, once a column: out[c] += sum over rows of gradient values / scale.
/// Shape: gradient and values (rows, cols) without gaps, scale (rows), out (cols).
template <class Scalar>
struct AddScaleWeightGradient {
  Scalar const* gradient;
  Scalar const* values;
  Scalar const* scale;
  Index rows;
  Index cols;
  Scalar* out;

  CAYLEY_HOST_DEVICE void operator()(Index column) const {
    Scalar sum = 0;
    for (Index row = 0; row < rows; ++row) {
      sum += gradient[row * cols + column] * values[row * cols + column] / scale[row];
    }
    out[column] += sum;
  }
};

}  // namespace cayley
