// Question: by what algorithm does a one-layer transformer add two numbers modulo p?
//
// Data: every pair (x, y), read as the tokens x, y, "="; the answer (x + y) mod p is read off the last position. Some
// of the pairs are for training. The network knows them by heart early on; all others come much later, of a sudden.
//
// Mathematics: with w = 2 pi k/p the logit of c is a sum over a few key frequencies k of
//     cos w(x + y - c) = cos w(x + y) cos wc + sin w(x + y) sin wc,
// all of which peak at c = x + y. The embedding looks up cos wx and sin wx. Attention and MLP multiply, for
//     cos w(x + y) = cos wx cos wy - sin wx sin wy,  sin w(x + y) = sin wx cos wy + cos wx sin wy,
// and W_logit = W_out W_U turns the angle x + y into classes. So everything is sparse in the Fourier basis of C_p, and
// a part that is taken out shows what it was good for: without the terms of a key frequency (excluded loss) the network
// fails, with nothing but cos w(x + y) and sin w(x + y) (trig loss) it does better than by itself.
// Ref: Nanda et al., Progress measures for grokking via mechanistic interpretability (2023).
//
// Usage: example_modular_addition [DIRECTORY]
// Without arguments it trains on addition modulo 43 for some seconds. DIRECTORY holds a trained network instead:
// model.safetensors, perhaps cfg.json or split.safetensors, log.csv and checkpoints, as `cayley-lab train` writes them.
//
// Expected output: the evidence, one table for each step of the study, and what it claims in lines that begin with
// "ok". Modulo 43 there are three key frequencies, 4, 17 and 20. Returns 1 if a claim fails.

#include <cayley/backend/cpu.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/interpret/commutativity.hpp>
#include <cayley/interpret/explained_fractions.hpp>
#include <cayley/interpret/logit_circuits.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/study/explain.hpp>
#include <cayley/study/modular_addition.hpp>
#include <cayley/study/modular_addition_metrics.hpp>
#include <cayley/task/modular_arithmetic.hpp>
#include <cayley/train/trainer.hpp>
#include <cstdio>
#include <exception>

using namespace cayley;

namespace {

using Network = Transformer<Cpu, double>;

/// A trained network and, where they are known, its log and some of its checkpoints.
struct Subject {
  CayleyTable table;
  FourierBasis<double> basis;
  TrainingSet train;
  Network network;
  std::vector<LogRow> log;
  std::vector<std::pair<std::int64_t, Network>> past;
};

bool all_hold = true;

void claim(bool holds, char const* what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what);
  all_hold = all_hold && holds;
}

void heading(char const* text) {
  std::printf("\n== %s\n", text);
}

/// A graph of a function on C_p in one line, from its least value, 0, to its largest, 9.
void graph(char const* name, Vector<double> const& f) {
  std::printf("  %-9s ", name);
  const double least = f.minCoeff(), range = f.maxCoeff() - least;
  for (double value : f) std::printf("%d", range > 0 ? static_cast<int>(9.999 * (value - least) / range) : 0);
  std::printf("\n");
}

/// The largest terms of a 2D spectrum but the constant one, with their shares of all but it.
void print_terms(char const* name, FourierBasis<double> const& basis, Matrix<double> power, Index count) {
  power(0, 0) = 0;
  std::printf("  %-9s", name);
  for (auto const& term : largest_terms(power, basis.names(), count)) {
    std::printf(" %s (%.1f %%)", term.name.c_str(), 100 * term.share);
  }
  std::printf("\n");
}

/// The places of about 12 epochs, evenly spaced, the first and the last among them.
std::vector<std::size_t> some_of(std::vector<std::int64_t> const& epochs) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    const bool due = places.empty() || 12 * (epochs[i] - epochs[places.back()]) >= epochs.back();
    if (due || i + 1 == epochs.size()) places.push_back(i);
  }
  return places;
}

Network in_double(Transformer<Cpu, float> const& trained) {
  NamedMatrices<double> weights;
  for (auto const& parameter : trained.parameters()) weights[parameter.name()] = parameter.host().cast<double>();
  return Network::from_parameters(Cpu{}, trained.shape(), weights);
}

