/// The figures of a transformer's development while it learns to add modulo p: curves over checkpoints, and animations
/// with a frame for each.
///
/// `measures` is the `measures_table` of the development.
/// Ref: Nanda et al. 2023, Progress measures for grokking via mechanistic interpretability, section 5.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/plot/animation.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/plot/numbered.hpp>
#include <cayley/study/modular_addition_figures.hpp>
#include <cayley/study/progress_measures.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// Columns of a table over epochs: each has a name in the table and one in the figure.
inline Panel epoch_curves(CsvTable const& table, std::vector<std::pair<std::string, std::string>> const& columns,
                          FigureAxis y) {
  Panel panel{.x = {"epoch"}, .y = std::move(y)};
  for (auto const& [column, name] : columns) {
    panel.traces.emplace_back(
        Curve{.name = name, .x = table.column("epoch"), .y = table.column(column), .colour = panel.traces.size()});
  }
  return panel;
}

/// The numbers in the columns that begin with `prefix`, a row for each of the table.
inline Matrix<double> columns_with(CsvTable const& table, std::string_view prefix) {
  std::vector<std::size_t> places;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (std::string_view(table.columns[c]).starts_with(prefix)) places.push_back(c);
  }
  Matrix<double> values(static_cast<Index>(table.rows.size()), static_cast<Index>(places.size()));
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    for (std::size_t c = 0; c < places.size(); ++c) {
      values(static_cast<Index>(row), static_cast<Index>(c)) = table.rows[row][places[c]];
    }
  }
  return values;
}

inline std::vector<std::string> epoch_labels(std::vector<std::int64_t> const& epochs) {
  std::vector<std::string> labels;
  for (std::int64_t epoch : epochs) labels.push_back(std::to_string(epoch));
  return labels;
}

inline std::vector<std::string> epoch_labels(CsvTable const& table) {
  std::vector<std::int64_t> epochs;
  for (double epoch : table.column("epoch")) epochs.push_back(static_cast<std::int64_t>(epoch));
  return epoch_labels(epochs);
}

/// A curve over 0, 1, .. for each row of a matrix, a frame each.
inline Figure row_curves(Figure const& text, Panel const& axes, Matrix<double> const& rows,
                         std::vector<std::string> const& frames, std::vector<std::string> const& hover) {
  std::vector<Figure> figures;
  for (Index i = 0; i < rows.rows(); ++i) {
    figures.push_back(text);
    figures.back().panels = {axes};
    figures.back().panels[0].traces = {numbered_curve("", rows.row(i), 0, hover)};
  }
  return animated("epoch", frames, std::move(figures));
}

/// The irrep of each neuron's cluster; 0 for one without.
inline std::vector<double> cluster_irreps(NeuronClusters const& clusters) {
  std::vector<double> irreps(clusters.in_order().size(), 0);
  for (std::size_t c = 0; c < clusters.irreps.size(); ++c) {
    for (Index k : clusters.neurons[c]) irreps[static_cast<std::size_t>(k)] = static_cast<double>(clusters.irreps[c]);
  }
  return irreps;
}

}  // namespace detail

/// Training loss without each key frequency, beside training and test loss.
inline Figure excluded_losses_figure(FourierBasis<double> const& basis, std::vector<Index> const& key,
                                     CsvTable const& measures) {
  std::vector<std::pair<std::string, std::string>> columns{{"train_loss", "train"}, {"test_loss", "test"}};
  for (Index irrep : key) {
    std::string const& label = basis.irreps()[irrep].label();
    columns.emplace_back("excluded_loss_" + label, "train, without " + label);
  }
  return figure("Excluded loss: the training loss without one key frequency",
                "Once a curve leaves the training loss, the network depends on that frequency.",
                detail::epoch_curves(measures, columns, {"loss (nats)", true}));
}

