/// The development of networks on sequences: what they do at every checkpoint of a run.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/thread_pool.hpp>
#include <cayley/interpret/attention_weights.hpp>
#include <cayley/interpret/composition_circuits.hpp>
#include <cayley/interpret/digit_spectra.hpp>
#include <cayley/interpret/head_scores.hpp>
#include <cayley/interpret/max_behaviour.hpp>
#include <cayley/interpret/max_circuits.hpp>
#include <cayley/interpret/sequence_losses.hpp>
#include <cayley/interpret/skip_trigram_circuits.hpp>
#include <cayley/interpret/trigram_attention.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/study/modular_addition_metrics.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/sequence_evaluation.hpp>
#include <cayley/study/sequence_explain.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// Measures under numbered names.
class NamedMeasures {
 public:
  void put(std::string name, double value) { values_.push_back({std::move(name), value}); }
  template <class Values>
  void put_each(std::string const& name, Values const& values) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(values.size()); ++i) {
      put(name + std::to_string(i), *(values.data() + i));
    }
  }
  /// Shape: (layers, heads).
  void put_heads(std::string const& name, Matrix<double> const& values) {
    for (Index layer = 0; layer < values.rows(); ++layer) {
      for (Index head = 0; head < values.cols(); ++head) put(name + head_name(layer, head), values(layer, head));
    }
  }
  void put_losses(SequenceLosses const& losses, std::string const& part) {
    put("loss", losses.loss);
    put("accuracy", losses.accuracy);
    put_each("loss_" + part, losses.part_losses);
    put_each("accuracy_" + part, losses.part_accuracies);
  }
  static std::string head_name(Index layer, Index head) {
    return "layer_" + std::to_string(layer) + "_head_" + std::to_string(head);
  }
  std::vector<NamedValue> take() { return std::move(values_); }

 private:
  std::vector<NamedValue> values_;
};

}  // namespace detail

/// What is followed over training, in a fixed order, on the data of `sequence_evaluation`:
///   loss, accuracy
///   attends_to_largest, attention_to_largest, copies_attended           `MaxBehaviour`
///   increasing_steps_head_h, rank_correlation_.., diagonal_rows_..      `MaxCircuits`, where the network has them
///   overlap_head_h_number_t                                            `attention_overlap`: the notebook's animation
/// Errors: as `max_behaviour`.
template <class B, class Scalar>
std::vector<NamedValue> sequence_measures(Transformer<B, Scalar> const& model, MaxOfN const& task,
                                          TokenSequences const& data) {
  const MaxOfNAnalysis found = sequence_analysis(model, task, data);
  detail::NamedMeasures row;
  row.put("loss", found.behaviour.loss);
  row.put("accuracy", found.behaviour.accuracy);
  row.put("attends_to_largest", found.behaviour.attends_to_largest);
  row.put("attention_to_largest", found.behaviour.attention_to_largest);
  row.put("copies_attended", found.behaviour.copies_attended);
  for (std::size_t h = 0; h < found.overlap.size(); ++h) {
    MaxCircuits::Head const& circuits = found.circuits->heads[h];
    const std::string head = "head_" + std::to_string(h);
    row.put("increasing_steps_" + head, circuits.increasing_steps);
    row.put("rank_correlation_" + head, circuits.rank_correlation);
    row.put("diagonal_rows_" + head, circuits.diagonal_rows);
    row.put_each("overlap_" + head + "_number_", found.overlap[h]);
  }
  return row.take();
}

/// As above:
///   loss, accuracy, loss_digit_j, accuracy_digit_j   the leading digit first
///   embedding_F, unembedding_F                       `digit_weight_spectra` by function of `digit_basis`
/// Errors: as `sequence_losses`.
template <class B, class Scalar>
std::vector<NamedValue> sequence_measures(Transformer<B, Scalar> const& model, DigitAddition const&,
                                          TokenSequences const& data) {
  detail::NamedMeasures row;
  row.put_losses(sequence_losses(model, data), "digit_");
  const DigitWeightSpectra spectra = digit_weight_spectra(model);
  const std::vector<std::string> names = digit_basis().names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    row.put("embedding_" + names[i], spectra.embedding[static_cast<Index>(i)]);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    row.put("unembedding_" + names[i], spectra.unembedding[static_cast<Index>(i)]);
  }
  return row.take();
}

