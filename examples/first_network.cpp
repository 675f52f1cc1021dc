// Question: which representations of the alternating group A5 does a small network use, once it multiplies in it?
//
// This is the program of docs/tutorials/first-network.md; the mathematics is in examples/group_composition.cpp.
//
// Expected output: a line for each of the four irreps that are not trivial. The network has grokked within 20000 epochs, and a
// few irreps, never all functions on the group alike, hold its embedding. Returns 1 if it has not grokked.

#include <cayley/cayley.hpp>
#include <cstdio>

int main() {
  using namespace cayley;
  constexpr Alternating<5> g;
  const GroupComposition data = group_composition(g);       // all 3600 pairs (a, b), labelled ab
  const TrainTestSplit split = random_split(3600, 0.6, 1);  // 60 % to train on, drawn with seed 1

  OneLayerMlp<Cpu, float> model(Cpu{}, {g.order(), 64, 128, g.order()});  // embedding, hidden layer
  TorchGenerator generator(1);
  draw_initial_weights(model, generator);
  TrainerOptions options;
  options.optimizer.lr = 0.005;
  Trainer trainer(model, data.subset(split.train), data.subset(split.test), options, generator);
  LogRow row;
  do {
    for (int i = 0; i < 100; ++i) trainer.run_epoch();
    row = trainer.evaluate();
  } while (row.test_accuracy < 1 && row.epoch < 20000);
  std::printf("epoch %d: test accuracy %.4f\n", static_cast<int>(row.epoch), row.test_accuracy);

  const FourierBasis basis(g);
  const PairNetwork network = pair_network(trainer.model());
  const Vector<double> power = isotypic_power(basis, network.left_embedding);  // (irreps)
  for (Index i = 1; i < power.size(); ++i) {
    std::printf("%-12s%5.1f %% of the embedding\n", basis.irreps()[i].label().c_str(), 100 * power[i] / power.sum());
  }
  return row.test_accuracy == 1 ? 0 : 1;
}
