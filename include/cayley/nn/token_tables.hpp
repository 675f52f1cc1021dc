/// The tables of a folded transformer: from its weights to a row per token, and the gradients back.
#pragma once

#include <cayley/backend/concept.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/backend/segment_sum.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/model_parameters.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace cayley {

/// The tables of a one-layer transformer for sequences of one length and one last token.
///
/// At position p < L - 1 a token t has x = W_E[t] + W_pos[p] - z, where z is the embedding at the last position, the
/// score x . (W_K[h] q_h) of head h, and the part x W_V[h] W_O[h] [W_in, W_U], so that the batch pays neither for keys
/// and values nor for products behind them. What z itself brings, each sequence receives: a head's attention sums to 1,
/// and its scores may all be moved by the same number.
/// Index: table row p d_vocab + t. [W_in, W_U] has d_mlp + d_vocab_out columns, then zeros up to a multiple of 16, whole
///        packets; so have the tables and `rest`, and past d_vocab_out columns `u`.
template <class B, class Scalar>
class TokenTables {
 public:
  using Tensor = DeviceMatrix<B, Scalar>;
  using Parameters = std::span<Parameter<B, Scalar> const>;

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
        behind_(backend, shape.d_model, cols_),
        w_v_(backend, shape.d_model, width_),
        w_q_(w_v_),
        query_(backend, 1, width_),
        key_query_(backend, shape.d_model, shape.n_heads),
        out_(backend, width_, cols_),
        last_(backend, 1, shape.d_model),
        last_value_(backend, 1, width_),
        last_residual_(last_),
        rest_(backend, 1, cols_),
        rest_gradient_(rest_),
        u_(backend, mlp_, cols_ - mlp_),
        u_transposed_(backend, shape.d_vocab_out, mlp_),
        u_gradient_(u_),
        tokens_(backend, 0, 0),
        values_(tokens_),
        scores_(tokens_),
        table_(tokens_),
        table_gradient_(tokens_),
        score_gradient_(tokens_) {}

  Index cols() const { return cols_; }
  Tensor const& scores() const { return scores_; }              ///< (table rows, n_heads)
  Tensor const& table() const { return table_; }                ///< (table rows, n_heads cols)
  Tensor const& rest() const { return rest_; }                  ///< (1, cols): what reaches every sequence
  Tensor const& u() const { return u_; }                        ///< W_out W_U: (d_mlp, cols - d_mlp)
  Tensor const& u_transposed() const { return u_transposed_; }  ///< (d_vocab_out, d_mlp)
  // Where the batch leaves its gradients.
  Tensor& table_gradient() { return table_gradient_; }
  Tensor& score_gradient() { return score_gradient_; }
  Tensor& rest_gradient() { return rest_gradient_; }
  Tensor& u_gradient() { return u_gradient_; }

  /// Makes the tables of these weights.
  void fold(Parameters parameters, Index length, std::uint32_t last_token, bool with_gradient) {
    reserve(length, with_gradient);
    length_ = length;
    last_token_ = static_cast<Index>(last_token);
    const Index d = shape_.d_model, e = shape_.d_head;
    const auto value = [&](std::size_t place) { return parameters[place].values().view(); };
    const auto bias = [&](std::size_t place) { return place != 0 ? parameters[place].values().data() : nullptr; };
    copy(value(places_.w_u), column_block(behind_.view(), mlp_, shape_.d_vocab_out));
    if (mlp_ > 0) copy(value(block_.w_in), column_block(behind_.view(), 0, mlp_));
    const auto w_u = column_block(std::as_const(behind_).view(), mlp_, cols_ - mlp_);
    embed(parameters);
    for (Index h = 0; h < shape_.n_heads; ++h) {
      copy(row_block(value(block_.w_v), h * d, d), column_block(w_v_.view(), h * e, e));
      copy(row_block(value(block_.w_q), h * d, d), column_block(w_q_.view(), h * e, e));
    }
    product(last_.view(), w_v_.view(), last_value_.view());
    add_bias(last_value_.view(), bias(block_.b_v));
    product(last_.view(), w_q_.view(), query_.view());
    add_bias(query_.view(), bias(block_.b_q));
    backend_.for_each(width_, Scale<Scalar>{query_.data(), score_scale()});
    run_tasks(backend_, 3, [&](Index task, int) {
      if (task == 0) product(value(block_.w_o), behind_.view(), out_.view());
      if (task == 1) product(tokens_.view(), w_v_.view(), values_.view());
      if (task != 2 || mlp_ == 0) return;
      product(value(block_.w_out), w_u, u_.view());
      if (with_gradient) {
        backend_.for_each_row(u_transposed_.rows(),
                              TransposeRows<Scalar>{u_.data(), u_.cols(), u_transposed_.data(), mlp_, mlp_});
      }
    });
    run_tasks(backend_, shape_.n_heads, [&](Index h, int) {
      const auto query = column_block(std::as_const(query_).view(), h * e, e);  // (1, d_head)
      product(row_block(value(block_.w_k), h * d, d), transposed(query), column_block(key_query_.view(), h, 1));
      product(column_block(std::as_const(values_).view(), h * e, e), row_block(std::as_const(out_).view(), h * e, e),
              column_block(table_.view(), h * cols_, cols_));
    });
    product(tokens_.view(), key_query_.view(), scores_.view());
    copy(last_.view(), last_residual_.view());
    for (Index i = 1; i < residuals(); ++i) add(last_.view(), last_residual_.view());
    add_bias(last_residual_.view(), bias(block_.b_o));
    product(last_residual_.view(), behind_.view(), rest_.view());
    product(last_value_.view(), out_.view(), rest_.view(), Scalar(1));
    const auto to_logits = column_block(rest_.view(), mlp_, cols_ - mlp_);
    add_bias(column_block(to_logits, 0, shape_.d_vocab_out), bias(places_.b_u));
    if (!shape_.has_biases || mlp_ == 0) return;
    add_bias(column_block(rest_.view(), 0, mlp_), bias(block_.b_in));
    product(value(block_.b_out), w_u, to_logits, Scalar(1));
  }

