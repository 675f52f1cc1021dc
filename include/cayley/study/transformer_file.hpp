/// Transformers in files of weights, in the layouts of TransformerLens and of the studies before it.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/io/tensor_file.hpp>
#include <cayley/nn/older_layout.hpp>
#include <cayley/nn/parameter.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/nn/transformer_shape.hpp>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace cayley {

/// Names and shapes of a transformer's tensors in a file.
enum class TransformerLayout {
  transformer_lens,  ///< names and shapes of TransformerLens: attn.W_Q (n_heads, d_model, d_head), biases, layer norms
  older,             ///< shapes as in `older_layout_blocks`; no biases but mlp.b_in and mlp.b_out, no layer norms
  older_attn_only    ///< the same without MLPs, blocks named attn_blocks.0, attn_blocks.1, ..
};

/// Sizes and weights of a transformer, named and stored as in `Transformer`: `Transformer::from_parameters` takes both.
template <class Scalar>
struct TransformerWeights {
  TransformerShape shape;
  NamedMatrices<Scalar> weights;
};

namespace detail {

template <class Value, std::size_t n>
using NamedChoices = std::array<std::pair<std::string_view, Value>, n>;

inline constexpr NamedChoices<TransformerLayout, 3> layout_names{
    {{"transformer_lens", TransformerLayout::transformer_lens},
     {"older", TransformerLayout::older},
     {"older_attn_only", TransformerLayout::older_attn_only}}};
inline constexpr NamedChoices<ActFn, 3> act_fn_names{
    {{"relu", ActFn::relu}, {"gelu", ActFn::gelu}, {"gelu_new", ActFn::gelu_new}}};
inline constexpr NamedChoices<Positions, 4> position_names{{{"orig", Positions::learned},
                                                            {"standard", Positions::learned},
                                                            {"sinusoidal", Positions::sinusoidal},
                                                            {"none", Positions::none}}};
inline constexpr NamedChoices<bool, 2> direction_names{{{"causal", true}, {"bidirectional", false}}};
inline constexpr NamedChoices<bool, 2> truth_names{{{"true", true}, {"false", false}}};

/// The first name of a value.
template <class Value, std::size_t n>
std::string name_of(NamedChoices<Value, n> const& choices, Value value) {
  const auto found = std::find_if(choices.begin(), choices.end(), [&](auto const& c) { return c.second == value; });
  return std::string(found->first);
}

/// What the metadata say under the first of these keys that they have, upper or lower case; `otherwise` when they have
/// none of them.
template <class Value, std::size_t n>
Value metadata_choice(TensorFile const& file, std::initializer_list<char const*> keys,
                      NamedChoices<Value, n> const& choices, Value otherwise) {
  for (char const* key : keys) {
    const auto found = file.metadata().find(key);
    if (found == file.metadata().end()) continue;
    std::string text = found->second;
    for (char& c : text) c = 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    std::vector<std::string_view> names;
    for (auto const& [name, value] : choices) {
      if (name == text) return value;
      names.push_back(name);
    }
    fail(file.source(), ": metadata \"", key, "\": \"", found->second, "\" is not supported",
         name_suggestion(text, names));
  }
  return otherwise;
}

/// The tensor that holds a parameter.
struct TransformerTensor {
  std::string parameter;  // (rows, cols)
  Index rows, cols;
  std::string name;  ///< empty where the layout has no tensor for it
  Shape shape;
  Index blocks;  ///< see `transposed_blocks`
};

/// The tensors of all parameters, in their order.
inline std::vector<TransformerTensor> transformer_tensors(TransformerShape const& shape, TransformerLayout layout) {
  const bool lens = layout == TransformerLayout::transformer_lens;
  std::vector<TransformerTensor> tensors;
  each_transformer_parameter(shape, [&](std::string const& parameter, ParameterSide rows, ParameterSide cols) {
    const std::string leaf = parameter.substr(parameter.rfind('.') + 1);
    const Index heads = shape.n_heads, of_head = rows.size / heads;
    const bool to_head = leaf == "W_Q" || leaf == "W_K" || leaf == "W_V";
    TransformerTensor tensor{parameter, rows.size, cols.size, parameter, {rows.size, cols.size}, 0};
    if (rows.meaning == "1") tensor.shape = {cols.size};
    if (lens) {
      if (to_head || leaf == "W_O") tensor.shape = {heads, of_head, cols.size};
    } else {
      tensor.blocks = older_layout_blocks(shape, parameter);
      if (to_head) {
        tensor.shape = {heads, cols.size, of_head};
      } else if (tensor.blocks > 0) {
        tensor.shape = {cols.size, rows.size};
      }
      const bool stored = leaf.starts_with('W') || leaf == "b_in" || leaf == "b_out";
      if (!stored) tensor.name.clear();
    }
    if (layout == TransformerLayout::older_attn_only && tensor.name.starts_with("blocks."))
      tensor.name.insert(0, "attn_");
    tensors.push_back(std::move(tensor));
  });
  return tensors;
}

/// Whether a tensor is a constant of the causal mask.
inline bool is_mask_constant(std::string_view name) {
  return name.ends_with(".mask") || name.ends_with(".IGNORE");
}

inline Index metadata_n_ctx(TensorFile const& file) {
  const auto found = file.metadata().find("n_ctx");
  require(found != file.metadata().end(), file.source(), ": no key \"n_ctx\" in the metadata and no learned positions");
  std::string const& text = found->second;
  Index n_ctx = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), n_ctx);
  require(result.ec == std::errc() && result.ptr == text.data() + text.size() && n_ctx >= 1, file.source(),
          ": metadata \"n_ctx\": expected a number of at least 1, found \"", text, "\"");
  return n_ctx;
}

