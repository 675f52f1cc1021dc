/// The analyses of the sequence studies as `analysis.json`.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/interpret/digit_spectra.hpp>
#include <cayley/io/json.hpp>
#include <cayley/representation/irrep.hpp>
#include <cayley/study/modular_addition.hpp>
#include <cayley/study/sequence_evaluation.hpp>
#include <cayley/study/sequence_explain.hpp>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cayley {

namespace detail {

template <class SomeJson>
void put_losses(SomeJson& json, SequenceLosses const& losses, std::string const& part) {
  json["loss"] = losses.loss;
  json["accuracy"] = losses.accuracy;
  if (losses.part_losses.empty()) return;
  json[part + "_losses"] = losses.part_losses;
  json[part + "_accuracies"] = losses.part_accuracies;
}

template <class SomeJson>
void put_analysis(SomeJson& json, MaxOfNAnalysis const& found) {
  MaxBehaviour const& behaviour = found.behaviour;
  json["loss"] = behaviour.loss;
  json["accuracy"] = behaviour.accuracy;
  json["attends_to_largest"] = behaviour.attends_to_largest;
  json["attention_to_largest"] = behaviour.attention_to_largest;
  json["copies_attended"] = behaviour.copies_attended;
  if (!found.circuits) return;
  json["direct"] = json_list(found.circuits->direct);
  json["direct_spread"] = largest_spread(found.circuits->direct);
  json["heads"] = SomeJson::array();
  for (std::size_t h = 0; h < found.circuits->heads.size(); ++h) {
    MaxCircuits::Head const& circuits = found.circuits->heads[h];
    SomeJson head;
    head["increasing_steps"] = circuits.increasing_steps;
    head["rank_correlation"] = circuits.rank_correlation;
    head["diagonal_rows"] = circuits.diagonal_rows;
    head["QK"] = json_list(circuits.QK);
    head["QK_positions"] = json_list(circuits.QK_positions);
    head["QK_spread"] = largest_spread(circuits.QK.transpose());
    head["QK_positions_spread"] = largest_spread(circuits.QK_positions.transpose());
    head["attention_overlap"] = json_list(found.overlap[h]);
    head["OV"] = json_rows(circuits.OV);
    head["OV_centred"] = json_rows(circuits.centred_OV());
    head["OV_positions"] = json_rows(circuits.OV_positions);
    head["OV_equals"] = json_list(circuits.OV_equals);
    head["OV_spread"] = largest_spread(circuits.OV);
    head["OV_positions_spread"] = largest_spread(circuits.OV_positions);
    json["heads"].push_back(std::move(head));
  }
}

template <class SomeJson>
void put_analysis(SomeJson& json, DigitAdditionAnalysis const& found) {
  put_losses(json, found.losses, "digit");
  json["whole_sums"] = found.whole_sums;
  json["digit_losses_by_carry"] = json_rows(found.losses_by_carry);
  const FourierBasis<double> basis = digit_basis();
  json["basis"] = basis.names();
  json["embedding_spectrum"] = json_list(found.spectra.embedding);
  json["unembedding_spectrum"] = json_list(found.spectra.unembedding);
  json["irreps"] = SomeJson::array();
  for (Index i = 1; i < basis.irreps().size(); ++i) json["irreps"].push_back(basis.irreps()[i].label());
  json["neurons"] = SomeJson::array();
  for (std::size_t column = 0; column < found.neurons.size(); ++column) {
    DigitNeurons const& neurons = found.neurons[column];
    SomeJson digit;
    digit["digit"] = column + 1;
    digit["x_share"] = json_list(neurons.x_share);
    digit["y_share"] = json_list(neurons.y_share);
    digit["sum_share"] = json_list(neurons.sum_share);
    std::vector<std::size_t> sizes(static_cast<std::size_t>(neurons.x_share.size()), 0);
    for (std::size_t c = 0; c < neurons.clusters.irreps.size(); ++c) {
      sizes[static_cast<std::size_t>(neurons.clusters.irreps[c] - 1)] = neurons.clusters.neurons[c].size();
    }
    digit["neurons_per_irrep"] = sizes;
    digit["neurons_unassigned"] = neurons.clusters.unassigned.size();
    json["neurons"].push_back(std::move(digit));
  }
}

template <class SomeJson>
void put_analysis(SomeJson& json, SkipTrigramAnalysis const& found) {
  put_losses(json, found.losses, "trigram");
  json["trigram_attention"] = json_rows(found.attention.attention);
  json["trigram_attention_gradient"] = json_rows(found.attention.gradient);
  if (!found.circuits) return;
  json["direct"] = json_list(found.circuits->direct);
  json["heads"] = SomeJson::array();
  for (SkipTrigramCircuits::Head const& circuits : found.circuits->heads) {
    SomeJson head;
    head["diagonal_rows"] = circuits.diagonal_rows;
    head["QK_begin"] = circuits.QK_begin;
    head["QK_noise"] = json_list(circuits.QK_noise);
    head["QK_marked"] = json_list(circuits.QK_marked);
    head["QK_advantage"] = json_list(circuits.advantage());
    head["OV_noise"] = json_rows(circuits.OV_noise);
    head["OV_marked"] = json_rows(circuits.OV_marked);
    json["heads"].push_back(std::move(head));
  }
}

template <class SomeJson>
void put_analysis(SomeJson& json, InductionAnalysis const& found) {
  put_losses(json, found.ablated.intact, "part");
  json["uniform_loss"] = found.uniform_loss;
  json["optimal_loss"] = found.optimal_loss;
  json["previous_token_scores"] = json_rows(found.previous_token_scores);
  json["induction_scores"] = json_rows(found.induction_scores);
  json["loss_without_head"] = json_rows(found.ablated.head_losses());
  json["loss_without_layer"] = SomeJson::array();
  for (SequenceLosses const& losses : found.ablated.layers) json["loss_without_layer"].push_back(losses.loss);
  if (found.OV_diagonal.size() == 0) return;
  json["QK_previous_position"] = json_rows(found.previous_position);
  json["OV_diagonal"] = json_rows(found.OV_diagonal);
  json["compositions"] = SomeJson::array();
  for (LayerComposition const& pair : found.compositions) {
    SomeJson layers;
    layers["earlier"] = pair.earlier;
    layers["later"] = pair.later;
    layers["Q"] = json_rows(pair.scores.Q);
    layers["K"] = json_rows(pair.scores.K);
    layers["V"] = json_rows(pair.scores.V);
    layers["K_diagonal"] = json_rows(pair.K_diagonal);
    json["compositions"].push_back(std::move(layers));
  }
}

}  // namespace detail

/// The analysis under the keys of docs/conventions.md. What is not finite is written as null.
template <class SomeJson = Json>
SomeJson analysis_json(SequenceExplanation const& found, RunConfig const& config) {
  SomeJson json;
  json["task"] = config.task;
  json["sequences"] = found.sequences;
  json["all_inputs"] = !found.seed.has_value();
  json["evaluation_seed"] = found.seed ? SomeJson(*found.seed) : SomeJson();
  std::visit([&](auto const& analysis) { detail::put_analysis(json, analysis); }, found.analysis);
  json["phase_thresholds"] = phase_thresholds;
  json["phase_changes"] = SomeJson::object();
  for (LoggedPhases const& phases : found.phases) {
    SomeJson epochs = SomeJson::array();
    for (auto const& epoch : phases.epochs) epochs.push_back(epoch ? SomeJson(*epoch) : SomeJson());
    json["phase_changes"][phases.column] = std::move(epochs);
  }
  return json;
}

}  // namespace cayley
