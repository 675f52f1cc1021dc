// The report of a network on a group, in the order of notebook 004, then what notebook 001 shows beyond it.
#include <fmt/core.h>
#include <cayley/interpret/hidden_means.hpp>
#include <cayley/interpret/neuron_clusters.hpp>
#include <cayley/interpret/neurons.hpp>
#include <cayley/interpret/product_spectrum.hpp>
#include <cayley/study/checkpoint_metrics.hpp>
#include <cayley/study/irrep_figures.hpp>
#include <cayley/study/metric_figures.hpp>
#include <cayley/study/spectrum_figures.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "report.hpp"

namespace lab {
namespace {

using namespace cayley;

// 93556 as "93 556", with spaces that do not break a line.
std::string grouped(double number) {
  std::string digits = fmt::format("{:.0f}", number);
  for (int place = static_cast<int>(digits.size()) - 3; place > 0; place -= 3) {
    digits.insert(static_cast<std::size_t>(place), "\u00a0");
  }
  return digits;
}

std::string listed(std::vector<std::string> const& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return text;
}

std::vector<std::string> labels(StudyGroup const& group, std::vector<Index> const& irreps) {
  std::vector<std::string> result;
  for (Index i : irreps) result.push_back(group.irreps()[i].label());
  return result;
}

std::string configuration(StoredRun const& run, std::size_t seeds) {
  const Index n = run.group.table.order();
  const auto pairs = std::count(run.train.begin(), run.train.end(), 1);
  std::string text = fmt::format(
      "{} on {} (order {}), {} hidden neurons, trained on {} of {} pairs for up to {} epochs, weight decay {}, seed "
      "{}.",
      run.config.model, run.group.name(), n, run.network.hidden_size(), pairs, n * n,
      grouped(static_cast<double>(run.config.num_epochs)), run.config.training.optimizer.weight_decay, run.config.seed);
  if (seeds > 1) {
    text += fmt::format(
        " Curves over training are medians of those of {} runs that have them; all else shows the first.", seeds);
  }
  return text;
}

// `dense`: the log has the epoch itself; a table of checkpoints, one soon after it.
std::string verdict(StoredRun const& run, RepresentationMetrics const& m, std::optional<CsvTable> const& log,
                    bool dense) {
  std::string text;
  if (log) {
    const std::optional<double> epoch = grokked_epoch(*log);
    text = epoch ? (dense ? "Grokked at epoch " : "Grokked by epoch ") + grouped(*epoch) : "Not grokked";
  } else {
    text = fmt::format("Test accuracy {:.4g}", m.test_accuracy);
  }
  if (m.key.empty()) return text + "; uses no irrep.";
  text += fmt::format("; uses {}; they explain {:.1f} % of the logits", listed(labels(run.group, m.key)),
                      100 * m.logits_explained);
  // What the network needs most.
  const Index most = *std::max_element(m.key.begin(), m.key.end(), [&](Index a, Index b) {
    return m.irreps[static_cast<std::size_t>(a)].logit_excluded_loss <
           m.irreps[static_cast<std::size_t>(b)].logit_excluded_loss;
  });
  return text + fmt::format("; without {} the loss is {:.3g}.", run.group.irreps()[most].label(),
                            m.irreps[static_cast<std::size_t>(most)].logit_excluded_loss);
}

std::string cell(Json const& value) {
  return value.is_number() ? fmt::format("{:.6g}", value.get<double>()) : std::string("-");
}

PageTable summary_table(Json const& found, std::string const& reference) {
  PageTable table{{"metric", "this run"}, {}};
  std::optional<Json> published;
  if (!reference.empty()) {
    published = read_json(reference);
    require(published->is_object(), reference, ": expected an object of metrics");
    table.columns.push_back("published");
  }
  for (auto const& [name, value] : found.items()) {
    std::vector<std::string> row{name, cell(value)};
    if (published) row.push_back(published->contains(name) ? cell((*published)[name]) : std::string("-"));
    table.rows.push_back(std::move(row));
  }
  return table;
}

// A table that was not made from checkpoints here may have fewer columns.
void require_columns(std::vector<CsvTable> const& tables, std::vector<std::string> const& columns) {
  for (std::string const& column : columns) {
    require(all_have(tables, column), "the table of metrics has no column ", column,
            "; it is measured from checkpoints");
  }
}

// Metrics along the runs: from their checkpoints, or from a table of them.
CsvTable development(StoredRun const& run, int threads) {
  if (!checkpoint_epochs(run.directory).empty()) return checkpoint_metrics(run, {}, threads, true);
  for (char const* name : {"metrics.csv", "metrics_thinned.csv"}) {
    if (std::filesystem::exists(run.directory / name)) return read_csv(run.directory / name);
  }
  fail(run.directory.string(), ": no checkpoints and no metrics.csv");
}

void add_development(Report& report, std::vector<CsvTable> const& tables, std::vector<std::string> const& irreps) {
  const auto add = [&](auto const& make, MetricFigureText const& text) {
    report.sections.push_back(figure_or_note(text.title, [&] { return make(text); }));
  };
  const auto by_irrep = [&](std::string const& prefix, std::string const& suffix, MetricFigureText const& text) {
    const auto make = [&](MetricFigureText const& t) {
      for (std::string const& irrep : irreps) require_columns(tables, {prefix + irrep + suffix});
      return irrep_metric_figure(tables, irreps, prefix, suffix, t);
    };
    add(make, text);
  };
  by_irrep("logit_", "_rep_trace_similarity",
           {"The logits turn into characters of a few irreps",
            "Cosine between the logits and the character of a b c^-1, by irrep: 1 is all of the logits, 0 none.",
            "cosine similarity"});
  const std::array<std::array<char const*, 2>, 3> weights{{{"percent_x_embed_", "left embedding"},
                                                           {"percent_y_embed_", "right embedding"},
                                                           {"percent_unembed_", "unembedding"}}};
  for (auto const& [prefix, name] : weights) {
    by_irrep(prefix, "_rep",
             {std::string("Irreps in the ") + name + " over training",
              std::string("Share of the squared norm of the ") + name + " that lies in each irrep.",
              "fraction of variance"});
  }
  add(
      [&](MetricFigureText const& t) {
        require_columns(tables, {"percent_hidden_explained"});
        return metric_figure(tables, {{"percent_hidden_explained", "key irreps"}}, t);
      },
      {"The hidden layer explained by the key irreps over training",
       "Share of the variance of the hidden layer that lies in the key irreps of a, b and ab.",
       "fraction of variance"});
  const std::array<std::array<char const*, 2>, 3> hidden{
      {{"percent_hidden_xy_", "ab"}, {"percent_hidden_x_", "a"}, {"percent_hidden_y_", "b"}}};
  for (auto const& [prefix, name] : hidden) {
    by_irrep(
        prefix, "_rep",
        {std::string("rho(") + name + ") in the hidden layer over training",
         std::string("Share of the variance of the hidden layer that is a function of ") + name + " in each irrep.",
         "fraction of variance"});
  }
}

void add_progress(Report& report, std::vector<CsvTable> const& tables, std::vector<std::string> const& irreps,
                  std::vector<Marker> const& markers) {
  const auto columns = [&](std::vector<NamedColumn> const& names, MetricFigureText const& text) {
    report.sections.push_back(figure_or_note(text.title, [&] { return metric_figure(tables, names, text, markers); }));
  };
  columns({{"total_hidden_excluded_loss", "excluded loss"},
           {"total_hidden_restricted_loss", "restricted loss"},
           {"test_loss", "test loss"},
           {"train_loss", "training loss"}},
          {"Excluded and restricted loss, beside training and test loss",
           "Excluded: training loss without the key irreps in the hidden layer. Restricted: loss from them alone. The "
           "circuit forms while the excluded loss rises.",
           "loss (nats)", false, true});
  for (auto const& [prefix, title, reading] :
       {std::array<char const*, 3>{"hidden_excluded_loss_", "Loss without each irrep over training",
                                   "Training loss when one irrep of ab is taken out of the hidden layer."},
        std::array<char const*, 3>{"hidden_restricted_loss_", "Loss from each irrep alone over training",
                                   "Loss when the logits come from one irrep of ab in the hidden layer alone."}}) {
    const MetricFigureText text{title, reading, "loss (nats)", true, true};
    std::string const from = prefix;
    report.sections.push_back(
        figure_or_note(title, [&] { return irrep_metric_figure(tables, irreps, from, "_rep", text, markers); }));
  }
  columns({{"sum_of_squared_weights", "all weights"}},
          {"The weights over training", "Sum of the squares of all weights.", "sum of squared weights", true, true});
  columns({{"test_loss_restricted_loss_ratio", "test loss / restricted loss"}},
          {"Test loss divided by restricted loss over training",
           "Near 1 the whole network does no better and no worse than its key irreps alone.", "ratio", true, true});
}

void add_spectra(Report& report, StoredRun const& run) {
  FourierBasis<double> const& basis = run.group.basis;
  PairNetwork const& network = run.network;
  const std::vector<std::string> names = basis.names();
  const Index n = basis.order();
  const auto add = [&](char const* title, auto const& make) { report.sections.push_back(figure_or_note(title, make)); };
  add("The functions of the Fourier basis", [&] { return group_basis_figure(basis); });
  const Vector<double> left = weight_spectrum(basis, network.left_embedding);
  const Vector<double> right = weight_spectrum(basis, network.right_embedding);
  const Vector<double> unembedding = weight_spectrum(basis, Matrix<double>(network.unembedding.transpose()));
  add("", [&] { return weight_spectrum_figure(basis, {{"left", left}}, "The left embedding in the Fourier basis"); });
  add("", [&] {
    return weight_spectrum_figure(basis, {{"right", right}}, "The right embedding in the Fourier basis");
  });
  add("", [&] {
    return weight_spectrum_figure(basis, {{"left", left}, {"right", right}}, "Both embeddings in the Fourier basis");
  });
  add("", [&] {
    return weight_spectrum_figure(basis, {{"unembedding", unembedding}}, "The unembedding in the Fourier basis");
  });

  const Matrix<double> hidden = network.hidden_of_all();  // (pairs, neurons)
  const auto map_of = [&](Vector<double> const& f) -> Matrix<double> { return f.reshaped<Eigen::RowMajor>(n, n); };
  std::vector<NamedMap> activations, coefficients;
  for (Index k = 0; k < std::min<Index>(3, hidden.cols()); ++k) {
    const Index neuron = k * (hidden.cols() - 1) / 2;
    activations.push_back({std::to_string(neuron), map_of(hidden.col(neuron))});
    coefficients.push_back(
        {std::to_string(neuron), map_of(transform_pairs(basis, Matrix<double>(hidden.col(neuron))))});
  }
  add("Activations of single neurons", [&] {
    return pair_map_figure("neuron", activations, "Activations of single neurons",
                           "A row for each a, a column for each b; the slider picks a neuron.");
  });
  std::vector<NamedMap> outputs;
  for (Index k = 0; k < std::min<Index>(3, n); ++k) {
    const Index c = k * (n - 1) / 2;
    outputs.push_back({std::to_string(c), map_of(hidden * network.unembedding.col(c))});
  }
  add("Logits of single elements", [&] {
    return pair_map_figure("element", outputs, "Logits of single elements",
                           "A row for each a, a column for each b; the slider picks an element. Large where it is ab.");
  });
  add("Single neurons in the Fourier basis",
      [&] { return pair_spectrum_figure(names, "neuron", coefficients, "Single neurons in the Fourier basis"); });
  const Matrix<double> centred = hidden.rowwise() - hidden.colwise().mean();
  const PairSpectrum spectrum = pair_spectrum(basis, centred);
  add("", [&] {
    return pair_spectrum_figure(names, "", {{"", spectrum.mean_power}}, "Mean power of the hidden layer by term",
                                ColourScale::sequential);
  });
  const std::vector<ExplainedNeuron> neurons = explained_neurons(pair_spectrum(basis, hidden));
  add("", [&] { return neuron_irrep_figure(run.group.irreps(), neurons); });
  add("", [&] {
    const PairSpectrum logits = pair_spectrum(basis, network.logits_of(all_pairs(n)));
    return pair_spectrum_figure(names, "", {{"", logits.mean_power}}, "Mean power of the logits by term",
                                ColourScale::sequential);
  });
  const NeuronClusters clusters = neuron_clusters(neurons, 0);
  add("The unembedding of each cluster of neurons", [&] {
    std::vector<NamedSpectrum> spectra;
    for (std::size_t c = 0; c < clusters.irreps.size(); ++c) {
      spectra.push_back(
          {run.group.irreps()[clusters.irreps[c]].label(), unembedding_spectrum(network, basis, clusters.neurons[c])});
    }
    return weight_spectrum_figure(basis, spectra, "The unembedding of each cluster of neurons in the Fourier basis");
  });
  add("Logits along single basis functions of the class", [&] {
    std::vector<NamedMap> directions;
    for (std::size_t c = 0; c < std::min<std::size_t>(2, clusters.irreps.size()); ++c) {
      const auto block = basis.block(clusters.irreps[c]);
      for (Index k = block.begin; k < block.begin + std::min<Index>(block.size, 2); ++k) {
        directions.push_back({names[static_cast<std::size_t>(k)], logit_direction_spectrum(network, basis, k)});
      }
    }
    return pair_spectrum_figure(names, "direction", std::move(directions),
                                "Logits along single basis functions of the class");
  });
}

}  // namespace

CsvTable training_curves(std::filesystem::path const& directory) {
  for (char const* name : {"log.csv", "metrics.csv", "metrics_thinned.csv"}) {
    if (std::filesystem::exists(directory / name)) return read_csv(directory / name);
  }
  fail((directory / "log.csv").string(), ": no such file, and no metrics.csv");
}

Report report_on_group(ReportQuestion const& question, std::vector<StoredRun> const& runs) {
  StoredRun const& run = runs.front();
  Report report;
  report.summary.push_back(configuration(run, runs.size()));
  const auto add = [&](char const* title, auto const& make) { report.sections.push_back(figure_or_note(title, make)); };

  std::vector<CsvTable> logs, tables;
  std::string no_development;
  for (StoredRun const& each : runs) {
    try {
      logs.push_back(training_curves(each.directory));
    } catch (Error const&) {
      // The seeds that have curves are shown; where none has, the figures say what is missing.
    }
  }
  std::optional<Explanation> explanation;
  std::string no_explanation;
  try {
    explanation = explain(run);
  } catch (Error const& error) {
    no_explanation = error.what();
  }
  if (explanation) {
    RepresentationMetrics const& m = explanation->metrics;
    report.summary.push_back(verdict(run, m, logs.empty() ? std::optional<CsvTable>() : logs.front(),
                                     std::filesystem::exists(run.directory / "log.csv")));
    report.sections.push_back({"Summary",
                               "Losses in nats, shares between 0 and 1.",
                               summary_table(summary_metrics(*explanation, run), question.reference),
                               {},
                               ""});
  } else {
    report.sections.push_back({"Summary", "", {}, {}, "No explanation: " + no_explanation});
  }

  add("Losses", [&] {
    if (logs.empty()) training_curves(run.directory);  // says what is missing
    return loss_figure(logs);
  });
  add("Accuracies", [&] {
    if (logs.empty()) training_curves(run.directory);  // says what is missing
    return metric_figure(logs, {{"train_acc", "training accuracy"}, {"test_acc", "test accuracy"}},
                         {"Accuracy on training and test pairs", "Share of pairs whose largest logit is their product.",
                          "accuracy", false, false});
  });
  if (!explanation) return report;

  RepresentationMetrics const& m = explanation->metrics;
  PairNetwork const& network = run.network;
  add("Logits", [&] { return logit_slice_figure(network, run.group, m.key); });

  std::vector<std::string> irreps;
  for (Index i : m.listed) {
    if (i != 0) irreps.push_back(run.group.irreps()[i].label());
  }
  // Curves for a handful of irreps at most can be told apart.
  if (irreps.size() > 8) irreps = labels(run.group, m.key);
  for (StoredRun const& each : runs) {
    try {
      tables.push_back(development(each, question.threads));
    } catch (Error const& error) {
      if (no_development.empty()) no_development = error.what();
    }
  }
  if (!tables.empty()) no_development.clear();
  const auto missing = [&] {
    report.sections.push_back({"Metrics over training", "", {}, {}, "No figures: " + no_development});
  };
  if (no_development.empty()) {
    add_development(report, tables, irreps);
  } else {
    missing();
  }

  const HiddenMeans means = hidden_means(network, run.group.table);
  for (Index i : m.key) {
    const ProductRepresentation held = product_representation(network, run.group.basis, means, i);
    Irrep const& irrep = run.group.irreps()[i];
    add("Change of basis", [&] { return change_of_basis_figure(held, irrep); });
    add("Unembedding", [&] { return linear_map_figure(held, irrep); });
  }
  for (Index i : m.key) {
    if (run.group.irreps()[i].dimension() != 1 || explanation->neurons[static_cast<std::size_t>(i)].empty()) continue;
    add("Neurons", [&] {
      const std::string label = run.group.irreps()[i].label();
      return neuron_activation_figure(network, ordered_by_sign(run.group, i),
                                      explanation->neurons[static_cast<std::size_t>(i)],
                                      "Neurons of " + label + " are constant on blocks",
                                      "Elements with " + label +
                                          " 1 come first, then those with -1. Each neuron fires on "
                                          "blocks: it sees of a and b their signs alone.");
    });
  }
  if (no_development.empty()) {
    std::vector<Marker> markers;
    if (const auto epoch = grokked_epoch(tables.front())) markers.push_back({*epoch, "grokked"});
    add_progress(report, tables, irreps, markers);
  }
  add_spectra(report, run);
  return report;
}

}  // namespace lab
