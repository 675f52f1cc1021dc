/// What every trainable model must hold: gradients of two passes, of finite differences, and on any number of threads.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/model.hpp>
#include <cayley/nn/pair.hpp>
#include <cmath>
#include <nn/toy_models.hpp>
#include <string>
#include <vector>

namespace cayley::testing {

/// A label for each pair, below `classes`.
inline std::vector<Element> labels_of(std::vector<Pair> const& pairs, Index classes) {
  std::vector<Element> labels;
  for (Pair const& pair : pairs) labels.push_back((5 * pair.a + 3 * pair.b) % static_cast<Element>(classes));
  return labels;
}

/// The loss and the gradients of one pass, on the host.
struct HostGradients {
  BatchLoss loss;
  std::vector<Matrix<double>> gradients;
};

template <class Gradients>
std::vector<Matrix<double>> to_double(Gradients const& gradients) {
  std::vector<Matrix<double>> result;
  for (auto const& gradient : gradients) result.push_back(gradient.host().template cast<double>());
  return result;
}

/// By way of tables. The gradients begin as anything but zero, and the pass runs twice.
template <TrainableModel M>
HostGradients folded_gradients(M const& model, std::vector<Pair> const& pairs, std::vector<Element> const& labels) {
  typename M::Workspace workspace(model);
  auto gradients = model.zero_gradients();
  for (auto& gradient : gradients) {
    gradient.assign(Matrix<typename M::ScalarType>::Constant(gradient.rows(), gradient.cols(), 77));
  }
  const auto batch = model.examples(pairs, labels);
  for (int pass = 0; pass < 2; ++pass) model.loss_and_gradient(batch, workspace, gradients);
  return {workspace.losses(), to_double(gradients)};
}

/// A row for each example throughout.
template <TrainableModel M>
HostGradients unfolded_gradients(M const& model, std::vector<Pair> const& pairs, std::vector<Element> const& labels) {
  const auto result = model.unfolded_loss_and_gradient(pairs, labels);
  return {result.loss, to_double(result.gradients)};
}

/// Both have the same loss and, relative to the largest entry of each parameter, the same gradients.
inline void check_same_gradients(HostGradients const& found, HostGradients const& expected, double tolerance) {
  BOOST_TEST(found.loss.examples == expected.loss.examples);
  BOOST_TEST(found.loss.correct == expected.loss.correct);
  BOOST_TEST(std::abs(found.loss.sum - expected.loss.sum) <= tolerance * expected.loss.sum);
  BOOST_TEST(found.gradients.size() == expected.gradients.size());
  for (std::size_t p = 0; p < expected.gradients.size(); ++p) {
    BOOST_TEST(expected.gradients[p].cwiseAbs().maxCoeff() > 0);
    BOOST_TEST(relative_error(found.gradients[p], expected.gradients[p]) <= tolerance, "parameter " << p);
  }
}

/// Central differences of the mean loss in every entry of every parameter.
template <TrainableModel M>
HostGradients central_differences(M model, std::vector<Pair> const& pairs, std::vector<Element> const& labels) {
  constexpr double h = 1e-5;
  typename M::Workspace workspace(model);
  const auto batch = model.examples(pairs, labels, BatchUse::loss);
  const auto loss = [&] {
    model.loss(batch, workspace);
    return workspace.losses();
  };
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

/// The same bits for the calling thread alone and for pools of 1, 2, 3 and 8 threads.
template <class M>
void check_any_number_of_threads(NamedMatrices<typename M::ScalarType> const& weights, std::vector<Pair> const& pairs,
                                 std::vector<Element> const& labels) {
  const auto expected = folded_gradients(M::from_parameters(Cpu{}, weights), pairs, labels);
  for (const int threads : {1, 2, 3, 8}) {
    const auto found = folded_gradients(M::from_parameters(Cpu(threads), weights), pairs, labels);
    BOOST_TEST(found.loss.sum == expected.loss.sum, threads << " threads");
    for (std::size_t p = 0; p < expected.gradients.size(); ++p) {
      BOOST_TEST((found.gradients[p] == expected.gradients[p]), threads << " threads, parameter " << p);
    }
  }
}

/// Gradients after gradient hooks, which call `edit` on the gradient at one hook point.
template <TrainableModel M, class Edit>
HostGradients edited_gradients(M const& model, std::string const& hook_point, Edit edit) {
  Hooks<typename M::BackendType, typename M::ScalarType> gradient_hooks;
  gradient_hooks.add(hook_point, edit);
  const auto result = model.unfolded_loss_and_gradient(toy_pairs(), toy_labels(), {}, gradient_hooks);
  return {result.loss, to_double(result.gradients)};
}

}  // namespace cayley::testing
