// cayley-lab explain DIR: which irreps a trained network uses, as a table and as the published files. Runs on sequences
// are explained in explain_sequences.cpp.
#include <fmt/core.h>
#include <cayley/study/checkpoint_metrics.hpp>
#include <cayley/study/explain.hpp>
#include <cayley/study/progress_measures.hpp>

#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "command.hpp"

namespace lab {
namespace {

using cayley::Index;

struct Arguments {
  std::string directory;
  std::string elements;
  std::string out;
  bool all_irreps = false;
  bool checkpoints = false;
  std::vector<std::string> key;
  cayley::Index sample = 0;  // pairs; 0: all
  int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
};

void print_irrep(cayley::StoredRun const& run, cayley::Explanation const& explanation, Index i, bool key) {
  cayley::Irrep const& irrep = run.group.irreps()[i];
  cayley::IrrepMetrics const& m = explanation.metrics.irreps[static_cast<std::size_t>(i)];
  const std::string similarity =
      i == 0 ? "       -" : fmt::format("{:8.5f}", std::round(1e5 * m.logit_similarity) / 1e5 + 0.0);
  const std::string excluded = i == 0 ? "        -" : fmt::format("{:9.3g}", m.logit_excluded_loss);
  fmt::print("{} {:<16} {:>4} {} {:8.3f} {:8.3f} {:8.3f} {:8.3f} {:8.3f} {:8.3f} {} {:9.3g} {:9.3g} {:>7}\n",
             key ? '*' : ' ', irrep.label(), irrep.dimension(), similarity, 100 * m.x_embed, 100 * m.y_embed,
             100 * m.unembed, 100 * m.hidden_x, 100 * m.hidden_y, 100 * m.hidden_xy, excluded, m.hidden_excluded_loss,
             m.hidden_restricted_loss, explanation.neurons[static_cast<std::size_t>(i)].size());
}

void print_table(cayley::StoredRun const& run, cayley::Explanation const& explanation, bool all_irreps) {
  cayley::RepresentationMetrics const& m = explanation.metrics;
  cayley::Irreps const& irreps = run.group.irreps();
  const Index n = run.group.table.order();
  const auto train_pairs = std::count(run.train.begin(), run.train.end(), 1);
  fmt::print("{} on {}, order {}: {} hidden neurons, trained on {} of {} pairs, seed {}\n", run.config.model,
             run.group.name(), n, run.network.hidden_size(), train_pairs, n * n, run.config.seed);
  fmt::print("loss      train {:.6g}  test {:.6g}  all {:.6g}\naccuracy  train {:.6g}  test {:.6g}\n\n", m.train_loss,
             m.test_loss, m.all_loss, m.train_accuracy, m.test_accuracy);
  if (explanation.errors) {
    cayley::RepresentationMetrics const& e = *explanation.errors;
    fmt::print("from a sample; standard errors\n  loss      train {:.2g}  test {:.2g}  all {:.2g}\n", e.train_loss,
               e.test_loss, e.all_loss);
    fmt::print("  accuracy  train {:.2g}  test {:.2g}\n", e.train_accuracy, e.test_accuracy);
    double cosine = 0, excluded = 0;  // relative
    for (std::size_t i = 1; i < m.irreps.size(); ++i) {
      cosine = std::max(cosine, e.irreps[i].logit_similarity);
      const double hidden = e.irreps[i].hidden_excluded_loss / m.irreps[i].hidden_excluded_loss;
      excluded = std::max({excluded, hidden, e.irreps[i].logit_excluded_loss / m.irreps[i].logit_excluded_loss});
    }
    fmt::print("  cosines at most {:.2g}, losses without an irrep at most {:.2g} % of them; the rest is exact\n\n",
               cosine, 100 * excluded);
  }
  fmt::print("  {:<16} {:>4} {:>8} {:>26} {:>26} {:>29} {:>17}\n", "", "", "logits", "percent of weights",
             "percent of hidden layer", "loss without it", "loss from");
  fmt::print("  {:<16} {:>4} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9} {:>9} {:>9} {:>7}\n", "irrep", "dim",
             "cosine", "x", "y", "unembed", "a", "b", "ab", "logits", "hidden", "it alone", "neurons");
  constexpr Index most = 16;  // a table that fits a screen
  Index left_out = 0;
  double largest_left_out = 0;
  for (Index i = 0; i < irreps.size(); ++i) {
    const bool key = std::find(m.key.begin(), m.key.end(), i) != m.key.end();
    const bool listed = std::find(m.listed.begin(), m.listed.end(), i) != m.listed.end();
    const double similarity = i == 0 ? 0 : m.irreps[static_cast<std::size_t>(i)].logit_similarity;
    if (key || all_irreps || (listed && irreps.size() <= most)) {
      print_irrep(run, explanation, i, key);
    } else {
      ++left_out;
      largest_left_out = std::max(largest_left_out, std::abs(similarity));
    }
  }
  if (left_out > 0) {
    fmt::print("  and {} more irreps, none with a cosine beyond {:.5f}; --all-irreps shows them\n", left_out,
               largest_left_out);
  }
  std::string names;
  for (Index i : m.key) names += (names.empty() ? "" : ", ") + irreps[i].label();
  fmt::print("\n* key irreps: {}\n", names.empty() ? "none" : names);
  const auto percent = [](double share) { return fmt::format("{:.3f} %", 100 * share); };
  fmt::print(
      "  they hold {} of the x embedding, {} of the y embedding, {} of the unembedding, {} of the hidden "
      "layer\n",
      percent(m.x_embed_explained), percent(m.y_embed_explained), percent(m.unembed_explained),
      percent(m.hidden_explained));
  fmt::print("  {} of the logits is explained by characters\n", percent(m.logits_explained));
  fmt::print("  loss without them: {:.6g} (logits), {:.6g} (hidden layer); from them alone: {:.6g}, {:.6g}\n",
             m.total_logit_excluded_loss, m.total_hidden_excluded_loss, m.total_logit_restricted_loss,
             m.total_hidden_restricted_loss);
  fmt::print("  dead neurons: {}\n", explanation.dead.size());
}

// What the notebook on modular addition finds of a transformer: clusters of neurons, losses of parts, attention.
void print_transformer(cayley::StoredRun const& run, cayley::ModularAddition const& found) {
  fmt::print("\nneurons by the irrep that explains at least {:.0f} % of them, over pairs\n", 100 * found.threshold);
  fmt::print("  {:<16} {:>8} {:>16} {:>20}\n", "irrep", "neurons", "loss without it", "excluded loss, train");
  for (std::size_t c = 0; c < found.clusters.irreps.size(); ++c) {
    fmt::print("  {:<16} {:>8} {:>16.4g} {:>20.4g}\n", run.group.irreps()[found.clusters.irreps[c]].label(),
               found.clusters.neurons[c].size(), found.cluster_losses.without_irreps[c], found.excluded_losses[c]);
  }
  fmt::print("  {:<16} {:>8}\n", "none", found.clusters.unassigned.size());
  fmt::print("loss from these irreps {:.4g}, without the unassigned neurons {:.4g}\n",
             found.cluster_losses.with_unassigned, found.cluster_losses.without_unassigned);
  fmt::print("loss from rho(ab) alone (trig loss): all {:.4g}  train {:.4g}  test {:.4g}\n", found.trig_losses.all,
             found.trig_losses.train, found.trig_losses.test);
  fmt::print("share of rho(ab): pre-activations {:.4f}, activations {:.4f}, logits {:.4f}\n", found.pre_trig_share,
             found.post_trig_share, found.logit_trig_share);
  for (Index h = 0; h < found.mean_attention.rows(); ++h) {
    fmt::print("attention of head {}: a {:.3f}  b {:.3f}  = {:.3f}\n", h, found.mean_attention(h, 0),
               found.mean_attention(h, 1), found.mean_attention(h, 2));
  }
}

// Errors: `CLI::ValidationError`, bad usage, for options that are about a group.
void run_explain_sequences(Arguments const& arguments) {
  const auto refuse = [&](bool given, char const* option) {
    if (!given) return;
    throw CLI::ValidationError(option, "a task on sequences has no group; see cfg.json in " + arguments.directory);
  };
  refuse(!arguments.elements.empty(), "--elements");
  refuse(!arguments.key.empty(), "--key");
  refuse(arguments.all_irreps, "--all-irreps");
  refuse(arguments.sample > 0, "--sample");
  explain_sequences({arguments.directory, arguments.out, arguments.checkpoints, arguments.threads});
}

void run_explain(Arguments const& arguments) {
  if (is_sequence_run(arguments.directory)) return run_explain_sequences(arguments);
  std::optional<std::filesystem::path> elements;
  if (!arguments.elements.empty()) elements = arguments.elements;
  const cayley::StoredRun run = cayley::read_run(arguments.directory, elements);
  if (arguments.checkpoints) {
    std::optional<std::vector<std::string>> key;
    if (!arguments.key.empty()) key = arguments.key;
    const cayley::CsvTable table = cayley::checkpoint_metrics(run, key, arguments.threads);
    const std::filesystem::path out = arguments.out.empty() ? run.directory : made_directory(arguments.out);
    cayley::write_csv(out / "metrics.csv", table);
    fmt::print("wrote the metrics of {} checkpoints to {}\n", table.rows.size(), (out / "metrics.csv").string());
    if (!run.transformer) return;
    cayley::write_csv(out / "progress_measures.csv", cayley::progress_measures(run, arguments.threads));
    fmt::print("wrote their progress measures to {}\n", (out / "progress_measures.csv").string());
    return;
  }
  std::optional<cayley::PairSample> sample;
  if (arguments.sample > 0) sample = cayley::PairSample{arguments.sample, run.config.seed};
  const cayley::Explanation explanation = cayley::explain(run, arguments.all_irreps, sample);
  print_table(run, explanation, arguments.all_irreps);
  std::optional<cayley::ModularAddition> analysis;
  if (run.transformer && !sample) {  // it needs the activations of all pairs
    analysis = cayley::run_analysis(run);
    print_transformer(run, *analysis);
  }
  if (arguments.out.empty()) return;
  const std::filesystem::path out = made_directory(arguments.out);
  cayley::write_json(out / "summary_metrics.json", cayley::summary_metrics(explanation, run, arguments.all_irreps));
  cayley::write_file_atomically(out / "key_reps.txt", cayley::key_reps_text(explanation, run));
  cayley::write_json(out / "neurons.json", cayley::neurons_json(explanation, run));
  if (sample) {
    cayley::write_json(out / "standard_errors.json", cayley::standard_errors(explanation, run, arguments.all_irreps));
  }
  if (analysis) cayley::write_json(out / "analysis.json", cayley::analysis_json(*analysis, run.group.basis));
  fmt::print("\nwrote summary_metrics.json, key_reps.txt{}{} and neurons.json to {}\n",
             sample ? ", standard_errors.json" : "", analysis ? ", analysis.json" : "", out.string());
}

}  // namespace

std::filesystem::path made_directory(std::filesystem::path const& directory) {
  std::error_code reason;
  std::filesystem::create_directories(directory, reason);
  if (reason) cayley::fail(directory.string(), ": cannot create the directory: ", reason.message());
  return directory;
}

void add_explain(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "explain", "Which irreps a trained network uses, and what each is worth; of one on sequences, its circuits");
  command
      ->add_option("DIR", arguments->directory,
                   "Run directory with cfg.json and model.safetensors; for modular addition the weights alone will do")
      ->required();
  command->add_option("--elements", arguments->elements,
                      "JSON file with the element order of the data, a list of image arrays for groups of "
                      "permutations (default: elements.json in DIR, if there is one)");
  command->add_option("--out", arguments->out,
                      "Directory for summary_metrics.json, key_reps.txt, neurons.json and, for transformers, "
                      "analysis.json; for runs on sequences analysis.json alone");
  CLI::Option* checkpoints = command->add_flag(
      "--checkpoints", arguments->checkpoints,
      "Instead: the published metrics at every checkpoint, as metrics.csv in OUT or DIR; for transformers "
      "progress_measures.csv too, for runs on sequences that alone");
  command
      ->add_option("--key", arguments->key,
                   "With --checkpoints: the irreps that totals run over (default: those of the last checkpoint)")
      ->delimiter(',')
      ->needs(checkpoints);
  command
      ->add_option(
          "--sample", arguments->sample,
          "For large groups: losses and accuracies from so many training pairs and as many others, with standard "
          "errors; without analysis.json")
      ->check(CLI::Range(2, 1 << 30))
      ->excludes(checkpoints);
  command->add_option("--threads", arguments->threads, "Threads for --checkpoints (default: all cores)")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--all-irreps", arguments->all_irreps,
                    "Let tables and totals run over all irreps, not only those that published analyses list");
  command->callback([arguments] { run_explain(*arguments); });
}

}  // namespace lab