/// Sizes from the tensors, variants from their names and from the metadata.
inline TransformerShape stored_transformer_shape(TensorFile const& file, TransformerLayout layout) {
  const bool lens = layout == TransformerLayout::transformer_lens;
  const std::string block = layout == TransformerLayout::older_attn_only ? "attn_blocks." : "blocks.";
  const auto sizes = [&](std::string const& name, std::size_t indices) -> Shape const& {
    Shape const& found = file.shape(name);
    const bool fits =
        found.size() == indices && std::all_of(found.begin(), found.end(), [](Index n) { return n >= 1; });
    require(fits, file.source(), ": tensor \"", name, "\": expected ", indices, " sizes of at least 1, found shape ",
            shape_text(found));
    return found;
  };
  std::set<std::string_view> layers;
  bool has_mlp = false, has_bias = false, has_attention_bias = file.contains("unembed.b_U");
  for (std::string_view name : file.names()) {
    if (!name.starts_with(block)) continue;
    const std::string_view rest = name.substr(block.size());
    const std::string_view layer = rest.substr(0, rest.find('.'));
    if (layer.find_first_not_of("0123456789") == layer.npos) layers.insert(layer);
    has_mlp = has_mlp || rest.find(".mlp.") != rest.npos;
    has_bias = has_bias || rest.find(".b_") != rest.npos;
    has_attention_bias = has_attention_bias || rest.find(".attn.b_") != rest.npos;
  }
  TransformerShape shape;
  Shape const& w_q = sizes(block + "0.attn.W_Q", 3);
  shape.n_layers = static_cast<Index>(layers.size());
  shape.n_heads = w_q[0];
  shape.d_model = w_q[lens ? 1 : 2];
  shape.d_head = w_q[lens ? 2 : 1];
  shape.attn_only = layout == TransformerLayout::older_attn_only || !has_mlp;
  if (!shape.attn_only) shape.d_mlp = sizes(block + "0.mlp.W_in", 2)[lens ? 1 : 0];
  shape.d_vocab = sizes("embed.W_E", 2)[lens ? 0 : 1];
  shape.d_vocab_out = sizes("unembed.W_U", 2)[1];
  shape.act_fn = metadata_choice(file, {"act_fn", "act_type", "act"}, act_fn_names, ActFn::relu);
  shape.has_biases = has_bias || has_attention_bias;
  shape.mlp_biases_alone = shape.has_biases && !has_attention_bias;
  shape.has_layer_norm = lens && file.contains(block + "0.ln1.w");
  shape.positions = metadata_choice(file, {"pos_embed_type"}, position_names, Positions::learned);
  shape.n_ctx = shape.positions == Positions::learned ? sizes("pos_embed.W_pos", 2)[0] : metadata_n_ctx(file);
  shape.is_causal = metadata_choice(file, {"attention_dir"}, direction_names, true);
  shape.doubled_residual = metadata_choice(file, {"residual_doubled"}, truth_names, false);
  return shape;
}

}  // namespace detail