Subject trained_subject() {
  constexpr Index p = 43, every = 125;
  TransformerShape shape;
  shape.d_model = 64;
  shape.n_heads = 4;
  shape.d_head = 16;
  shape.d_mlp = 128;
  shape.d_vocab = shape.d_vocab_out = p + 1;  // the last token is "="; as a class it is never right
  shape.n_ctx = 3;
  shape.mlp_biases_alone = true;
  Transformer<Cpu, float> model(Cpu{}, shape);
  TorchGenerator generator(0);
  draw_initial_weights(model, generator, TransformerInit::modular_addition);

  const LabelledExamples<Pair> data = modular_sum(p);
  const TrainTestSplit split = shuffled_split(data.size(), 0.7, 0);
  Trainer trainer(std::move(model), pair_sequences(data.subset(split.train), p),
                  pair_sequences(data.subset(split.test), p), TrainerOptions{}, generator);  // AdamW, lr 1e-3, decay 1
  Subject subject{cayley_table(Cyclic<p>{}),
                  FourierBasis(Cyclic<p>{}),
                  TrainingSet(data.examples.size(), 0),
                  in_double(trainer.model()),
                  {},
                  {}};
  for (std::uint32_t place : split.train) subject.train[place] = 1;
  TrainingPlan<Transformer<Cpu, float>> plan;
  plan.num_epochs = 4000;
  plan.log = EpochRule::every(plan.num_epochs, every / 5);
  plan.checkpoints = EpochRule::every(plan.num_epochs, every);
  plan.stop.test_loss = 1e-6;
  plan.on_log = [&](LogRow const& row) { subject.log.push_back(row); };
  plan.on_checkpoint = [&](std::int64_t epoch, auto const& now) { subject.past.emplace_back(epoch, in_double(now)); };
  train(trainer, plan);
  subject.network = in_double(trainer.model());
  return subject;
}

Subject stored_subject(std::filesystem::path const& directory) {
  StoredRun run = read_run(directory);
  require(run.transformer && run.config.task == "add", directory.string(), ": expected a transformer that adds");
  Subject subject{run.group.table, run.group.basis, run.train, *run.transformer, {}, {}};
  if (std::filesystem::exists(directory / "log.csv")) {
    for (auto const& row : read_csv(directory / "log.csv").rows) {
      subject.log.push_back({static_cast<std::int64_t>(row.at(0)), row.at(1), row.at(2), row.at(3), row.at(4)});
    }
  }
  if (!std::filesystem::exists(directory / "checkpoints")) return subject;
  const auto epochs = checkpoint_epochs(directory);
  for (std::size_t place : some_of(epochs)) {
    const auto file = directory / "checkpoints" / (std::to_string(epochs[place]) + ".safetensors");
    subject.past.emplace_back(epochs[place], run_transformer(read_safetensors(file), run.group, run.order));
  }
  return subject;
}

void training_curve(std::vector<LogRow> const& log) {
  heading("Training: the training pairs are known long before the others");
  std::vector<std::int64_t> epochs;
  for (LogRow const& row : log) epochs.push_back(row.epoch);
  std::printf("  %7s %11s %11s %9s %9s\n", "epoch", "train loss", "test loss", "train acc", "test acc");
  for (std::size_t i : some_of(epochs)) {
    std::printf("  %7ld %11.3g %11.3g %9.4f %9.4f\n", static_cast<long>(epochs[i]), log[i].train_loss, log[i].test_loss,
                log[i].train_accuracy, log[i].test_accuracy);
  }
  const auto known = std::find_if(log.begin(), log.end(), [](LogRow const& row) { return row.train_accuracy == 1; });
  const auto grokked = grokking_epoch(log);
  claim(known != log.end() && grokked && *grokked > 2 * known->epoch,
        "the test pairs take more than twice as long as the training pairs");
}

