// Question: how does a transformer learn to add numbers of five digits, and what does it know of carries?
//
// Data: sums of two numbers with five random digits each, written 12345+67890=080235. Each of the six digits of the sum
// is to be predicted from all before it, the most significant first. Each step has 64 fresh sums.
//
// Mathematics: digit j of the sum is (x_j + y_j + c_j) mod 10, with c_j the carry out of the columns to its right: 1
// where the first of them that does not add up to 9 adds up to more. It is asked for before the digits behind it, so
// the network must look ahead by itself, as far as the nines go. Each digit is a task of its own, with a phase change
// of its own. Addition modulo 10 lives in the Fourier basis of the cyclic group of order 10: const, cos k and sin k for
// k = 1 .. 4, and +-1, the parity.
// Ref: Nanda et al., Progress measures for grokking via mechanistic interpretability (2023), appendix on digit
// addition.
//
// Usage: example_five_digit_addition [--quick | --finite [--steps N] | MODEL.safetensors]
// Without arguments it trains as the published study does, many minutes, and puts its losses beside the published ones.
// --quick trains a smaller model on numbers of three digits. --finite trains on 750 sums alone, in full batches, 1000
// steps unless told, and prints the curve beside that of fresh sums: it learns its own by heart at first. A file is
// explained in place of a model trained here; MODEL_io.safetensors beside it, if there, has losses to compare with.
//
// Expected output: losses by step and by digit, each with its phase change; what carries cost; Fourier spectra of
// embedding, neurons and unembedding; and what is claimed in lines that begin with "ok". Returns 1 if a claim fails.

#include <algorithm>
#include <cayley/backend/cpu.hpp>
#include <cayley/interpret/digit_spectra.hpp>
#include <cayley/interpret/phase_changes.hpp>
#include <cayley/interpret/sequence_losses.hpp>
#include <cayley/io/json.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/study/transformer_file.hpp>
#include <cayley/task/digit_addition.hpp>
#include <cayley/train/trainer.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

using namespace cayley;

namespace {

using Network = Transformer<Cpu, float>;

/// What is trained, and how.
struct Study {
  DigitAddition task;
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
constexpr PublishedLoss published[] = {{0, 2.59335171},    {100, 1.99874225},  {300, 1.92500465},  {500, 1.75818652},
                                       {1000, 1.47435053}, {1500, 1.11303595}, {1600, 0.71960219}, {1800, 0.28894899},
                                       {2000, 0.16746928}, {2900, 0.03303631}};
constexpr std::uint64_t seed = 129000;

bool all_hold = true;

void claim(bool holds, char const* what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what);
  all_hold = all_hold && holds;
}

void heading(char const* text) {
  std::printf("\n== %s\n", text);
}

Study study_of(Index digits, Index d_model) {
  Study study{{digits}, {}, {}, 3000, static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))};
  study.shape = {.d_model = d_model, .n_heads = 4, .d_head = d_model / 4, .d_mlp = 4 * d_model};
  study.shape.d_vocab = study.task.d_vocab();
  study.shape.d_vocab_out = study.task.d_vocab_out();
  study.shape.n_ctx = study.task.n_ctx();
  study.shape.mlp_biases_alone = true;
  study.options.optimizer.lr = 1e-4;  // AdamW, betas 0.9 and 0.98
  study.options.optimizer.weight_decay = 0.1;
  study.options.schedule.warmup_steps = 10;
  study.options.batch_size = 64;
  return study;
}

Study published_study() {
  return study_of(5, 512);
}

Study quick_study() {
  Study study = study_of(3, 64);
  study.options.optimizer.lr = 1e-3;
  study.threads = 1;
  return study;
}

Network untrained(Study const& study) {
  Network model(Cpu(study.threads), study.shape);
  TorchGenerator generator(seed);
  draw_initial_weights(model, generator, TransformerInit::sequences);
  return model;
}

