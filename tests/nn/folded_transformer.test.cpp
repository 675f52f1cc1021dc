#include <cayley/nn/folded_transformer.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <conformance/archetype_backend.hpp>
#include <conformance/own_backend.hpp>
#include <nn/step_counts.hpp>
#include <nn/toy_transformers.hpp>

BOOST_AUTO_TEST_SUITE(folded_transformer_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

std::vector<NamedShape> folding_shapes() {
  std::vector<NamedShape> shapes = toy_shapes();
  std::erase_if(shapes, [](NamedShape const& named) { return !Transformer<Cpu, float>::folds(named.shape); });
  return shapes;
}

/// Sequences of four that end in token 5.
TokenSequences sequences_of_four() {
  TokenSequences data{4, {}, {}, {}, {}, 0.75};
  for (std::uint32_t i = 0; i < 30; ++i) {
    data.tokens.insert(data.tokens.end(), {i * 3 % 7, i * i % 7, i % 4, 5});
    data.target_rows.push_back(4 * i + 3);
    data.labels.push_back(i % 5);
  }
  return data;
}

/// Sequences of one token, 5, whose answers differ.
TokenSequences sequences_of_one() {
  return {1, {5, 5, 5}, {0, 1, 2}, {0, 3, 3}, {}, 1};
}

}  // namespace

BOOST_DATA_TEST_CASE(tables_give_the_loss_and_gradients_of_the_general_way, folding_shapes()) {
  const auto in_double = toy_transformer<double>(sample.shape);
  const auto in_float = toy_transformer<float>(sample.shape);
  for (TokenSequences const& data : {toy_pair_sequences(), sequences_of_four(), sequences_of_one()}) {
    const auto batch = in_double.examples(data);
    BOOST_TEST(batch.is_folded());
    const auto expected = gradients_of(in_double, in_double.general_examples(data));
    check_close_gradients(gradients_of(in_double, batch), expected, 1e-10, "double");
    check_close_gradients(gradients_of(in_float, in_float.examples(data)), expected, 1e-4, "float");
  }
}