/// Which frequencies the weights and the activations that depend on x and y have.
void periodicity(Subject const& subject, PairTransformer const& weights, TransformerActivations const& activations,
                 ModularAddition const& found) {
  FourierBasis<double> const& basis = subject.basis;
  const Index p = basis.order(), heads = weights.head_count();
  std::vector<Index> const& key = found.clusters.irreps;
  const auto key_share = [&](Matrix<double> const& f) {  // of the functions on C_p in its columns, less their means
    const Vector<double> power = isotypic_power(basis, f);
    return Vector<double>(power(key)).sum() / power.tail(power.size() - 1).sum();
  };

  heading("The Fourier basis of C_p: const, cos 1, sin 1, cos 2, .., orthonormal");
  const Matrix<double> gram = transposed_times<double>(basis.matrix(), basis.matrix());
  claim((gram - Matrix<double>::Identity(p, p)).cwiseAbs().maxCoeff() < 1e-12, "F^T F = 1");

  heading("Embedding: basis functions with 2 % of its power or more, and its singular values");
  const Vector<double> share = found.embedding_spectrum / found.embedding_spectrum.sum();
  for (Index i = 0; i < p; ++i) {
    if (share[i] >= 0.02)
      std::printf("  %s: %.1f %%", basis.names()[static_cast<std::size_t>(i)].c_str(), 100 * share[i]);
  }
  Vector<double> const& singular = found.embedding_singular_values;
  const auto directions = 2 * static_cast<Index>(key.size());  // a cosine and a sine for each key frequency
  std::printf("\n ");
  for (double value : singular.head(directions + 6)) std::printf(" %.3g", value);
  std::printf(" ..\n  the first %ld hold %.1f %% of the power, key frequencies %.1f %%\n",
              static_cast<long>(directions), 100 * singular.head(directions).squaredNorm() / singular.squaredNorm(),
              100 * key_share(weights.W_E));
  claim(key_share(weights.W_E) > 0.7, "the embedding is for the most part sines and cosines of key frequencies");

  heading("Attention from \"=\": to x, as x goes from 0 to p-1 and y = 0; mean over all pairs; largest terms in x, y");
  const Matrix<double> to_x = activations.attention(Eigen::all, Eigen::seqN(0, heads, 3));  // (pairs, heads)
  const auto pattern_neurons = explained_neurons(pair_spectrum(basis, to_x));
  const auto at_y_0 = [&](auto const& column) -> Vector<double> { return column(Eigen::seqN(0, p, p)); };
  const auto terms_of = [&](Matrix<double> const& column) { return pair_spectrum(basis, column).mean_power; };
  for (Index h = 0; h < heads; ++h) {
    graph(("head " + std::to_string(h)).c_str(), at_y_0(to_x.col(h)));
    print_terms("", basis, terms_of(to_x.col(h)), 4);
    auto const& best = pattern_neurons[static_cast<std::size_t>(h)];
    std::printf("            to x %.3f, to y %.3f, to = %.3f; one frequency, %ld, explains %.0f %%\n",
                found.mean_attention(h, 0), found.mean_attention(h, 1), found.mean_attention(h, 2),
                static_cast<long>(best.irrep), 100 * best.centred_fraction);
  }
  claim(found.mean_attention.leftCols(2).minCoeff() > 0.2, "every head looks at x and at y");

  heading("Neurons behind the ReLU: three of them, as attention above");
  for (Index k = 0; k < 3; ++k) {
    graph(("neuron " + std::to_string(k)).c_str(), at_y_0(activations.hidden.col(k)));
    print_terms("", basis, terms_of(activations.hidden.col(k)), 4);
  }

  heading("Effective weights of the heads: what token x adds to the score (W_attn) and to neurons (W_neur)");
  const std::vector<HeadCircuits> circuits = head_circuits(weights);
  bool all_periodic = true;
  for (std::size_t h = 0; h < circuits.size(); ++h) {
    HeadCircuits const& c = circuits[h];
    graph(("W_attn " + std::to_string(h)).c_str(), c.W_attn);
    graph("W_neur, 0", c.W_neur.col(0));
    Index attn_frequency = 0;
    isotypic_power(basis, c.W_attn).tail(basis.irreps().size() - 1).maxCoeff(&attn_frequency);
    const Vector<double> qk = singular_values(c.QK), ov = singular_values(c.OV);
    std::printf("            in key frequencies: %.0f %% of W_attn (most in %ld), %.0f %% of W_neur; ",
                100 * key_share(c.W_attn), static_cast<long>(attn_frequency + 1), 100 * key_share(c.W_neur));
    std::printf("singular values QK %.2g %.2g %.2g .., OV %.2g %.2g %.2g ..\n", qk[0], qk[1], qk[2], ov[0], ov[1],
                ov[2]);
    all_periodic = all_periodic && key_share(c.W_neur) > 0.7;
  }
  claim(all_periodic, "what the heads hand to the neurons is periodic with the key frequencies");
}

