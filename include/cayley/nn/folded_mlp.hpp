/// A one-layer MLP with everything before its nonlinearity folded into tables.
#pragma once

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/nn/pair.hpp>
#include <span>
#include <utility>

namespace cayley {

/// hidden(a, b) = relu(X[a] + Y[b]), logits = hidden U: the same function as the network, one table row per
/// group element where the network has one row per example.
template <class B, class Scalar>
class FoldedMlp {
 public:
  using Tensor = DeviceMatrix<B, Scalar>;

  /// Shape: X and Y (order, hidden_dim), U (hidden_dim, classes).
  /// Errors: `Error` when the shapes do not fit.
  FoldedMlp(Tensor x, Tensor y, Tensor u) : x_(std::move(x)), y_(std::move(y)), u_(std::move(u)) {
    require(x_.rows() == y_.rows() && x_.cols() == y_.cols() && x_.cols() == u_.rows(), "FoldedMlp: the shapes of X (",
            x_.rows(), ", ", x_.cols(), "), Y (", y_.rows(), ", ", y_.cols(), ") and U (", u_.rows(), ", ", u_.cols(),
            ") do not fit");
  }

  Index order() const { return x_.rows(); }
  Index hidden_dim() const { return x_.cols(); }
  Index classes() const { return u_.cols(); }

  /// What the left operand adds to the hidden layer.
  /// Shape: (order, hidden_dim).
  Tensor const& X() const { return x_; }
  /// What the right operand and the bias add to the hidden layer.
  /// Shape: (order, hidden_dim).
  Tensor const& Y() const { return y_; }
  /// From the hidden layer to the logits.
  /// Shape: (hidden_dim, classes).
  Tensor const& U() const { return u_; }

  /// Logits, a row per pair; hidden activations exist for one chunk of rows at a time.
  /// Shape: (pairs, classes).
  /// Cost: pairs * hidden_dim * classes multiplications.
  /// Errors: `Error` when an element is not below the order.
  Tensor forward(std::span<Pair const> pairs) const {
    B const& backend = x_.backend();
    const auto indices = device_pairs(backend, pairs, order());  // (pairs, 2)
    const auto rows = static_cast<Index>(pairs.size());
    Tensor logits(backend, rows, classes());
    const Index row_bytes = static_cast<Index>(sizeof(Scalar)) * (hidden_dim() + classes());
    const Index chunk = std::min(rows, preferred_rows(backend, row_bytes));
    Tensor hidden(backend, chunk, hidden_dim());
    for (Index first = 0; first < rows; first += chunk) {
      const Index count = std::min(chunk, rows - first);
      backend.for_each_row(
          count, GatherAddRelu<Scalar>{x_.data(), hidden_dim(), y_.data(), hidden_dim(), indices.data() + 2 * first,
                                       hidden.data(), hidden_dim(), hidden_dim()});
      backend.matrix_product(matrix_view<Scalar const>(hidden.data(), count, hidden_dim()), u_.view(),
                             row_block(logits.view(), first, count), Scalar(1), Scalar(0));
    }
    return logits;
  }

 private:
  Tensor x_;
  Tensor y_;
  Tensor u_;
};

}  // namespace cayley
