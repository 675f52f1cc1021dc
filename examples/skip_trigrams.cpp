// Question: how does one head of attention learn skip trigrams, "this token somewhere before, that answer now"?
//
// Data: `begin`, 40 tokens of noise of 10 kinds, `end`. One token of the noise is replaced by the marked token of one
// of 10 keys; the key is the answer, read at `end`. Each marked token with its key is a trigram, ten tasks in one.
//
// Mathematics: with a_p the attention from `end` to position p,
//     logits = direct + sum over p of a_p OV[t_p],  a = softmax over p of QK[t_p] / sqrt(d_head),
// up to what positions add. So two tables say everything: QK must score the marked token above 40 tokens of noise,
// which takes more than ln 40, and OV must send the marked token of key k to class k. Each is of use only as far as the
// other is there: the loss falls in phase changes, one for each trigram. Before it falls, the gradient of the loss in
// the attention to the marked token grows: more attention pays once OV knows the answer, and no longer once all is
// learned. A bare model has the two tables as its weights and nothing else; it learns the same algorithm.
// Ref: Elhage et al., A Mathematical Framework for Transformer Circuits (2021); Nanda et al., Progress measures for
// grokking via mechanistic interpretability (2023), and its notebook.
//
// Usage: example_skip_trigrams [--quick]
//
// Expected output: the loss of the notebook's transformer beside the losses printed there, all within 1e-3; ten phase
// changes around step 150; the gain of attention by trigram, largest at steps 100 to 200; QK and OV; each key forced in
// turn; 100 and 60 sequences seen again and again, where training and test loss part and meet; the bare model. Some ten
// seconds; with --quick fewer steps, two seconds. Returns 1 if a claim fails.

#include <algorithm>
#include <cayley/backend/cpu.hpp>
#include <cayley/interpret/head_scores.hpp>
#include <cayley/interpret/order_statistics.hpp>
#include <cayley/interpret/phase_changes.hpp>
#include <cayley/interpret/sequence_losses.hpp>
#include <cayley/interpret/skip_trigram_circuits.hpp>
#include <cayley/interpret/trigram_attention.hpp>
#include <cayley/nn/attention_pooling.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/task/skip_trigram.hpp>
#include <cayley/train/trainer.hpp>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

using namespace cayley;

namespace {

using Network = Transformer<Cpu, float>;
using Bare = AttentionPooling<Cpu, float>;

constexpr std::uint64_t seed = 6798;
const SkipTrigram task;  // 40 positions of noise, 10 keys
const auto keys = static_cast<std::size_t>(task.keys);

/// Losses printed in the notebook, each of the batch of that step before the step.
constexpr std::pair<std::int64_t, double> printed_losses[] = {
    {0, 2.34612692},     {100, 2.24862735},    {200, 0.25492341},  {300, 0.01425927},
    {500, 8.4077644e-4}, {1000, 2.8579765e-6}, {1500, 1.62514e-8}, {2000, 1.89419e-9}};

bool all_hold = true;

void claim(bool holds, char const* what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what);
  all_hold = all_hold && holds;
}

void heading(char const* text) {
  std::printf("\n== %s\n", text);
}

/// A number, as a rule a step, and a row of a table.
void print_row(std::int64_t first, Vector<double> const& values, char const* format) {
  std::printf("  %6ld", static_cast<long>(first));
  for (double value : values) std::printf(format, value);
  std::printf("\n");
}

/// A row for each key: QK of its kind of noise and of its marked token, OV of the marked token.
void print_tables(Vector<double> const& noise, Vector<double> const& marked, Matrix<double> const& ov) {
  for (Index k = 0; k < task.keys; ++k) {
    std::printf("  %8.2f %8.2f ", noise[k], marked[k]);
    print_row(k, ov.row(k), " %6.1f");
  }
}

TrainerOptions published_options(Index batch_size) {
  TrainerOptions options;
  options.optimizer.lr = 1e-3;
  options.optimizer.weight_decay = 0.1;
  options.schedule.warmup_steps = 10;
  options.batch_size = batch_size;
  return options;
}

Network published_network() {
  Network network(Cpu{}, {.n_layers = 1,
                          .d_model = 32,
                          .n_heads = 1,
                          .d_head = 8,
                          .d_vocab = task.d_vocab(),
                          .d_vocab_out = task.d_vocab_out(),
                          .n_ctx = task.n_ctx(),
                          .attn_only = true,
                          .has_biases = false});
  TorchGenerator generator(seed);
  draw_initial_weights(network, generator, TransformerInit::sequences);
  return network;
}

/// Losses of every step.
struct Curve {
  std::vector<double> steps, losses;
  Matrix<double> by_trigram;  // (steps, keys)
};