/// The layout of a file: what its metadata say under `layout`; else by the names of its blocks; else by whether
/// blocks.0.attn.W_Q has the d_model of pos_embed.W_pos in the middle or at the end; else by the indices of
/// blocks.0.attn.W_O.
/// Errors: `Error` when nothing decides, or there is no W_Q.
inline TransformerLayout transformer_layout(TensorFile const& file) {
  if (file.metadata().contains("layout")) {
    return detail::metadata_choice(file, {"layout"}, detail::layout_names, TransformerLayout::transformer_lens);
  }
  auto const& names = file.names();
  const bool attn_blocks =
      std::any_of(names.begin(), names.end(), [](std::string const& name) { return name.starts_with("attn_blocks."); });
  if (attn_blocks) return TransformerLayout::older_attn_only;
  constexpr char const *w_q = "blocks.0.attn.W_Q", *w_pos = "pos_embed.W_pos", *w_o = "blocks.0.attn.W_O";
  Shape const& query = file.shape(w_q);
  if (query.size() == 3 && file.contains(w_pos) && file.shape(w_pos).size() == 2) {
    const Index d_model = file.shape(w_pos)[1];
    const bool in_middle = query[1] == d_model, at_end = query[2] == d_model;
    if (in_middle != at_end) return in_middle ? TransformerLayout::transformer_lens : TransformerLayout::older;
  }
  const std::size_t indices = file.contains(w_o) ? file.shape(w_o).size() : 0;
  if (indices == 3) return TransformerLayout::transformer_lens;
  if (indices == 2) return TransformerLayout::older;
  std::vector<std::string_view> layouts;
  for (auto const& entry : detail::layout_names) layouts.push_back(entry.first);
  fail(file.source(), ": tensor \"", w_q, "\" of shape ", shape_text(query), " may be (n_heads, d_model, d_head) or ",
       "(n_heads, d_head, d_model), and neither \"", w_pos, "\" nor \"", w_o,
       "\" tells which; expected a layout, given or in the metadata: one of ", joined_names(layouts));
}