  void clear_gradients() {
    for (Tensor* gradient : {&table_gradient_, &score_gradient_}) {
      backend_.for_each(gradient->rows() * gradient->cols(), Fill<Scalar>{gradient->data(), Scalar(0)});
    }
  }

  /// The gradients of the weights from those of tables, scores, rest and u, which the batch has left here.
  void unfold_gradients(Parameters parameters, ParameterGradients<B, Scalar>& gradients) {
    for (Tensor& gradient : gradients) {
      backend_.for_each(gradient.rows() * gradient.cols(), Fill<Scalar>{gradient.data(), Scalar(0)});
    }
    const Index d = shape_.d_model, e = shape_.d_head, heads = shape_.n_heads, rows = tokens_.rows();
    const auto value = [&](std::size_t place) { return parameters[place].values().view(); };
    const auto gradient = [&](std::size_t place) { return gradients[place].view(); };
    const auto w_u = value(places_.w_u), d_table = std::as_const(table_gradient_).view();
    const auto d_rest = std::as_const(rest_gradient_).view();
    Tensor d_out(backend_, width_, cols_), d_values(backend_, rows, width_), d_last_value(last_value_);
    times_vector(std::as_const(out_).view(), d_rest, d_last_value);
    run_tasks(backend_, heads, [&](Index h, int) {
      const auto part = column_block(d_table, h * cols_, cols_);  // (rows, cols)
      product(transposed(column_block(std::as_const(values_).view(), h * e, e)), part,
              row_block(d_out.view(), h * e, e));
      product(transposed(column_block(std::as_const(last_value_).view(), h * e, e)), d_rest,
              row_block(d_out.view(), h * e, e), Scalar(1));
      product(part, transposed(row_block(std::as_const(out_).view(), h * e, e)),
              column_block(d_values.view(), h * e, e));
    });
    Tensor d_behind(backend_, d, cols_), d_last(backend_, 1, d), d_tokens(backend_, rows, d);
    Tensor d_w_v(backend_, d, width_);
    run_tasks(backend_, 4, [&](Index task, int) {
      if (task == 0) {
        product(transposed(value(block_.w_o)), d_out.view(), d_behind.view());
        product(transposed(std::as_const(last_residual_).view()), d_rest, d_behind.view(), Scalar(1));
      }
      if (task == 1) product(d_out.view(), transposed(std::as_const(behind_).view()), gradient(block_.w_o));
      if (task == 2) {
        product(d_values.view(), transposed(std::as_const(w_v_).view()), d_tokens.view());
        product(score_gradient_.view(), transposed(std::as_const(key_query_).view()), d_tokens.view(), Scalar(1));
      }
      if (task == 3) {
        product(transposed(std::as_const(tokens_).view()), d_values.view(), d_w_v.view());
        product(transposed(std::as_const(last_).view()), d_last_value.view(), d_w_v.view(), Scalar(1));
      }
    });
    for (Index h = 0; h < heads; ++h) {
      copy(column_block(std::as_const(d_w_v).view(), h * e, e), row_block(gradient(block_.w_v), h * d, d));
    }
    const auto d_logits = column_block(d_rest, mlp_, shape_.d_vocab_out);
    copy(column_block(std::as_const(d_behind).view(), mlp_, shape_.d_vocab_out), gradient(places_.w_u));
    if (mlp_ > 0) {
      copy(column_block(std::as_const(d_behind).view(), 0, mlp_), gradient(block_.w_in));
      const auto d_u = column_block(std::as_const(u_gradient_).view(), 0, shape_.d_vocab_out);
      run_tasks(backend_, 2, [&](Index task, int) {
        if (task == 0) product(d_u, transposed(w_u), gradient(block_.w_out));
        if (task == 1) product(transposed(value(block_.w_out)), d_u, gradient(places_.w_u), Scalar(1));
      });
    }
    times_vector(std::as_const(behind_).view(), d_rest, d_last);
    if (shape_.has_attention_biases()) {
      for (Index h = 0; h < heads; ++h) {
        copy(column_block(std::as_const(d_last_value).view(), h * e, e), row_block(gradient(block_.b_v), h, 1));
      }
      copy(d_last.view(), gradient(block_.b_o));
      copy(d_logits, gradient(places_.b_u));
    }
    if (shape_.has_biases && mlp_ > 0) {
      copy(column_block(d_rest, 0, mlp_), gradient(block_.b_in));
      product(d_logits, transposed(w_u), gradient(block_.b_out));
      product(transposed(value(block_.b_out)), d_logits, gradient(places_.w_u), Scalar(1));
    }
    if (shape_.doubled_residual) backend_.for_each(d, Scale<Scalar>{d_last.data(), Scalar(2)});
    product(d_last_value.view(), transposed(std::as_const(w_v_).view()), d_last.view(), Scalar(1));
    unfold_scores(parameters, gradients, d_last);
    unfold_tokens(d_tokens, d_last, gradients);
  }

