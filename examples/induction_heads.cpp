// Question: how does a transformer of two layers go on with a sequence that it has seen before?
//
// Data: 84 tokens of noise after a token "begin"; a subsequence of 16 comes three times, each time somewhere in its own
// third. The tokens of the second and third copy, but for their first, are to be predicted (the masked loss). Each step
// has fresh sequences.
//
// Mathematics: no weight can know what comes, as every sequence has its own subsequence. Two layers of attention do it
// by composition. A previous-token head of layer 0 attends from t to t-1 and writes the token that it finds there with
// its OV circuit. So the stream at t holds what came before t, and an induction head of layer 1 can look for it: its
// score from token a to a place behind token b is
//     W_E W_Q1 W_K1^T W_O0^T W_V0^T W_E^T (a, b)                                       (K-composition)
// whose diagonal is large. It attends to the token behind the earlier a, and its OV circuit W_E W_V W_O W_U, with a
// large diagonal too, adds to the logit of what it sees. One layer cannot do this, and both heads have to form before
// either is of use: the loss stays near that of a guess, ln 127, and then falls at once.
// Ref: Elhage et al., A Mathematical Framework for Transformer Circuits (2021); Olsson et al., In-context Learning and
// Induction Heads (2022); Nanda et al., Progress measures for grokking via mechanistic interpretability (2023).
//
// Usage: example_induction_heads [--quick | --finite [--epochs N] | MODEL.safetensors]
// Without arguments it trains as the published study does, some minutes, and puts its losses beside the published ones.
// --quick trains a smaller model on shorter sequences. --finite trains on 512 sequences alone, four batches in an
// epoch, 1000 epochs unless told, and prints the curve beside that of 640 fresh sequences: it learns its own by heart
// at first. A file is explained in place of a model trained here.
//
// Expected output: the loss by step, then where the heads look, which of them compose, what they copy and what the
// model loses without each, and what is claimed of it in lines that begin with "ok". Returns 1 if a claim fails.

#include <algorithm>
#include <cayley/backend/cpu.hpp>
#include <cayley/interpret/composition_circuits.hpp>
#include <cayley/interpret/head_ablation.hpp>
#include <cayley/interpret/head_scores.hpp>
#include <cayley/interpret/phase_changes.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/study/transformer_file.hpp>
#include <cayley/task/induction.hpp>
#include <cayley/train/trainer.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>
#include <vector>

using namespace cayley;

namespace {

using Network = Transformer<Cpu, float>;

/// What is trained, and how.
struct Study {
  Induction task;
  TransformerShape shape;
  TrainerOptions options;
  std::int64_t steps;
  int threads;
};

/// Losses that the published notebook prints, before the step of that number.
struct PublishedLoss {
  std::size_t step;
  double loss;
};
constexpr PublishedLoss published[] = {{0, 5.07085304},    {100, 4.95035874},  {500, 4.65020708},  {700, 4.48043832},
                                       {750, 4.40960029},  {850, 3.04408248},  {900, 2.17081882},  {1000, 1.27218863},
                                       {1100, 0.85282385}, {2050, 0.45571281}, {2500, 0.33210879}, {3000, 0.28987431}};
constexpr std::uint64_t seed = 123;

bool all_hold = true;

void claim(bool holds, char const* what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what);
  all_hold = all_hold && holds;
}

void heading(char const* text) {
  std::printf("\n== %s\n", text);
}

Study published_study() {
  Study study{{}, {}, {}, 3600, static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))};
  study.shape = {.n_layers = 2, .d_model = 48, .n_heads = 4, .d_head = 12};
  study.shape.d_vocab = study.shape.d_vocab_out = study.task.d_vocab();
  study.shape.n_ctx = study.task.n_ctx();
  study.shape.attn_only = study.shape.doubled_residual = true;
  study.shape.has_biases = false;
  study.options.optimizer.betas = {0.9, 0.999};  // AdamW, lr 1e-3, weight decay 1
  study.options.schedule.warmup_steps = 100;
  study.options.batch_size = 128;
  return study;
}

