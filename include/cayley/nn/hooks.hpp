/// Hooks: callbacks that read or edit the activations of one forward pass.
///
/// A `Hooks` value is passed to `forward` and holds all there is to know: nothing is registered on a model,
/// so nothing is left behind when a callback throws. Hook points are named as published (`x_embed`, `hidden`,
/// `out`).
#pragma once

#include <algorithm>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/near_names.hpp>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// An activation at a hook point, while a callback looks at it.
/// Shape: (rows, cols), a row per example.
template <class B, class Scalar>
class HookedTensor {
 public:
  HookedTensor(std::string_view name, DeviceMatrix<B, Scalar>& values) : name_(name), values_(values) {}

  /// The hook point.
  std::string_view name() const { return name_; }
  Index rows() const { return values_.rows(); }
  Index cols() const { return values_.cols(); }
  B const& backend() const { return values_.backend(); }

  /// Row-major values in device memory: edit them by functors on `backend()`. Its size must stay rows * cols.
  typename B::template Buffer<Scalar>& buffer() { return values_.buffer(); }

  /// A copy on the host.
  Matrix<Scalar> host() const { return values_.host(); }

  /// Overwrites the activation.
  /// Errors: `Error` when the shape differs.
  void assign(ConstMatrixRef<Scalar> const& matrix) { values_.assign(matrix); }

  /// The activation itself, to read and edit in place; only where the backend computes in host memory.
  MatrixRef<Scalar> matrix() requires HasHostView<B, Scalar> { return values_.matrix(); }

 private:
  std::string_view name_;
  DeviceMatrix<B, Scalar>& values_;
};

/// A callback that may be added to `Hooks`, one of two kinds; the first is meant where both fit.
template <class Callback, class B, class Scalar>
concept TensorCallback = requires(Callback& callback, HookedTensor<B, Scalar>& tensor) {
  callback(tensor);
};
template <class Callback, class Scalar>
concept MatrixCallback = requires(Callback& callback, MatrixRef<Scalar>& matrix) {
  callback(matrix);
};

/// Callbacks by hook name; callbacks of one name run in the order in which they were added.
template <class B, class Scalar>
class Hooks {
 public:
  using Tensor = HookedTensor<B, Scalar>;

  /// Adds a callback: a callable on `HookedTensor<B, Scalar>&`, or on `MatrixRef<Scalar>` (rows, cols), which
  /// may read and edit in place. The latter works on every backend; where activations are not in host memory
  /// it costs a copy there and back.
  template <class Callback>
  Hooks& add(std::string name, Callback callback) {
    static_assert(TensorCallback<Callback, B, Scalar> || MatrixCallback<Callback, Scalar>,
                  "a hook takes a HookedTensor<B, Scalar>& or a MatrixRef<Scalar>");
    if constexpr (TensorCallback<Callback, B, Scalar>) {
      callbacks_.emplace_back(std::move(name), std::move(callback));
    } else {
      callbacks_.emplace_back(std::move(name), [callback = std::move(callback)](Tensor& tensor) mutable {
        if constexpr (HasHostView<B, Scalar>) {
          MatrixRef<Scalar> matrix = tensor.matrix();
          callback(matrix);
        } else {
          Matrix<Scalar> copy = tensor.host();
          MatrixRef<Scalar> matrix = copy;
          callback(matrix);
          tensor.assign(copy);
        }
      });
    }
    return *this;
  }

  bool empty() const { return callbacks_.empty(); }

  /// Whether a callback waits for this name.
  bool contains(std::string_view name) const {
    return std::any_of(callbacks_.begin(), callbacks_.end(), [&](auto const& entry) { return entry.first == name; });
  }

  /// Called by a model before it runs: every name must be one of its hook points.
  /// Errors: `Error` that lists near names and all hook points.
  void check(std::span<std::string_view const> hook_names) const {
    for (auto const& [name, callback] : callbacks_) {
      const bool known = std::find(hook_names.begin(), hook_names.end(), name) != hook_names.end();
      if (!known) fail("no hook point '", name, "'", name_suggestion(name, hook_names));
    }
  }

  /// Called by a model at a hook point: runs the callbacks of this name on the activation.
  /// Errors: whatever a callback throws; `Error` when a callback changed the size of the buffer.
  void run(std::string_view name, DeviceMatrix<B, Scalar>& activation) const {
    for (auto const& [hook_name, callback] : callbacks_) {
      if (hook_name != name) continue;
      Tensor tensor(hook_name, activation);
      callback(tensor);
      require(activation.buffer().size() == activation.rows() * activation.cols(), "hook ", hook_name,
              ": a callback changed the size of the activation");
    }
  }

 private:
  std::vector<std::pair<std::string, std::function<void(Tensor&)>>> callbacks_;
};

}  // namespace cayley
