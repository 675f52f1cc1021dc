#include <cayley/study/explain.hpp>

#include <cayley/interpret/ablation.hpp>
#include <cayley/interpret/product_representation.hpp>
#include <cayley/interpret/sign_circuit.hpp>
#include <cayley/interpret/spectra.hpp>
#include <cayley/interpret/unembedding.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "interpret/toy_network.hpp"
#include "io/scratch_folder.hpp"
#include "slow_build.hpp"
#include "study/published_runs.hpp"

BOOST_AUTO_TEST_SUITE(explain_test)

using namespace cayley;
using cayley::testing::published_run;
using cayley::testing::random_matrix;
using cayley::testing::reference_file;
namespace utf = boost::unit_test;

namespace {

/// A run directory of a small network on S3.
void write_toy_run(std::filesystem::path const& folder) {
  write_file_atomically(folder / "cfg.json",
                        R"({"layers": {"embed_dim": 5, "hidden_dim": 7}, "model": "OneLayerMLP",
    "group": "SymmetricGroup", "group_parameter": 3, "frac_train": 0.5, "seed": 1, "num_epochs": 10})");
  TensorFile file;
  file.add("W_x", random_matrix(6, 5, 1));
  file.add("W_y", random_matrix(6, 5, 2));
  file.add("W", random_matrix(10, 7, 3));
  file.add("W_U", random_matrix(7, 6, 4));
  write_safetensors(folder / "model.safetensors", file);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_run_directory_is_explained) {
  const ScratchFolder scratch;
  write_toy_run(scratch.path());
  write_file_atomically(scratch / "elements.json", "[0,1,2,3,4,5]");
  const StoredRun run = read_run(scratch.path());
  BOOST_TEST(run.order_given);
  const Explanation explanation = explain(run);
  const Json json = summary_metrics(explanation, run);
  BOOST_TEST(json.begin().key() == "train_loss");
  for (const char* key : {"logit_standard_rep_trace_similarity", "percent_x_embed_trivial_rep",
                          "hidden_excluded_loss_sign_rep", "test_loss_restricted_loss_ratio", "epoch"}) {
    BOOST_TEST(json.contains(key), key);
  }
  BOOST_TEST(!json.contains("logit_trivial_rep_trace_similarity"));
  const Json neurons = neurons_json(explanation, run);
  std::size_t count = 0;
  for (auto const& cluster : neurons) count += cluster.size();
  BOOST_TEST(count == 7u);
  BOOST_TEST(neurons.contains("dead"));
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_broken_is_named) {
  const ScratchFolder scratch;
  BOOST_CHECK_EXCEPTION(read_run(scratch / "nowhere"), Error, says({"nowhere", "run directory", "nothing"}));
  BOOST_CHECK_EXCEPTION(read_run(scratch.path()), Error, says({"cfg.json"}));
  write_toy_run(scratch.path());
  BOOST_CHECK_EXCEPTION(read_run(scratch / "cfg.json"), Error, says({"run directory", "a file"}));
  BOOST_CHECK_EXCEPTION(read_run(scratch.path(), scratch / "order.json"), Error, says({"order.json"}));
  std::filesystem::remove(scratch / "model.safetensors");
  BOOST_CHECK_EXCEPTION(read_run(scratch.path()), Error, says({"model.safetensors"}));
}