/// Trains on fresh sums.
Network trained(Study const& study, bool is_published) {
  const SequenceBatches<DigitAddition> batches(study.task, seed);
  Trainer<Network> trainer(untrained(study), sequence_source(study.task), batches.state(), {}, study.options);
  std::vector<double> losses, steps;
  Matrix<double> by_digit(study.steps, study.task.digits + 1);  // (steps, digits of the sum)
  TrainingPlan<Network> plan;
  plan.num_epochs = study.steps;
  plan.log = EpochRule::every(study.steps, 1);
  plan.on_log = [&](LogRow const& row) {
    for (std::size_t j = 0; j < row.more.size(); ++j) by_digit(row.epoch, static_cast<Index>(j)) = row.more[j];
    losses.push_back(row.train_loss);
    steps.push_back(static_cast<double>(row.epoch));
  };
  train(trainer, plan);

  bool agrees = true;
  if (is_published) {
    heading("Training: loss of each step's sums, published loss, difference");
    for (PublishedLoss const& row : published) {
      std::printf("  %5zu %9.5f %9.5f  %+.1e\n", row.step, losses[row.step], row.loss, losses[row.step] - row.loss);
      if (row.step <= 300) agrees = agrees && std::abs(losses[row.step] - row.loss) < 1e-3;
    }
  }
  heading("Training by digit of the sum, most significant first: mean losses over 50 steps");
  const std::vector<double> means = moving_mean(losses, 50);
  for (Index j = 0; j < by_digit.cols(); ++j) {
    const Vector<double> digit = by_digit.col(j);
    const auto smooth = moving_mean({digit.data(), static_cast<std::size_t>(digit.size())}, 50);
    by_digit.col(j) = Eigen::Map<Vector<double> const>(smooth.data(), digit.size());
  }
  std::printf("  %6s %8s", "step", "all");
  for (Index j = 0; j < by_digit.cols(); ++j) std::printf(" %7s%ld", "digit ", static_cast<long>(j));
  for (Index step = study.steps / 15 - 1; step < study.steps; step += study.steps / 15) {
    std::printf("\n  %6ld %8.4f", static_cast<long>(step), means[static_cast<std::size_t>(step)]);
    for (double loss : by_digit.row(step)) std::printf(" %8.4f", loss);
  }
  std::printf("\n  below 0.5 from:");
  const auto changes = phase_changes(steps, by_digit, 0.5);
  for (auto const& change : changes) std::printf(change ? " %8.0f" : "    never", change.value_or(0));
  std::printf("\n\n");

  bool all_change = true, leading_first = changes[0].has_value();
  for (std::size_t j = 1; j < changes.size(); ++j) {
    all_change = all_change && changes[j];
    leading_first = leading_first && (!changes[j] || *changes[0] < *changes[j]);
  }
  claim(all_change && leading_first, "every digit has its phase change, the leading one the first");
  if (is_published) {
    claim(agrees, "up to step 300 the losses are the published ones within 1e-3");
    claim(losses[2000] < 0.5, "below 0.5 by step 2000");
    claim(losses[2900] < 0.1, "below 0.1 by step 2900");
  } else {
    claim(means.back() < 0.1, "the loss falls below 0.1");
  }
  return trainer.model();
}

/// Trains on 750 sums alone.
void finite_data(Study study, std::int64_t steps) {
  heading("750 sums: their loss and that of 640 fresh ones");
  study.options.batch_size = 0;
  Trainer<Network> trainer(untrained(study), SequenceBatches<DigitAddition>(study.task, seed).next(750),
                           SequenceBatches<DigitAddition>(study.task, seed + 1).next(640), study.options,
                           TorchGenerator(seed));
  std::printf("  %6s %10s %9s\n", "step", "training", "fresh");
  TrainingPlan<Network> plan;
  plan.num_epochs = steps;
  plan.log = EpochRule::logarithmic(steps, 40);
  double gap = 0, last = 0;
  plan.on_log = [&](LogRow const& row) {
    std::printf("  %6ld %10.3g %9.4f\n", static_cast<long>(row.epoch), row.train_loss, row.test_loss);
    std::fflush(stdout);
    gap = std::max(gap, row.test_loss - row.train_loss);
    last = row.train_loss;
  };
  train(trainer, plan);
  claim(last < 0.1, "it learns its sums");
  claim(gap > study.task.uniform_loss(), "it learns them by heart: fresh ones come out worse by more than a guess");
}