/// Whether x and y are treated alike, as addition commutes.
void commutativity(Index p, PairTransformer const& weights, TransformerActivations const& activations) {
  heading("Exchange of x and y: correlation of f(x, y) and f(y, x)");
  const double logits = exchange_similarity(p, activations.logits).mean();
  std::printf("  embeddings of positions 0 and 1: cosine %.4f\n  attention to x, by head:",
              row_cosine(weights.W_pos, 0, 1));
  const RowVector<double> attention = exchange_similarity(p, activations.attention);
  for (Index h = 0; h < weights.head_count(); ++h) std::printf(" %.4f", attention[3 * h]);
  std::printf("\n  neurons, mean: %.4f\n  logits, mean: %.4f\n", exchange_similarity(p, activations.hidden).mean(),
              logits);
  claim(attention.minCoeff() < -0.8 && logits > 0.9,
        "a head that looks more at x with (x, y) looks as much at y with (y, x), and the logits are symmetric");
}

void neurons(Subject const& subject, TransformerActivations const& activations, ModularAddition const& found) {
  FourierBasis<double> const& basis = subject.basis;
  NeuronClusters const& clusters = found.clusters;
  heading("Neurons: largest terms of all, and clusters by the frequency that explains 85 % of a neuron or more");
  print_terms("mean", basis, pair_spectrum(basis, activations.hidden).mean_power, 6);
  const ExplainedFractions after = explained_fractions(basis, clusters, activations.hidden);
  const ExplainedFractions before = explained_fractions(basis, clusters, activations.pre);
  std::printf("  %-10s %8s %8s %28s %28s\n", "", "", "share", "% explained before the ReLU", "% behind (largest terms");
  std::printf("  %-10s %8s %8s %28s %28s\n", "frequency", "neurons", "firing", "(quadratic terms alone)", "below)");
  const auto print_cluster = [&](std::string const& name, std::vector<Index> const& members) {
    if (members.empty()) return;
    const auto percent = [&](RowVector<double> const& of) { return 100 * RowVector<double>(of(members)).mean(); };
    std::printf("  %-10s %8zu %7.1f%% %20.1f (%5.1f) %20.1f (%5.1f)\n", name.c_str(), members.size(),
                percent(found.fraction_positive), percent(before.all), percent(before.quadratic), percent(after.all),
                percent(after.quadratic));
    print_terms("", basis, pair_spectrum(basis, activations.hidden(Eigen::all, members)).mean_power, 4);
  };
  for (std::size_t c = 0; c < clusters.irreps.size(); ++c) {
    print_cluster(std::to_string(clusters.irreps[c]), clusters.neurons[c]);
  }
  print_cluster("none", clusters.unassigned);
  std::printf("  always firing: %zu\n", always_firing_neurons(found.fraction_positive).size());
  claim(clusters.irreps.size() >= 3 && clusters.irreps.size() <= 8, "there are 3 to 8 key frequencies");

  heading("Losses with the neurons of each cluster restricted to terms of its frequency");
  ClusterLosses const& losses = found.cluster_losses;
  std::printf("  %-34s %10.3g\n  %-34s %10.3g\n  %-34s %10.3g\n", "the network itself", found.losses.all,
              "restricted, unassigned as they are", losses.with_unassigned, "restricted, without unassigned",
              losses.without_unassigned);
  for (std::size_t c = 0; c < clusters.irreps.size(); ++c) {
    std::printf("  restricted, without frequency %-4ld %10.3g\n", static_cast<long>(clusters.irreps[c]),
                losses.without_irreps[c]);
  }
}

