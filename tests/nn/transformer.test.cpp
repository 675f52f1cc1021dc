#include <cayley/nn/transformer.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/activation_cache.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <map>
#include <nn/toy_models.hpp>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(transformer_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

TransformerShape small_shape() {
  return {
      .n_layers = 1, .d_model = 8, .n_heads = 2, .d_head = 3, .d_mlp = 10, .d_vocab = 7, .d_vocab_out = 5, .n_ctx = 4};
}

std::vector<std::uint32_t> const tokens{0, 1, 6, 3, 5, 2, 4, 4, 1, 6, 0, 3};  // four sequences of three

template <class B, class Scalar>
Transformer<B, Scalar> random_transformer(TransformerShape const& shape) {
  Transformer<B, Scalar> model(B{}, shape);
  unsigned seed = 1;
  for (auto& parameter : model.parameters()) {
    parameter.assign(Scalar(0.5) * random_matrix<Scalar>(parameter.rows(), parameter.cols(), seed++));
  }
  return model;
}

/// The model written out number by number, for one sequence: logits at its positions.
class NaiveTransformer {
 public:
  template <class Model>
  explicit NaiveTransformer(Model const& model) : shape_(model.shape()) {
    for (auto const& parameter : model.parameters()) {
      weights_[parameter.name()] = parameter.host().template cast<double>();
    }
  }

  Matrix<double> operator()(std::span<std::uint32_t const> sequence) const {
    const auto length = static_cast<Index>(sequence.size());
    Matrix<double> x(length, shape_.d_model);
    for (Index i = 0; i < length; ++i) {
      x.row(i) = at("embed.W_E").row(sequence[static_cast<std::size_t>(i)]);
      for (Index c = 0; c < shape_.d_model; ++c) {
        if (shape_.positions == Positions::learned) x(i, c) += at("pos_embed.W_pos")(i, c);
        if (shape_.positions == Positions::sinusoidal) {
          const double angle = double(i) / std::pow(10000, double(c - c % 2) / double(shape_.d_model));
          x(i, c) += c % 2 == 0 ? std::sin(angle) : std::cos(angle);
        }
      }
    }
    for (Index layer = 0; layer < shape_.n_layers; ++layer) x = block("blocks." + std::to_string(layer) + ".", x);
    if (shape_.has_layer_norm) x = norm("ln_final", x);
    Matrix<double> logits = x.lazyProduct(at("unembed.W_U"));
    if (shape_.has_biases) logits.rowwise() += at("unembed.b_U").row(0);
    return logits;
  }

 private:
  Matrix<double> const& at(std::string const& name) const { return weights_.at(name); }

  Matrix<double> norm(std::string const& name, Matrix<double> x) const {
    for (Index i = 0; i < x.rows(); ++i) {
      const double mean = x.row(i).mean();
      const double variance = (x.row(i).array() - mean).square().mean();
      for (Index c = 0; c < x.cols(); ++c) {
        x(i, c) = (x(i, c) - mean) / std::sqrt(variance + 1e-5) * at(name + ".w")(0, c) + at(name + ".b")(0, c);
      }
    }
    return x;
  }

  Matrix<double> block(std::string const& name, Matrix<double> const& x) const {
    const Index length = x.rows(), d = shape_.d_model, k = shape_.d_head;
    const Matrix<double> input = shape_.has_layer_norm ? norm(name + "ln1", x) : x;
    Matrix<double> out = Matrix<double>::Zero(length, d);
    for (Index h = 0; h < shape_.n_heads; ++h) {
      const auto project = [&](std::string const& which) {
        Matrix<double> y = input.lazyProduct(at(name + "attn.W_" + which).middleRows(h * d, d));
        if (shape_.has_biases) y.rowwise() += at(name + "attn.b_" + which).row(h);
        return y;
      };
      const Matrix<double> q = project("Q"), keys = project("K"), v = project("V");
      for (Index i = 0; i < length; ++i) {
        const Index visible = shape_.is_causal ? i + 1 : length;
        std::vector<double> weight(static_cast<std::size_t>(visible));
        double total = 0;
        for (Index j = 0; j < visible; ++j) {
          total += weight[static_cast<std::size_t>(j)] = std::exp(q.row(i).dot(keys.row(j)) / std::sqrt(double(k)));
        }
        for (Index j = 0; j < visible; ++j) {
          const RowVector<double> value = v.row(j).lazyProduct(at(name + "attn.W_O").middleRows(h * k, k));
          out.row(i) += weight[static_cast<std::size_t>(j)] / total * value;
        }
      }
    }
    if (shape_.has_biases) out.rowwise() += at(name + "attn.b_O").row(0);
    Matrix<double> middle = (shape_.doubled_residual ? 2.0 : 1.0) * x + out;
    if (shape_.attn_only) return middle;
    Matrix<double> hidden =
        (shape_.has_layer_norm ? norm(name + "ln2", middle) : middle).lazyProduct(at(name + "mlp.W_in"));
    if (shape_.has_biases) hidden.rowwise() += at(name + "mlp.b_in").row(0);
    for (double& y : hidden.reshaped()) {
      if (shape_.act_fn == ActFn::relu) y = std::max(y, 0.0);
      if (shape_.act_fn == ActFn::gelu) y = y / 2 * std::erfc(-y / std::sqrt(2.0));
      if (shape_.act_fn == ActFn::gelu_new)
        y = y / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (y + 0.044715 * y * y * y)));
    }
    middle += hidden.lazyProduct(at(name + "mlp.W_out"));
    if (shape_.has_biases) middle.rowwise() += at(name + "mlp.b_out").row(0);
    return middle;
  }

  TransformerShape shape_;
  std::map<std::string, Matrix<double>> weights_;
};