/// Losses and accuracies by digit and carry, and by the nines that a carry must pass.
void carries(Network const& model, DigitAddition const& task) {
  TokenSequences data = SequenceBatches<DigitAddition>(task, seed + 1).next(4000);  // not those of training
  const Matrix<double> logits = target_logits(model, data);
  const Matrix<std::uint32_t> carry = task.carries(data);
  const SequenceLosses by_digit = sequence_losses(data, logits);
  const std::vector<std::uint32_t> digit_of = data.parts;
  std::vector<std::uint32_t> nines;
  for (std::size_t t = 0; t < data.parts.size(); ++t) {
    const Index s = static_cast<Index>(data.target_rows[t]) / task.n_ctx();
    std::uint32_t const* tokens = data.tokens.data() + s * task.n_ctx();
    std::uint32_t run = 0;  // columns right of this digit that add up to 9
    for (Index i = digit_of[t]; i < task.digits && tokens[i] + tokens[task.digits + 1 + i] == 9; ++i) ++run;
    nines.push_back(run);
    data.parts[t] = 2 * digit_of[t] + carry(s, digit_of[t]);
  }
  const SequenceLosses by_carry = sequence_losses(data, logits);
  data.parts = nines;
  const SequenceLosses by_nines = sequence_losses(data, logits);

  heading("4000 fresh sums: loss and accuracy by digit, and loss by the carry that comes into it");
  std::printf("  all: loss %.4f, accuracy %.4f\n  %6s %9s %9s %10s %9s\n", by_digit.loss, by_digit.accuracy, "digit",
              "loss", "accuracy", "no carry", "carry");
  for (std::size_t j = 0; j < by_digit.part_losses.size(); ++j) {
    std::printf("  %6zu %9.4f %9.4f %10.4f", j, by_digit.part_losses[j], by_digit.part_accuracies[j],
                by_carry.part_losses[2 * j]);
    if (2 * j + 1 < by_carry.part_losses.size()) std::printf(" %9.4f", by_carry.part_losses[2 * j + 1]);
    std::printf("\n");
  }
  std::printf("  by the number of columns to the right that add up to 9:\n");
  for (std::size_t n = 0; n < by_nines.part_losses.size(); ++n) {
    std::printf("  %6zu %9.4f %9.4f\n", n, by_nines.part_losses[n], by_nines.part_accuracies[n]);
  }
  claim(by_digit.accuracy > 0.95, "more than 95 % of the digits are right");
  claim(by_nines.part_losses[1] > 2 * by_nines.part_losses[0],
        "a carry that comes through a nine is harder: more than twice the loss");
}

