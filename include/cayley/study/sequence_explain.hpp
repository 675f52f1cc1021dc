/// What the networks of the sequence studies have learned: the analyses of each task as a value and as JSON.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/interpret/attention_weights.hpp>
#include <cayley/interpret/composition_circuits.hpp>
#include <cayley/interpret/digit_spectra.hpp>
#include <cayley/interpret/head_ablation.hpp>
#include <cayley/interpret/head_scores.hpp>
#include <cayley/interpret/max_behaviour.hpp>
#include <cayley/interpret/max_circuits.hpp>
#include <cayley/interpret/neuron_clusters.hpp>
#include <cayley/interpret/order_statistics.hpp>
#include <cayley/interpret/product_spectrum.hpp>
#include <cayley/interpret/sequence_losses.hpp>
#include <cayley/interpret/skip_trigram_circuits.hpp>
#include <cayley/interpret/spectra.hpp>
#include <cayley/interpret/trigram_attention.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/nn/transformer_parameters.hpp>
#include <cayley/study/sequence_evaluation.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace cayley {

/// A network for the largest of n numbers.
struct MaxOfNAnalysis {
  MaxBehaviour behaviour;
  /// None but for one layer of attention alone, without layer norm.
  std::optional<MaxCircuits> circuits;
  std::vector<Vector<double>> overlap;  ///< by head of these: the notebook's curve, see `attention_overlap`
};

/// What the neurons of the last MLP compute where one digit of a sum is predicted, from their means over the sums with
/// each pair of digits in its column. The shares are parts of their centred power, all neurons together, by non-trivial
/// irrep of Z/10 in the order of `digit_basis`.
struct DigitNeurons {
  Vector<double> x_share;    ///< (5): functions of the first number's digit alone
  Vector<double> y_share;    ///< (5): of the second number's
  Vector<double> sum_share;  ///< (5): of the two digits' sum modulo 10
  NeuronClusters clusters;   ///< neurons with at least 0.85 in 1, R(a), R(b) and R(a) x R(b) of an irrep R
};

/// A network that adds numbers. Parts of losses are the digits of the sum, the leading one first.
struct DigitAdditionAnalysis {
  SequenceLosses losses;
  double whole_sums;               ///< share of sums that have all digits right
  Matrix<double> losses_by_carry;  ///< (digits + 1, 2): without and with a carry into the digit; NaN where it has none
  DigitWeightSpectra spectra;
  std::vector<DigitNeurons> neurons;  ///< by digit of the sum but the leading one; none where there is no MLP
};

/// A network for skip trigrams, whose parts of the loss are the trigrams.
struct SkipTrigramAnalysis {
  SequenceLosses losses;
  TrigramAttention attention;  ///< of the last layer
  /// None but for one layer of attention alone, without layer norm.
  std::optional<SkipTrigramCircuits> circuits;
};

/// How the heads of one layer read those of an earlier one.
struct LayerComposition {
  Index earlier, later;
  CompositionScores scores;
  /// Of each `k_composition_circuit`, the share of tokens that look for themselves as the token moved.
  /// Shape: (heads of the later layer, heads of the earlier layer).
  Matrix<double> K_diagonal;
};

/// A network for induction. Matrices are (layers, heads).
struct InductionAnalysis {
  AblatedLosses ablated;
  double uniform_loss;  ///< of a model that holds all tokens equally likely, with the factor of the loss
  double optimal_loss;  ///< see `Induction::optimal_loss`
  Matrix<double> previous_token_scores;
  Matrix<double> induction_scores;
  /// The circuits of weights; empty where there are layer norms.
  Matrix<double> previous_position;  ///< share of positions whose best key by W_pos alone, up to it, is the one before
  Matrix<double> OV_diagonal;        ///< share of tokens that a head, attending to them, makes likelier than any other
  std::vector<LayerComposition> compositions;  ///< for each pair of layers
};

using SequenceAnalysis = std::variant<MaxOfNAnalysis, DigitAdditionAnalysis, SkipTrigramAnalysis, InductionAnalysis>;

/// The largest difference between two entries of a row: how much a circuit can matter, whatever its constant part.
inline double largest_spread(Matrix<double> const& rows) {
  double spread = 0;
  for (Index i = 0; i < rows.rows(); ++i) spread = std::max(spread, rows.row(i).maxCoeff() - rows.row(i).minCoeff());
  return spread;
}