Study quick_study() {
  Study study = published_study();
  study.task = {.length = 43, .copied = 8, .copies = 3, .vocabulary = 32};
  study.shape.d_vocab = study.shape.d_vocab_out = study.task.d_vocab();
  study.shape.n_ctx = study.task.n_ctx();
  study.options.optimizer.lr = 3e-3;
  study.options.optimizer.weight_decay = 0.1;
  study.options.optimizer.betas = {0.9, 0.98};
  study.options.batch_size = 64;
  study.steps = 800;
  study.threads = 1;
  return study;
}

Network untrained(Study const& study) {
  Network model(Cpu(study.threads), study.shape);
  TorchGenerator generator(seed);
  draw_initial_weights(model, generator, TransformerInit::induction);
  return model;
}

/// Trains on fresh sequences.
Network trained(Study const& study, bool is_published) {
  const auto batches = published_induction(study.task, seed, study.options.batch_size);
  Trainer<Network> trainer(untrained(study), sequence_source(study.task), batches.state(), {}, study.options);
  std::vector<double> losses, steps;
  TrainingPlan<Network> plan;
  plan.num_epochs = study.steps;
  plan.log = EpochRule::every(study.steps, 1);
  plan.on_log = [&](LogRow const& row) {
    losses.push_back(row.train_loss);
    steps.push_back(static_cast<double>(row.epoch));
  };
  train(trainer, plan);

  heading("Training: masked loss of each step's sequences, and its mean over 50 steps");
  const std::vector<double> means = moving_mean(losses, 50);
  std::printf("  %5s %8s %8s%s\n", "step", "loss", "mean", is_published ? "  published" : "");
  std::vector<std::size_t> shown;
  if (is_published) {
    for (PublishedLoss const& row : published) shown.push_back(row.step);
    shown.insert(shown.end(), {1200, 3500});
    std::sort(shown.begin(), shown.end());
  }
  for (std::size_t i = 0; i < losses.size() && !is_published; i += 50) shown.push_back(i);
  bool agrees = true;
  for (std::size_t step : shown) {
    std::printf("  %5zu %8.4f %8.4f", step, losses[step], means[step]);
    for (PublishedLoss const& row : published) {
      if (!is_published || row.step != step) continue;
      std::printf("  %9.4f (%+.1e)", row.loss, losses[step] - row.loss);
      if (step <= 700) agrees = agrees && std::abs(losses[step] - row.loss) < 1e-3;
    }
    std::printf("\n");
  }
  const double guess = study.task.uniform_loss();
  const auto change = phase_change(steps, means, guess / 2);
  if (change) std::printf("  the mean stays below half the loss of a guess from step %.0f on\n", *change);
  if (is_published) {
    claim(agrees, "up to step 700 the losses are the published ones within 1e-3");
    claim(losses[1200] < 1.5, "below 1.5 by step 1200");
    claim(means[3500] < 0.4, "below 0.4 by step 3500, as a mean over 50 steps");
  } else {
    claim(means.back() < guess / 5, "the loss falls to less than a fifth of that of a guess");
  }
  return trainer.model();
}

/// Trains on four batches alone.
void finite_data(Study const& study, std::int64_t epochs) {
  heading("Four batches: loss of the 512 training sequences and of 640 fresh ones");
  Trainer<Network> trainer(untrained(study), SequenceBatches<Induction>(study.task, seed).next(512),
                           SequenceBatches<Induction>(study.task, seed + 1).next(640), study.options,
                           TorchGenerator(seed));
  std::printf("  %6s %9s %9s\n", "epoch", "training", "fresh");
  TrainingPlan<Network> plan;
  plan.num_epochs = epochs;
  plan.log = EpochRule::logarithmic(epochs, 30);
  double gap = 0, last = 0;
  plan.on_log = [&](LogRow const& row) {
    std::printf("  %6ld %9.4f %9.4f\n", static_cast<long>(row.epoch), row.train_loss, row.test_loss);
    std::fflush(stdout);
    gap = std::max(gap, row.test_loss - row.train_loss);
    last = row.train_loss;
  };
  train(trainer, plan);
  claim(last < study.task.uniform_loss() / 4, "it learns its sequences, to less than a quarter of the loss of a guess");
  claim(gap > study.task.uniform_loss(), "it learns them by heart: fresh ones come out worse by more than a guess");
}