template <class Model>
Curve train_without_end(Trainer<Model>& trainer, std::int64_t steps,
                        std::function<void(std::int64_t, Model const&)> on_checkpoint = {}) {
  Curve curve{{}, {}, Matrix<double>(steps, task.keys)};
  TrainingPlan<Model> plan;
  plan.num_epochs = steps;
  plan.log = EpochRule::every(steps, 1);
  plan.checkpoints = EpochRule::every(steps, 50);
  plan.on_log = [&](LogRow const& row) {
    curve.steps.push_back(static_cast<double>(row.epoch));
    curve.losses.push_back(row.train_loss);
    for (std::size_t k = 0; k < keys; ++k) curve.by_trigram(row.epoch, static_cast<Index>(k)) = row.more.at(k);
  };
  plan.on_checkpoint = std::move(on_checkpoint);
  train(trainer, plan);
  return curve;
}

/// Steps 0, 50, .., 500, 1000, ..: what the tables show.
bool is_shown(std::int64_t step) {
  return step % 50 == 0 && (step <= 500 || step % 500 == 0);
}

/// The transformer on data without end, its phase changes, and the attention to the marked token on the way.
Network train_on_endless_data(std::int64_t steps, TokenSequences const& probe) {
  Trainer<Network> trainer(published_network(), sequence_source(task), TorchGenerator(seed).state(), {},
                           published_options(256));
  std::vector<std::int64_t> shown;
  std::vector<TrigramAttention> attention;
  const Curve curve = train_without_end<Network>(trainer, steps, [&](std::int64_t step, Network const& now) {
    if (!is_shown(step)) return;
    shown.push_back(step);
    attention.push_back(trigram_attention(now, task, probe));
    attention.back().gradient *= -static_cast<double>(probe.sequences());  // of a sequence's own loss
  });

  heading("Loss of the batch of each step, and as printed in the notebook");
  double largest_error = 0;
  for (auto const& [step, printed] : printed_losses) {
    if (step >= steps) continue;
    const double loss = curve.losses[static_cast<std::size_t>(step)];
    std::printf("  %6ld %14.8g %14.8g\n", static_cast<long>(step), loss, printed);
    largest_error = std::max(largest_error, std::abs(loss - printed));
  }
  claim(largest_error < 1e-3, "the losses are those printed, within 1e-3");

  heading("Phase changes: the step from which on the loss of each trigram stays below 1");
  std::size_t changes = 0;
  for (auto const& change : phase_changes(curve.steps, curve.by_trigram, 1)) {
    std::printf(" %8.0f", change.value_or(NAN));
    changes += change && *change >= 100 && *change <= 250 ? 1 : 0;
  }
  std::printf("\n");
  claim(changes == keys, "every trigram has a phase change, at steps 100 to 250");

  heading("Attention to the marked token, by trigram");
  for (std::size_t i = 0; i < shown.size(); ++i) print_row(shown[i], attention[i].attention.col(0), " %7.4f");
  heading("Gain: how fast a sequence's loss would fall with more attention to its marked token, by trigram");
  for (std::size_t i = 0; i < shown.size(); ++i) print_row(shown[i], attention[i].gradient.col(0), " %7.1g");
  bool peaks = true;
  for (Index k = 0; k < task.keys; ++k) {
    const auto gain = [&](std::size_t i) { return attention[i].gradient(k, 0); };
    std::size_t largest = 0;
    for (std::size_t i = 0; i < shown.size(); ++i) largest = gain(i) > gain(largest) ? i : largest;
    peaks = peaks && shown[largest] >= 100 && shown[largest] <= 200 && gain(largest) > 1.5 * gain(0) &&
            gain(largest) > 20 * gain(shown.size() - 1);
  }
  claim(peaks, "the gain grows until steps 100 to 200, then vanishes");
  return trainer.model();
}

void circuits(Network const& network) {
  heading("QK of noise and of the marked token, less that of `end`; OV of the marked token, a row for each key");
  const SkipTrigramCircuits found = skip_trigram_circuits(network, task);
  SkipTrigramCircuits::Head const& head = found.heads.front();
  print_tables(head.QK_noise, head.QK_marked, head.OV_marked);
  const double d_head = static_cast<double>(network.shape().d_head);
  const double least = head.advantage().minCoeff() / std::sqrt(d_head);
  std::printf("  the least advantage of a marked token in the softmax: %.2f; ln 40 = %.2f\n", least, std::log(40.0));
  claim(least > std::log(static_cast<double>(task.noise_length)), "every marked token outweighs 40 tokens of noise");
  claim(head.diagonal_rows == 1, "every marked token raises its own key most");
}

