#include <cayley/study/modular_addition_metrics.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <string>
#include <vector>

#include "interpret/toy_transformer.hpp"
#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(modular_addition_metrics_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

double value_of(std::vector<NamedValue> const& row, std::string const& name) {
  for (NamedValue const& entry : row) {
    if (entry.name == name) return entry.value;
  }
  throw Error("no value " + name);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_row_holds_what_the_analysis_finds) {
  const Dihedral<3> g;
  const CayleyTable table = cayley_table(g);
  const FourierBasis<double> basis(g);
  const auto model = toy_transformer(6);
  const TrainingSet train = every_third_pair(6);
  const ModularAddition found = modular_addition(model, table, basis, train, 0);
  const auto row = modular_addition_metrics(model, table, basis, train, found.clusters);
  const auto check = [&](std::string const& name, double expected) {
    BOOST_TEST(value_of(row, name) == expected, boost::test_tools::tolerance(1e-11));
  };
  check("train_loss", found.losses.train);
  check("test_loss", found.losses.test);
  BOOST_TEST_REQUIRE(found.clusters.irreps.size() == 2u);
  check("excluded_loss_sign", found.excluded_losses[0]);
  check("excluded_loss_freq_1", found.excluded_losses[1]);
  check("trig_loss", found.trig_losses.all);
  check("trig_loss_train", found.trig_losses.train);
  check("test_loss_trig_loss_ratio", found.losses.test / found.trig_losses.all);
  check("pre_trig_fraction", found.pre_trig_share);
  check("post_trig_fraction", found.post_trig_share);
  check("logit_trig_fraction", found.logit_trig_share);
  double explained = 0;
  for (ExplainedNeuron const& neuron : found.neurons) explained += neuron.centred_fraction / 10;
  check("post_explained", explained);
  BOOST_TEST(value_of(row, "post_explained_quadratic") < explained);
  BOOST_TEST(value_of(row, "pre_explained_quadratic") < value_of(row, "pre_explained"));
  check("fraction_active", found.fraction_positive.mean());
  check("attention_head_1_position_2", found.mean_attention(1, 2));
  check("attention_difference_head_0", found.mean_attention(0, 0) - found.mean_attention(0, 1));
  check("sum_of_squares_unembed.W_U", detail::host_parameter(model, "unembed.W_U").squaredNorm());
  check("sum_of_squared_weights", detail::sum_of_squares(model));
  check("embedding_Const", found.embedding_spectrum[0]);
  check("embedding_freq_1[0,1]", found.embedding_spectrum[3]);
  check("embedding_singular_value_5", found.embedding_singular_values[5]);
  BOOST_CHECK_THROW(modular_addition_metrics(toy_transformer(5), table, basis, train, found.clusters), Error);
}

BOOST_AUTO_TEST_CASE(rows_make_a_table_that_can_be_stored) {
  CsvTable table;
  add_row(table, 0, {{"loss", 2.5}, {"embedding_freq_1[0,1]", 1}});
  add_row(table, 100, {{"loss", 0.5}, {"embedding_freq_1[0,1]", 3}});
  BOOST_CHECK_THROW(add_row(table, 200, {{"loss", 0.5}}), Error);
  const ScratchFolder scratch;
  write_csv(scratch / "metrics.csv", table);
  const CsvTable found = read_csv(scratch / "metrics.csv");
  BOOST_TEST(found.column("epoch") == (std::vector<double>{0, 100}), boost::test_tools::per_element());
  BOOST_TEST(found.column("embedding_freq_1[0;1]") == (std::vector<double>{1, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