/// The share of rows but the first whose largest entry is so many columns before the diagonal.
double share_at(Matrix<double> const& circuit, Index before) {
  double hits = 0;
  for (Index row = 1; row < circuit.rows(); ++row) {
    Index largest = 0;
    circuit.row(row).maxCoeff(&largest);
    hits += largest == row - before ? 1 : 0;
  }
  return hits / static_cast<double>(circuit.rows() - 1);
}

/// The heads of a layer with at least half of its largest score.
std::vector<Index> heads_with(Matrix<double> const& scores, Index layer) {
  std::vector<Index> heads;
  for (Index h = 0; h < scores.cols(); ++h) {
    if (scores(layer, h) >= scores.row(layer).maxCoeff() / 2) heads.push_back(h);
  }
  return heads;
}

/// Where the heads look, what they do with it, and what the model is without them.
void explain(Network const& model, Induction const& task) {
  require(model.shape().n_layers == 2, "induction heads: expected two layers, found ", model.shape().n_layers);
  const TokenSequences data = SequenceBatches<Induction>(task, seed + 1).next(256);  // not seen in training
  const AttentionWeights weights = attention_weights(model);
  const AblatedLosses ablated = ablated_losses(model, data);
  const Matrix<double> previous = previous_token_scores(model, {data.tokens, data.length});
  const Matrix<double> induction = induction_scores(model, task, data);
  const Matrix<double> without = ablated.head_losses();
  const std::vector<Index> writers = heads_with(previous, 0), readers = heads_with(induction, 1);
  const Index heads = model.shape().n_heads;
  const double guess = data.loss_scale * task.uniform_loss();

  heading("256 fresh sequences");
  std::printf("  masked loss %.4f, accuracy %.3f; of a guess %.4f; of the best possible model %.4f\n",
              ablated.intact.loss, ablated.intact.accuracy, guess, task.optimal_loss(data));
  std::printf("  the notebook's \"optimal loss\", which is for a loss without mask: %.4f\n",
              task.optimal_unmasked_loss());

  heading("Heads: mean attention to the token before, and from a copy to the token behind its first occurrence");
  std::printf(
      "   (induction); positions whose QK circuit prefers the one before; tokens whose own logit the OV circuit\n");
  std::printf("   raises most; loss without the head\n");
  std::printf("  %-6s %9s %10s %10s %10s %13s\n", "head", "previous", "induction", "QK before", "OV itself",
              "loss without");
  for (Index l = 0; l < 2; ++l) {
    for (Index h = 0; h < heads; ++h) {
      Matrix<double> places = qk_circuit(weights, {l, h}, Embedding::positions, Embedding::positions);
      places.triangularView<Eigen::StrictlyUpper>().setConstant(-1e30);  // later positions are not seen
      std::printf("  %ld.%-4ld %9.3f %10.3f %10.2f %10.2f %13.3f\n", static_cast<long>(l), static_cast<long>(h),
                  previous(l, h), induction(l, h), share_at(places, 1), share_at(ov_circuit(weights, {l, h}), 0),
                  without(l, h));
    }
    std::printf("  %ld.all  %55.3f\n", static_cast<long>(l), ablated.layers[static_cast<std::size_t>(l)].loss);
  }
  double uniform = 0;  // of a head that attends to all tokens so far alike
  for (Index t = 1; t < data.length; ++t) uniform += 1 / static_cast<double>((t + 1) * (data.length - 1));
  std::printf("  previous-token score of a head that looks everywhere alike: %.3f\n", uniform);

  heading("K-composition: how much of what each head of layer 0 writes a head of layer 1 (rows) takes for its keys;");
  std::printf("   in brackets, present tokens that it seeks most among those written: share of all tokens\n");
  const CompositionScores scores = composition_scores(weights);
  bool all_read_writers = true, all_seek_themselves = true;
  for (Index to = 0; to < heads; ++to) {
    std::printf("  1.%ld", static_cast<long>(to));
    Matrix<double> of_writers = Matrix<double>::Zero(task.d_vocab(), task.d_vocab());
    for (Index from = 0; from < heads; ++from) {
      const Matrix<double> circuit = k_composition_circuit(weights, {0, from}, {1, to});
      std::printf("   %.3f (%.2f)", scores.K(to, from), share_at(circuit, 0));
      if (std::find(writers.begin(), writers.end(), from) != writers.end()) of_writers += circuit;
    }
    std::printf("   all previous-token heads (%.2f)\n", share_at(of_writers, 0));
    if (std::find(readers.begin(), readers.end(), to) == readers.end()) continue;
    Index best = 0;
    scores.K.row(to).maxCoeff(&best);
    all_read_writers = all_read_writers && std::find(writers.begin(), writers.end(), best) != writers.end();
    all_seek_themselves = all_seek_themselves && share_at(of_writers, 0) > 0.4;
  }
  Matrix<double> copied = Matrix<double>::Zero(task.d_vocab(), task.d_vocab());
  for (Index h : readers) copied += ov_circuit(weights, {1, h});
  std::printf(
      "  circuits with nothing in common have %.2f; tokens that the OV circuits of all induction heads together\n"
      "  raise most themselves: %.3f\n\n",
      1 / std::sqrt(static_cast<double>(model.shape().d_model)), share_at(copied, 0));

  claim(previous.row(0).maxCoeff() > 3 * uniform,
        "heads of layer 0 look at the token before, 3 times more than by chance");
  claim(induction.row(1).maxCoeff() > 0.5 && induction.row(0).maxCoeff() < 0.1,
        "heads of layer 1, not of layer 0, look behind the first occurrence more than half of the time");
  claim(all_read_writers, "induction heads take their keys above all from what previous-token heads write");
  claim(all_seek_themselves, "there they seek the present token: for more than 40 % of tokens it is the first choice");
  claim(share_at(copied, 0) > 0.95,
        "they copy: together they raise the logit of the token itself most, of 95 % of tokens");
  claim(std::min(ablated.layers[0].loss, ablated.layers[1].loss) > guess - 0.1,
        "without either layer's heads the model does no better than a guess");
  if (!(model.shape() == published_study().shape)) return;
  claim(writers.size() == 1 && readers.size() >= 3,
        "there is one previous-token head and three induction heads or more");
  claim(without(0, writers.front()) > 4, "without the previous-token head alone the loss is above 4");
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string mode = argc > 1 ? argv[1] : "";
  const bool is_finite = mode == "--finite", is_stored = !mode.empty() && !mode.starts_with("--");
  const bool has_epochs = argc == 4 && is_finite && argv[2] == std::string("--epochs");
  if (!(argc <= 2 || has_epochs) || !(mode.empty() || mode == "--quick" || is_finite || is_stored)) {
    std::fprintf(stderr, "usage: %s [--quick | --finite [--epochs N] | MODEL.safetensors]\n", argv[0]);
    return 2;
  }
  if (is_finite) {
    finite_data(published_study(), has_epochs ? std::atol(argv[3]) : 1000);
  } else if (is_stored) {
    const auto [shape, stored] = read_transformer<float>(read_safetensors(mode));
    const Induction task{.length = shape.n_ctx, .vocabulary = shape.d_vocab};
    explain(Network::from_parameters(Cpu{}, shape, stored), task);
  } else {
    const Study study = mode.empty() ? published_study() : quick_study();
    explain(trained(study, mode.empty()), study.task);
  }
  std::printf("\n%s\n", all_hold ? "as expected" : "NOT as expected");
  return all_hold ? 0 : 1;
} catch (std::exception const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
