#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cayley/train/optimizer.hpp>
#include <cmath>
#include <nn/toy_models.hpp>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(optimizer_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

template <class Scalar>
Bilinear<Cpu, Scalar> toy_bilinear(Cpu const& cpu = Cpu{}) {
  NamedMatrices<Scalar> weights;
  for (auto const& [name, matrix] : toy_bilinear_weights<double>()) weights[name] = matrix.template cast<Scalar>();
  return Bilinear<Cpu, Scalar>::from_parameters(cpu, weights);
}

// Gradients of a step: the same numbers, rounded, for every scalar type.
template <class Model>
typename Model::Gradients toy_gradients(Model const& model, int step) {
  using Scalar = typename Model::ScalarType;
  auto gradients = model.zero_gradients();
  for (std::size_t p = 0; p < gradients.size(); ++p) {
    gradients[p].assign(random_matrix<double>(gradients[p].rows(), gradients[p].cols(),
                                              static_cast<unsigned>(10 * step) + static_cast<unsigned>(p))
                            .template cast<Scalar>());
  }
  return gradients;
}

// One parameter under PyTorch's documented algorithms, written out.
struct Naive {
  OptimizerOptions options;
  Matrix<double> w, m, v;
  int t = 0;

  Naive(OptimizerOptions const& o, Matrix<double> const& start)
      : options(o), w(start), m(Matrix<double>::Zero(w.rows(), w.cols())), v(m) {}

  void step(Matrix<double> g, double factor) {
    ++t;
    const double lr = options.lr * factor, decay = options.weight_decay;
    if (options.kind == OptimizerKind::sgd) {
      g += decay * w;
      m = t == 1 ? g : Matrix<double>(options.momentum * m + g);
      w -= lr * m;
      return;
    }
    if (options.kind == OptimizerKind::adam_w) w -= lr * decay * w;
    if (options.kind == OptimizerKind::adam) g += decay * w;
    const auto [beta1, beta2] = options.betas;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g.cwiseProduct(g);
    for (Index i = 0; i < w.size(); ++i) {
      const double m_hat = m.data()[i] / (1 - std::pow(beta1, t)), v_hat = v.data()[i] / (1 - std::pow(beta2, t));
      w.data()[i] -= lr * m_hat / (std::sqrt(v_hat) + options.eps);
    }
  }
};

// Every kind with settings of its own, none of them neutral.
std::vector<OptimizerOptions> every_kind() {
  return {{OptimizerKind::adam_w, 1e-2, 0.7, {0.8, 0.95}, 1e-6, 0},
          {OptimizerKind::adam, 1e-2, 0.7, {0.8, 0.95}, 1e-6, 0},
          {OptimizerKind::sgd, 1e-1, 0.3, {0.9, 0.98}, 1e-8, 0.6},
          OptimizerOptions{}};
}

template <class Scalar>
void check_against_naive(OptimizerOptions const& options, double tolerance) {
  auto model = toy_bilinear<Scalar>(Cpu(2));
  Optimizer<Cpu, Scalar> optimizer(options, model);
  std::vector<Naive> naive;
  const auto start = toy_bilinear<double>();
  for (auto const& parameter : start.parameters()) naive.emplace_back(options, parameter.host());
  const std::array<double, 6> factors{1, 0.5, 1, 0, 2, 1};
  for (std::size_t step = 0; step < factors.size(); ++step) {
    const auto gradients = toy_gradients(model, static_cast<int>(step));
    const auto in_double = toy_gradients(start, static_cast<int>(step));
    optimizer.step(model, gradients, factors[step]);
    BOOST_TEST(optimizer.steps() == static_cast<std::int64_t>(step) + 1);
    for (std::size_t p = 0; p < naive.size(); ++p) {
      naive[p].step(in_double[p].host(), factors[step]);
      BOOST_TEST(relative_error(model.parameters()[p].host(), naive[p].w) < tolerance);
    }
  }
}

BOOST_AUTO_TEST_CASE(steps_are_those_of_the_documented_algorithms) {
  for (OptimizerOptions const& options : every_kind()) {
    BOOST_TEST_CONTEXT("kind " << static_cast<int>(options.kind)) {
      check_against_naive<double>(options, 1e-13);
      check_against_naive<float>(options, 2e-6);
    }
  }
}

BOOST_AUTO_TEST_CASE(adam_and_adam_w_differ_by_where_the_decay_goes) {
  auto options = every_kind();
  auto of_adam_w = toy_bilinear<double>(), of_adam = toy_bilinear<double>();
  Optimizer<Cpu, double> adam_w(options[0], of_adam_w), adam(options[1], of_adam);
  BOOST_TEST((adam_w.options().kind == options[0].kind && adam.options().kind == options[1].kind));
  adam_w.step(of_adam_w, toy_gradients(of_adam_w, 1));
  adam.step(of_adam, toy_gradients(of_adam, 1));
  BOOST_TEST(relative_error(of_adam.parameters()[0].host(), of_adam_w.parameters()[0].host()) > 1e-3);
}

