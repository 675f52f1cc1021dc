#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/unfolded_pairs.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <nn/toy_models.hpp>
#include <tuple>
#include <vector>

BOOST_AUTO_TEST_SUITE(unfolded_pairs_test)

// That whole unfolded passes are right is in the tests of the models.

namespace {

using namespace cayley;
using namespace cayley::testing;

using Backends = std::tuple<Cpu, ArchetypeBackend>;

template <class B>
PairExamples<B> toy_examples(Index chunk_rows) {
  return {B{}, toy_pairs(), toy_labels(), 5, 7, chunk_rows, BatchUse::gradient};
}

BOOST_AUTO_TEST_CASE_TEMPLATE(logits_become_the_gradient_of_the_mean_loss, B, Backends) {
  const auto logits = random_matrix<double>(30, 7, 1);
  const auto labels = toy_labels();
  DeviceMatrix<B, double> values(B{}, logits);
  const BatchLoss loss = cayley::detail::to_loss_gradient(values, toy_examples<B>(8));

  Matrix<double> expected = logits.array().exp();
  double sum = 0;
  Index correct = 0;
  for (Index i = 0; i < 30; ++i) {
    const auto label = static_cast<Index>(labels[static_cast<std::size_t>(i)]);
    expected.row(i) /= expected.row(i).sum();
    sum -= std::log(expected(i, label));
    Index largest = 0;
    expected.row(i).maxCoeff(&largest);
    correct += largest == label ? 1 : 0;
    expected(i, label) -= 1;
  }
  BOOST_TEST(relative_error(values.host(), expected / 30) < 1e-14);
  BOOST_TEST(std::abs(loss.sum - sum) < 1e-12);
  BOOST_TEST(loss.correct == correct);
  BOOST_TEST(loss.examples == 30);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_go_to_the_embedding_that_they_looked_up, B, Backends) {
  const auto gradient = random_matrix<double>(30, 4, 2), before = random_matrix<double>(5, 4, 3);
  const auto pairs = toy_pairs();
  for (const bool is_left : {true, false}) {
    Matrix<double> expected = before;
    for (std::size_t i = 0; i < 30; ++i) {
      expected.row(is_left ? pairs[i].a : pairs[i].b) += gradient.row(static_cast<Index>(i));
    }
    DeviceMatrix<B, double> table(B{}, before);
    cayley::detail::add_embedding_gradient(DeviceMatrix<B, double>(B{}, gradient), toy_examples<B>(7), is_left, table);
    BOOST_TEST(relative_error(table.host(), expected) < 1e-14);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