/// The transformer in a file, in the layout given or, without one, in that of `transformer_layout`.
///
/// Metadata that count: act_fn, act_type or act (relu, gelu, gelu_new), residual_doubled (True, False),
/// pos_embed_type (orig, sinusoidal, none), n_ctx where positions are not learned, attention_dir (causal,
/// bidirectional); none is needed for a causal transformer of ReLUs with learned positions. The constants `mask` and `IGNORE` are not looked at.
/// Errors: `Error` naming the file and the tensor that is missing, unknown or of another shape than the sizes of W_Q,
///         W_E, W_U, W_in and W_pos demand; or the key whose value is not supported.
template <class Scalar>
TransformerWeights<Scalar> read_transformer(TensorFile const& file,
                                            std::optional<TransformerLayout> layout = std::nullopt) {
  if (!layout) layout = transformer_layout(file);
  TransformerWeights<Scalar> result{detail::stored_transformer_shape(file, *layout), {}};
  std::vector<std::string_view> known;
  const auto tensors = detail::transformer_tensors(result.shape, *layout);
  for (auto const& tensor : tensors) {
    if (tensor.name.empty()) continue;
    known.push_back(tensor.name);
    Shape const& found = file.shape(tensor.name);
    require(found == tensor.shape, file.source(), ": tensor \"", tensor.name, "\": expected shape ",
            shape_text(tensor.shape), " in the layout ", detail::name_of(detail::layout_names, *layout),
            " with n_heads ", result.shape.n_heads, ", d_model ", result.shape.d_model, ", d_head ",
            result.shape.d_head, " of W_Q, found ", shape_text(found));
  }
  for (std::string_view name : file.names()) {
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    if (is_known || detail::is_mask_constant(name)) continue;
    const auto near = near_names(name, known);
    fail(file.source(), ": tensor \"", name, "\" of shape ", shape_text(file.shape(name)),
         ": expected no tensor of this name in the layout ", detail::name_of(detail::layout_names, *layout),
         near.empty() ? "" : " (did you mean " + joined_names(near) + "?)");
  }
  for (auto const& tensor : tensors) {
    Matrix<Scalar>& values = result.weights[tensor.parameter];
    values = Matrix<Scalar>::Zero(tensor.rows, tensor.cols);
    if (tensor.name.empty()) continue;
    values = transposed_blocks(file.matrix<Scalar>(tensor.name, tensor.shape), tensor.blocks);
  }
  return result;
}

/// A file that holds a transformer in this layout; `read_transformer` reads it back.
/// Errors: `Error` naming what the layout has no place for: biases that are not zero, layer norms, MLPs; or as
///         `named_matrix` for weights that do not belong to the shape.
template <class Scalar>
TensorFile transformer_file(TransformerWeights<Scalar> const& transformer,
                            TransformerLayout layout = TransformerLayout::transformer_lens) {
  TransformerShape const& shape = transformer.shape;
  const std::string where = "a transformer in the layout " + detail::name_of(detail::layout_names, layout);
  require(!shape.has_layer_norm || layout == TransformerLayout::transformer_lens, where,
          ": expected no layer norm, found one");
  require(shape.attn_only || layout != TransformerLayout::older_attn_only, where,
          ": expected attention only, found an MLP of d_mlp ", shape.d_mlp);
  TensorFile file;
  file.metadata()["layout"] = detail::name_of(detail::layout_names, layout);
  file.metadata()["act_type"] = detail::name_of(detail::act_fn_names, shape.act_fn);
  file.metadata()["pos_embed_type"] = detail::name_of(detail::position_names, shape.positions);
  file.metadata()["n_ctx"] = std::to_string(shape.n_ctx);
  file.metadata()["attention_dir"] = detail::name_of(detail::direction_names, shape.is_causal);
  file.metadata()["residual_doubled"] = detail::name_of(detail::truth_names, shape.doubled_residual);
  for (auto const& tensor : detail::transformer_tensors(shape, layout)) {
    Matrix<Scalar> const& values = named_matrix(transformer.weights, where, tensor.parameter);
    require(values.rows() == tensor.rows && values.cols() == tensor.cols, where, ": ", tensor.parameter,
            ": expected shape (", tensor.rows, ", ", tensor.cols, "), found (", values.rows(), ", ", values.cols(),
            ")");
    if (tensor.name.empty()) {
      require((values.array() == 0).all(), where, ": ", tensor.parameter,
              ": expected zeros, as the layout has no tensor for it, found up to ", values.cwiseAbs().maxCoeff());
    } else {
      const Matrix<Scalar> stored = transposed_blocks(values, tensor.blocks);
      file.add(tensor.name, tensor.shape, std::span(stored.data(), static_cast<std::size_t>(stored.size())));
    }
  }
  return file;
}
template <class B, class Scalar>
TensorFile transformer_file(Transformer<B, Scalar> const& model,
                            TransformerLayout layout = TransformerLayout::transformer_lens) {
  TransformerWeights<Scalar> transformer{model.shape(), {}};
  for (auto const& parameter : model.parameters()) transformer.weights[parameter.name()] = parameter.host();
  return transformer_file(transformer, layout);
}

}  // namespace cayley
