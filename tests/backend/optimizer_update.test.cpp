#include <boost/test/unit_test.hpp>
#include <cayley/backend/optimizer_update.hpp>

#ifdef EIGEN_WORLD_VERSION
#error "backend/optimizer_update.hpp must not include Eigen"
#endif

#include <algorithm>
#include <cayley/backend/cpu.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <conformance/backend_conformance.hpp>
#include <limits>
#include <tuple>
#include <type_traits>
#include <vector>

BOOST_AUTO_TEST_SUITE(optimizer_update_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

static_assert(std::is_trivially_copyable_v<AdamUpdate<float>> && std::is_trivially_copyable_v<StoreStepSizes<float>> &&
              std::is_trivially_copyable_v<JoinedUpdates<AdamUpdate<double>>> &&
              sizeof(JoinedUpdates<AdamUpdate<double>>) < 4000 && std::is_trivially_copyable_v<SgdUpdate<float>>);

constexpr double lr = 1e-2, decay = 0.3, beta1 = 0.9, beta2 = 0.98, eps = 1e-8;

// Weights and moments of a parameter, and the step of each optimiser on them.
template <class Scalar>
struct State {
  std::vector<Scalar> weight, exp_avg, exp_avg_sq, step;

  explicit State(Index size)
      : weight(random_values<Scalar>(size, 1)),
        exp_avg(static_cast<std::size_t>(size)),
        exp_avg_sq(static_cast<std::size_t>(size)),
        step(3) {}

  AdamUpdate<Scalar> update(std::vector<Scalar> const& gradient, int t, bool decoupled) {
    const auto s = [](double x) { return static_cast<Scalar>(x); };
    const StepSizes<Scalar> sizes{s(decoupled ? 1 - lr * decay : 1), s(lr / (1 - std::pow(beta1, t))),
                                  s(std::sqrt(1 - std::pow(beta2, t)))};
    StoreStepSizes<Scalar>{sizes, step.data()}(0);
    return {weight.data(), gradient.data(), exp_avg.data(), exp_avg_sq.data(), step.data(), s(decoupled ? 0 : decay),
            s(beta1),      s(1 - beta1),    s(beta2),       s(1 - beta2),      s(eps)};
  }
};

// Algorithm 2 of Loshchilov and Hutter line by line, for one entry.
struct NaiveAdam {
  double weight, m = 0, v = 0;

  void step(double gradient, int t, bool decoupled) {
    if (!decoupled) gradient += decay * weight;
    m = beta1 * m + (1 - beta1) * gradient;
    v = beta2 * v + (1 - beta2) * gradient * gradient;
    const double m_hat = m / (1 - std::pow(beta1, t)), v_hat = v / (1 - std::pow(beta2, t));
    weight -= lr * (m_hat / (std::sqrt(v_hat) + eps) + (decoupled ? decay * weight : 0));
  }
};

using Backends = std::tuple<Cpu, ArchetypeBackend>;

BOOST_AUTO_TEST_CASE_TEMPLATE(adam_steps_are_those_of_the_algorithm, B, Backends) {
  for (const bool decoupled : {true, false}) {
    State<double> state(37);
    std::vector<NaiveAdam> naive;
    for (double w : state.weight) naive.push_back({w});
    for (int t = 1; t <= 5; ++t) {
      const auto gradient = random_values<double>(37, static_cast<unsigned>(t) + 10);
      B{}.for_each(37, state.update(gradient, t, decoupled));
      for (std::size_t i = 0; i < 37; ++i) {
        naive[i].step(gradient[i], t, decoupled);
        BOOST_TEST(std::abs(state.weight[i] - naive[i].weight) < 1e-14);
        BOOST_TEST(std::abs(state.exp_avg[i] - naive[i].m) < 1e-14);
        BOOST_TEST(std::abs(state.exp_avg_sq[i] - naive[i].v) < 1e-14);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(joined_updates_are_those_of_each_parameter, B, Backends) {
  const std::vector<Index> sizes{5, 1, 0, 3000, 1024};
  std::vector<State<double>> alone, joined;
  for (Index size : sizes) {
    alone.emplace_back(size);
    joined.emplace_back(size);
  }
  const auto gradient = random_values<double>(3000, 3);
  JoinedUpdates<AdamUpdate<double>> all;
  for (std::size_t p = 0; p < sizes.size(); ++p) {
    B{}.for_each(sizes[p], alone[p].update(gradient, 1, true));
    all.add(sizes[p], joined[p].update(gradient, 1, true));
  }
  BOOST_TEST(all.rows == 1 + 1 + 0 + 3 + 1);
  B{}.for_each_row(all.rows, all);
  for (std::size_t p = 0; p < sizes.size(); ++p) {
    for (std::size_t i = 0; i < alone[p].weight.size(); ++i) {
      BOOST_TEST(std::abs(alone[p].weight[i] - joined[p].weight[i]) < 1e-15);
      BOOST_TEST(std::abs(alone[p].exp_avg_sq[i] - joined[p].exp_avg_sq[i]) < 1e-15);
    }
  }
}

// Largest difference of two states of weights below 2.
template <class Scalar>
double difference(std::vector<Scalar> const& a, std::vector<Scalar> const& b) {
  double largest = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

using Scalars = std::tuple<float, double>;

// Eigen's square root is not that of the C library to the last bit; everything else is.
BOOST_AUTO_TEST_CASE_TEMPLATE(on_cpu_a_step_is_that_of_the_functor, Scalar, Scalars) {
  constexpr double bound = 8 * static_cast<double>(std::numeric_limits<Scalar>::epsilon());
  for (const bool decoupled : {true, false}) {
    for (const Index size : {0, 1, 7, 1023, 1024, 1025, 3001}) {
      State<Scalar> vectorised(size), plain(size);
      for (int t = 1; t <= 4; ++t) {
        const auto gradient = random_values<Scalar>(size, static_cast<unsigned>(t));
        Cpu{}.for_each(size, vectorised.update(gradient, t, decoupled));
        const auto functor = plain.update(gradient, t, decoupled);
        for (Index i = 0; i < size; ++i) functor(i);
        BOOST_TEST(difference(vectorised.weight, plain.weight) <= bound);
        BOOST_TEST(difference(vectorised.exp_avg, plain.exp_avg) <= (decoupled || t == 1 ? 0 : bound));
        BOOST_TEST(difference(vectorised.exp_avg_sq, plain.exp_avg_sq) <= (decoupled || t == 1 ? 0 : bound));
      }
    }
  }
}

// Without a gradient AdamW only shrinks; the denominator is eps.
BOOST_AUTO_TEST_CASE(a_zero_gradient_moves_nothing_but_by_decay) {
  State<float> state(40);
  const std::vector<float> before = state.weight, zero(40);
  Cpu{}.for_each(40, state.update(zero, 1, true));
  for (std::size_t i = 0; i < 40; ++i) BOOST_TEST(state.weight[i] == before[i] * static_cast<float>(1 - lr * decay));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sgd_steps_are_those_of_torch, B, Backends) {
  constexpr double momentum = 0.8;
  std::vector<double> weight = random_values<double>(37, 2), buffer(37), step{1, lr, 1};
  std::vector<double> expected = weight, velocity(37);
  for (unsigned t = 1; t <= 4; ++t) {
    const auto gradient = random_values<double>(37, t + 20);
    B{}.for_each(37, SgdUpdate<double>{weight.data(), gradient.data(), buffer.data(), decay, momentum, step.data()});
    for (std::size_t i = 0; i < 37; ++i) {
      const double g = gradient[i] + decay * expected[i];
      velocity[i] = t == 1 ? g : momentum * velocity[i] + g;  // torch's buffer begins as the first gradient
      expected[i] -= lr * velocity[i];
      BOOST_TEST(std::abs(weight[i] - expected[i]) < 1e-15);
      BOOST_TEST(std::abs(buffer[i] - velocity[i]) < 1e-15);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
