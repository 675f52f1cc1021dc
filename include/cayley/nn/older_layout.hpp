/// The layout in which the first studies of modular addition and of sequences store and draw a transformer's weights.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <initializer_list>
#include <string_view>

namespace cayley {

/// Into how many blocks of rows the parameter `name` of a `Transformer` falls that the older layout holds transposed:
/// 0 where it holds the parameter as it is, else 1 or n_heads.
/// Shape: in the older layout embed.W_E (d_model, d_vocab); attn.W_Q, W_K, W_V (n_heads, d_head, d_model); attn.W_O
///        (d_model, n_heads d_head); mlp.W_in (d_mlp, d_model), W_out (d_model, d_mlp); the others as in `Transformer`.
/// Ref: Nanda et al., Progress measures for grokking via mechanistic interpretability (2023), the code of the study.
inline Index older_layout_blocks(TransformerShape const& shape, std::string_view name) {
  const auto is_one_of = [&](std::initializer_list<std::string_view> ends) {
    return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return name.ends_with(end); });
  };
  if (is_one_of({".W_Q", ".W_K", ".W_V"})) return shape.n_heads;
  return is_one_of({".W_E", ".W_O", ".W_in", ".W_out"}) ? 1 : 0;
}

/// Each of so many equal blocks of rows transposed, one below the other. 0 blocks: the matrix as it is.
/// Shape: (blocks m, n) -> (blocks n, m).
/// Errors: `Error` when the rows do not fall into so many blocks.
template <class Scalar>
Matrix<Scalar> transposed_blocks(Matrix<Scalar> const& matrix, Index blocks) {
  if (blocks == 0) return matrix;
  require(blocks > 0 && matrix.rows() % blocks == 0, "transposed_blocks: expected rows in ", blocks,
          " equal blocks, found ", matrix.rows());
  const Index height = matrix.rows() / blocks, width = matrix.cols();
  Matrix<Scalar> result(blocks * width, height);
  for (Index i = 0; i < blocks; ++i) {
    result.middleRows(i * width, width) = matrix.middleRows(i * height, height).transpose();
  }
  return result;
}

}  // namespace cayley