/// The squared norm of the embedding at each basis function, a frame for each checkpoint.
inline Figure embedding_development_figure(FourierBasis<double> const& basis, CsvTable const& measures) {
  const Matrix<double> all = detail::columns_with(measures, "embedding_");
  return detail::row_curves({"The embedding's Fourier components over training",
                             "Peaks that grow are key frequencies; the others decay.",
                             {}},
                            {.x = {"Fourier component"}, .y = {"squared norm"}}, all.leftCols(basis.order()),
                            detail::epoch_labels(measures), basis.names());
}

/// The singular values of the embedding, a frame for each checkpoint.
inline Figure singular_values_figure(CsvTable const& measures) {
  return detail::row_curves({"Singular values of the embedding over training",
                             "After cleaning up there are two large values for each key frequency.",
                             {}},
                            {.x = {"number of the singular value"}, .y = {"singular value"}},
                            detail::columns_with(measures, "embedding_singular_value_"), detail::epoch_labels(measures),
                            {});
}

/// The mean shares of neurons and logits on cos and sin of w(x + y).
inline Figure trig_fractions_figure(CsvTable const& measures) {
  return figure("cos w(x + y) and sin w(x + y) take over neurons and logits",
                "Shares of centred power on the key frequencies' functions of the sum, mean over neurons or classes.",
                detail::epoch_curves(measures,
                                     {{"pre_trig_fraction", "neurons before the ReLU"},
                                      {"post_trig_fraction", "neurons behind the ReLU"},
                                      {"logit_trig_fraction", "logits"}},
                                     {.title = "share", .range = Limits{0, 1}}));
}

/// Each neuron's share in quadratic terms of its cluster's frequency before and behind the ReLU, coloured by that.
inline Figure quadratic_fractions_figure(ModularAdditionDevelopment const& development) {
  const std::vector<double> irreps = detail::cluster_irreps(development.clusters);
  const auto neurons = numbered_names("neuron", static_cast<Index>(irreps.size()));
  std::vector<Figure> figures;
  for (ModularAdditionSnapshot const& snapshot : development.snapshots) {
    figures.push_back(figure("The ReLU multiplies: quadratic terms of each neuron before and behind it",
                             "Neurons above the diagonal owe products of waves of x and y to the ReLU.",
                             {.x = {.title = "quadratic share before the ReLU", .range = Limits{0, 1}},
                              .y = {.title = "quadratic share behind the ReLU", .range = Limits{0, 1}},
                              .traces = {Points{.name = "neuron",
                                                .x = value_list(snapshot.pre.quadratic),
                                                .y = value_list(snapshot.post.quadratic),
                                                .hover = neurons,
                                                .value = irreps,
                                                .value_title = "frequency (0: none)"}}}));
  }
  return animated("epoch", detail::epoch_labels(development.epochs), std::move(figures));
}

/// The share of each neuron that its cluster's frequency explains before and behind the ReLU, coloured by how often it
/// fires.
inline Figure explained_fractions_figure(ModularAdditionDevelopment const& development) {
  const std::vector<double> irreps = detail::cluster_irreps(development.clusters);
  const auto neurons = numbered_names("neuron", static_cast<Index>(irreps.size()));
  std::vector<Figure> figures;
  for (ModularAdditionSnapshot const& snapshot : development.snapshots) {
    Figure frame{"Neurons settle on the frequency of their cluster",
                 "Each neuron stands at its cluster's frequency in the trained network, 0 for none; it rises as that "
                 "explains it.",
                 {},
                 2};
    const auto add_panel = [&](char const* title, RowVector<double> const& shares) {
      frame.panels.push_back({.title = title,
                              .x = {"frequency (number of the irrep)"},
                              .y = {.title = "share explained", .range = Limits{0, 1}},
                              .traces = {Points{.name = "neuron",
                                                .x = irreps,
                                                .y = value_list(shares),
                                                .hover = neurons,
                                                .value = value_list(snapshot.active),
                                                .value_title = "share of inputs on which it fires"}}});
    };
    add_panel("before the ReLU", snapshot.pre.all);
    add_panel("behind the ReLU", snapshot.post.all);
    figures.push_back(std::move(frame));
  }
  return animated("epoch", detail::epoch_labels(development.epochs), std::move(figures));
}