/// Spectra over the ten digits without their constant part, in percent.
void fourier(Network const& model, DigitAddition const& task) {
  heading("Fourier spectra of functions of a digit, % of all but the constant; of the two largest frequencies");
  const FourierBasis<double> basis = digit_basis();
  const auto names = basis.names();
  std::printf("  %-24s", "");
  for (std::size_t i = 1; i < names.size(); ++i) std::printf(" %6s", names[i].c_str());
  std::printf("    two\n");
  const auto print = [&](std::string const& what, Vector<double> const& spectrum) {  // returns the share of the two
    const Vector<double> share = spectrum / spectrum.tail(9).sum();
    std::vector<double> frequencies;
    for (Index r = 1; r < basis.irreps().size(); ++r) {
      frequencies.push_back(share.segment(basis.block(r).begin, basis.block(r).size).sum());
    }
    std::sort(frequencies.rbegin(), frequencies.rend());
    std::printf("  %-24s", what.c_str());
    for (double value : share.tail(9)) std::printf(" %6.1f", 100 * value);
    std::printf(" %6.1f\n", 100 * (frequencies[0] + frequencies[1]));
    return frequencies[0] + frequencies[1];
  };
  const DigitWeightSpectra weights = digit_weight_spectra(model);
  print("embedding", weights.embedding);
  print("unembedding", weights.unembedding);
  const TokenSequences data = SequenceBatches<DigitAddition>(task, seed + 2).next(1000);
  const TokenBatch batch{data.tokens, data.length};
  double least = 1;
  for (Index j = 1; j <= task.digits; ++j) {
    const Index before = 2 * task.digits + 1 + j;  // where digit j of the sum is predicted
    const auto neurons = [&](std::string const& what, Index position) {
      const auto found = digit_spectra(model, batch, "blocks.0.mlp.hook_post", before, tokens_at(batch, position));
      least = std::min(least, print("neurons, by " + what + " digit " + std::to_string(j), found.spectrum));
    };
    neurons("x", j - 1);
    neurons("sum", before + 1);
  }
  claim(least > 0.65,
        "two of the five frequencies hold more than 65 % of what neurons know of each digit (untrained: half)");
}

/// Compares with the losses in a file of recomputed activations.
void compare_losses(Network const& model, DigitAddition const& task, TensorFile const& file) {
  heading("Losses of the file's sums, by digit: ours, the file's");
  const auto tokens = file.values<std::uint32_t>("tokens", file.shape("tokens"));
  std::vector<std::uint32_t> x, y;
  for (auto sum = tokens.begin(); sum != tokens.end(); sum += task.n_ctx()) {
    x.insert(x.end(), sum, sum + task.digits);
    y.insert(y.end(), sum + task.digits + 1, sum + 2 * task.digits + 1);
  }
  const SequenceLosses losses = sequence_losses(model, task.sums(x, y));
  const auto stored = parse_json(file.metadata().at("per_digit_loss"), file.source()).get<std::vector<double>>();
  require(stored.size() == losses.part_losses.size(), file.source(), ": expected the losses of ",
          losses.part_losses.size(), " digits, found ", stored.size());
  bool agrees = true;
  for (std::size_t j = 0; j < stored.size(); ++j) {
    std::printf("  %zu %12.4e %12.4e\n", j, losses.part_losses[j], stored[j]);
    agrees = agrees && std::abs(losses.part_losses[j] - stored[j]) <= 1e-4 * stored[j];
  }
  claim(agrees, "they agree within 1e-4 of their value");
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string mode = argc > 1 ? argv[1] : "";
  const bool is_finite = mode == "--finite", is_stored = !mode.empty() && !mode.starts_with("--");
  const bool has_steps = argc == 4 && is_finite && argv[2] == std::string("--steps");
  if (!(argc <= 2 || has_steps) || !(mode.empty() || mode == "--quick" || is_finite || is_stored)) {
    std::fprintf(stderr, "usage: %s [--quick | --finite [--steps N] | MODEL.safetensors]\n", argv[0]);
    return 2;
  }
  if (is_finite) {
    finite_data(published_study(), has_steps ? std::atol(argv[3]) : 1000);
  } else {
    const auto explain = [](Network const& model, DigitAddition const& task) {
      carries(model, task);
      fourier(model, task);
    };
    if (is_stored) {
      const auto [shape, weights] = read_transformer<float>(read_safetensors(mode));
      const DigitAddition task{(shape.n_ctx - 3) / 3};
      const Network model = Network::from_parameters(Cpu{}, shape, weights);
      std::filesystem::path activations = mode;
      activations.replace_filename(activations.stem().string() + "_io.safetensors");
      if (std::filesystem::exists(activations)) compare_losses(model, task, read_safetensors(activations));
      explain(model, task);
    } else {
      const Study study = mode.empty() ? published_study() : quick_study();
      explain(trained(study, mode.empty()), study.task);
    }
  }
  std::printf("\n%s\n", all_hold ? "as expected" : "NOT as expected");
  return all_hold ? 0 : 1;
} catch (std::exception const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