void logits(Subject const& subject, PairTransformer const& weights, TransformerActivations const& activations,
            ModularAddition const& found) {
  FourierBasis<double> const& basis = subject.basis;
  std::vector<Index> const& key = found.clusters.irreps;
  heading("Logits: largest terms in x and y, mean over classes");
  Matrix<double> const& all = activations.logits;
  print_terms("", basis, pair_spectrum(basis, all).mean_power, 4 * static_cast<Index>(key.size()));

  heading("Logits on cos w(x + y) and sin w(x + y) of the key frequencies");
  const ProductSpectrum product = product_spectrum(basis, subject.table, all);
  std::printf("  %-10s %20s %30s\n", "frequency", "% of logits (mean)", "train loss without (excluded)");
  for (std::size_t c = 0; c < key.size(); ++c) {
    std::printf("  %-10ld %20.1f %30.3g\n", static_cast<long>(key[c]), 100 * product.mean_share(std::span(&key[c], 1)),
                found.excluded_losses[c]);
  }
  std::printf("  all %26.1f; before the ReLU %.1f, behind it %.1f\n", 100 * found.logit_trig_share,
              100 * found.pre_trig_share, 100 * found.post_trig_share);
  std::printf("  trig loss, from them alone: all %.3g, train %.3g, test %.3g; the network itself: %.3g, %.3g, %.3g\n",
              found.trig_losses.all, found.trig_losses.train, found.trig_losses.test, found.losses.all,
              found.losses.train, found.losses.test);
  claim(found.logit_trig_share > 0.95, "cos w(x + y) and sin w(x + y) make up more than 95 % of the logits");
  claim(found.trig_losses.all < found.losses.all, "they do better by themselves than the network does");
  const double least = *std::min_element(found.excluded_losses.begin(), found.excluded_losses.end());
  claim(least > 10 * found.losses.train, "without any key frequency the training loss is more than 10 times as large");

  heading("W_logit in the Fourier basis of the classes, by cluster: % of its power in each frequency");
  const Matrix<double> w_logit = times<double>(weights.W_out, weights.W_U);  // (d_mlp, p)
  const ClusteredUnembedding by_cluster = clustered_unembedding(basis, found.clusters, w_logit);
  std::printf("  %-9s", "cluster");
  for (Index k : key) std::printf(" %7ld", static_cast<long>(k));
  std::printf("  others\n");
  bool all_diagonal = true;
  for (Index c = 0; c < by_cluster.power.rows(); ++c) {
    const RowVector<double> row = by_cluster.power.row(c) / by_cluster.power.row(c).sum();
    const bool unassigned = c + 1 == by_cluster.power.rows();
    std::printf("  %-9s", unassigned ? "none" : std::to_string(key[static_cast<std::size_t>(c)]).c_str());
    for (Index k : key) std::printf(" %7.1f", 100 * row[k]);
    std::printf(" %7.1f\n", 100 * (1 - RowVector<double>(row(key)).sum()));
    if (!unassigned) all_diagonal = all_diagonal && row[key[static_cast<std::size_t>(c)]] > 0.85;
  }
  claim(all_diagonal, "each cluster writes its own frequency");

  heading("What the neurons compute along cos wc and sin wc of W_logit: terms in x and y");
  bool all_of_sum = true;
  for (Index k : key) {
    const Matrix<double> spectra = direction_spectra(basis, k, activations.hidden, w_logit);  // (pairs, 2)
    const Index p = basis.order();
    for (Index i = 0; i < 2; ++i) {
      const Matrix<double> power = spectra.col(i).array().square();
      const std::string name = basis.irreps()[k].basis_name(i);
      print_terms(name.c_str(), basis, Eigen::Map<Matrix<double> const>(power.data(), p, p), 4);
    }
    const Matrix<double> along = times<double>(activations.hidden, times<double>(w_logit, basis.functions(k)));
    const double share = product_spectrum(basis, subject.table, along).mean_share(std::span(&k, 1));
    std::printf("            %.1f %% on cos w(x + y) and sin w(x + y)\n", 100 * share);
    all_of_sum = all_of_sum && share > 0.85;
  }
  claim(all_of_sum, "along these directions the neurons compute cos w(x + y) and sin w(x + y)");
}

