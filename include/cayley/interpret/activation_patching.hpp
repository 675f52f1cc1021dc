/// Activation patching: which activation of a transformer carries what tells two inputs apart.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/nn/activation_cache.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/token_batch.hpp>
#include <cayley/nn/transformer.hpp>
#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace cayley {

/// What a patched run says about the logits: a metric of them.
template <class Metric, class Scalar>
concept LogitMetric = requires(Metric& metric, Matrix<Scalar> const& logits) {
  { metric(logits) } -> std::convertible_to<double>;
};

/// How finely activations are replaced: for each position or at all positions at once, for each head or all heads.
struct PatchGrid {
  bool by_position = true;
  bool by_head = true;  ///< means nothing at hook points that do not belong to a head
};

/// The metric of the clean run, of the corrupted run, and of the corrupted run with one clean activation in it.
struct PatchedMetrics {
  double clean = 0;
  double corrupted = 0;
  /// By layer, (positions, heads); one row or column where the grid does not tell positions or heads apart.
  std::vector<Matrix<double>> patched{};
};

namespace detail {

/// Where the activation of a head at a position lies in a hook point of a block.
/// Shape: (sequences n_heads queries, keys) `by_query`, else (sequences positions, columns) with heads side by side.
struct PatchPlace {
  Index heads;  ///< 1 where the activation has none
  Index positions;
  bool by_query;

  /// Calls `visit(row, column, columns)` for each row of each place with this position and head; -1: all of them.
  template <class Visit>
  void for_each(Index rows, Index cols, Index position, Index head, Visit const& visit) const {
    const Index width = by_query ? cols : cols / heads;
    const auto wanted = [](Index asked, Index found) { return asked < 0 || asked == found; };
    for (Index h = 0; h < heads; ++h) {
      if (!wanted(head, h)) continue;
      for (Index row = 0; row < rows; ++row) {
        if (by_query && row / positions % heads != h) continue;
        if (wanted(position, row % positions)) visit(row, by_query ? 0 : h * width, width);
      }
    }
  }
};

/// Errors: `Error` with near names unless each block has this hook point.
template <class B, class Scalar>
void check_block_hook(Transformer<B, Scalar> const& model, std::string_view hook) {
  const std::string prefix = in_block(0, "");
  std::vector<std::string_view> names;
  for (std::string_view name : model.hook_names()) {
    if (name.starts_with(prefix)) names.push_back(name.substr(prefix.size()));
  }
  const bool known = std::find(names.begin(), names.end(), hook) != names.end();
  if (!known) fail("no hook point '", hook, "' in a block", name_suggestion(hook, names));
}

}  // namespace detail

/// The metric of the corrupted run with the activation at one (layer, position, head) taken from the clean run, for
/// every layer, position and, at attn.hook_q, k, v, z, result, attn_scores and pattern, head. `hook` names a hook point
/// without its block: attn.hook_z, hook_resid_pre. The position in scores and patterns is that of the query.
/// Shape: `metric` takes logits (sequences length, d_vocab_out).
/// Errors: `Error` with near names for an unknown hook point, or when the batches differ in shape; whatever the metric
///         throws. The model is never touched.
/// Cost: two runs, and one for each patch.
/// Ref: Meng et al., Locating and Editing Factual Associations in GPT (2022), section 2.1, the restored run.
template <class B, class Scalar, LogitMetric<Scalar> Metric>
PatchedMetrics patch_activations(Transformer<B, Scalar> const& model, TokenBatch clean, TokenBatch corrupted,
                                 std::string_view hook, Metric metric, PatchGrid grid = {}) {
  detail::check_block_hook(model, hook);
  require(clean.length == corrupted.length && clean.tokens.size() == corrupted.tokens.size(),
          "patch_activations: expected batches of one shape, found ", clean.tokens.size(),
          " clean tokens in sequences of ", clean.length, " and ", corrupted.tokens.size(),
          " corrupted ones in sequences of ", corrupted.length);
  TransformerShape const& shape = model.shape();
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), hook) != names.end();
  };
  const bool by_query = is_one_of({"attn.hook_attn_scores", "attn.hook_pattern"});
  const bool has_heads =
      by_query || is_one_of({"attn.hook_q", "attn.hook_k", "attn.hook_v", "attn.hook_z", "attn.hook_result"});
  const detail::PatchPlace place{has_heads ? shape.n_heads : 1, clean.length, by_query};
  const auto name_in = [&](Index layer) { return detail::in_block(layer, hook); };

  ActivationCache<Scalar> cache;
  Hooks<B, Scalar> recorders;
  for (Index layer = 0; layer < shape.n_layers; ++layer) cache.record(recorders, {name_in(layer)});
  PatchedMetrics result;
  result.clean = metric(model.forward(clean, recorders).host());
  result.corrupted = metric(model.forward(corrupted).host());
  const Index positions = grid.by_position ? clean.length : 1;
  const Index heads = grid.by_head ? place.heads : 1;
  for (Index layer = 0; layer < shape.n_layers; ++layer) {
    Matrix<Scalar> const& from = cache[name_in(layer)];
    Matrix<double>& metrics = result.patched.emplace_back(positions, heads);
    for (Index position = 0; position < positions; ++position) {
      for (Index head = 0; head < heads; ++head) {
        Hooks<B, Scalar> patch;
        patch.add(name_in(layer), [&](MatrixRef<Scalar>& activation) {
          place.for_each(activation.rows(), activation.cols(), grid.by_position ? position : -1,
                         grid.by_head ? head : -1, [&](Index row, Index column, Index columns) {
                           activation.row(row).segment(column, columns) = from.row(row).segment(column, columns);
                         });
        });
        metrics(position, head) = metric(model.forward(corrupted, patch).host());
      }
    }
  }
  return result;
}

}  // namespace cayley
