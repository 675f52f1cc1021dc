/// What a transformer loses when the output of an attention head is taken away.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/interpret/sequence_losses.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cstddef>
#include <vector>

namespace cayley {

/// What stands in for the output of a head, attn.hook_z.
enum class HeadAblation {
  zero,
  mean  ///< its mean over the sequences, at each position: all that does not depend on the tokens
};

/// Losses with each head, and with all heads of each layer, taken away.
struct AblatedLosses {
  SequenceLosses intact;
  std::vector<std::vector<SequenceLosses>> heads;  ///< by layer and head
  std::vector<SequenceLosses> layers;

  /// Shape: (layers, heads).
  Matrix<double> head_losses() const {
    Matrix<double> result(static_cast<Index>(heads.size()), static_cast<Index>(heads.front().size()));
    for (Index l = 0; l < result.rows(); ++l) {
      for (Index h = 0; h < result.cols(); ++h) {
        result(l, h) = heads[static_cast<std::size_t>(l)][static_cast<std::size_t>(h)].loss;
      }
    }
    return result;
  }
};

/// The losses after each ablation; later layers see what is left. Biases of a layer's output stay.
/// Cost: a forward pass for each head and layer, and one more.
/// Errors: as `sequence_losses`. The model is never touched.
template <class B, class Scalar>
AblatedLosses ablated_losses(Transformer<B, Scalar> const& model, TokenSequences const& data,
                             HeadAblation ablation = HeadAblation::zero) {
  TransformerShape const& shape = model.shape();
  const Index width = shape.n_heads * shape.d_head;
  const auto name = [](Index layer) { return detail::in_block(layer, "attn.hook_z"); };

  // By layer, what stands in: (length, n_heads d_head).
  std::vector<Matrix<Scalar>> stand_ins(static_cast<std::size_t>(shape.n_layers),
                                        Matrix<Scalar>::Zero(data.length, width));
  std::vector<Matrix<double>> sums(stand_ins.size(), Matrix<double>::Zero(data.length, width));
  Hooks<B, Scalar> recorders;
  for (Index layer = 0; layer < shape.n_layers && ablation == HeadAblation::mean; ++layer) {
    recorders.add(name(layer), [&sum = sums[static_cast<std::size_t>(layer)]](HookedTensor<B, Scalar>& tensor) {
      const Matrix<double> z = tensor.host().template cast<double>();
      for (Index row = 0; row < z.rows(); row += sum.rows()) sum += z.middleRows(row, sum.rows());
    });
  }
  AblatedLosses result;
  result.intact = sequence_losses(model, data, recorders);
  for (std::size_t l = 0; l < sums.size() && ablation == HeadAblation::mean; ++l) {
    stand_ins[l] = (sums[l] / static_cast<double>(data.sequences())).template cast<Scalar>();
  }

  const auto losses_without = [&](Index layer, Index first_column, Index columns) {
    Hooks<B, Scalar> hooks;
    hooks.add(name(layer), [&](MatrixRef<Scalar>& z) {
      Matrix<Scalar> const& stand_in = stand_ins[static_cast<std::size_t>(layer)];
      for (Index row = 0; row < z.rows(); row += stand_in.rows()) {
        z.block(row, first_column, stand_in.rows(), columns) = stand_in.middleCols(first_column, columns);
      }
    });
    return sequence_losses(model, data, hooks);
  };
  for (Index layer = 0; layer < shape.n_layers; ++layer) {
    auto& heads = result.heads.emplace_back();
    for (Index h = 0; h < shape.n_heads; ++h) {
      heads.push_back(losses_without(layer, h * shape.d_head, shape.d_head));
    }
    result.layers.push_back(losses_without(layer, 0, width));
  }
  return result;
}

}  // namespace cayley
