#include <cayley/study/modular_addition.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/interpret/transformer_network.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/representation/irreps.hpp>
#include <cayley/study/transformer_file.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "interpret/toy_transformer.hpp"
#include "reference.hpp"

BOOST_AUTO_TEST_SUITE(modular_addition_test)

using namespace cayley;
using cayley::testing::reference_file;
namespace utf = boost::unit_test;

namespace {

/// Every number in `expected` within 1e-6 of its size, whole numbers and names equal.
void check_json(Json const& found, Json const& expected, std::string const& where) {
  if (expected.is_object() || expected.is_array()) {
    BOOST_TEST_REQUIRE((found.type() == expected.type()), where);
    BOOST_TEST_REQUIRE(found.size() == expected.size(), where << ": size " << found.size());
    for (auto const& item : expected.items()) {
      const std::string place = where + "/" + item.key();
      if (expected.is_object()) {
        BOOST_TEST_REQUIRE(found.contains(item.key()), place);
        check_json(found.at(item.key()), item.value(), place);
      } else {
        check_json(found.at(std::stoul(item.key())), item.value(), place);
      }
    }
  } else if (expected.is_number_float()) {
    const auto value = found.get<double>(), reference = expected.get<double>();
    BOOST_TEST(std::abs(value - reference) <= 1e-6 * std::abs(reference),
               where << ": " << value << ", expected " << reference);
  } else {
    BOOST_TEST(found == expected, where << ": " << found << ", expected " << expected);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_published_network_on_113_is_analysed, *utf::precondition(cayley::testing::reference_is_set)) {
  const auto stored = read_transformer<double>(read_safetensors(reference_file("modular_addition/model.safetensors")));
  const auto model = Transformer<Cpu, double>::from_parameters(Cpu{}, stored.shape, stored.weights);
  const auto mask = read_safetensors(reference_file("modular_addition/split.safetensors"))
                        .values<std::int64_t>("is_train", {113 * 113});
  const Cyclic<113> g;
  const FourierBasis<double> basis(g);
  const ModularAddition found = modular_addition(model, cayley_table(g), basis, TrainingSet(mask.begin(), mask.end()));
  const Json json = analysis_json(found, basis);
  const Json expected = read_json(reference_file("modular_addition/expected.json"));
  BOOST_TEST(expected.size() > 25u);
  check_json(json, expected, "analysis");
}

BOOST_AUTO_TEST_CASE(a_group_that_does_not_commute_has_irreps_for_frequencies) {
  const Symmetric<3> g;
  const CayleyTable table = cayley_table(g);
  const FourierBasis<double> basis(g);
  const auto model = cayley::testing::toy_transformer(6, true, true);
  const TrainingSet train = cayley::testing::every_third_pair(6);
  const ModularAddition found = modular_addition(model, table, basis, train, 0.3);
  const PairNetwork network = pair_network(model);
  const PairLosses losses = pair_losses(network, table, train);
  const auto close = boost::test_tools::tolerance(1e-11);
  BOOST_TEST(found.losses.all == losses.all_loss, close);
  BOOST_TEST(found.losses.train == losses.train_loss, close);
  BOOST_TEST(found.losses.test == losses.test_loss, close);
  const auto neurons = explained_neurons(pair_spectrum(basis, network.hidden_of_all()));
  const Json json = analysis_json(found, basis);
  BOOST_TEST_REQUIRE(json.at("neuron_frequency").size() == neurons.size());
  std::size_t assigned = 0;
  for (std::size_t k = 0; k < neurons.size(); ++k) {
    BOOST_TEST(json["neuron_frequency"][k].get<std::string>() == basis.irreps()[neurons[k].irrep].label());
    BOOST_TEST(json["neuron_fraction_explained"][k].get<double>() == neurons[k].centred_fraction, close);
    if (neurons[k].centred_fraction >= 0.3) ++assigned;
  }
  BOOST_TEST(assigned > 0u);
  BOOST_TEST(json["neurons_unassigned"].get<std::size_t>() == neurons.size() - assigned);
  BOOST_TEST(json["excluded_loss_train"].size() == json["key_frequencies"].size());
  BOOST_TEST(json["embedding_singular_values"].size() == 6u);
  BOOST_TEST(json["average_attention_pattern"].size() == 2u);
  BOOST_CHECK_THROW(modular_addition(model, cayley_table(Cyclic<>{5}), basis, train), Error);
}

BOOST_AUTO_TEST_CASE(a_frequency_is_a_number_and_other_irreps_have_labels) {
  const auto cyclic = irreps(Cyclic<>{8});
  BOOST_TEST(frequency_or_label(cyclic.at("freq_3")) == Json(3));
  BOOST_TEST(frequency_or_label(cyclic.at("sign")) == Json("sign"));
  BOOST_TEST(frequency_or_label(cyclic.at("freq_3").renamed("freq_3b")) == Json("freq_3b"));
}

BOOST_AUTO_TEST_SUITE_END()
