// Question: what do a bilinear network and a one-layer MLP learn of a cyclic and of a dihedral group?
//
// Data: every pair (a, b) of elements of C31 and of D15, labelled with ab; 70 % of the pairs are for training. The
// networks see elements as numbers and nothing of the group. They first learn the training pairs by heart and later,
// all of a sudden, every other pair: they grok.
//
// Mathematics: a character gives a network a way to multiply. If a hidden layer holds the matrix elements of rho(ab),
// then logits tr(rho(ab) rho(c^-1)) = chi(a b c^-1) are largest at c = ab. A network that has learned this shows it: each
// neuron works in one irrep, embeddings and unembedding lie in the isotypic spaces of a few irreps (here almost all of
// them), and the logits are a sum of their characters. On D15, as on every group that is no cyclic one, the Fourier
// basis to look in is that of its own irreps: the sines and cosines of a cyclic group of the same order smear them.
// Ref: Nanda et al., Progress measures for grokking via mechanistic interpretability (2023); Chughtai, Chan and Nanda, A
// Toy Model of Universality (2023).
//
// Expected output: four tables, one for each network on each group. Every network ends with a test accuracy of 1, having
// grokked at a few hundred epochs; its key irreps hold more than 97 % of its embeddings; a network that has nothing but
// what these irreps say of ab gets every pair right. Returns 1 if any of this fails.

#include <cayley/backend/cpu.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/interpret/neurons.hpp>
#include <cayley/interpret/representation_metrics.hpp>
#include <cayley/interpret/spectra.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/task/split.hpp>
#include <cayley/train/trainer.hpp>
#include <cstdio>
#include <string>
#include <vector>

using namespace cayley;

namespace {

constexpr std::uint64_t seed = 1;

/// Trains a network on a group, explains it, and says whether it is as expected.
template <class Model>
bool study(char const* what, FiniteGroup auto const& g, Model model) {
  // Data and training.
  const GroupComposition data = group_composition(g);
  const TrainTestSplit split = random_split(static_cast<Index>(data.examples.size()), 0.7, seed);
  TorchGenerator generator(seed);
  draw_initial_weights(model, generator);
  TrainerOptions options;
  options.optimizer.lr = 0.005;
  Trainer<Model> trainer(std::move(model), data.subset(split.train), data.subset(split.test), options, generator);

  std::vector<LogRow> rows;
  TrainingPlan<Model> plan;
  plan.num_epochs = 20000;
  plan.log = EpochRule::every(plan.num_epochs, 20);
  plan.stop.test_accuracy = 1;  // and the test loss flat
  plan.on_log = [&](LogRow const& row) { rows.push_back(row); };
  train(trainer, plan);
  LogRow const& last = rows.back();
  std::printf("\n%s, %ld training pairs: ", what, static_cast<long>(split.train.size()));
  std::printf("training loss %.2g, test loss %.2g, test accuracy %.4f after %ld epochs", last.train_loss,
              last.test_loss, last.test_accuracy, static_cast<long>(trainer.epochs()));
  if (const auto epoch = grokking_epoch(rows)) std::printf(", grokked at %ld", static_cast<long>(*epoch));

  // Explanation by irrep.
  const CayleyTable table = cayley_table(g);
  const FourierBasis<double> basis(g);
  TrainingSet in_training(data.examples.size(), 0);
  for (std::uint32_t place : split.train) in_training[place] = 1;
  const PairNetwork network = pair_network(trainer.model());
  const RepresentationMetrics metrics = representation_metrics(network, table, basis, in_training);
  const auto neurons = explained_neurons(pair_spectrum(basis, network.hidden_of_all()));

  std::printf("\n%-10s %8s %30s %9s %22s\n", "", "logits", "% of weights", "neurons", "% of them explained");
  std::printf("%-10s %8s %10s %9s %9s %9s %22s\n", "irrep", "cosine", "x", "y", "unembed", "", "raw (centred)");
  for (Index i = 1; i < basis.irreps().size(); ++i) {
    IrrepMetrics const& m = metrics.irreps[static_cast<std::size_t>(i)];
    int count = 0;
    double fraction = 0, centred = 0;
    for (ExplainedNeuron const& neuron : neurons) {
      if (neuron.irrep != i) continue;
      ++count;
      fraction += neuron.fraction;
      centred += neuron.centred_fraction;
    }
    std::printf("%-10s %8.4f %10.3f %9.3f %9.3f %9d", basis.irreps()[i].label().c_str(), m.logit_similarity,
                100 * m.x_embed, 100 * m.y_embed, 100 * m.unembed, count);
    if (count > 0) std::printf(" %13.1f (%.1f)", 100 * fraction / count, 100 * centred / count);
    std::printf("\n");
  }
  std::printf(
      "%zu key irreps hold %.2f %% of the x embedding and %.2f %% of the unembedding; without them the loss is "
      "%.2f, from them alone %.2g\n",
      metrics.key.size(), 100 * metrics.x_embed_explained, 100 * metrics.unembed_explained,
      metrics.total_hidden_excluded_loss, metrics.total_hidden_restricted_loss);
  return last.test_accuracy == 1 && grokking_epoch(rows) && metrics.x_embed_explained > 0.97 &&
         metrics.y_embed_explained > 0.97 && metrics.total_hidden_excluded_loss > 1 &&
         metrics.total_hidden_restricted_loss < 0.01;
}

}  // namespace

int main() {
  const Cpu cpu;
  using Mlp = OneLayerMlp<Cpu, float>;
  using BilinearNet = Bilinear<Cpu, float>;
  const Cyclic<31> c31;
  const Dihedral<15> d15;
  bool as_expected = study("Bilinear network on C31", c31, BilinearNet(cpu, {31, 64, 31}));
  as_expected = study("Bilinear network on D15", d15, BilinearNet(cpu, {30, 64, 30})) && as_expected;
  as_expected = study("One-layer MLP on C31", c31, Mlp(cpu, {31, 64, 96, 31})) && as_expected;
  as_expected = study("One-layer MLP on D15", d15, Mlp(cpu, {30, 64, 96, 30})) && as_expected;
  std::printf("\n%s\n", as_expected ? "as expected" : "NOT as expected");
  return as_expected ? 0 : 1;
}
