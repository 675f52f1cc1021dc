// How does a one-layer network multiply permutations of five points?
//
// The network maps one-hot a and b to relu(Ex[a] + Ey[b]) and reads the logit of every c off that hidden
// layer. Trained until it is right on pairs it never saw, it turns out to have learned irreducible
// representations of S5: embeddings and neurons fall into irreps, the hidden layer holds rho(ab), and the
// logit of c is close to a sum of characters chi(a b c^-1), which is largest at c = ab. This program prints
// the evidence, table by table, in the order of the published study (Chughtai, Chan and Nanda, A Toy Model of
// Universality, 2023) with every number in an orthonormal basis, so that none depends on a choice.
//
// Usage: example_symmetric_group_s5 RUN_DIRECTORY [ELEMENTS.json]
// For the published mainline run (seed 2) it starts with
//   sign             0.5090430807
//   standard         0.7674336587
// and returns 1 if the key irreps do not explain the network: if without them it is not far worse than
// chance, or if the hidden layer rebuilt from them alone does not solve the task.
#include <cayley/interpret/ablation.hpp>
#include <cayley/interpret/product_representation.hpp>
#include <cayley/interpret/sign_circuit.hpp>
#include <cayley/interpret/unembedding.hpp>
#include <cayley/study/explain.hpp>
#include <cstdio>
#include <exception>
#include <tuple>