 private:
  using ConstView = MatrixView<Scalar const>;
  using View = MatrixView<Scalar>;

  Index residuals() const { return shape_.doubled_residual ? 2 : 1; }
  Scalar score_scale() const { return static_cast<Scalar>(1 / std::sqrt(static_cast<double>(shape_.d_head))); }

  void reserve(Index length, bool with_gradient) {
    const Index rows = (length - 1) * shape_.d_vocab, heads = shape_.n_heads;
    if (tokens_.rows() != rows) {
      tokens_ = Tensor(backend_, rows, shape_.d_model);
      values_ = Tensor(backend_, rows, width_);
      scores_ = Tensor(backend_, rows, heads);
      table_ = Tensor(backend_, rows, heads * cols_);
    }
    if (with_gradient && table_gradient_.rows() != rows) {
      table_gradient_ = Tensor(backend_, rows, heads * cols_);
      score_gradient_ = Tensor(backend_, rows, heads);
    }
  }

  /// The last token, and the tokens at every other position less the last one, with the positions added.
  void embed(Parameters parameters) {
    const Index d = shape_.d_model, vocabulary = shape_.d_vocab;
    const auto table = parameters[places_.w_e].values().view();
    const auto add_position = [&](View to, Index p) {
      if (shape_.positions == Positions::none) return;
      Tensor const& positions = sinusoids_ != nullptr ? *sinusoids_ : parameters[places_.w_pos].values();
      add_bias(to, positions.data() + p * d);
    };
    copy(row_block(table, last_token_, 1), last_.view());
    add_position(last_.view(), length_ - 1);
    Tensor negative(last_);
    backend_.for_each(d, Scale<Scalar>{negative.data(), Scalar(-1)});
    for (Index p = 0; p + 1 < length_; ++p) {
      const auto to = row_block(tokens_.view(), p * vocabulary, vocabulary);
      copy(table, to);
      add_position(to, p);
      add_bias(to, negative.data());
    }
  }