namespace detail {

inline bool has_reader_circuits(TransformerShape const& shape) {
  return shape.n_layers == 1 && shape.attn_only && !shape.has_layer_norm;
}

/// Shape: means (100, neurons), the pair (a, b) in row 10 a + b.
template <class = void>
DigitNeurons digit_neurons(Matrix<double> const& means) {
  const FourierBasis<double> basis = digit_basis();
  const CayleyTable table = cayley_table(Cyclic<10>{});
  Matrix<double> by_x = Matrix<double>::Zero(10, means.cols()), by_y = by_x;
  for (Index a = 0; a < 10; ++a) {
    for (Index b = 0; b < 10; ++b) {
      by_x.row(a) += means.row(10 * a + b) / 10;
      by_y.row(b) += means.row(10 * a + b) / 10;
    }
  }
  const double power = product_spectrum(basis, table, means).centred_power.sum();
  const auto share = [&](Matrix<double> const& function) -> Vector<double> {
    const Vector<double> by_irrep = isotypic_power(basis, function);
    return by_irrep.tail(by_irrep.size() - 1) * (10 / power);
  };
  return {share(by_x), share(by_y), share(mean_by_product(table, means)),
          neuron_clusters(explained_neurons(pair_spectrum(basis, means)))};
}

/// Share of positions 1, 2, .. whose best key among those up to it is the one before.
inline double previous_position_share(Matrix<double> const& scores) {
  Index hits = 0;
  for (Index t = 1; t < scores.rows(); ++t) {
    Index best = 0;
    for (Index key = 1; key <= t; ++key) best = scores(t, key) > scores(t, best) ? key : best;
    hits += best == t - 1 ? 1 : 0;
  }
  return static_cast<double>(hits) / static_cast<double>(scores.rows() - 1);
}

}  // namespace detail

/// Errors: as `max_behaviour`.
template <class B, class Scalar>
MaxOfNAnalysis sequence_analysis(Transformer<B, Scalar> const& model, MaxOfN const& task, TokenSequences const& data) {
  MaxOfNAnalysis result{max_behaviour(model, task, data), std::nullopt, {}};
  if (!detail::has_reader_circuits(model.shape())) return result;
  result.circuits = max_circuits(model, task);
  for (Index h = 0; h < model.shape().n_heads; ++h) result.overlap.push_back(attention_overlap(model, task, h));
  return result;
}

/// Cost: one forward pass.
/// Errors: as `sequence_losses`; `Error` unless each pair of digits stands in each column of the sums.
template <class B, class Scalar>
DigitAdditionAnalysis sequence_analysis(Transformer<B, Scalar> const& model, DigitAddition const& task,
                                        TokenSequences const& data) {
  require(data.length == task.n_ctx(), "digit addition: expected sequences of ", task.n_ctx(), " tokens, found ",
          data.length);
  TransformerShape const& shape = model.shape();
  const Index digits = task.digits;
  std::vector<Matrix<double>> means;  // by column of the sum, (100, neurons)
  Matrix<double> counts = Matrix<double>::Zero(digits, 100);
  Index first = 0;
  Hooks<B, Scalar> hooks;
  if (!shape.attn_only) {
    means.assign(static_cast<std::size_t>(digits), Matrix<double>::Zero(100, shape.d_mlp));
    hooks.add(detail::in_block(shape.n_layers - 1, "mlp.hook_post"), [&](HookedTensor<B, Scalar>& tensor) {
      const Matrix<Scalar> activation = tensor.host();  // (positions, d_mlp)
      for (Index row = 0; row < activation.rows(); row += data.length, ++first) {
        std::uint32_t const* tokens = data.tokens.data() + first * data.length;
        for (Index column = 0; column < digits; ++column) {
          const std::uint32_t pair = 10 * tokens[column] + tokens[digits + 1 + column];
          ++counts(column, pair);
          // The digit of the sum below this column is predicted one position before it stands.
          means[static_cast<std::size_t>(column)].row(pair) +=
              activation.row(row + 2 * digits + 2 + column).template cast<double>();
        }
      }
    });
  }
  const Matrix<double> logits = target_logits(model, data, hooks);
  DigitAdditionAnalysis result{
      sequence_losses(data, logits), 0, Matrix<double>(digits + 1, 2), digit_weight_spectra(model), {}};

  const Matrix<std::uint32_t> carries = task.carries(data);
  TokenSequences by_carry = data;  // parts 2 j and 2 j + 1: digit j without and with a carry into it
  by_carry.parts.clear();
  double right = 0;
  for (Index s = 0; s < carries.rows(); ++s) {
    bool all = true;
    for (Index j = 0; j <= digits; ++j) {
      by_carry.parts.push_back(static_cast<std::uint32_t>(2 * j) + carries(s, j));
      const Index target = s * (digits + 1) + j;
      Index guess = 0;
      logits.row(target).maxCoeff(&guess);
      all = all && guess == static_cast<Index>(data.labels[static_cast<std::size_t>(target)]);
    }
    right += all ? 1 : 0;
  }
  result.whole_sums = right / static_cast<double>(carries.rows());
  std::vector<double> losses = sequence_losses(by_carry, logits).part_losses;
  losses.resize(static_cast<std::size_t>(2 * digits + 2), std::numeric_limits<double>::quiet_NaN());
  result.losses_by_carry = Eigen::Map<Matrix<double> const>(losses.data(), digits + 1, 2);

  for (std::size_t column = 0; column < means.size(); ++column) {
    const Vector<double> count = counts.row(static_cast<Index>(column));
    require(count.minCoeff() > 0, "digit addition: expected sums with each pair of digits in column ", column);
    means[column].array().colwise() /= count.array();
    result.neurons.push_back(detail::digit_neurons(means[column]));
  }
  return result;
}