template <class B, class Scalar>
double error_of(TransformerShape const& shape) {
  const auto model = random_transformer<B, Scalar>(shape);
  const NaiveTransformer naive(model);
  const Matrix<double> logits = model.forward({tokens, 3}).host().template cast<double>();
  double error = 0;
  for (Index s = 0; s < 4; ++s) {
    const Matrix<double> expected = naive(std::span(tokens).subspan(static_cast<std::size_t>(3 * s), 3));
    error = std::max(error, (logits.middleRows(3 * s, 3) - expected).cwiseAbs().maxCoeff());
  }
  return error;
}

std::vector<TransformerShape> variants() {
  std::vector<TransformerShape> list(9, small_shape());
  list[1].n_layers = 2;
  list[1].attn_only = true;
  list[1].doubled_residual = true;
  list[2].act_fn = ActFn::gelu;
  list[3].act_fn = ActFn::gelu_new;
  list[3].has_biases = false;
  list[4].has_layer_norm = true;
  list[4].n_layers = 2;
  list[5].positions = Positions::sinusoidal;
  list[6].positions = Positions::none;
  list[7].is_causal = false;
  list[8].n_heads = 1;
  list[8].n_layers = 3;
  return list;
}

using Net = Transformer<Cpu, double>;

}  // namespace

BOOST_AUTO_TEST_CASE(logits_are_those_of_the_model_written_out) {
  for (TransformerShape const& shape : variants()) {
    BOOST_TEST((error_of<Cpu, double>(shape)) < 1e-12);
    BOOST_TEST((error_of<Cpu, float>(shape)) < 1e-4);
  }
  BOOST_TEST((error_of<ArchetypeBackend, double>(variants()[4])) < 1e-12);
}

BOOST_AUTO_TEST_CASE(every_hook_point_is_met_in_order_with_its_shape) {
  TransformerShape shape = small_shape();
  shape.has_layer_norm = true;
  const auto model = random_transformer<Cpu, double>(shape);
  std::vector<std::string> met;
  std::map<std::string, Index> cols;
  Hooks<Cpu, double> hooks;
  for (std::string_view name : model.hook_names()) {
    hooks.add(std::string(name), [&](HookedTensor<Cpu, double>& tensor) {
      met.emplace_back(tensor.name());
      cols[std::string(tensor.name())] = tensor.cols();
      const bool by_head = tensor.name().ends_with("scores") || tensor.name().ends_with("pattern");
      BOOST_TEST(tensor.rows() == (by_head ? 4 * 2 * 3 : 4 * 3), tensor.name());
    });
  }
  const Matrix<double> hooked = model.forward({tokens, 3}, hooks).host();
  BOOST_TEST((hooked - model.forward({tokens, 3}).host()).cwiseAbs().maxCoeff() < 1e-12);
  BOOST_TEST(met == std::vector<std::string>(model.hook_names().begin(), model.hook_names().end()),
             boost::test_tools::per_element());
  BOOST_TEST(cols["hook_embed"] == 8);
  BOOST_TEST(cols["blocks.0.attn.hook_q"] == 6);
  BOOST_TEST(cols["blocks.0.attn.hook_pattern"] == 3);
  BOOST_TEST(cols["blocks.0.attn.hook_result"] == 16);
  BOOST_TEST(cols["blocks.0.mlp.hook_post"] == 10);
  BOOST_TEST(cols["blocks.0.ln1.hook_scale"] == 1);
  BOOST_TEST(cols["ln_final.hook_normalized"] == 8);
}

BOOST_AUTO_TEST_CASE(patterns_are_causal_distributions) {
  const auto model = random_transformer<Cpu, double>(small_shape());
  Matrix<double> pattern, scores;
  Hooks<Cpu, double> hooks;
  hooks.add("blocks.0.attn.hook_pattern", [&](HookedTensor<Cpu, double>& tensor) { pattern = tensor.host(); });
  hooks.add("blocks.0.attn.hook_attn_scores", [&](HookedTensor<Cpu, double>& tensor) { scores = tensor.host(); });
  model.forward({tokens, 3}, hooks);
  BOOST_TEST((pattern.rowwise().sum().array() - 1).abs().maxCoeff() < 1e-14);
  for (Index row = 0; row < pattern.rows(); ++row) {
    for (Index key = 0; key < 3; ++key) {
      BOOST_TEST((pattern(row, key) == 0) == (key > row % 3));
      BOOST_TEST(std::isinf(scores(row, key)) == (key > row % 3));
    }
  }
}