BOOST_AUTO_TEST_CASE(passes_and_chunks_change_nothing) {
  const auto model = toy_transformer<double>(toy_shape());
  const TokenSequences data = toy_pair_sequences();
  const auto expected = gradients_of(model, model.general_examples(data));
  for (const Index pass_rows : {1, 7, 100}) {
    for (const Index chunk_rows : {1, 4}) {
      const TransformerExamples<Cpu> batch(
          FoldedSequences<Cpu>({}, data, 7, 4, 5, pass_rows, chunk_rows, BatchUse::gradient));
      check_close_gradients(gradients_of(model, batch), expected, 1e-10, std::to_string(pass_rows));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_way_is_chosen_from_shape_and_sequences) {
  const auto model = toy_transformer<float>(toy_shape());
  BOOST_TEST(model.examples(toy_pair_sequences()).is_folded());
  BOOST_TEST(!model.examples(toy_sequences()).is_folded());
  BOOST_TEST(model.examples(toy_pair_sequences()).size() == toy_pair_sequences().size());
  BOOST_TEST(model.examples(toy_sequences()).size() == toy_sequences().size());
  TransformerShape deep = toy_shape();
  deep.n_layers = 2;
  BOOST_TEST(!toy_transformer<float>(deep).examples(toy_pair_sequences()).is_folded());
  TransformerShape normed = toy_shape();
  normed.has_layer_norm = true;
  BOOST_TEST(!toy_transformer<float>(normed).examples(toy_pair_sequences()).is_folded());
}

BOOST_AUTO_TEST_CASE(one_workspace_serves_both_ways) {
  const auto model = toy_transformer<double>(toy_shape());
  Transformer<Cpu, double>::Workspace workspace(model);
  model.loss(model.examples(toy_pair_sequences()), workspace);
  const double folded = workspace.losses().mean();
  model.loss(model.general_examples(toy_pair_sequences()), workspace);
  BOOST_TEST(std::abs(workspace.losses().mean() - folded) < 1e-12);
  model.loss(model.examples(toy_sequences()), workspace);
  BOOST_TEST(workspace.losses().examples == 5);
}

// On backends without tasks there is one lane; OwnBackend joins rows.
BOOST_DATA_TEST_CASE(other_backends_find_the_same_gradients, folding_shapes()) {
  const auto cpu = toy_transformer<double>(sample.shape);
  const auto own = toy_transformer<double, OwnBackend>(sample.shape);
  const TokenSequences data = sequences_of_four();
  const auto expected = gradients_of(cpu, cpu.examples(data));
  check_close_gradients(gradients_of(own, own.examples(data)), expected, 1e-10, "joined rows");
  for (const Index pass_rows : {7, 100}) {
    const TransformerExamples<OwnBackend> batch(
        FoldedSequences<OwnBackend>({}, data, 7, 4, 5, pass_rows, 4, BatchUse::gradient));
    check_close_gradients(gradients_of(own, batch), expected, 1e-10, "passes of " + std::to_string(pass_rows));
  }
}

BOOST_AUTO_TEST_CASE(lanes_that_share_a_row_find_the_same_gradients) {
  const auto cpu = toy_transformer<double>(toy_shape());
  const auto lanes = toy_transformer<double, ArchetypeBackend>(toy_shape());
  const TokenSequences data = sequences_of_four();
  const auto expected = gradients_of(cpu, cpu.examples(data));
  check_close_gradients(gradients_of(lanes, lanes.examples(data)), expected, 1e-10, "three lanes");
}

// The shape of the study of addition mod 113 with smaller sizes, on which the counts do not depend: a launch is what a
// step on a GPU waits for.
BOOST_AUTO_TEST_CASE(a_step_takes_few_launches_and_no_memory) {
  TransformerShape shape = toy_shape();
  shape.n_heads = 4;
  shape.mlp_biases_alone = true;
  const auto model = toy_transformer<float, OwnBackend>(shape);
  const auto counts = counts_of_step(model, model.examples(toy_pair_sequences()));
  BOOST_TEST(counts.launches == 26);
  BOOST_TEST(counts.allocations == 0);
  BOOST_TEST(counts.synchronizations == 0);
  for (NamedShape const& named : folding_shapes()) {
    const auto any = toy_transformer<float, OwnBackend>(named.shape);
    const auto of_any = counts_of_step(any, any.examples(sequences_of_four()));
    BOOST_TEST(of_any.launches <= 30, named.name << ": " << of_any.launches);
    BOOST_TEST(of_any.allocations == 0, named.name);
    BOOST_TEST(of_any.synchronizations == 0, named.name);
  }
}

BOOST_AUTO_TEST_CASE(one_workspace_serves_sequences_of_any_length) {
  const auto model = toy_transformer<double>(toy_shape());
  Transformer<Cpu, double>::Workspace workspace(model);
  auto gradients = model.zero_gradients();
  for (TokenSequences const& data :
       {sequences_of_one(), sequences_of_four(), toy_pair_sequences(), sequences_of_four()}) {
    const auto batch = model.examples(data);
    model.loss_and_gradient(batch, workspace, gradients);
    check_close_gradients({workspace.losses(), to_double(gradients)}, gradients_of(model, batch), 1e-12, "again");
  }
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_bits) {
  std::vector<std::uint32_t> many;
  for (std::uint32_t i = 0; i < 1000; ++i) many.push_back(i * 7 % 30);
  const TokenSequences data = sequences_of_four().subset(many);
  const auto alone = toy_transformer<float>(toy_shape());
  const auto expected = gradients_of(alone, alone.examples(data));
  for (const int threads : {1, 2, 3, 8}) {
    const auto model = toy_transformer<float>(toy_shape(), Cpu(threads));
    const auto found = gradients_of(model, model.examples(data));
    BOOST_TEST(found.loss.sum == expected.loss.sum);
    for (std::size_t p = 0; p < expected.gradients.size(); ++p) {
      BOOST_TEST((found.gradients[p] == expected.gradients[p]), threads << " threads, parameter " << p);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