/// As above:
///   loss, accuracy, loss_trigram_k, accuracy_trigram_k
///   attention_layer_l_head_h                              mean attention of `end` to the marked token
///   attention_gradient_head_h_trigram_k                   `TrigramAttention::gradient` of the last layer
///   advantage_head_h_trigram_k, diagonal_rows_head_h      `SkipTrigramCircuits`, where the network has them
/// Errors: as `sequence_losses` and `trigram_attention`.
template <class B, class Scalar>
std::vector<NamedValue> sequence_measures(Transformer<B, Scalar> const& model, SkipTrigram const& task,
                                          TokenSequences const& data) {
  detail::NamedMeasures row;
  row.put_losses(sequence_losses(model, data), "trigram_");
  const std::vector<AttentionPlace> places = marked_token_places(task, data);
  row.put_heads("attention_", mean_attention_at(model, {data.tokens, data.length}, places));
  const Matrix<double> gradient = trigram_attention(model, task, data, model.shape().n_layers - 1).gradient;
  for (Index h = 0; h < gradient.cols(); ++h) {
    row.put_each("attention_gradient_head_" + std::to_string(h) + "_trigram_", Vector<double>(gradient.col(h)));
  }
  if (!detail::has_reader_circuits(model.shape())) return row.take();
  const SkipTrigramCircuits circuits = skip_trigram_circuits(model, task);
  for (std::size_t h = 0; h < circuits.heads.size(); ++h) {
    const std::string head = "head_" + std::to_string(h);
    row.put_each("advantage_" + head + "_trigram_", circuits.heads[h].advantage());
    row.put("diagonal_rows_" + head, circuits.heads[h].diagonal_rows);
  }
  return row.take();
}

/// As above:
///   loss, accuracy
///   previous_token_layer_l_head_h, induction_layer_l_head_h     `previous_token_scores`, `induction_scores`
///   K_layer_l_head_h_from_layer_m_head_k                       `composition_scores`, where there are no layer norms
/// Errors: as `sequence_losses` and `induction_scores`.
template <class B, class Scalar>
std::vector<NamedValue> sequence_measures(Transformer<B, Scalar> const& model, Induction const& task,
                                          TokenSequences const& data) {
  detail::NamedMeasures row;
  row.put_losses(sequence_losses(model, data), "part_");
  row.put_heads("previous_token_", previous_token_scores(model, {data.tokens, data.length}));
  row.put_heads("induction_", induction_scores(model, task, data));
  if (model.shape().has_layer_norm) return row.take();
  const AttentionWeights weights = attention_weights(model);
  for (Index later = 1; later < model.shape().n_layers; ++later) {
    for (Index earlier = 0; earlier < later; ++earlier) {
      const Matrix<double> K = composition_scores(weights, earlier, later).K;  // (later heads, earlier heads)
      for (Index head = 0; head < K.rows(); ++head) {
        for (Index from = 0; from < K.cols(); ++from) {
          row.put("K_" + row.head_name(later, head) + "_from_" + row.head_name(earlier, from), K(head, from));
        }
      }
    }
  }
  return row.take();
}

/// `sequence_measures` at every checkpoint, a row each; the first column is `epoch`.
/// Errors: `Error` when there are no checkpoints, naming the file of one that cannot be read or does not fit.
template <class Scalar>
CsvTable progress_measures(StoredSequenceRun<Scalar> const& run, int threads) {
  const std::vector<std::int64_t> epochs = checkpoint_epochs(run.directory);
  require(!epochs.empty(), run.directory.string(), ": no checkpoints");
  std::vector<std::vector<NamedValue>> rows(epochs.size());
  with_sequence_task(run.config.task, run.config.sequences, [&](auto const& task) {
    const SequenceEvaluation evaluation = sequence_evaluation(task, run.config);
    ThreadPool(threads).run(static_cast<Index>(epochs.size()), [&](Index i, int) {
      const auto at = static_cast<std::size_t>(i);
      const auto file = run.directory / "checkpoints" / (std::to_string(epochs[at]) + ".safetensors");
      rows[at] =
          sequence_measures(sequence_transformer<Scalar>(read_safetensors(file), run.config), task, evaluation.data);
    });
  });
  CsvTable table;
  for (std::size_t i = 0; i < rows.size(); ++i) add_row(table, epochs[i], rows[i]);
  return table;
}

}  // namespace cayley
