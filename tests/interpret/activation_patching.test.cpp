#include <cayley/interpret/activation_patching.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <functional>
#include <map>
#include <nn/toy_models.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

BOOST_AUTO_TEST_SUITE(activation_patching_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

constexpr Index length = 3, sequences = 2;
const std::vector<std::uint32_t> clean_tokens{0, 1, 6, 3, 5, 2}, corrupted_tokens{4, 1, 6, 2, 0, 2};
const TokenBatch clean{clean_tokens, length}, corrupted{corrupted_tokens, length};

TransformerShape small_shape() {
  return {.n_layers = 2,
          .d_model = 8,
          .n_heads = 2,
          .d_head = 3,
          .d_mlp = 10,
          .d_vocab = 7,
          .d_vocab_out = 5,
          .n_ctx = length};
}

template <class B = Cpu>
Transformer<B, double> random_transformer() {
  Transformer<B, double> model(B{}, small_shape());
  unsigned seed = 1;
  for (auto& parameter : model.parameters()) {
    parameter.assign(random_matrix<double>(parameter.rows(), parameter.cols(), seed++));
  }
  return model;
}

/// Some function of the logits that every one of them moves.
double metric(Matrix<double> const& logits) {
  double sum = 0;
  for (Index i = 0; i < logits.size(); ++i) sum += std::cos(static_cast<double>(i)) * logits.data()[i];
  return sum;
}

/// The model written out for one sequence. `at` sees, and may change, the residual stream before a layer (positions,
/// d_model), and of each head the pattern (positions, positions) and z (positions, d_head).
class NaiveTransformer {
 public:
  using At = std::function<void(std::string_view name, Index layer, Index head, Matrix<double>& activation)>;

  explicit NaiveTransformer(Transformer<Cpu, double> const& model) : shape_(model.shape()) {
    for (auto const& parameter : model.parameters()) weights_[parameter.name()] = parameter.host();
  }

  Matrix<double> operator()(std::span<std::uint32_t const> sequence, At const& at) const {
    Matrix<double> x = weights_.at("pos_embed.W_pos");
    for (Index i = 0; i < length; ++i) x.row(i) += weights_.at("embed.W_E").row(sequence[static_cast<std::size_t>(i)]);
    for (Index layer = 0; layer < shape_.n_layers; ++layer) {
      const auto w = [&](char const* name) { return weights_.at("blocks." + std::to_string(layer) + "." + name); };
      at("hook_resid_pre", layer, 0, x);
      Matrix<double> out = w("attn.b_O").replicate(length, 1);
      for (Index h = 0; h < shape_.n_heads; ++h) {
        const auto head = [&](char const* weight, char const* bias) -> Matrix<double> {
          return (x * w(weight).middleRows(8 * h, 8)).rowwise() + w(bias).row(h);
        };
        const Matrix<double> q = head("attn.W_Q", "attn.b_Q"), k = head("attn.W_K", "attn.b_K");
        Matrix<double> pattern = (q * k.transpose() / std::sqrt(3.0)).array().exp();
        pattern.triangularView<Eigen::StrictlyUpper>().setZero();
        for (Index i = 0; i < length; ++i) pattern.row(i) /= pattern.row(i).sum();
        at("attn.hook_pattern", layer, h, pattern);
        Matrix<double> z = pattern * head("attn.W_V", "attn.b_V");
        at("attn.hook_z", layer, h, z);
        out += z * w("attn.W_O").middleRows(3 * h, 3);
      }
      x += out;
      const Matrix<double> pre = (x * w("mlp.W_in")).rowwise() + w("mlp.b_in").row(0);
      x += (pre.cwiseMax(0) * w("mlp.W_out")).rowwise() + w("mlp.b_out").row(0);
    }
    return (x * weights_.at("unembed.W_U")).rowwise() + weights_.at("unembed.b_U").row(0);
  }

  /// The metric of the corrupted batch with rows of one activation from the clean one.
  double patched(std::string_view hook, Index layer, Index position, Index head) const {
    Matrix<double> logits(sequences * length, shape_.d_vocab_out);
    for (Index s = 0; s < sequences; ++s) {
      const auto of = [&](std::vector<std::uint32_t> const& tokens) {
        return std::span(tokens).subspan(static_cast<std::size_t>(s * length), length);
      };
      Matrix<double> kept;
      const auto here = [&](std::string_view name, Index in_layer, Index in_head) {
        return name == hook && in_layer == layer && in_head == head;
      };
      (*this)(of(clean_tokens), [&](std::string_view name, Index in_layer, Index in_head, Matrix<double>& activation) {
        if (here(name, in_layer, in_head)) kept = activation;
      });
      logits.middleRows(s * length, length) = (*this)(
          of(corrupted_tokens), [&](std::string_view name, Index in_layer, Index in_head, Matrix<double>& activation) {
            if (here(name, in_layer, in_head)) activation.row(position) = kept.row(position);
          });
    }
    return metric(logits);
  }

 private:
  TransformerShape shape_;
  std::map<std::string, Matrix<double>> weights_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(every_patch_is_the_run_written_out_with_that_activation_replaced) {
  const auto model = random_transformer();
  const NaiveTransformer naive(model);
  for (std::string_view hook : {"hook_resid_pre", "attn.hook_z", "attn.hook_pattern"}) {
    const PatchedMetrics found = patch_activations(model, clean, corrupted, hook, metric);
    const Index heads = hook == "hook_resid_pre" ? 1 : 2;
    BOOST_TEST(found.clean == metric(model.forward(clean).host()), boost::test_tools::tolerance(1e-12));
    BOOST_TEST(found.corrupted == metric(model.forward(corrupted).host()), boost::test_tools::tolerance(1e-12));
    BOOST_TEST_REQUIRE(found.patched.size() == 2u);
    for (Index layer = 0; layer < 2; ++layer) {
      Matrix<double> const& metrics = found.patched[static_cast<std::size_t>(layer)];
      BOOST_TEST_REQUIRE(metrics.rows() == length);
      BOOST_TEST_REQUIRE(metrics.cols() == heads);
      for (Index position = 0; position < length; ++position) {
        for (Index head = 0; head < heads; ++head) {
          const double expected = naive.patched(hook, layer, position, head);
          BOOST_TEST(std::abs(metrics(position, head) - expected) < 1e-11 * std::abs(expected),
                     hook << " of layer " << layer << ", position " << position << ", head " << head);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_coarser_grid_replaces_more_at_once) {
  const auto model = random_transformer();
  const PatchedMetrics stream =
      patch_activations(model, clean, corrupted, "hook_resid_pre", metric, {.by_position = false});
  for (auto const& metrics : stream.patched) {
    BOOST_TEST(metrics.size() == 1);
    BOOST_TEST(metrics(0, 0) == stream.clean);
  }
  BOOST_TEST(std::abs(stream.corrupted - stream.clean) > 0.1);

  // What all heads write at all positions is the whole of the attention's output.
  for (char const* hook : {"attn.hook_z", "attn.hook_result"}) {
    const PatchedMetrics heads =
        patch_activations(model, clean, corrupted, hook, metric, {.by_position = false, .by_head = false});
    const PatchedMetrics out =
        patch_activations(model, clean, corrupted, "hook_attn_out", metric, {.by_position = false});
    for (std::size_t layer = 0; layer < 2; ++layer) {
      BOOST_TEST(heads.patched[layer](0, 0) == out.patched[layer](0, 0), boost::test_tools::tolerance(1e-12));
    }
  }
  const PatchedMetrics by_head =
      patch_activations(model, clean, corrupted, "attn.hook_q", metric, {.by_position = false});
  const PatchedMetrics by_position =
      patch_activations(model, clean, corrupted, "attn.hook_attn_scores", metric, {.by_head = false});
  BOOST_TEST(by_head.patched[1].rows() == 1);
  BOOST_TEST(by_head.patched[1].cols() == 2);
  BOOST_TEST(by_position.patched[1].rows() == length);
  BOOST_TEST(by_position.patched[1].cols() == 1);
}

BOOST_AUTO_TEST_CASE(backends_without_host_memory_give_the_same) {
  const auto found = patch_activations(random_transformer<ArchetypeBackend>(), clean, corrupted, "attn.hook_v", metric);
  const auto expected = patch_activations(random_transformer(), clean, corrupted, "attn.hook_v", metric);
  for (std::size_t layer = 0; layer < 2; ++layer) {
    BOOST_TEST(relative_error(found.patched[layer], expected.patched[layer]) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(mistakes_are_named) {
  const auto model = random_transformer();
  const auto message_of = [&](TokenBatch other, std::string_view hook) -> std::string {
    try {
      patch_activations(model, clean, other, hook, metric);
    } catch (Error const& error) {
      return error.what();
    }
    return "";
  };
  BOOST_TEST(message_of(corrupted, "attn.hook_zz").find("did you mean attn.hook_z") != std::string::npos);
  BOOST_TEST(message_of(corrupted, "blocks.0.attn.hook_z").find("no hook point 'blocks.0.attn.hook_z'") !=
             std::string::npos);
  BOOST_TEST(message_of(corrupted, "hook_embed").find("expected one of hook_resid_pre") != std::string::npos);
  const std::string shapes = message_of({corrupted_tokens, 2}, "attn.hook_z");
  BOOST_TEST(shapes.find("sequences of 3") != std::string::npos);
  BOOST_TEST(shapes.find("sequences of 2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_exception_leaves_nothing_behind) {
  const auto model = random_transformer();
  const Matrix<double> before = model.forward(corrupted).host();
  int calls = 0;
  const auto throwing = [&](Matrix<double> const& logits) {
    if (++calls == 4) throw std::runtime_error("stop");
    return metric(logits);
  };
  BOOST_CHECK_THROW(patch_activations(model, clean, corrupted, "attn.hook_z", throwing), std::runtime_error);
  BOOST_TEST(calls == 4);
  BOOST_TEST((model.forward(corrupted).host() == before));
  const auto fresh = random_transformer();
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    BOOST_TEST((model.parameters()[i].host() == fresh.parameters()[i].host()));
  }
}

BOOST_AUTO_TEST_SUITE_END()
