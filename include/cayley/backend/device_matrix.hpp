/// A matrix in the memory of a backend, and its way to and from the host.
#pragma once

#include <cayley/backend/concept.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <span>
#include <utility>

namespace cayley {

/// An owning row-major matrix without gaps in device memory, zero at first. A value: copies are deep.
/// Shape: (rows, cols).
template <class B, class Scalar>
  requires Backend<B, Scalar>
class DeviceMatrix {
 public:
  using Buffer = typename B::template Buffer<Scalar>;

  DeviceMatrix(B backend, Index rows, Index cols)
      : backend_(std::move(backend)), rows_(rows), cols_(cols), buffer_(rows * cols) {}

  /// A copy of a host matrix.
  DeviceMatrix(B backend, ConstMatrixRef<Scalar> const& host)
      : DeviceMatrix(std::move(backend), host.rows(), host.cols()) {
    assign(host);
  }

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  B const& backend() const { return backend_; }
  Buffer& buffer() { return buffer_; }
  Buffer const& buffer() const { return buffer_; }
  Scalar* data() { return buffer_.data(); }
  Scalar const* data() const { return buffer_.data(); }

  /// As an operand of a matrix product.
  MatrixView<Scalar> view() { return matrix_view(data(), rows_, cols_); }
  MatrixView<Scalar const> view() const { return matrix_view(data(), rows_, cols_); }

  /// A copy on the host.
  /// Shape: (rows, cols).
  Matrix<Scalar> host() const {
    Matrix<Scalar> copy(rows_, cols_);
    backend_.download(buffer_, std::span<Scalar>(copy.data(), static_cast<std::size_t>(copy.size())));
    return copy;
  }

  /// Overwrites all values.
  /// Errors: `Error` when the shape differs.
  void assign(ConstMatrixRef<Scalar> const& host) {
    require(host.rows() == rows_ && host.cols() == cols_, "assign: expected a matrix of shape (", rows_, ", ", cols_,
            "), found (", host.rows(), ", ", host.cols(), ")");
    const auto upload = [this](Scalar const* values) {
      backend_.upload(std::span<Scalar const>(values, static_cast<std::size_t>(rows_ * cols_)), buffer_);
    };
    if (host.outerStride() == cols_ || rows_ <= 1) {
      upload(host.data());
    } else {
      const Matrix<Scalar> packed = host;
      upload(packed.data());
    }
  }

  /// The values themselves, to read and write in place; only where the backend computes in host memory.
  /// Shape: (rows, cols).
  MatrixRef<Scalar> matrix() requires HasHostView<B, Scalar> {
    using Map = Eigen::Map<Matrix<Scalar>, 0, Eigen::OuterStride<>>;
    return Map(backend_.host_view(buffer_).data(), rows_, cols_, Eigen::OuterStride<>(cols_));
  }

 private:
  [[no_unique_address]] B backend_;
  Index rows_;
  Index cols_;
  Buffer buffer_;
};

}  // namespace cayley
