/// Embeddings: rows of a table, looked up by token.
#pragma once

#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/matrix_view.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/core/error.hpp>
#include <cstdint>

namespace cayley {

/// out[i] = table[tokens[i, position]], for tokens (rows, length) in device memory, each below `table.rows()`.
/// Shape: (rows, table.cols()).
/// Errors: `Error` when `position` is outside 0 .. length-1 or the tokens do not fill their rows.
template <class B, class Scalar>
DeviceMatrix<B, Scalar> embed(DeviceMatrix<B, Scalar> const& table,
                              typename B::template Buffer<std::uint32_t> const& tokens, Index position, Index length) {
  require(0 <= position && position < length && tokens.size() % length == 0, "embed: expected a position below ",
          length, " and rows of that length, found position ", position, " and ", tokens.size(), " tokens");
  const Index rows = tokens.size() / length;
  DeviceMatrix<B, Scalar> out(table.backend(), rows, table.cols());
  const auto column = column_block(matrix_view(tokens.data(), rows, length), position, 1);  // (rows, 1)
  table.backend().for_each_row(rows, GatherRows<Scalar>{table.data(), table.cols(), column.data, column.row_stride,
                                                        out.data(), out.cols(), out.cols()});
  return out;
}

}  // namespace cayley