namespace {

using cayley::Index;

void heading(char const* text) {
  std::printf("\n%s\n", text);
}

void list(char const* name, std::vector<Index> const& neurons) {
  std::printf("  %-14s %3zu:", name, neurons.size());
  for (Index k : neurons) std::printf(" %td", k);
  std::printf("\n");
}

int study(cayley::StoredRun const& run) {
  auto const& [table, basis] = std::tie(run.group.table, run.group.basis);
  auto const& irreps = run.group.irreps();
  const auto name = [&](Index i) { return irreps[i].label().c_str(); };
  const cayley::Explanation explanation = cayley::explain(run);
  cayley::RepresentationMetrics const& m = explanation.metrics;
  const auto of = [&](Index i) -> cayley::IrrepMetrics const& { return m.irreps[static_cast<std::size_t>(i)]; };
  const cayley::HiddenMeans means = cayley::hidden_means(run.network, table);
  const cayley::NeuronPower power = cayley::neuron_power(run.network, basis, means);

  heading("Logit attribution: cosine similarity of the logits and chi(a b c^-1)");
  for (Index i = 1; i < irreps.size(); ++i) std::printf("  %-14s %14.10f\n", name(i), of(i).logit_similarity);
  std::printf("  fraction of the logits explained, sum of squares: %.10f\n", m.logits_explained);

  heading("Embeddings and unembedding: percent of variance by key irrep (x, y, unembed)");
  const auto percents = [](char const* what, double x, double y, double u) {
    std::printf("  %-14s %13.8f %13.8f %13.8f\n", what, 100 * x, 100 * y, 100 * u);
  };
  for (Index i : m.key) percents(name(i), of(i).x_embed, of(i).y_embed, of(i).unembed);
  percents("residual", 1 - m.x_embed_explained, 1 - m.y_embed_explained, 1 - m.unembed_explained);

  heading("Neurons before the ReLU: those with power in an irrep, in both embeddings");
  list("dead", cayley::dead_neurons(power.left, power.right));
  std::vector<int> claims(static_cast<std::size_t>(power.neurons()), 0);
  for (Index k : cayley::dead_neurons(power.left, power.right)) ++claims[static_cast<std::size_t>(k)];
  for (Index i = 1; i < irreps.size(); ++i) {
    const std::vector<Index> neurons = cayley::neurons_of_irrep(power, i);
    for (Index k : neurons) ++claims[static_cast<std::size_t>(k)];
    list(name(i), neurons);
  }
  std::printf("  accounted for by nothing: %td, by more than one: %td\n", std::count(claims.begin(), claims.end(), 0),
              std::count_if(claims.begin(), claims.end(), [](int n) { return n > 1; }));

  heading("Neurons after the ReLU: fraction of each cluster's variance (x, y, xy, trivial; sum; any irrep)");
  list("silent", cayley::silent_neurons(power));
  for (Index i : m.key) {
    const auto v = cayley::cluster_variance(power, i, cayley::neurons_of_irrep(power, i));
    std::printf("  %-14s %12.10f %12.10f %12.10f %8.1e; %12.10f; %12.10f\n", name(i), v.x, v.y, v.xy, v.trivial,
                v.sum(), v.all);
  }

  heading("Ablations of the hidden layer: loss without P_R m(ab), P_R m(a), P_R m(b), and relative changes");
  const cayley::Ablations ablated = cayley::ablations(run.network, table, basis, means, run.train);
  std::printf("  %-14s %17.10e\n", "baseline", ablated.baseline);
  for (Index i = 1; i <= irreps.size(); ++i) {
    const Index r = i % irreps.size();  // the trivial irrep last
    auto const& [xy, x, y] = ablated.irreps[static_cast<std::size_t>(r)];
    std::printf("  %-14s %17.10e %17.10e %17.10e", name(r), xy, x, y);
    for (double loss : {xy, x, y}) std::printf(" %+.8g", ablated.relative_change(loss));
    std::printf("\n");
  }

  heading(
      "rho(ab) in the hidden layer: cosine with theory, mean square error; singular values of the change of "
      "basis");
  std::vector<cayley::ProductRepresentation> held;
  for (Index i : m.key) {
    auto const& r = held.emplace_back(cayley::product_representation(run.network, basis, means, i));
    std::printf("  %-14s %12.10f %14.7e; %.6f .. %.6f, mean %.7f\n", name(i), r.cosine, r.mean_square_error,
                r.singular_values.maxCoeff(), r.singular_values.minCoeff(), r.singular_values.mean());
  }

  heading("The unembedding as a linear map from rho(ab) to rho(c): cosine with the identity, mean square error");
  for (std::size_t k = 0; k < held.size(); ++k) {
    std::printf("  %-14s %12.10f %14.7e\n", name(m.key[k]), held[k].linear_map_cosine,
                held[k].linear_map_mean_square_error);
  }

  heading(
      "rho(ab) in the hidden layer, rows of the change of basis scaled to norm 1: cosine (depends on the "
      "basis)");
  for (std::size_t k = 0; k < held.size(); ++k)
    std::printf("  %-14s %.4f\n", name(m.key[k]), held[k].row_scaled_cosine);

  heading("Fraction of each cluster's unembedding in its irrep");
  for (Index i : m.key) {
    const auto neurons = cayley::neurons_of_irrep(power, i);
    std::printf("  %-14s %12.10f\n", name(i), cayley::unembedding_share(run.network, basis, i, neurons));
  }

  heading("Loss with the hidden layer rebuilt from rho(ab) of the key irreps, and relative change");
  const auto changed = [&](char const* what, double loss) {
    std::printf("  %-24s %17.10e %+.8g\n", what, loss, ablated.relative_change(loss));
    return loss;
  };
  const double rebuilt =
      changed("by projection", cayley::loss_by_product(cayley::rebuilt_logits(run.network, basis, means, m.key)));
  changed("by ideal change of basis",
          cayley::loss_by_product(cayley::ideal_rebuilt_logits(run.network, basis, means, m.key)));

  heading("Loss with the unembedding restricted to the key irreps, and to their complement");
  const auto parts = cayley::unembedding_losses(run.network, table, basis, m.key);
  changed("baseline", ablated.baseline);
  changed("key irreps", parts.restricted);
  changed("complement", parts.without);

  heading("Excluded loss: training loss without chi(a b c^-1)");
  for (Index i : m.key) std::printf("  %-14s %17.10e\n", name(i), of(i).logit_excluded_loss);
  std::printf("  %-14s %17.10e\n", "all", m.total_logit_excluded_loss);

  const Index sign = irreps.find("sign");
  if (std::find(m.key.begin(), m.key.end(), sign) != m.key.end()) {
    heading(
        "The sign circuit: coefficient of the signature in Ex, Ey, U (share explained); activation by block "
        "++ +- -+ --");
    const auto circuit =
        cayley::sign_circuit(run.network, basis, sign, explanation.neurons[static_cast<std::size_t>(sign)]);
    for (auto const& n : circuit.neurons) {
      std::printf("  neuron %3td  %+8.4f (%.4f) %+8.4f (%.4f) %+8.4f (%.4f) ", n.neuron, n.left.coefficient,
                  n.left.share, n.right.coefficient, n.right.share, n.unembedding.coefficient, n.unembedding.share);
      for (double mean : n.block_mean) std::printf(" %8.4f", mean);
      std::printf("  between blocks %.6f\n", n.block_share);
    }
    std::printf("  logit along the signature, by block:");
    for (double logit : circuit.logit_by_block) std::printf(" %+.4f", logit);
    std::printf("\n");
  }

  const double chance = std::log(static_cast<double>(table.order()));
  const bool explained = m.total_logit_excluded_loss > chance && rebuilt < 0.01;
  std::printf("\nThe key irreps %s the network: %.4g without them (chance %.4g), %.4g from them alone.\n",
              explained ? "explain" : "do NOT explain", m.total_logit_excluded_loss, chance, rebuilt);
  return explained ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: %s RUN_DIRECTORY [ELEMENTS.json]\n", argv[0]);
    return 2;
  }
  std::optional<std::filesystem::path> elements;
  if (argc == 3) elements = argv[2];
  return study(cayley::read_run(argv[1], elements));
} catch (std::exception const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
