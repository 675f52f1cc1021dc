#include <cayley/nn/attention_pooling.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/model.hpp>
#include <cayley/task/skip_trigram.hpp>
#include <cayley/train/trainer.hpp>
#include <cmath>
#include <nn/toy_transformers.hpp>
#include <string>
#include <vector>

using namespace cayley;
using namespace cayley::testing;

namespace {

static_assert(TrainableModel<AttentionPooling<Cpu, float>> && TrainableModel<AttentionPooling<Cpu, double>>);
static_assert(TrainableModel<AttentionPooling<ArchetypeBackend, double>>);

/// Seven tokens, five classes, as `toy_sequences` has them.
template <class Scalar>
NamedMatrices<Scalar> toy_weights() {
  return {{"QK", random_matrix<Scalar>(1, 7, 1)}, {"OV", random_matrix<Scalar>(7, 5, 2)}};
}

template <class Scalar, class B = Cpu>
AttentionPooling<B, Scalar> toy_pooling(B const& backend = {}) {
  return AttentionPooling<B, Scalar>::from_parameters(backend, toy_weights<Scalar>());
}

/// Logits of every position in double, straight from the definition.
Matrix<double> naive_logits(NamedMatrices<double> const& weights, TokenSequences const& data) {
  auto const& qk = weights.at("QK");
  auto const& ov = weights.at("OV");
  Matrix<double> logits = Matrix<double>::Zero(static_cast<Index>(data.tokens.size()), ov.cols());
  for (Index row = 0; row < logits.rows(); ++row) {
    double sum = 0;
    for (Index at = row - row % data.length; at <= row; ++at) {
      const Index token = data.tokens[static_cast<std::size_t>(at)];
      const double weight = std::exp(qk(0, token));
      logits.row(row) += weight * ov.row(token);
      sum += weight;
    }
    logits.row(row) /= sum;
  }
  return logits;
}

/// The loss and its gradient by central differences, from `naive_logits` alone.
HostGradients naive_gradients(NamedMatrices<double> weights, TokenSequences const& data) {
  const auto loss = [&] {
    const Matrix<double> logits = naive_logits(weights, data);
    BatchLoss result{0, 0, static_cast<Index>(data.labels.size()), data.loss_scale};
    for (std::size_t t = 0; t < data.labels.size(); ++t) {
      const RowVector<double> z = logits.row(data.target_rows[t]);
      Index largest = 0;
      z.maxCoeff(&largest);
      result.sum += std::log(z.array().exp().sum()) - z[data.labels[t]];
      result.correct += largest == static_cast<Index>(data.labels[t]) ? 1 : 0;
    }
    return result;
  };
  constexpr double h = 1e-5;
  HostGradients result{loss(), {}};
  for (char const* name : {"QK", "OV"}) {
    Matrix<double>& weight = weights.at(name);
    Matrix<double> gradient(weight.rows(), weight.cols());
    for (Index i = 0; i < weight.size(); ++i) {
      const double at = weight.data()[i];
      weight.data()[i] = at + h;
      const double above = loss().mean();
      weight.data()[i] = at - h;
      gradient.data()[i] = (above - loss().mean()) / (2 * h);
      weight.data()[i] = at;
    }
    result.gradients.push_back(gradient);
  }
  return result;
}

TokenSequences many_sequences() {
  std::vector<std::uint32_t> many;
  for (std::uint32_t i = 0; i < 900; ++i) many.push_back((i * i) % 5);
  return toy_sequences().subset(many);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(attention_pooling_test)

// Token 1 weighs three times as much as token 0, token 2 as much as token 0.
BOOST_AUTO_TEST_CASE_TEMPLATE(logits_are_the_weighted_mean_of_the_tokens_so_far, P, Places) {
  using Scalar = typename P::ScalarType;
  Matrix<Scalar> qk(1, 3), ov(3, 2);
  Matrix<double> expected(6, 2);
  qk << 5, static_cast<Scalar>(5 + std::log(3.0)), 5;
  ov << 8, 0, 0, 4, -8, 16;
  expected << 8, 0, 2, 3, 0, 28.0 / 5,  // tokens 0, then 0 and 1, then 0, 1 and 2
      0, 4, 0, 4, 8.0 / 7, 24.0 / 7;    // tokens 1, then 1 and 1, then 1, 1 and 0
  const auto model = AttentionPooling<typename P::Backend, Scalar>::from_parameters({}, {{"QK", qk}, {"OV", ov}});
  BOOST_TEST((model.shape() == AttentionPoolingShape{3, 2}));
  const std::vector<std::uint32_t> tokens{0, 1, 2, 1, 1, 0};
  const Matrix<double> found = model.forward({tokens, 3}).host().template cast<double>();
  BOOST_TEST((found - expected).cwiseAbs().maxCoeff() < 20 * tolerance<Scalar>);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(forward_is_the_definition_position_by_position, P, Places) {
  using Scalar = typename P::ScalarType;
  const TokenSequences data = toy_sequences();
  const auto model = toy_pooling<Scalar>(typename P::Backend{});
  NamedMatrices<double> weights;
  for (auto const& [name, matrix] : toy_weights<Scalar>()) weights[name] = matrix.template cast<double>();
  BOOST_TEST(relative_error(model.forward({data.tokens, data.length}).host(), naive_logits(weights, data)) <
             tolerance<Scalar>);
}

BOOST_AUTO_TEST_CASE(gradients_are_those_of_the_loss) {
  const auto in_double = toy_pooling<double>();
  const auto archetype = toy_pooling<double>(ArchetypeBackend{});
  const auto in_float = toy_pooling<float>();
  for (TokenSequences const& data : {toy_sequences(), toy_pair_sequences()}) {
    const HostGradients expected = naive_gradients(toy_weights<double>(), data);
    const HostGradients exact = gradients_of(in_double, in_double.examples(data));
    check_same_gradients(exact, expected, 1e-8);
    check_same_gradients(gradients_of(archetype, archetype.examples(data)), exact, 1e-12);
    check_same_gradients(gradients_of(in_float, in_float.examples(data)), exact, 1e-4);

    // The check fails where a gradient is that of another batch.
    TokenSequences other = data;
    other.labels[0] = (other.labels[0] + 1) % 5;
    const HostGradients of_other = gradients_of(in_double, in_double.examples(other));
    BOOST_TEST(relative_error(of_other.gradients[0], expected.gradients[0]) > 1e-3);
    BOOST_TEST(relative_error(of_other.gradients[1], expected.gradients[1]) > 1e-3);
  }
}

BOOST_AUTO_TEST_CASE(chunks_and_blocks_change_nothing) {
  const auto model = toy_pooling<double>();
  const HostGradients expected = gradients_of(model, model.examples(toy_sequences()));
  for (const Index chunk_rows : {1, 7, 100}) {
    for (const Index block_rows : {3, 6}) {
      const SequenceExamples<Cpu> batch({}, toy_sequences(), 7, 3, 5, chunk_rows, block_rows, BatchUse::gradient);
      check_same_gradients(gradients_of(model, batch), expected, 1e-12);
    }
  }
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_bits) {
  const TokenSequences data = many_sequences();
  const auto alone = toy_pooling<float>();
  BOOST_TEST(alone.examples(data).blocks(0).size() > 4U);
  const HostGradients expected = gradients_of(alone, alone.examples(data));
  for (const int threads : {1, 2, 3, 8}) {
    const auto model = toy_pooling<float>(Cpu(threads));
    const HostGradients found = gradients_of(model, model.examples(data));
    BOOST_TEST(found.loss.sum == expected.loss.sum);
    for (std::size_t p = 0; p < expected.gradients.size(); ++p) {
      BOOST_TEST((found.gradients[p] == expected.gradients[p]), threads << " threads, parameter " << p);
    }
  }
}

BOOST_AUTO_TEST_CASE(one_workspace_serves_batches_of_every_size) {
  const auto model = toy_pooling<double>();
  AttentionPooling<Cpu, double>::Workspace workspace(model);
  auto gradients = model.zero_gradients();
  model.loss(model.examples(TokenSequences{}, BatchUse::loss), workspace);
  BOOST_TEST(workspace.losses().examples == 0);
  for (TokenSequences data : {toy_sequences(), many_sequences(), toy_pair_sequences(), toy_sequences()}) {
    for (std::size_t t = 0; t < data.labels.size(); ++t) data.parts.push_back(t % 2 == 0 ? 0 : 2);
    const HostGradients expected = gradients_of(model, model.examples(data));
    model.loss(model.examples(data, BatchUse::loss), workspace);
    const BatchLoss loss = workspace.losses();
    BOOST_TEST(loss.sum == expected.loss.sum);
    BOOST_TEST(loss.scale == data.loss_scale);
    BOOST_TEST(loss.parts.size() == 3U);
    BOOST_TEST(loss.parts[0].first + loss.parts[2].first == loss.sum, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(loss.parts[0].second + loss.parts[2].second == loss.examples);
    model.loss_and_gradient(model.examples(data), workspace, gradients);
    BOOST_TEST((gradients[1].host() == expected.gradients[1]));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(hook_points_are_reached_in_the_order_of_their_names, P, Places) {
  using B = typename P::Backend;
  using Scalar = typename P::ScalarType;
  const auto model = toy_pooling<Scalar>(B{});
  const TokenSequences data = toy_sequences();
  std::vector<std::string> reached;
  std::vector<Index> cols;
  Hooks<B, Scalar> hooks;
  for (std::string_view name : model.hook_names()) {
    hooks.add(std::string(name), [&](HookedTensor<B, Scalar>& tensor) {
      reached.emplace_back(tensor.name());
      cols.push_back(tensor.cols());
      BOOST_TEST(tensor.rows() == 15);
      if (tensor.name() != "pattern") return;
      const Matrix<double> pattern = tensor.host().template cast<double>();
      BOOST_TEST((pattern.rowwise().sum().array() - 1).abs().maxCoeff() < tolerance<Scalar>);
      for (Index row = 0; row < 15; ++row) BOOST_TEST((pattern.row(row).array() > 0).count() == row % 3 + 1);
    });
  }
  model.forward({data.tokens, data.length}, hooks);
  BOOST_TEST(reached == (std::vector<std::string>{"values", "scores", "pattern", "out"}),
             boost::test_tools::per_element());
  BOOST_TEST(cols == (std::vector<Index>{5, 3, 3, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_edit_at_any_hook_point_reaches_the_logits) {
  const auto model = toy_pooling<double>();
  const TokenSequences data = toy_sequences();
  const Matrix<double> plain = model.forward({data.tokens, data.length}).host();
  for (std::string_view name : model.hook_names()) {
    Hooks<Cpu, double> hooks;
    hooks.add(std::string(name), [](MatrixRef<double> activation) { activation(8, 0) += 1; });
    const Matrix<double> edited = model.forward({data.tokens, data.length}, hooks).host();
    for (Index i = 0; i < 15; ++i) BOOST_TEST((edited.row(i) == plain.row(i)) == (i != 8), name << " " << i);
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  const auto model = toy_pooling<float>();
  const std::vector<std::uint32_t> tokens{0, 7};
  BOOST_CHECK_THROW(model.forward({tokens, 2}), Error);
  BOOST_CHECK_THROW(model.forward({std::span(tokens).first(1), 2}), Error);
  Hooks<Cpu, float> hooks;
  hooks.add("patterns", [](MatrixRef<float>) {});
  BOOST_CHECK_THROW(model.forward({std::span(tokens).first(1), 1}, hooks), Error);
  TokenSequences data = toy_sequences();
  data.labels[3] = 5;
  BOOST_CHECK_THROW(model.examples(data), Error);

  AttentionPooling<Cpu, float>::Workspace workspace(model);
  auto gradients = model.zero_gradients();
  BOOST_CHECK_THROW(model.loss_and_gradient(model.examples(toy_sequences(), BatchUse::loss), workspace, gradients),
                    Error);

  auto weights = toy_weights<float>();
  weights["QK"] = Matrix<float>::Zero(1, 6);
  BOOST_CHECK_EXCEPTION((AttentionPooling<Cpu, float>::from_parameters({}, weights)), Error, [](Error const& error) {
    return std::string(error.what()) ==
           "AttentionPooling: QK: expected shape (one, d_vocab) = (1, 7), found (1, 6) (d_vocab and d_vocab_out from "
           "OV)";
  });
}

// Numbers drawn one after the other, QK first; 22 tokens take PyTorch's path for 16 and more.
BOOST_AUTO_TEST_CASE(weights_are_drawn_in_order_over_the_root_of_the_vocabulary) {
  AttentionPooling<Cpu, float> model(Cpu{}, {22, 10});
  TorchGenerator generator(6798), same(6798);
  draw_initial_weights(model, generator);
  const auto root = static_cast<float>(std::sqrt(22.0));
  for (auto const& parameter : model.parameters()) {
    const Matrix<float> found = parameter.host();
    const std::vector<float> expected = same.randn(static_cast<std::size_t>(found.size()));
    for (Index i = 0; i < found.size(); ++i) {
      BOOST_TEST(found.data()[i] == expected[static_cast<std::size_t>(i)] / root);
    }
  }
  BOOST_TEST(generator.random32() == same.random32());
}

BOOST_AUTO_TEST_CASE(it_learns_skip_trigrams) {
  using Model = AttentionPooling<Cpu, float>;
  const SkipTrigram task{8, 4};
  Model model(Cpu{}, {task.d_vocab(), task.d_vocab_out()});
  TorchGenerator generator(3);
  draw_initial_weights(model, generator);
  TrainerOptions options;
  options.optimizer.lr = 0.02;
  options.optimizer.weight_decay = 0;
  options.batch_size = 64;
  TokenSequences test = SequenceBatches(task, 4).next(200);
  Trainer<Model> trainer(std::move(model), sequence_source(task), TorchGenerator(3).state(), test, options);
  trainer.run_epoch();
  BOOST_TEST(trainer.evaluate().test_loss > 1);
  while (trainer.epochs() < 500) trainer.run_epoch();
  const LogRow row = trainer.evaluate();
  BOOST_TEST(row.test_loss < 0.05);
  BOOST_TEST(row.test_accuracy == 1);
  BOOST_TEST(row.more.size() == 4U);

  // By the algorithm that the name promises: marked tokens outshine noise, and name their keys.
  const Matrix<float> qk = trainer.model().parameters()[0].host(), ov = trainer.model().parameters()[1].host();
  BOOST_TEST(qk.rightCols(4).minCoeff() > qk.leftCols(6).maxCoeff() + 2);
  for (Index key = 0; key < 4; ++key) {
    Index largest = 0;
    ov.row(6 + key).maxCoeff(&largest);
    BOOST_TEST(largest == key);
  }

  // Labels that the tokens do not decide cannot be learned.
  for (std::size_t s = 0; s < test.labels.size(); ++s) test.labels[s] = (test.labels[s] + s) % 4;
  Model::Workspace workspace(trainer.model());
  trainer.model().loss(trainer.model().examples(test, BatchUse::loss), workspace);
  BOOST_TEST(workspace.losses().accuracy() < 0.5);
}

BOOST_AUTO_TEST_SUITE_END()
