/// The tables of a folded transformer: from its weights to a row per token, and the gradients back.
#pragma once

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/backend/token_tables.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/model_parameters.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace cayley {

/// The tables of a one-layer transformer for sequences of one length and one last token.
///
/// At position p < L - 1 a token t has x = W_E[t] + W_pos[p] - z, where z is the embedding at the last position, the
/// score x . (W_K[h] q_h) of head h, and the part x W_V[h] W_O[h] [W_in, W_U], so that the batch pays neither for keys
/// and values nor for products behind them. What z itself brings, each sequence receives: a head's attention sums to 1,
/// and its scores may all be moved by the same number.
///
/// What happens once a step is a row more of what happens for every token or head: z behind the tokens, what it brings to
/// the residual stream behind W_O, b_out behind W_out. So each product takes all of it in one call.
/// Index: table row p d_vocab + t. [W_in, W_U] has d_mlp + d_vocab_out columns, then zeros up to a multiple of 16, whole
///        packets; so have the tables and `rest`, and past d_vocab_out columns `u`.
template <class B, class Scalar>
class TokenTables {
 public:
  using Tensor = DeviceMatrix<B, Scalar>;
  using Parameters = std::span<Parameter<B, Scalar> const>;
  using ConstView = MatrixView<Scalar const>;
  using View = MatrixView<Scalar>;

  TokenTables(B const& backend, TransformerShape const& shape, detail::TransformerPlaces const& places,
              std::shared_ptr<Tensor const> sinusoids)
      : backend_(backend),
        shape_(shape),
        places_(places),
        block_(places_.blocks.front()),
        sinusoids_(std::move(sinusoids)),
        mlp_(shape.attn_only ? 0 : shape.d_mlp),
        width_(shape.n_heads * shape.d_head),
        cols_((mlp_ + shape.d_vocab_out + 15) / 16 * 16),
        w_q_(backend, shape.d_model, width_),
        rest_(backend, 1, cols_),
        u_transposed_(backend, keeps_transpose ? shape.d_vocab_out : 0, mlp_) {}

  Index cols() const { return cols_; }
  Index score_stride() const { return width_ + shape_.n_heads; }
  /// Those of table row r and head h at r * score_stride() + h.
  Scalar const* scores() const { return folded_->read.data() + width_; }
  /// Shape: (table rows, n_heads cols), and the row of z.
  Tensor const& table() const { return folded_->table; }
  /// Shape: (1, cols): what reaches every sequence.
  Tensor const& rest() const { return rest_; }
  /// W_out W_U.
  /// Shape: (d_mlp, cols - d_mlp).
  ConstView u() const { return row_block(folded_->u.view(), 0, mlp_); }
  /// Its transpose without the padding.
  /// Shape: (d_vocab_out, d_mlp) as a product sees it.
  ConstView u_transposed() const {
    if constexpr (keeps_transpose) return u_transposed_.view();
    return transposed(column_block(u(), 0, shape_.d_vocab_out));
  }

  // Where the batch leaves its gradients, overwriting what is there.
  Scalar* table_gradient() { return gradient_->table.data(); }
  Scalar* score_gradient() { return gradient_->read.data() + width_; }
  View u_gradient() { return row_block(gradient_->u.view(), 0, mlp_); }
  /// Call it for `cols()` rows: the gradient of `rest` is the sum of these rows of `cols()` numbers.
  RestGradient<Scalar> rest_gradient(Scalar const* values, Index stride, Index rows) {
    Folded& d = *gradient_;
    return {values,
            stride,
            rows,
            mlp_,
            shape_.n_heads,
            cols_,
            d.out.data() + width_ * cols_,
            d.table.data() + table_rows_ * shape_.n_heads * cols_,
            d.u.data() + mlp_ * (cols_ - mlp_)};
  }

  /// Makes the tables of these weights.
  void fold(Parameters parameters, Index length, std::uint32_t last_token, bool with_gradient) {
    reserve(length, with_gradient);
    length_ = length;
    last_token_ = static_cast<Index>(last_token);
    copy_weights(parameters);
    Folded& x = *folded_;
    const Index e = shape_.d_head, heads = shape_.n_heads;
    const bool has_biases = shape_.has_attention_biases();
    const auto w_k = stacked(value(parameters, block_.w_k), heads);
    product(row_of_z(x.tokens), w_q_.view(), x.query.view(), score_scale(), has_biases ? score_scale() : Scalar(0));
    batched_product<Scalar>(backend_, w_k, transposed(side_by_side(x.query.view(), 0, heads, e)),
                            side_by_side(x.readers.view(), width_, heads, 1), Scalar(1), Scalar(0));
    run_tasks(backend_, 3, [&](Index task, int) {
      if (task == 0) product(x.writers.view(), x.behind.view(), x.out.view());
      if (task == 1) product(x.tokens.view(), x.readers.view(), x.read.view());
      if (task != 2 || mlp_ == 0) return;
      product(x.w_out.view(), to_logits(x.behind), x.u.view());
      if (keeps_transpose && with_gradient) {
        backend_.for_each_row(u_transposed_.rows(),
                              TransposeRows<Scalar>{x.u.data(), x.u.cols(), u_transposed_.data(), mlp_, mlp_});
      }
    });
    if (has_biases) {
      Scalar* last_value = row_of_z(x.read).data;
      backend_.for_each_row(1, AddBias<Scalar>{last_value, 0, value(parameters, block_.b_v).data, width_});
    }
    batched_product<Scalar>(backend_, values(x.read), stacked(row_block(x.out.view(), 0, width_), heads),
                            parts(x.table), Scalar(1), Scalar(0));
    backend_.for_each(cols_, RestOfTables<Scalar>{mlp_, shape_.d_vocab_out, heads, cols_, x.out.data() + width_ * cols_,
                                                  row_of_z(x.table).data, x.u.data() + mlp_ * (cols_ - mlp_),
                                                  value(parameters, block_.b_in).data,
                                                  value(parameters, places_.b_u).data, rest_.data()});
  }

  /// The gradients of the weights from those of tables, scores, rest and u, which the batch has left here.
  void unfold_gradients(Parameters parameters, ParameterGradients<B, Scalar>& gradients) {
    Folded& x = *folded_;
    Folded& d = *gradient_;
    const Index heads = shape_.n_heads;
    const auto by_head = [&](View all) { return stacked(row_block(all, 0, width_), heads); };  // (d_head, cols) each
    batched_product<Scalar>(backend_, parts(d.table), transposed(by_head(x.out.view())), values(d.read), Scalar(1),
                            Scalar(0));
    batched_product<Scalar>(backend_, transposed(values(x.read)), parts(d.table), by_head(d.out.view()), Scalar(1),
                            Scalar(0));
    run_tasks(backend_, 5, [&](Index task, int) {
      if (task == 0) {
        product(transposed(x.writers.view()), d.out.view(), d.behind.view());
        if (mlp_ > 0) product(transposed(x.w_out.view()), d.u.view(), to_logits(d.behind), Scalar(1), Scalar(1));
      }
      if (task == 1) product(d.out.view(), transposed(x.behind.view()), d.writers.view());
      if (task == 2 && mlp_ > 0) product(d.u.view(), transposed(to_logits(x.behind)), d.w_out.view());
      if (task == 3) product(d.read.view(), transposed(x.readers.view()), d.tokens.view());
      if (task == 4) product(transposed(x.tokens.view()), d.read.view(), d.readers.view());
    });
    batched_product<Scalar>(backend_, transposed(side_by_side(d.readers.view(), width_, heads, 1)),
                            stacked(value(parameters, block_.w_k), heads),
                            side_by_side(d.query.view(), 0, heads, shape_.d_head), score_scale(), Scalar(0));
    product(d.query.view(), transposed(w_q_.view()), row_of_z(d.tokens), Scalar(1), Scalar(1));
    write_gradients(gradients);
  }

 private:
  /// A product of many rows is faster with a transpose that is made once, where it does not cost a launch.
  static constexpr bool keeps_transpose = HasTasks<B>;

  /// The weights as the products take them, and what these make of them; or the gradients of all that.
  struct Folded {
    Tensor behind;   // [W_in, W_U]: (d_model, cols)
    Tensor readers;  // [W_V, W_K q], heads side by side: (d_model, n_heads d_head + n_heads)
    Tensor writers;  // W_O, and what z brings to the residual stream: (n_heads d_head + 1, d_model)
    Tensor w_out;    // W_out and b_out: (d_mlp + 1, d_model)
    Tensor query;    // of z, scaled: (1, n_heads d_head)
    Tensor tokens;   // x, and z: (table rows + 1, d_model)
    Tensor read;     // tokens readers = [values, scores]: (table rows + 1, n_heads d_head + n_heads)
    Tensor out;      // writers behind: (n_heads d_head + 1, cols)
    Tensor table;    // values out, head by head: (table rows + 1, n_heads cols)
    Tensor u;        // w_out W_U: (d_mlp + 1, cols - d_mlp)
  };

  Folded folded(Index rows) const {
    const Index d = shape_.d_model, readers = width_ + shape_.n_heads;
    const auto tensor = [&](Index tensor_rows, Index cols) { return Tensor(backend_, tensor_rows, cols); };
    return {tensor(d, cols_),
            tensor(d, readers),
            tensor(width_ + 1, d),
            tensor(mlp_ + 1, d),
            tensor(1, width_),
            tensor(rows + 1, d),
            tensor(rows + 1, readers),
            tensor(width_ + 1, cols_),
            tensor(rows + 1, shape_.n_heads * cols_),
            tensor(mlp_ + 1, cols_ - mlp_)};
  }

  void reserve(Index length, bool with_gradient) {
    const Index rows = (length - 1) * shape_.d_vocab;
    if (!folded_ || rows != table_rows_) {
      table_rows_ = rows;
      folded_.emplace(folded(rows));
      gradient_.reset();
    }
    if (with_gradient && !gradient_) gradient_.emplace(folded(rows));
  }

  /// Lays the weights out as the products take them, and embeds the tokens.
  void copy_weights(Parameters parameters) {
    Folded& x = *folded_;
    const Index d = shape_.d_model, e = shape_.d_head, rows = shape_.n_heads * d, readers = x.readers.cols();
    const auto of = [&](std::size_t place) { return value(parameters, place); };
    Tensor const* learned = shape_.positions == Positions::learned ? &parameters[places_.w_pos].values() : nullptr;
    Tensor const* positions = sinusoids_ != nullptr ? sinusoids_.get() : learned;
    const EmbedTokens<Scalar> embed{parameters[places_.w_e].values().data(),
                                    positions != nullptr ? positions->data() : nullptr,
                                    length_,
                                    shape_.d_vocab,
                                    last_token_,
                                    d,
                                    x.tokens.data(),
                                    x.writers.data() + width_ * d,
                                    residual_factor(),
                                    of(block_.b_o).data};
    for_each_row_of(backend_, RowsOf{table_rows_ + 1, embed},
                    RowsOf{rows, CopyBlocks<Scalar>{of(block_.w_v).data, e, d * e, x.readers.data(), readers, e, d, e}},
                    RowsOf{rows, CopyBlocks<Scalar>{of(block_.w_q).data, e, d * e, w_q_.data(), width_, e, d, e}},
                    copy(of(block_.w_o), x.writers.view()), copy(of(places_.w_u), to_logits(x.behind)),
                    copy(of(block_.w_in), x.behind.view()), copy(of(block_.w_out), x.w_out.view()),
                    copy(of(block_.b_out), row_block(x.w_out.view(), mlp_, 1)),
                    copy(flat(of(block_.b_q)), x.query.view()));
  }

  /// From the gradients of what `copy_weights` has made to those of the parameters, each of which is overwritten.
  void write_gradients(ParameterGradients<B, Scalar>& gradients) {
    Folded &x = *folded_, &d = *gradient_;
    const Index model = shape_.d_model, e = shape_.d_head, rows = shape_.n_heads * model, readers = d.readers.cols();
    const auto to = [&](std::size_t place) { return place != 0 ? gradients[place].view() : View{}; };
    const EmbeddingGradient<Scalar> embed{d.tokens.data(),
                                          d.writers.data() + width_ * model,
                                          residual_factor(),
                                          length_,
                                          shape_.d_vocab,
                                          last_token_,
                                          model,
                                          gradients[places_.w_e].data(),
                                          to(places_.w_pos).data,
                                          shape_.n_ctx};
    const ConstView d_rest = row_block(d.out.view(), width_, 1);
    for_each_row_of(
        backend_, RowsOf{model, embed},
        RowsOf{rows, CopyBlocks<Scalar>{d.readers.data(), readers, e, to(block_.w_v).data, e, model * e, model, e}},
        RowsOf{rows, OuterProducts<Scalar>{d.readers.data() + width_, readers, 1, x.query.data(), to(block_.w_k).data,
                                           model, e}},
        RowsOf{rows,
               OuterProducts<Scalar>{row_of_z(x.tokens).data, 1, 0, d.query.data(), to(block_.w_q).data, model, e}},
        copy(d.writers.view(), to(block_.w_o)), copy(to_logits(d.behind), to(places_.w_u)),
        copy(d.behind.view(), to(block_.w_in)), copy(d.w_out.view(), to(block_.w_out)),
        copy(row_block(d.w_out.view(), mlp_, 1), to(block_.b_out)), copy(d_rest, to(block_.b_in)),
        copy(column_block(d_rest, mlp_, cols_ - mlp_), to(places_.b_u)), copy(d.query.view(), flat(to(block_.b_q))),
        copy(row_of_z(d.read), flat(to(block_.b_v))), copy(row_block(d.writers.view(), width_, 1), to(block_.b_o)));
    // A bias of the keys moves all scores of a head by the same number.
    if (block_.b_k != 0) backend_.for_each(width_, Fill<Scalar>{to(block_.b_k).data, Scalar(0)});
  }

  Scalar residual_factor() const { return shape_.doubled_residual ? Scalar(2) : Scalar(1); }
  Scalar score_scale() const { return static_cast<Scalar>(1 / std::sqrt(static_cast<double>(shape_.d_head))); }

  /// A parameter other than W_E; no matrix at all where the model does not have it.
  static ConstView value(Parameters parameters, std::size_t place) {
    return place != 0 ? parameters[place].values().view() : ConstView{};
  }
  View row_of_z(Tensor& x) const { return row_block(x.view(), table_rows_, 1); }
  View to_logits(Tensor& behind) const { return column_block(behind.view(), mlp_, cols_ - mlp_); }
  View values(Tensor& read) const { return side_by_side(read.view(), 0, shape_.n_heads, shape_.d_head); }
  View parts(Tensor& table) const { return side_by_side(table.view(), 0, shape_.n_heads, cols_); }
  /// As one row.
  template <class T>
  static MatrixView<T> flat(MatrixView<T> x) {
    return matrix_view(x.data, std::min<Index>(1, x.rows), x.rows * x.cols);
  }

  void product(ConstView a, ConstView b, View c, Scalar alpha = Scalar(1), Scalar beta = Scalar(0)) const {
    backend_.template matrix_product<Scalar>(a, b, c, alpha, beta);
  }
  /// As many rows and columns as both have.
  static RowsOf<CopyRows<Scalar>> copy(ConstView from, View to) {
    return {std::min(from.rows, to.rows),
            {from.data, from.row_stride, to.data, to.row_stride, std::min(from.cols, to.cols)}};
  }

  [[no_unique_address]] B backend_;
  TransformerShape shape_;
  detail::TransformerPlaces places_;
  detail::TransformerPlaces::Block block_;
  std::shared_ptr<Tensor const> sinusoids_;  // (n_ctx, d_model)
  Index mlp_, width_, cols_;
  Index length_ = 0, last_token_ = 0, table_rows_ = 0;
  Tensor w_q_;           // heads side by side: (d_model, n_heads d_head)
  Tensor rest_;          // (1, cols)
  Tensor u_transposed_;  // (d_vocab_out, d_mlp), where it is kept
  std::optional<Folded> folded_, gradient_;
};

}  // namespace cayley