BOOST_TEST_DECORATOR(*utf::precondition(cayley::testing::reference_is_set))
BOOST_DATA_TEST_CASE(published_networks_give_the_published_metrics, utf::data::make(cayley::testing::published_runs),
                     name) {
  if (cayley::testing::slow_build && name == std::string("S6_MLP_seed1")) return;  // hours
  const StoredRun run = published_run(name);
  const Explanation explanation = explain(run);
  cayley::testing::check_published_metrics(summary_metrics(explanation, run), name);
  std::vector<std::string> key;
  for (Index i : explanation.metrics.key) key.push_back(run.group.irreps()[i].label());
  BOOST_TEST(key == cayley::testing::published_key_irreps(name), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_wrong_element_order_is_suspected, *utf::precondition(cayley::testing::reference_is_set)) {
  for (const char* name : {"S5_MLP_seed2", "A5_MLP_seed1", "S5_MLP_hidden_dim_32_seed1"}) {
    const StoredRun run = read_run(reference_file(std::string("runs/") + name + "/cfg.json").parent_path());
    BOOST_CHECK_EXCEPTION(explain(run), Error, says({name, "chance level", "--elements"}));
  }
}

BOOST_AUTO_TEST_CASE(all_eleven_irreps_of_s6_can_be_explained, *utf::precondition(cayley::testing::reference_is_set)) {
  if (cayley::testing::slow_build) return;
  const StoredRun run = published_run("S6_MLP_seed1");
  const Explanation all = explain(run, true);
  BOOST_TEST(all.metrics.listed.size() == 11u);
  const Json expected = read_json(reference_file("runs/S6_MLP_seed1/exact_metrics.json"));
  BOOST_TEST(all.metrics.logits_explained >= expected.at("percent_logits_explained").get<double>());
  const Json found = summary_metrics(all, run, true);
  double total = 0;  // the embeddings are spanned by all irreps together
  for (Irrep const& irrep : run.group.irreps())
    total += found.at("percent_x_embed_" + irrep.label() + "_rep").get<double>();
  BOOST_TEST(total == 1.0, boost::test_tools::tolerance(1e-12));
}

namespace {

/// The paper's mainline network, with what the notebook on it computes.
struct Mainline {
  StoredRun run = published_run("S5_MLP_seed2");
  CayleyTable const& table = run.group.table;
  FourierBasis<double> const& basis = run.group.basis;
  HiddenMeans means = hidden_means(run.network, table);
  NeuronPower power = neuron_power(run.network, basis, means);
  Index sign = run.group.irreps().find("sign"), standard = run.group.irreps().find("standard");
  std::vector<Index> key{sign, standard};
};

const std::vector<Index> sign_neurons{2, 8, 17, 65, 111, 113, 120};

}  // namespace

BOOST_AUTO_TEST_CASE(mainline_neurons, *utf::precondition(cayley::testing::reference_is_set)) {
  const Mainline m;
  BOOST_TEST(dead_neurons(m.power.left, m.power.right) == std::vector<Index>({48, 110}),
             boost::test_tools::per_element());
  BOOST_TEST(silent_neurons(m.power) == std::vector<Index>({48, 110}), boost::test_tools::per_element());
  BOOST_TEST(neurons_of_irrep(m.power, m.sign) == sign_neurons, boost::test_tools::per_element());
  BOOST_TEST(neurons_of_irrep(m.power, m.standard).size() == 119u);
  for (const char* other : {"standard_sign", "s5_5d_a", "s5_5d_b", "s5_6d"}) {
    BOOST_TEST(neurons_of_irrep(m.power, m.run.group.irreps().find(other)).empty());
  }
  const auto main = main_irreps(m.power.left);
  for (std::size_t k = 0; k < main.size(); ++k) {
    if (k != 48 && k != 110) BOOST_TEST(main[k].share > 0.999999);
  }
  const Explanation explanation = explain(m.run);
  BOOST_TEST(explanation.dead == std::vector<Index>({48, 110}), boost::test_tools::per_element());
  BOOST_TEST(explanation.neurons[static_cast<std::size_t>(m.sign)] == sign_neurons, boost::test_tools::per_element());
  BOOST_TEST(explanation.neurons[static_cast<std::size_t>(m.standard)].size() == 119u);

  const auto close = boost::test_tools::tolerance(1e-9);
  const auto sign = cluster_variance(m.power, m.sign, neurons_of_irrep(m.power, m.sign));
  BOOST_TEST(sign.x == 0.3333481755, close);
  BOOST_TEST(sign.y == 0.3333355850, close);
  BOOST_TEST(sign.xy == 0.3333162343, close);
  BOOST_TEST(sign.sum() == 0.9999999948, close);
  const auto standard = cluster_variance(m.power, m.standard, neurons_of_irrep(m.power, m.standard));
  BOOST_TEST(standard.x == 0.3958945623, close);
  BOOST_TEST(standard.y == 0.3708247535, close);
  BOOST_TEST(standard.xy == 0.1130596989, close);
  BOOST_TEST(standard.sum() == 0.8797790147, close);
  BOOST_TEST(standard.all == 0.8811740670, close);
  BOOST_TEST(standard.trivial < 1e-20);
}

BOOST_AUTO_TEST_CASE(mainline_ablations, *utf::precondition(cayley::testing::reference_is_set)) {
  const Mainline m;
  const Ablations found = ablations(m.run.network, m.table, m.basis, m.means, m.run.train);
  const auto close = boost::test_tools::tolerance(1e-9);
  BOOST_TEST(found.baseline == 2.3838244670e-6, close);
  struct Row {
    const char* irrep;
    double xy, x, y;
  };
  for (Row const& row : {Row{"sign", 9.0951862745e-4, 2.3729508319e-6, 2.3709132448e-6},
                         Row{"standard", 7.5507848217, 2.2090985062e-6, 2.2082871124e-6},
                         Row{"standard_sign", 2.3838246409e-6, 2.3838222218e-6, 2.3838232603e-6},
                         Row{"s5_5d_a", 2.3838248839e-6, 2.3838213926e-6, 2.3838143658e-6},
                         Row{"s5_5d_b", 2.5641528558e-6, 2.3824572493e-6, 2.3824628681e-6},
                         Row{"s5_6d", 2.3838247346e-6, 2.3838188807e-6, 2.3838136704e-6},
                         Row{"trivial", 2.4193130538e-6, 2.4193130538e-6, 2.4193130538e-6}}) {
    auto const& losses = found.irreps[static_cast<std::size_t>(m.run.group.irreps().find(row.irrep))];
    BOOST_TEST_CONTEXT(row.irrep) {
      BOOST_TEST(losses.xy == row.xy, close);
      BOOST_TEST(losses.x == row.x, close);
      BOOST_TEST(losses.y == row.y, close);
    }
  }
  BOOST_TEST(found.relative_change(found.irreps[static_cast<std::size_t>(m.standard)].xy) == 3167507.73,
             boost::test_tools::tolerance(1e-8));
}

BOOST_AUTO_TEST_CASE(mainline_representation_of_the_product, *utf::precondition(cayley::testing::reference_is_set)) {
  const Mainline m;
  const auto close = boost::test_tools::tolerance(1e-9), coarse = boost::test_tools::tolerance(1e-6);
  const auto sign = product_representation(m.run.network, m.basis, m.means, m.sign);
  BOOST_TEST(sign.cosine == 1.0, close);
  BOOST_TEST(sign.linear_map_cosine == 1.0, close);
  BOOST_TEST(sign.singular_values[0] == 438.6967337, close);
  const auto standard = product_representation(m.run.network, m.basis, m.means, m.standard);
  BOOST_TEST(standard.cosine == 0.9995380224, close);
  BOOST_TEST(standard.mean_square_error == 4.0102224e-9, coarse);
  BOOST_TEST(standard.row_scaled_cosine >= 0.9995);
  BOOST_TEST(standard.linear_map_cosine == 0.9995782812, close);
  BOOST_TEST(standard.linear_map_mean_square_error == 3.2946778e-6, coarse);
  BOOST_TEST(standard.singular_values.mean() == 223.5890899, close);
  BOOST_TEST(standard.singular_values.minCoeff() == 218.786, boost::test_tools::tolerance(3e-6));
  BOOST_TEST(standard.singular_values.maxCoeff() == 229.940, boost::test_tools::tolerance(3e-6));

  BOOST_TEST(loss_by_product(rebuilt_logits(m.run.network, m.basis, m.means, m.key)) == 7.0847800e-7, coarse);
  BOOST_TEST(loss_by_product(ideal_rebuilt_logits(m.run.network, m.basis, m.means, m.key)) == 6.9785528e-7, coarse);
}

BOOST_AUTO_TEST_CASE(mainline_unembedding, *utf::precondition(cayley::testing::reference_is_set)) {
  const Mainline m;
  const auto close = boost::test_tools::tolerance(1e-9);
  const auto share = [&](Index irrep, Index cluster) {
    const auto neurons = neurons_of_irrep(m.power, cluster);
    return unembedding_share(m.run.network, m.basis, irrep, neurons);
  };
  BOOST_TEST(share(m.sign, m.sign) == 0.9993630384, close);
  BOOST_TEST(share(m.standard, m.standard) == 0.9340785588, close);
  BOOST_TEST(share(0, m.standard) == 0.0547643, boost::test_tools::tolerance(1e-6));
  const auto losses = unembedding_losses(m.run.network, m.table, m.basis, m.key);
  BOOST_TEST(losses.restricted == 2.0778650059e-6, close);
  BOOST_TEST(losses.without == 4.7955031793, close);
}

BOOST_AUTO_TEST_CASE(mainline_sign_circuit, *utf::precondition(cayley::testing::reference_is_set)) {
  const Mainline m;
  const auto circuit = sign_circuit(m.run.network, m.basis, m.sign, sign_neurons);
  BOOST_TEST(circuit.neurons.size() == 7u);
  for (auto const& neuron : circuit.neurons) {
    BOOST_TEST(neuron.block_share > 0.99999);
    BOOST_TEST(neuron.left.share > 0.9999);
    BOOST_TEST(neuron.right.share > 0.9999);
    BOOST_TEST(neuron.unembedding.share > 0.999);
    // Each neuron fires in one block of four: its embeddings have equal magnitude.
    BOOST_TEST(std::abs(std::abs(neuron.left.coefficient) - std::abs(neuron.right.coefficient)) < 1e-3);
  }
  BOOST_TEST(circuit.logit_by_block[0] > 3.0);
  BOOST_TEST(circuit.logit_by_block[1] < -3.0);
  BOOST_TEST(circuit.logit_by_block[2] < -3.0);
  BOOST_TEST(circuit.logit_by_block[3] > 3.0);
}

BOOST_AUTO_TEST_CASE(a_dihedral_networks_neurons_are_explained_by_irreps,
                     *utf::precondition(cayley::testing::reference_is_set)) {
  // Fractions explained in two dimensions agree with the clusters by embedding, on the published D59 network.
  const StoredRun run = published_run("D59_MLP_seed1");
  const PairSpectrum spectrum = pair_spectrum(run.group.basis, run.network.hidden_of_all());
  const auto by_spectrum = explained_neurons(spectrum);
  const auto by_embedding = main_irreps(isotypic_power_by_column(run.group.basis, run.network.left_embedding));
  Index agree = 0, alive = 0;
  for (std::size_t k = 0; k < by_spectrum.size(); ++k) {
    if (run.network.left_embedding.col(static_cast<Index>(k)).squaredNorm() < 1) continue;
    ++alive;
    if (by_spectrum[k].irrep == by_embedding[k].irrep) ++agree;
    BOOST_TEST(by_spectrum[k].fraction >= by_spectrum[k].centred_fraction);
  }
  BOOST_TEST(alive > 100);
  BOOST_TEST(agree == alive);
}

BOOST_AUTO_TEST_SUITE_END()
