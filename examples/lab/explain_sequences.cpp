// cayley-lab explain DIR for runs on sequences of tokens: what the network attends to and writes, as tables and files.
#include <fmt/core.h>
#include <cayley/study/sequence_analysis_json.hpp>
#include <cayley/study/sequence_explain.hpp>
#include <cayley/study/sequence_measures.hpp>

#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "command.hpp"

namespace lab {
namespace {

using cayley::Index;
using cayley::Matrix;

// A row a layer, a column a head.
void print_heads(char const* title, Matrix<double> const& values) {
  for (Index layer = 0; layer < values.rows(); ++layer) {
    fmt::print("{:<44} layer {}:", layer == 0 ? title : "", layer);
    for (Index head = 0; head < values.cols(); ++head) fmt::print(" {:8.4f}", values(layer, head));
    fmt::print("\n");
  }
}

template <class Values>
void print_row(std::string const& title, Values const& values, char const* format = " {:8.4f}") {
  fmt::print("{:<20}", title);
  for (Index i = 0; i < static_cast<Index>(values.size()); ++i) fmt::print(fmt::runtime(format), *(values.data() + i));
  fmt::print("\n");
}

constexpr char const* no_circuits =
    "circuits are read off one layer of attention, without MLP and layer norm: none here\n";

void print(cayley::MaxOfNAnalysis const& found) {
  cayley::MaxBehaviour const& behaviour = found.behaviour;
  fmt::print("loss {:.6g}  accuracy {:.6g}\n\n", behaviour.loss, behaviour.accuracy);
  fmt::print("attends most to the largest number     {:.4f} of the inputs; attention to it {:.4f}\n",
             behaviour.attends_to_largest, behaviour.attention_to_largest);
  fmt::print("answers with the number attended most  {:.4f} of the inputs\n\n", behaviour.copies_attended);
  if (!found.circuits) return fmt::print(no_circuits);
  fmt::print("             QK of = and each number                       OV of each number            irrelevant\n");
  fmt::print("       increasing  rank          spread           diagonal   spread           direct   positions\n");
  fmt::print("head        steps  correlation  numbers positions     rows     logits          spread     spread\n");
  using cayley::largest_spread;
  for (std::size_t h = 0; h < found.circuits->heads.size(); ++h) {
    cayley::MaxCircuits::Head const& head = found.circuits->heads[h];
    fmt::print("{:>4} {:>12.4f} {:>12.4f} {:>8.4g} {:>9.4g} {:>8.4f} {:>10.4g} {:>15.4g} {:>10.4g}\n", h,
               head.increasing_steps, head.rank_correlation, largest_spread(head.QK.transpose()),
               largest_spread(head.QK_positions.transpose()), head.diagonal_rows, largest_spread(head.OV),
               largest_spread(found.circuits->direct), largest_spread(head.OV_positions));
  }
}

void print(cayley::DigitAdditionAnalysis const& found) {
  fmt::print("loss {:.6g}  accuracy by digit {:.6g}, of whole sums {:.6g}\n\n", found.losses.loss,
             found.losses.accuracy, found.whole_sums);
  fmt::print("digit of the sum     loss     accuracy    loss without and with a carry into it\n");
  for (std::size_t j = 0; j < found.losses.part_losses.size(); ++j) {
    const auto by_carry = [&](Index carry) {
      const double loss = found.losses_by_carry(static_cast<Index>(j), carry);
      return std::isnan(loss) ? std::string("-") : fmt::format("{:.4g}", loss);
    };
    fmt::print("{:>16} {:>12.4g} {:>8.4f} {:>14} {:>12}\n", j, found.losses.part_losses[j],
               found.losses.part_accuracies[j], by_carry(0), by_carry(1));
  }
  const cayley::FourierBasis<double> basis = cayley::digit_basis();
  fmt::print("\nspectra over Z/10, percent of what is not constant\n{:<20}", "");
  const std::vector<std::string> names = basis.names();
  for (std::size_t i = 1; i < names.size(); ++i) fmt::print(" {:>8}", names[i]);
  fmt::print("\n");
  const auto print_spectrum = [](char const* name, cayley::Vector<double> const& spectrum) {
    const cayley::Vector<double> varying = spectrum.tail(spectrum.size() - 1);
    print_row(name, cayley::Vector<double>(varying * (100 / varying.sum())), " {:8.2f}");
  };
  print_spectrum("embedding", found.spectra.embedding);
  print_spectrum("unembedding", found.spectra.unembedding);
  if (found.neurons.empty()) return;
  fmt::print("\nneurons by the two digits of each column, percent of their power\n{:<20}", "digit of the sum");
  for (Index i = 1; i < basis.irreps().size(); ++i) fmt::print(" {:>8}", basis.irreps()[i].label());
  fmt::print("\n");
  for (std::size_t column = 0; column < found.neurons.size(); ++column) {
    cayley::DigitNeurons const& neurons = found.neurons[column];
    const auto print_share = [&](char const* name, cayley::Vector<double> const& share) {
      print_row(fmt::format("{:>4}  {}", column + 1, name), cayley::Vector<double>(100 * share), " {:8.2f}");
    };
    print_share("first number", neurons.x_share);
    print_share("second number", neurons.y_share);
    print_share("sum mod 10", neurons.sum_share);
  }
}

void print(cayley::SkipTrigramAnalysis const& found) {
  fmt::print("loss {:.6g}  accuracy {:.6g}\n\n", found.losses.loss, found.losses.accuracy);
  fmt::print("trigram         loss  accuracy   attention, and gradient of the loss in it, by head\n");
  for (std::size_t k = 0; k < found.losses.part_losses.size(); ++k) {
    fmt::print("{:>7} {:>12.4g} {:>9.4f}  ", k, found.losses.part_losses[k], found.losses.part_accuracies[k]);
    for (Index head = 0; head < found.attention.attention.cols(); ++head) {
      fmt::print(" {:.4f} {:10.3g}", found.attention.attention(static_cast<Index>(k), head),
                 found.attention.gradient(static_cast<Index>(k), head));
    }
    fmt::print("\n");
  }
  fmt::print("\n");
  if (!found.circuits) return fmt::print(no_circuits);
  for (std::size_t h = 0; h < found.circuits->heads.size(); ++h) {
    cayley::SkipTrigramCircuits::Head const& head = found.circuits->heads[h];
    fmt::print("head {}, scores of the last token less that of itself: begin {:.4f}\n", h, head.QK_begin);
    print_row("  noise", head.QK_noise);
    print_row("  marked tokens", head.QK_marked);
    print_row("  less mean noise", head.advantage());
    print_row("logits of their own", cayley::Vector<double>(head.OV_marked.diagonal()));
    fmt::print("OV: {:.4f} of the marked tokens favour their key\n", head.diagonal_rows);
  }
}

void print(cayley::InductionAnalysis const& found) {
  fmt::print("loss {:.6g}  accuracy {:.6g}; uniform loss {:.6g}, optimal loss {:.6g}\n\n", found.ablated.intact.loss,
             found.ablated.intact.accuracy, found.uniform_loss, found.optimal_loss);
  print_heads("by head: attention to the token before", found.previous_token_scores);
  print_heads("attention to the token after the first copy", found.induction_scores);
  print_heads("loss without the head", found.ablated.head_losses());
  for (std::size_t layer = 0; layer < found.ablated.layers.size(); ++layer) {
    fmt::print("{:<44} layer {}: {:8.4f}\n", layer == 0 ? "loss without all heads of the layer" : "", layer,
               found.ablated.layers[layer].loss);
  }
  fmt::print("\n");
  if (found.OV_diagonal.size() == 0)
    return fmt::print("circuits are products of weights, but for layer norms: none here\n");
  print_heads("QK of positions: share looking one back", found.previous_position);
  print_heads("OV: share of tokens that copy themselves", found.OV_diagonal);
  for (cayley::LayerComposition const& pair : found.compositions) {
    const auto print_scores = [&](char const* title, Matrix<double> const& scores) {
      fmt::print("{} by head of layer {} (columns), by head of layer {} (rows)\n", title, pair.earlier, pair.later);
      for (Index head = 0; head < scores.rows(); ++head) {
        const cayley::RowVector<double> row = scores.row(head);
        print_row("", row);
      }
    };
    fmt::print("\n");
    print_scores("K-composition", pair.scores.K);
    print_scores("share of tokens that look for themselves as the token moved", pair.K_diagonal);
  }
}

void print_phases(std::vector<cayley::LoggedPhases> const& phases) {
  if (phases.empty()) return;
  fmt::print("\nfirst epoch from which on a loss stays below\n{:<24}", "");
  for (double threshold : cayley::phase_thresholds) fmt::print(" {:>8}", threshold);
  fmt::print("\n");
  for (cayley::LoggedPhases const& phase : phases) {
    fmt::print("{:<24}", phase.column);
    for (auto const& epoch : phase.epochs) fmt::print(" {:>8}", epoch ? fmt::format("{}", *epoch) : "-");
    fmt::print("\n");
  }
}

}  // namespace

bool is_sequence_run(std::filesystem::path const& directory) {
  const std::filesystem::path file = directory / "cfg.json";
  return std::filesystem::exists(file) && cayley::read_config(file).is_sequence_task();
}

void explain_sequences(SequenceQuestion const& question) {
  const auto run = cayley::read_sequence_run(question.directory);
  if (question.checkpoints) {
    const cayley::CsvTable table = cayley::progress_measures(run, question.threads);
    const auto out = question.out.empty() ? question.directory : made_directory(question.out);
    cayley::write_csv(out / "progress_measures.csv", table);
    fmt::print("wrote the measures of {} checkpoints to {}\n", table.rows.size(),
               (out / "progress_measures.csv").string());
    return;
  }
  const cayley::SequenceExplanation found = cayley::explain(run);
  const cayley::TransformerShape& shape = run.model.shape();
  fmt::print("Transformer on {}: {} {} of {} {}{}, d_model {}, seed {}\n", run.config.task, shape.n_layers,
             shape.n_layers == 1 ? "layer" : "layers", shape.n_heads, shape.n_heads == 1 ? "head" : "heads",
             shape.attn_only ? ", attention only" : fmt::format(" and {} neurons", shape.d_mlp), shape.d_model,
             run.config.seed);
  if (run.checkpoint) fmt::print("still in training: weights of the checkpoint of epoch {}\n", *run.checkpoint);
  if (found.seed) {
    fmt::print("measured on {} sequences drawn with seed {}\n", found.sequences, *found.seed);
  } else {
    fmt::print("measured on all {} inputs\n", found.sequences);
  }
  std::visit([](auto const& analysis) { print(analysis); }, found.analysis);
  print_phases(found.phases);
  if (question.out.empty()) return;
  const auto out = made_directory(question.out);
  cayley::write_json(out / "analysis.json", cayley::analysis_json(found, run.config));
  fmt::print("\nwrote analysis.json to {}\n", out.string());
}

}  // namespace lab