/// Mean attention of the last position by head and position, a frame for each checkpoint.
inline Figure mean_attention_figure(Index heads, CsvTable const& measures) {
  std::vector<Figure> figures;
  for (std::size_t row = 0; row < measures.rows.size(); ++row) {
    HeatMap map{.z = Matrix<double>(heads, 3),
                .row_labels = numbered_names("head", heads),
                .column_labels = {"x", "y", "="},
                .scale = ColourScale::sequential,
                .value_title = "mean attention",
                .text = true,
                .limits = Limits{0, 1}};
    figures.push_back(figure("Mean attention by head and position",
                             "A head that treats x and y alike has the same number in both columns.",
                             {.x = {"position"}, .y = {"head"}, .traces = {std::move(map)}}));
  }
  for (Index h = 0; h < heads; ++h) {
    for (Index p = 0; p < 3; ++p) {
      const std::string name = "attention_head_" + std::to_string(h) + "_position_" + std::to_string(p);
      const std::vector<double> values = measures.column(name);
      for (std::size_t row = 0; row < values.size(); ++row) {
        std::get<HeatMap>(figures[row].panels[0].traces[0]).z(h, p) = values[row];
      }
    }
  }
  return animated("epoch", detail::epoch_labels(measures), std::move(figures));
}

/// Mean attention to x less that to y, by head.
inline Figure attention_difference_figure(Index heads, CsvTable const& measures) {
  std::vector<std::pair<std::string, std::string>> columns;
  for (Index h = 0; h < heads; ++h) {
    const std::string number = std::to_string(h);
    columns.emplace_back("attention_difference_head_" + number, "head " + number);
  }
  return figure("Commutativity: heads come to attend to x and y alike",
                "Mean attention to x less that to y; a head at zero does not tell the operands apart.",
                detail::epoch_curves(measures, columns, {"difference of attention"}));
}

/// Losses of the network and of the logits' part on cos and sin of w(x + y) alone.
inline Figure losses_figure(CsvTable const& measures) {
  return figure("Losses of the network and of its waves of x + y alone",
                "Where the trig loss falls below the test loss, the rest of the network is noise that will be removed.",
                detail::epoch_curves(measures,
                                     {{"test_loss", "test"},
                                      {"train_loss", "train"},
                                      {"trig_loss", "trig, all inputs"},
                                      {"trig_loss_train", "trig, train"}},
                                     {"loss (nats)", true}));
}

/// Test loss divided by trig loss.
inline Figure loss_ratio_figure(CsvTable const& measures) {
  return figure(
      "Noise: how much better the waves of x + y do without the rest",
      "Test loss divided by trig loss; it falls towards one as the network is cleaned up.",
      detail::epoch_curves(measures, {{"test_loss_trig_loss_ratio", "test loss / trig loss"}}, {"ratio", true}));
}

/// The sum of squares of each parameter, but of those that stay zero.
inline Figure weight_norms_figure(CsvTable const& measures) {
  std::vector<std::pair<std::string, std::string>> columns;
  constexpr std::string_view prefix = "sum_of_squares_";
  for (std::string const& column : measures.columns) {
    if (!std::string_view(column).starts_with(prefix)) continue;
    bool is_trained = false;
    for (double value : measures.column(column)) is_trained = is_trained || value > 0;
    if (is_trained) columns.emplace_back(column, column.substr(column.rfind('.') + 1));
  }
  return figure("Sum of squared weights by parameter",
                "Weight decay shrinks what memorised the training pairs once the general algorithm has taken over.",
                detail::epoch_curves(measures, columns, {"sum of squares"}));
}

/// The sum of squares of all weights.
inline Figure total_weight_norm_figure(CsvTable const& measures) {
  return figure("Sum of all squared weights", "It falls steeply where the network cleans up.",
                detail::epoch_curves(measures, {{"sum_of_squared_weights", "all weights"}}, {"sum of squares"}));
}

}  // namespace cayley