  /// Queries and keys: the gradients of W_Q, W_K and b_Q, and what reaches the last token through its query. A bias of
  /// the keys moves all scores of a head by the same number: it has no gradient.
  void unfold_scores(Parameters parameters, ParameterGradients<B, Scalar>& gradients, Tensor& d_last) {
    const Index d = shape_.d_model, e = shape_.d_head, heads = shape_.n_heads;
    const auto value = [&](std::size_t place) { return parameters[place].values().view(); };
    Tensor d_key_query(backend_, d, heads), d_query(backend_, 1, width_);
    product(transposed(std::as_const(tokens_).view()), score_gradient_.view(), d_key_query.view());
    for (Index h = 0; h < heads; ++h) {
      const auto d_column = column_block(std::as_const(d_key_query).view(), h, 1);  // (d_model, 1)
      const auto query = column_block(std::as_const(query_).view(), h * e, e);
      const auto d_head = column_block(d_query.view(), h * e, e);  // (1, d_head)
      product(d_column, query, row_block(gradients[block_.w_k].view(), h * d, d));
      product(transposed(d_column), row_block(value(block_.w_k), h * d, d), d_head);
    }
    backend_.for_each(width_, Scale<Scalar>{d_query.data(), score_scale()});
    for (Index h = 0; h < heads; ++h) {
      const auto d_head = column_block(std::as_const(d_query).view(), h * e, e);
      product(transposed(std::as_const(last_).view()), d_head, row_block(gradients[block_.w_q].view(), h * d, d));
      if (shape_.has_attention_biases()) copy(d_head, row_block(gradients[block_.b_q].view(), h, 1));
    }
    product(d_query.view(), transposed(std::as_const(w_q_).view()), d_last.view(), Scalar(1));
  }

  /// The gradients of the embedding; `d_last` is that of the last token where it stands alone.
  void unfold_tokens(Tensor const& d_tokens, Tensor& d_last, ParameterGradients<B, Scalar>& gradients) {
    const Index d = shape_.d_model, vocabulary = shape_.d_vocab;
    const auto to = gradients[places_.w_e].view();
    Tensor taken(backend_, 1, d);  // what the last token loses as it is taken from every other
    for (Index p = 0; p + 1 < length_; ++p) {
      const auto from = row_block(d_tokens.view(), p * vocabulary, vocabulary);
      add(from, to);
      Tensor sum(backend_, 1, d);
      backend_.for_each(d, AddColumnSums<Scalar>{from.data, d, from.rows, sum.data()});
      add(std::as_const(sum).view(), taken.view());
      if (shape_.positions == Positions::learned) copy(sum.view(), row_block(gradients[places_.w_pos].view(), p, 1));
    }
    backend_.for_each(d, Scale<Scalar>{taken.data(), Scalar(-1)});
    add(std::as_const(taken).view(), d_last.view());
    add(std::as_const(d_last).view(), row_block(to, last_token_, 1));
    if (shape_.positions != Positions::learned) return;
    copy(d_last.view(), row_block(gradients[places_.w_pos].view(), length_ - 1, 1));
  }

  void product(ConstView a, ConstView b, View c, Scalar beta = Scalar(0)) const {
    backend_.template matrix_product<Scalar>(a, b, c, Scalar(1), beta);
  }
  void copy(ConstView from, View to) const {
    backend_.for_each_row(to.rows, CopyRows<Scalar>{from.data, from.row_stride, to.data, to.row_stride, to.cols});
  }
  void add(ConstView from, View to) const {
    backend_.for_each_row(to.rows, AddRows<Scalar>{to.data, to.row_stride, from.data, from.row_stride, to.cols});
  }
  void add_bias(View values, Scalar const* bias) const {
    if (bias == nullptr) return;
    backend_.for_each_row(values.rows, AddBias<Scalar>{values.data, values.row_stride, bias, values.cols});
  }
  /// out = matrix row^T, as a row.
  void times_vector(ConstView matrix, ConstView row, Tensor& out) const {
    product(matrix, transposed(row), View{out.data(), matrix.rows, 1, 1});
  }

  [[no_unique_address]] B backend_;
  TransformerShape shape_;
  detail::TransformerPlaces places_;
  detail::TransformerPlaces::Block block_;
  std::shared_ptr<Tensor const> sinusoids_;  // (n_ctx, d_model)
  Index mlp_, width_, cols_;
  Index length_ = 0, last_token_ = 0;
  Tensor behind_;         // [W_in, W_U]: (d_model, cols)
  Tensor w_v_, w_q_;      // (d_model, n_heads d_head)
  Tensor query_;          // (1, n_heads d_head), scaled
  Tensor key_query_;      // (d_model, n_heads)
  Tensor out_;            // W_O [W_in, W_U]: (n_heads d_head, cols)
  Tensor last_;           // (1, d_model)
  Tensor last_value_;     // (1, n_heads d_head)
  Tensor last_residual_;  // (1, d_model)
  Tensor rest_, rest_gradient_;
  Tensor u_, u_transposed_, u_gradient_;
  Tensor tokens_;                           // less the last one: (table rows, d_model)
  Tensor values_;                           // (table rows, n_heads d_head)
  Tensor scores_;                           // (table rows, n_heads)
  Tensor table_;                            // (table rows, n_heads cols)
  Tensor table_gradient_, score_gradient_;  // as table and scores
};

}  // namespace cayley
