/// What every model has: a backend and named parameters.
#pragma once

#include <cayley/backend/concept.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/parameter.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// Gradients, or moments, of a model: a matrix for each parameter, in the order of the parameters.
template <class B, class Scalar>
using ParameterGradients = std::vector<DeviceMatrix<B, Scalar>>;

/// Base of the models: owns the parameters. A value; copies share nothing but the backend.
template <class B, class Scalar>
  requires Backend<B, Scalar>
class ModelParameters {
 public:
  using BackendType = B;
  using ScalarType = Scalar;
  using Tensor = DeviceMatrix<B, Scalar>;
  using Gradients = ParameterGradients<B, Scalar>;

  B const& backend() const { return backend_; }

  /// In a fixed order, which each model documents.
  std::span<Parameter<B, Scalar>> parameters() { return parameters_.all(); }
  std::span<Parameter<B, Scalar> const> parameters() const { return parameters_.all(); }

  /// Errors: `Error` with near names for an unknown name; `Error` when the shape differs.
  void set_parameter(std::string_view name, ConstMatrixRef<Scalar> const& matrix) { parameters_.assign(name, matrix); }

  /// Overwrites every parameter by the matrix of its name. `origin` says in an error where the expected sizes came from.
  /// Errors: `Error` when a parameter has no matrix, a matrix no parameter, or a shape differs.
  void set_parameters(NamedMatrices<Scalar> const& matrices, std::string_view origin = "sizes of the model") {
    parameters_.assign(matrices, origin);
  }

  /// A matrix of zeros for each parameter.
  Gradients zero_gradients() const {
    Gradients gradients;
    gradients.reserve(parameters().size());
    for (auto const& parameter : parameters()) gradients.emplace_back(backend_, parameter.rows(), parameter.cols());
    return gradients;
  }

 protected:
  ModelParameters(B const& backend, std::string model_name, std::vector<Parameter<B, Scalar>> parameters)
      : backend_(backend), parameters_(std::move(model_name), std::move(parameters)) {}

  /// The values of a parameter by its place in the order.
  Tensor const& values(std::size_t i) const { return parameters_.all()[i].values(); }

 private:
  [[no_unique_address]] B backend_;
  ParameterList<B, Scalar> parameters_;
};

}  // namespace cayley
