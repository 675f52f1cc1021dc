/// Named parameters of a model, and their way to and from host matrices.
#pragma once

#include <cayley/backend/device_matrix.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/near_names.hpp>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// Host matrices by tensor name: what `from_parameters` reads.
template <class Scalar>
using NamedMatrices = std::map<std::string, Matrix<Scalar>, std::less<>>;

/// One side of a parameter's shape: a size, and what it is the size of ("embed_dim").
struct ParameterSide {
  Index size = 0;
  std::string meaning;
};

/// A trainable matrix with a name.
/// Shape: (rows, cols); a vector is a matrix of one row.
template <class B, class Scalar>
class Parameter {
 public:
  /// All zero.
  /// Errors: `Error` when a side is below 1.
  Parameter(B const& backend, std::string name, ParameterSide rows, ParameterSide cols)
      : name_(std::move(name)),
        row_meaning_(std::move(rows.meaning)),
        col_meaning_(std::move(cols.meaning)),
        values_(backend, checked(rows.size, row_meaning_), checked(cols.size, col_meaning_)) {}

  std::string const& name() const { return name_; }
  Index rows() const { return values_.rows(); }
  Index cols() const { return values_.cols(); }
  DeviceMatrix<B, Scalar>& values() { return values_; }
  DeviceMatrix<B, Scalar> const& values() const { return values_; }

  /// A copy on the host.
  /// Shape: (rows, cols).
  Matrix<Scalar> host() const { return values_.host(); }

  /// Overwrites all values.
  /// Errors: `Error` naming the parameter, the expected shape and what it stands for, and the shape found.
  void assign(ConstMatrixRef<Scalar> const& matrix) {
    require(matrix.rows() == rows() && matrix.cols() == cols(), name_, ": expected shape (", row_meaning_, ", ",
            col_meaning_, ") = (", rows(), ", ", cols(), "), found (", matrix.rows(), ", ", matrix.cols(), ")");
    values_.assign(matrix);
  }

 private:
  Index checked(Index size, std::string const& meaning) const {
    require(size >= 1, name_, ": expected ", meaning, " of at least 1, found ", size);
    return size;
  }

  std::string name_;
  std::string row_meaning_;
  std::string col_meaning_;
  DeviceMatrix<B, Scalar> values_;
};

/// The tensor of this name, to read sizes from.
/// Errors: `Error` naming model and tensor when there is none.
template <class Scalar>
Matrix<Scalar> const& named_matrix(NamedMatrices<Scalar> const& matrices, std::string_view model_name,
                                   std::string_view name) {
  const auto found = matrices.find(name);
  if (found == matrices.end()) {
    std::vector<std::string_view> names;
    for (auto const& entry : matrices) names.push_back(entry.first);
    fail(model_name, ": no tensor ", name, ", found ", names.empty() ? "none" : joined_names(names));
  }
  return found->second;
}

/// The parameters of one model, in a fixed order. A value: copies are deep.
template <class B, class Scalar>
class ParameterList {
 public:
  /// `model_name` opens the messages of errors.
  ParameterList(std::string model_name, std::vector<Parameter<B, Scalar>> parameters)
      : model_name_(std::move(model_name)), parameters_(std::move(parameters)) {}

  std::span<Parameter<B, Scalar>> all() { return parameters_; }
  std::span<Parameter<B, Scalar> const> all() const { return parameters_; }

  /// Errors: `Error` with near names when no parameter has this name.
  Parameter<B, Scalar>& at(std::string_view name) { return parameters_[position(name)]; }
  Parameter<B, Scalar> const& at(std::string_view name) const { return parameters_[position(name)]; }

  /// Overwrites one parameter.
  /// Errors: `Error` when no parameter has this name (with near names), or the shape differs.
  void assign(std::string_view name, ConstMatrixRef<Scalar> const& matrix) {
    Parameter<B, Scalar>& parameter = at(name);
    try {
      parameter.assign(matrix);
    } catch (Error const& error) {
      fail(model_name_, ": ", error.what());
    }
  }

  /// Overwrites every parameter by the matrix of its name, one after the other. `origin` says in an error
  /// where the expected sizes came from.
  /// Errors: `Error` when a parameter has no matrix, a matrix no parameter, or a shape differs.
  void assign(NamedMatrices<Scalar> const& matrices, std::string_view origin) {
    for (auto const& entry : matrices) at(entry.first);
    for (auto& parameter : parameters_) {
      Matrix<Scalar> const& matrix = named_matrix(matrices, model_name_, parameter.name());
      try {
        parameter.assign(matrix);
      } catch (Error const& error) {
        fail(model_name_, ": ", error.what(), " (", origin, ")");
      }
    }
  }

 private:
  std::size_t position(std::string_view name) const {
    std::vector<std::string_view> names;
    for (auto const& parameter : parameters_) {
      if (parameter.name() == name) return names.size();
      names.push_back(parameter.name());
    }
    fail(model_name_, " has no parameter '", name, "'", name_suggestion(name, names));
  }

  std::string model_name_;
  std::vector<Parameter<B, Scalar>> parameters_;
};

}  // namespace cayley