/// Errors: as `trigram_attention`.
template <class B, class Scalar>
SkipTrigramAnalysis sequence_analysis(Transformer<B, Scalar> const& model, SkipTrigram const& task,
                                      TokenSequences const& data) {
  SkipTrigramAnalysis result{sequence_losses(model, data),
                             trigram_attention(model, task, data, model.shape().n_layers - 1), std::nullopt};
  if (detail::has_reader_circuits(model.shape())) result.circuits = skip_trigram_circuits(model, task);
  return result;
}

/// Cost: that of `ablated_losses` and two forward passes.
/// Errors: as `ablated_losses` and `induction_scores`.
template <class B, class Scalar>
InductionAnalysis sequence_analysis(Transformer<B, Scalar> const& model, Induction const& task,
                                    TokenSequences const& data) {
  TransformerShape const& shape = model.shape();
  InductionAnalysis result{ablated_losses(model, data),
                           data.loss_scale * task.uniform_loss(),
                           task.optimal_loss(data),
                           previous_token_scores(model, {data.tokens, data.length}),
                           induction_scores(model, task, data),
                           {},
                           {},
                           {}};
  if (shape.has_layer_norm) return result;
  const AttentionWeights weights = attention_weights(model);
  result.previous_position = result.OV_diagonal = Matrix<double>(shape.n_layers, shape.n_heads);
  for (Index l = 0; l < shape.n_layers; ++l) {
    for (Index h = 0; h < shape.n_heads; ++h) {
      result.previous_position(l, h) =
          detail::previous_position_share(qk_circuit(weights, {l, h}, Embedding::positions, Embedding::positions)
                                              .topLeftCorner(task.length, task.length));
      result.OV_diagonal(l, h) = share_of_diagonal_rows(ov_circuit(weights, {l, h}));
    }
  }
  for (Index later = 1; later < shape.n_layers; ++later) {
    for (Index earlier = 0; earlier < later; ++earlier) {
      LayerComposition pair{earlier, later, composition_scores(weights, earlier, later),
                            Matrix<double>(shape.n_heads, shape.n_heads)};
      for (Index i = 0; i < shape.n_heads; ++i) {
        for (Index j = 0; j < shape.n_heads; ++j) {
          pair.K_diagonal(i, j) = share_of_diagonal_rows(k_composition_circuit(weights, {earlier, j}, {later, i}));
        }
      }
      result.compositions.push_back(std::move(pair));
    }
  }
  return result;
}

/// What `explain` finds in a run on sequences.
struct SequenceExplanation {
  Index sequences;                    ///< that it was measured on
  std::optional<std::uint64_t> seed;  ///< of their generator; none where they are all inputs
  SequenceAnalysis analysis;
  std::vector<LoggedPhases> phases;
};

/// Errors: as the analysis of the task; as `logged_phases`.
template <class Scalar>
SequenceExplanation explain(StoredSequenceRun<Scalar> const& run) {
  return with_sequence_task(run.config.task, run.config.sequences, [&](auto const& task) -> SequenceExplanation {
    const SequenceEvaluation evaluation = sequence_evaluation(task, run.config);
    return {evaluation.data.sequences(), evaluation.seed, sequence_analysis(run.model, task, evaluation.data),
            logged_phases(run.directory)};
  });
}

}  // namespace cayley