void forced_keys(Network const& network) {
  heading("The same sequences with each key forced: loss, accuracy, attention to the marked token");
  bool all_known = true;
  for (Index k = 0; k < task.keys; ++k) {
    SkipTrigram forced = task;
    forced.forced_key = k;
    const TokenSequences data = SequenceBatches(forced, seed).next(256);
    const SequenceLosses losses = sequence_losses(network, data);
    const double attention = trigram_attention(network, forced, data).attention(k, 0);
    std::printf("  %6ld %12.3g %8.4f %8.4f\n", static_cast<long>(k), losses.loss, losses.accuracy, attention);
    all_known = all_known && losses.accuracy == 1 && attention > 0.9;
  }
  claim(all_known, "each trigram alone is known, by attention");
}

void train_on_finite_data(Index sequences, std::int64_t epochs) {
  Trainer<Network> trainer(published_network(), SequenceBatches(task, seed).next(sequences),
                           SequenceBatches(task, seed + 1).next(1000), published_options(0), TorchGenerator(seed));
  std::printf("\n== %ld sequences again and again: training loss, test loss, test accuracy\n",
              static_cast<long>(sequences));
  TrainingPlan<Network> plan;
  plan.num_epochs = epochs;
  plan.log = EpochRule::every(epochs, 50);
  double apart = 0;
  LogRow last;
  plan.on_log = [&](LogRow const& row) {
    if (is_shown(row.epoch) || row.epoch + 1 == epochs) {
      std::printf("  %6ld %12.3g %12.3g %8.3f\n", static_cast<long>(row.epoch), row.train_loss, row.test_loss,
                  row.test_accuracy);
    }
    if (row.train_loss < 0.02) apart = std::max(apart, row.test_loss);
    last = row;
  };
  train(trainer, plan);
  claim(apart > 0.05, "when the training loss is below 0.02, the test loss is still above 0.05");
  claim(last.test_loss < 0.01 && last.test_accuracy > 0.995, "in the end the test set is known as well");
}

void bare_model(double lr, std::int64_t steps, TokenSequences const& probe) {
  Bare bare(Cpu{}, {task.d_vocab(), task.d_vocab_out()});
  TorchGenerator generator(seed);
  draw_initial_weights(bare, generator);
  TrainerOptions options = published_options(256);
  options.optimizer.lr = lr;
  Trainer<Bare> trainer(std::move(bare), sequence_source(task), TorchGenerator(seed).state(), {}, options);
  const Curve curve = train_without_end(trainer, steps);
  std::printf("\n== The bare model, learning rate %g: loss of all and of the slowest trigram\n", lr);
  for (std::int64_t step = 0; step < steps; ++step) {
    if (!is_shown(step) && step + 1 < steps) continue;
    const auto i = static_cast<std::size_t>(step);
    std::printf("  %6zu %12.3g %12.3g\n", i, curve.losses[i], curve.by_trigram.row(step).maxCoeff());
  }
  heading("Its QK of noise and of the marked token; its OV of the marked token");
  const Vector<double> qk = trainer.model().parameters()[0].host().row(0).cast<double>();
  const Matrix<double> ov = trainer.model().parameters()[1].host().bottomRows(task.keys).cast<double>();
  const Vector<double> noise = qk.segment(2, task.keys), marked = qk.tail(task.keys);
  print_tables(noise, marked, ov);
  double attention = 0;
  Hooks<Cpu, float> hooks;
  hooks.add("pattern", [&](MatrixRef<float>& pattern) {  // (positions, keys)
    for (AttentionPlace const& place : marked_token_places(task, probe)) {
      attention += static_cast<double>(pattern(place.sequence * probe.length + place.query, place.key));
    }
  });
  trainer.model().forward({probe.tokens, probe.length}, hooks);
  std::printf("  attention to the marked token, mean: %.4f\n", attention / static_cast<double>(probe.sequences()));
  claim(curve.losses.back() < 0.02 && attention > 0.95 * static_cast<double>(probe.sequences()) &&
            marked.minCoeff() > noise.maxCoeff() + std::log(static_cast<double>(task.noise_length)) &&
            share_of_diagonal_rows(ov) == 1,
        "it attends to the marked token, which names its key");
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc == 2 && std::string_view(argv[1]) == "--quick";
  if (argc > 1 && !quick) {
    std::fprintf(stderr, "usage: %s [--quick]\n", argv[0]);
    return 2;
  }
  const TokenSequences probe = SequenceBatches(task, seed + 1).next(256);
  const Network network = train_on_endless_data(quick ? 700 : 3000, probe);
  circuits(network);
  forced_keys(network);
  train_on_finite_data(100, quick ? 1500 : 5000);
  if (!quick) train_on_finite_data(60, 5000);
  bare_model(quick ? 1e-2 : 1e-3, quick ? 1000 : 5000, probe);
  std::printf("\n%s\n", all_hold ? "as expected" : "NOT as expected");
  return all_hold ? 0 : 1;
}