/// The same measures at earlier epochs, by the key frequencies and clusters of the trained network.
void development(Subject const& subject, ModularAddition const& found) {
  CsvTable rows;
  for (std::size_t i = 0; i < subject.past.size(); ++i) {
    auto const& [epoch, network] = subject.past[i];
    add_row(rows, epoch,
            modular_addition_metrics(network, subject.table, subject.basis, subject.train, found.clusters));
  }
  using Column = std::pair<std::string, std::string>;  // its name in the table, its title here
  const auto print_columns = [&](char const* title, std::vector<Column> columns) {
    heading(title);
    columns.insert(columns.begin(), {"epoch", "epoch"});
    for (auto const& [name, shown] : columns) std::printf(" %10s", shown.c_str());
    std::printf("\n");
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
      std::printf(" %10.0f", rows.column("epoch")[i]);
      for (std::size_t c = 1; c < columns.size(); ++c) std::printf(" %10.3g", rows.column(columns[c].first)[i]);
      std::printf("\n");
    }
  };

  std::vector<Column> losses{{"train_loss", "train"}, {"test_loss", "test"}};
  std::vector<Column> embedding;
  for (Index k : found.clusters.irreps) {
    const std::string frequency = std::to_string(k);
    losses.emplace_back("excluded_loss_" + subject.basis.irreps()[k].label(), "without " + frequency);
    for (char const* wave : {"cos ", "sin "})
      embedding.emplace_back("embedding_" + (wave + frequency), wave + frequency);
  }
  losses.emplace_back("trig_loss", "trig");
  losses.emplace_back("trig_loss_train", "trig train");
  losses.emplace_back("test_loss_trig_loss_ratio", "test/trig");
  print_columns("Over training: losses; without a key frequency (train); of cos w(x + y), sin w(x + y) alone (trig)",
                losses);
  print_columns("Shares: on cos, sin w(x + y); of neurons in nine terms of their frequency, in the four quadratic ones",
                {{"pre_trig_fraction", "trig pre"},
                 {"post_trig_fraction", "trig post"},
                 {"logit_trig_fraction", "trig logit"},
                 {"pre_explained", "pre, nine"},
                 {"pre_explained_quadratic", "pre, four"},
                 {"post_explained", "post, nine"},
                 {"post_explained_quadratic", "post, four"},
                 {"fraction_active", "firing"}});
  std::vector<Column> attention;
  for (Index h = 0; h < found.mean_attention.rows(); ++h) {
    const std::string head = "head_" + std::to_string(h), title = "head " + std::to_string(h);
    attention.emplace_back("attention_" + head + "_position_0", title + " x");
    attention.emplace_back("attention_difference_" + head, "x - y");
  }
  print_columns("Mean attention to x, and less that to y", attention);
  std::vector<Column> norms{{"sum_of_squared_weights", "all"}};
  for (WeightNorm const& norm : found.weight_norms) {
    if (norm.sum_of_squares > 0)
      norms.emplace_back("sum_of_squares_" + norm.name, norm.name.substr(norm.name.rfind('.') + 1));
  }
  print_columns("Sums of squared weights", norms);
  print_columns("Squared norm of the embedding at the key frequencies", embedding);
  std::vector<Column> singular;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::string number = std::to_string(i);
    singular.emplace_back("embedding_singular_value_" + number, number);
  }
  print_columns("Largest singular values of the embedding", singular);

  const auto first_and_last = [&](char const* name) {
    return std::pair(rows.column(name).front(), rows.column(name).back());
  };
  const auto [early_trig, late_trig] = first_and_last("logit_trig_fraction");
  const auto [early_ratio, late_ratio] = first_and_last("test_loss_trig_loss_ratio");
  claim(late_trig > 0.95 && early_trig < 0.5, "cos w(x + y) and sin w(x + y) take over the logits in training");
  claim(late_ratio > 1, "in the end they do better on the test pairs than the network does");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc > 2) {
    std::fprintf(stderr, "usage: %s [DIRECTORY]\n", argv[0]);
    return 2;
  }
  const Subject subject = argc == 2 ? stored_subject(argv[1]) : trained_subject();
  if (!subject.log.empty()) training_curve(subject.log);

  const ModularAddition found = modular_addition(subject.network, subject.table, subject.basis, subject.train);
  const PairTransformer weights = pair_transformer(subject.network);
  const TransformerActivations activations = transformer_activations(weights);
  std::printf("\nAddition modulo %ld: loss %.3g, accuracy %.4f over all pairs; key frequencies",
              static_cast<long>(weights.order()), found.losses.all, found.accuracy);
  for (Index k : found.clusters.irreps) std::printf(" %ld", static_cast<long>(k));
  std::printf("\n");
  claim(found.accuracy > 0.999, "the network adds");
  periodicity(subject, weights, activations, found);
  commutativity(weights.order(), weights, activations);
  neurons(subject, activations, found);
  logits(subject, weights, activations, found);
  if (!subject.past.empty()) development(subject, found);
  std::printf("\n%s\n", all_hold ? "as expected" : "NOT as expected");
  return all_hold ? 0 : 1;
} catch (std::exception const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
