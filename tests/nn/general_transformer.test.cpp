#include <cayley/nn/general_transformer.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <nn/step_counts.hpp>
#include <nn/toy_transformers.hpp>

BOOST_AUTO_TEST_SUITE(general_transformer_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

/// Central differences of the loss in every entry of every parameter, by way of every position.
HostGradients numeric_gradients(Transformer<Cpu, double> model, TokenSequences const& data) {
  constexpr double h = 1e-5;
  const auto loss = [&] { return model.unfolded_loss_and_gradient(data).loss; };
  HostGradients result{loss(), {}};
  for (auto& parameter : model.parameters()) {
    const Matrix<double> at = parameter.host();
    Matrix<double> gradient(at.rows(), at.cols());
    for (Index i = 0; i < at.size(); ++i) {
      Matrix<double> moved = at;
      moved.data()[i] = at.data()[i] + h;
      parameter.assign(moved);
      const double above = loss().mean();
      moved.data()[i] = at.data()[i] - h;
      parameter.assign(moved);
      gradient.data()[i] = (above - loss().mean()) / (2 * h);
    }
    parameter.assign(at);
    result.gradients.push_back(gradient);
  }
  return result;
}

template <class Scalar>
HostGradients every_position(Transformer<Cpu, Scalar> const& model, TokenSequences const& data) {
  const auto result = model.unfolded_loss_and_gradient(data);
  return {result.loss, to_double(result.gradients)};
}

}  // namespace

BOOST_DATA_TEST_CASE(gradients_are_those_of_the_loss, toy_shapes()) {
  const auto model = toy_transformer<double>(sample.shape);
  check_close_gradients(every_position(model, toy_sequences()), numeric_gradients(model, toy_sequences()), 2e-7,
                        "every position");
}

BOOST_DATA_TEST_CASE(computing_only_what_is_read_changes_nothing, toy_shapes()) {
  const auto in_double = toy_transformer<double>(sample.shape);
  const auto in_float = toy_transformer<float>(sample.shape);
  for (TokenSequences const& data : {toy_sequences(), toy_pair_sequences()}) {
    check_close_gradients(gradients_of(in_double, in_double.general_examples(data)), every_position(in_double, data),
                          1e-12, "double");
    check_close_gradients(gradients_of(in_float, in_float.general_examples(data)), every_position(in_double, data),
                          1e-4, "float");
  }
}

BOOST_DATA_TEST_CASE(chunks_and_blocks_change_nothing, toy_shapes()) {
  const auto model = toy_transformer<double>(sample.shape);
  const TokenSequences data = toy_sequences();
  const auto expected = every_position(model, data);
  for (const Index chunk_rows : {1, 7, 100}) {
    for (const Index block_rows : {3, 6}) {
      const TransformerExamples<Cpu> batch(
          SequenceExamples<Cpu>({}, data, 7, 4, 5, chunk_rows, block_rows, BatchUse::gradient));
      check_close_gradients(gradients_of(model, batch), expected, 1e-12, std::to_string(chunk_rows));
    }
  }
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_bits) {
  TransformerShape shape = toy_shape();
  shape.n_layers = 2;
  TokenSequences data = toy_sequences();
  std::vector<std::uint32_t> many;
  for (std::uint32_t i = 0; i < 400; ++i) many.push_back(i % 5);
  data = data.subset(many);
  const auto alone = toy_transformer<float>(shape);
  const auto expected = gradients_of(alone, alone.general_examples(data));
  for (const int threads : {1, 2, 3, 8}) {
    const auto model = toy_transformer<float>(shape, Cpu(threads));
    const auto found = gradients_of(model, model.general_examples(data));
    BOOST_TEST(found.loss.sum == expected.loss.sum);
    for (std::size_t p = 0; p < expected.gradients.size(); ++p) {
      BOOST_TEST((found.gradients[p] == expected.gradients[p]), threads << " threads, parameter " << p);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_batch_for_its_loss_alone_has_no_gradient) {
  const auto model = toy_transformer<float>(toy_shape());
  Transformer<Cpu, float>::Workspace workspace(model);
  auto gradients = model.zero_gradients();
  const auto batch = model.general_examples(toy_sequences(), BatchUse::loss);
  model.loss(batch, workspace);
  BOOST_TEST(workspace.losses().examples == 5);
  BOOST_CHECK_THROW(model.loss_and_gradient(batch, workspace, gradients), Error);
}

BOOST_AUTO_TEST_CASE(no_sequences_have_no_loss) {
  const auto model = toy_transformer<float>(toy_shape());
  Transformer<Cpu, float>::Workspace workspace(model);
  model.loss(model.examples(TokenSequences{}), workspace);
  BOOST_TEST(workspace.losses().examples == 0);
}

BOOST_DATA_TEST_CASE(a_step_takes_no_new_memory, toy_shapes()) {
  const auto model = toy_transformer<float, OwnBackend>(sample.shape);
  const auto counts = counts_of_step(model, model.general_examples(toy_sequences()));
  BOOST_TEST(counts.allocations == 0);
  BOOST_TEST(counts.synchronizations == 0);
}

BOOST_AUTO_TEST_SUITE_END()