// More entries than a task takes at a time, and a last task that is cut short.
BOOST_AUTO_TEST_CASE(large_parameters_are_stepped_to_their_last_entry_on_any_number_of_threads) {
  const BilinearShape shape{150, 250, 3};
  const auto weights_after = [&](Cpu const& cpu) {
    Bilinear<Cpu, float> model(cpu, shape);
    Optimizer<Cpu, float> optimizer({}, model);
    auto gradients = model.zero_gradients();
    for (auto& gradient : gradients) gradient.assign(random_matrix<float>(gradient.rows(), gradient.cols(), 3));
    for (int step = 0; step < 3; ++step) optimizer.step(model, gradients);
    return model.parameters()[0].host();
  };
  const Matrix<float> alone = weights_after(Cpu{});
  // A constant gradient moves every weight by lr a step, against its sign.
  const Matrix<float> gradient = random_matrix<float>(150, 250, 3);
  for (Index i = 0; i < alone.size(); ++i) {
    BOOST_REQUIRE(std::abs(alone.data()[i] + (gradient.data()[i] > 0 ? 3e-3f : -3e-3f)) < 1e-5f);
  }
  for (const int threads : {1, 2, 3, 8}) BOOST_TEST((weights_after(Cpu(threads)) == alone));
}

BOOST_AUTO_TEST_CASE(moments_have_the_names_of_pytorch) {
  const auto model = toy_bilinear<double>();
  const auto names = [&](OptimizerOptions const& options) {
    std::string joined;
    for (auto const& [moment, matrices] : Optimizer<Cpu, double>(options, model).moments(model)) {
      joined += moment + ":";
      for (auto const& [parameter, matrix] : matrices) {
        joined += " " + parameter;
        BOOST_TEST(matrix.isZero());
      }
      joined += "; ";
    }
    return joined;
  };
  BOOST_TEST(names(every_kind()[0]) == "exp_avg: W_U W_x W_y; exp_avg_sq: W_U W_x W_y; ");
  BOOST_TEST(names(every_kind()[1]) == "exp_avg: W_U W_x W_y; exp_avg_sq: W_U W_x W_y; ");
  BOOST_TEST(names(every_kind()[2]) == "momentum_buffer: W_U W_x W_y; ");
}

BOOST_AUTO_TEST_CASE(a_restored_optimizer_goes_on_with_the_same_bits) {
  for (OptimizerOptions const& options : every_kind()) {
    auto model = toy_bilinear<float>();
    Optimizer<Cpu, float> optimizer(options, model);
    for (int step = 0; step < 3; ++step) optimizer.step(model, toy_gradients(model, step));

    auto copy = model;
    Optimizer<Cpu, float> restored(options, copy);
    restored.restore(copy, optimizer.moments(model), optimizer.steps());
    BOOST_TEST(restored.steps() == 3);
    Optimizer<Cpu, float> forgetful(options, copy);
    auto forgotten = model;
    for (int step = 3; step < 5; ++step) {
      optimizer.step(model, toy_gradients(model, step));
      restored.step(copy, toy_gradients(copy, step));
      forgetful.step(forgotten, toy_gradients(forgotten, step));
    }
    for (std::size_t p = 0; p < 3; ++p) {
      BOOST_TEST((copy.parameters()[p].host() == model.parameters()[p].host()));
      BOOST_TEST((forgotten.parameters()[p].host() != model.parameters()[p].host()));
    }
  }
}

template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (Error const& error) {
    return error.what();
  }
  return "no error";
}

BOOST_AUTO_TEST_CASE(moments_that_do_not_fit_are_refused) {
  const auto model = toy_bilinear<double>();
  Optimizer<Cpu, double> optimizer({}, model);
  const auto moments = optimizer.moments(model);
  const auto error = [&](auto const& edit) {
    auto edited = moments;
    edit(edited);
    return error_of([&] { optimizer.restore(model, edited, 1); });
  };
  BOOST_TEST(error([](auto&) {}) == "no error");
  BOOST_TEST(error([](auto& m) { m.erase("exp_avg_sq"); }) == "optimizer: no moments exp_avg_sq");
  BOOST_TEST(error([](auto& m) { m["exp_avg"].erase("W_U"); }) == "optimizer: exp_avg: no tensor W_U, found W_x, W_y");
  BOOST_TEST(error([](auto& m) { m["exp_avg_sq"]["W_U"] = Matrix<double>::Zero(2, 3); }) != "no error");
}

BOOST_AUTO_TEST_CASE(settings_out_of_range_are_named) {
  const auto model = toy_bilinear<double>();
  const auto error = [&](auto const& edit) {
    OptimizerOptions options;
    edit(options);
    return error_of([&] { Optimizer<Cpu, double>(options, model); });
  };
  BOOST_TEST(error([](auto&) {}) == "no error");
  BOOST_TEST(error([](auto& o) { o.lr = -1; }) == "optimizer: lr: expected at least 0, found -1");
  BOOST_TEST(error([](auto& o) { o.lr = std::nan(""); }) != "no error");
  BOOST_TEST(error([](auto& o) { o.weight_decay = -0.5; }) ==
             "optimizer: weight_decay: expected at least 0, found -0.5");
  BOOST_TEST(error([](auto& o) { o.betas[0] = 1; }) == "optimizer: betas: expected 0 .. 1, found 1");
  BOOST_TEST(error([](auto& o) { o.betas[1] = -0.1; }) == "optimizer: betas: expected 0 .. 1, found -0.1");
  BOOST_TEST(error([](auto& o) { o.eps = -1; }) == "optimizer: eps: expected at least 0, found -1");
  BOOST_TEST(error([](auto& o) { o.momentum = 1; }) == "optimizer: momentum: expected 0 .. 1, found 1");
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
