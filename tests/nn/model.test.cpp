#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cayley/nn/model.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <nn/toy_models.hpp>
#include <string_view>
#include <tuple>

BOOST_AUTO_TEST_SUITE(model_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

static_assert(Model<OneLayerMlp<Cpu, float>> && Model<OneLayerMlp<Cpu, double>>);
static_assert(Model<Bilinear<Cpu, float>> && Model<Bilinear<Cpu, double>>);
static_assert(Model<OneLayerMlp<ArchetypeBackend, float>> && Model<Bilinear<ArchetypeBackend, double>>);

static_assert(TrainableModel<OneLayerMlp<Cpu, float>> && TrainableModel<OneLayerMlp<Cpu, double>>);
static_assert(TrainableModel<Bilinear<Cpu, float>> && TrainableModel<Bilinear<Cpu, double>>);
static_assert(TrainableModel<OneLayerMlp<ArchetypeBackend, float>> &&
              TrainableModel<Bilinear<ArchetypeBackend, double>>);

// Neither a folded network, which has no hook points, nor a backend is a model.
static_assert(!Model<FoldedPairs<float>> && !Model<Cpu> && !Model<int>);

struct WithoutHookNames : Bilinear<Cpu, float> {
  void hook_names() = delete;
};
static_assert(!Model<WithoutHookNames>);

// A model without one of what training needs is a model all the same.
struct WithoutExamples : Bilinear<Cpu, float> {
  void examples() = delete;
};
struct WithoutGradient : Bilinear<Cpu, float> {
  void loss_and_gradient() = delete;
};
struct WithoutWorkspace : Bilinear<Cpu, float> {
  struct Workspace {};
};
struct Renamed : Bilinear<Cpu, float> {};
static_assert(Model<WithoutExamples> && !TrainableModel<WithoutExamples>);
static_assert(Model<WithoutGradient> && !TrainableModel<WithoutGradient>);
static_assert(Model<WithoutWorkspace> && !TrainableModel<WithoutWorkspace>);
static_assert(TrainableModel<Renamed>);

template <class M>
M toy_model();
template <>
OneLayerMlp<Cpu, float> toy_model() {
  return OneLayerMlp<Cpu, float>::from_parameters({}, toy_mlp_weights<float>(true));
}
template <>
OneLayerMlp<ArchetypeBackend, double> toy_model() {
  return OneLayerMlp<ArchetypeBackend, double>::from_parameters({}, toy_mlp_weights<double>(false));
}
template <>
Bilinear<Cpu, double> toy_model() {
  return Bilinear<Cpu, double>::from_parameters({}, toy_bilinear_weights<double>());
}
using Models = std::tuple<OneLayerMlp<Cpu, float>, OneLayerMlp<ArchetypeBackend, double>, Bilinear<Cpu, double>>;

// What training and interpretation will do, with nothing but the concept.
template <Model M>
Matrix<typename M::ScalarType> logits_of_a_reloaded_copy(M const& model, typename M::Batch batch) {
  NamedMatrices<typename M::ScalarType> weights;
  for (auto const& parameter : model.parameters()) weights[parameter.name()] = parameter.host();
  return M::from_parameters(model.backend(), weights).forward(batch).host();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_model_is_its_parameters, M, Models) {
  const M model = toy_model<M>();
  const auto pairs = toy_pairs();
  BOOST_TEST((logits_of_a_reloaded_copy(model, pairs) == model.forward(pairs).host()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(no_hooks_and_empty_hooks_are_the_same, M, Models) {
  const M model = toy_model<M>();
  const auto pairs = toy_pairs();
  const Hooks<typename M::BackendType, typename M::ScalarType> none;
  BOOST_TEST((model.forward(pairs, none).host() == model.forward(pairs).host()));
}

// What the trainer will do, with nothing but the concept.
template <TrainableModel M>
BatchLoss loss_of(M const& model, typename M::Batch batch, typename M::Labels labels) {
  typename M::Workspace workspace(model);
  model.loss(model.examples(batch, labels, BatchUse::loss), workspace);
  return workspace.losses();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_loss_is_that_of_the_logits, M, Models) {
  const M model = toy_model<M>();
  const auto pairs = toy_pairs();
  const auto labels = toy_labels();
  const Matrix<double> logits = model.forward(pairs).host().template cast<double>();
  double sum = 0;
  Index correct = 0;
  for (Index i = 0; i < logits.rows(); ++i) {
    const auto label = static_cast<Index>(labels[static_cast<std::size_t>(i)]);
    sum += std::log((logits.row(i).array() - logits(i, label)).exp().sum());
    Index largest = 0;
    logits.row(i).maxCoeff(&largest);
    correct += largest == label ? 1 : 0;
  }
  const BatchLoss found = loss_of(model, pairs, labels);
  BOOST_TEST(std::abs(found.sum - sum) < 10 * tolerance<typename M::ScalarType> * sum);
  BOOST_TEST(found.correct == correct);
  BOOST_TEST(found.examples == 30);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(copies_share_nothing, M, Models) {
  M model = toy_model<M>();
  const M copy = model;
  const auto pairs = toy_pairs();
  const auto before = copy.forward(pairs).host();
  for (auto& parameter : model.parameters()) {
    parameter.assign(Matrix<typename M::ScalarType>::Zero(parameter.rows(), parameter.cols()));
  }
  BOOST_TEST(model.forward(pairs).host().isZero());
  BOOST_TEST((copy.forward(pairs).host() == before));
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