// What a hook changes is what follows: a head whose output is removed is a head whose W_O is zero.
BOOST_AUTO_TEST_CASE(an_edited_activation_is_what_follows) {
  auto model = random_transformer<Cpu, double>(small_shape());
  const Matrix<double> before = model.forward({tokens, 3}).host();
  Hooks<Cpu, double> by_z, by_result;
  by_z.add("blocks.0.attn.hook_z", [](MatrixRef<double>& z) { z.leftCols(3).setZero(); });
  by_result.add("blocks.0.attn.hook_result", [](MatrixRef<double>& result) { result.leftCols(8).setZero(); });
  const Matrix<double> ablated = model.forward({tokens, 3}, by_z).host();
  BOOST_TEST((ablated - before).cwiseAbs().maxCoeff() > 1e-3);
  BOOST_TEST((model.forward({tokens, 3}, by_result).host() - ablated).cwiseAbs().maxCoeff() < 1e-12);
  for (auto& parameter : model.parameters()) {
    if (parameter.name() != "blocks.0.attn.W_O") continue;
    Matrix<double> w_o = parameter.host();
    w_o.topRows(3).setZero();
    parameter.assign(w_o);
  }
  BOOST_TEST((model.forward({tokens, 3}).host() - ablated).cwiseAbs().maxCoeff() < 1e-12);
}

// A patched run: the residual stream of one run put into another gives the first run's logits.
BOOST_AUTO_TEST_CASE(a_patched_run_is_the_run_it_was_taken_from) {
  const auto model = random_transformer<Cpu, double>(small_shape());
  const std::vector<std::uint32_t> other{2, 2, 2, 0, 0, 0, 1, 3, 5, 6, 6, 6};
  Matrix<double> residual;
  Hooks<Cpu, double> read, patch;
  read.add("blocks.0.hook_resid_pre", [&](HookedTensor<Cpu, double>& tensor) { residual = tensor.host(); });
  const Matrix<double> clean = model.forward({tokens, 3}, read).host();
  patch.add("blocks.0.hook_resid_pre", [&](HookedTensor<Cpu, double>& tensor) { tensor.assign(residual); });
  BOOST_TEST((model.forward({other, 3}, patch).host() - clean).cwiseAbs().maxCoeff() == 0.0);
  BOOST_TEST((model.forward({other, 3}).host() - clean).cwiseAbs().maxCoeff() > 1e-3);
}

BOOST_AUTO_TEST_CASE(mistakes_are_named_and_leave_nothing_behind) {
  const auto model = random_transformer<Cpu, double>(small_shape());
  const Matrix<double> before = model.forward({tokens, 3}).host();
  Hooks<Cpu, double> misspelt;
  misspelt.add("blocks.0.attn.hook_patern", [](HookedTensor<Cpu, double>&) {});
  BOOST_CHECK_EXCEPTION(model.forward({tokens, 3}, misspelt), Error, [](Error const& error) {
    return std::string(error.what()).find("blocks.0.attn.hook_pattern") != std::string::npos;
  });
  Hooks<Cpu, double> throwing;
  throwing.add("blocks.0.mlp.hook_post", [](MatrixRef<double>& values) {
    values.setZero();
    throw std::runtime_error("stop");
  });
  BOOST_CHECK_THROW(model.forward({tokens, 3}, throwing), std::runtime_error);
  BOOST_TEST((model.forward({tokens, 3}).host() - before).cwiseAbs().maxCoeff() == 0.0);
  BOOST_CHECK_THROW(model.forward({tokens, 6}), Error);
  TransformerShape broken = small_shape();
  broken.n_heads = 0;
  BOOST_CHECK_THROW(Net(Cpu{}, broken), Error);
}

BOOST_AUTO_TEST_CASE(copies_and_named_weights) {
  const auto model = random_transformer<Cpu, double>(small_shape());
  NamedMatrices<double> weights;
  for (auto const& parameter : model.parameters()) weights[parameter.name()] = parameter.host();
  const Net rebuilt = Net::from_parameters(Cpu{}, small_shape(), weights);
  Net copy = rebuilt;
  BOOST_TEST(copy.hook_names().size() == model.hook_names().size());
  BOOST_TEST((copy.forward({tokens, 3}).host() - model.forward({tokens, 3}).host()).cwiseAbs().maxCoeff() == 0.0);
  weights["blocks.0.attn.W_Q"] = Matrix<double>::Zero(3, 3);
  BOOST_CHECK_EXCEPTION(Net::from_parameters(Cpu{}, small_shape(), weights), Error, [](Error const& error) {
    return std::string(error.what()).find("blocks.0.attn.W_Q") != std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()
