#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/folded_pairs.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <nn/toy_models.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

BOOST_AUTO_TEST_SUITE(folded_pairs_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

// A host that likes so few rows at a time that the last chunk is cut short.
struct SevenRows : Cpu {
  static Index preferred_rows(Index) { return 7; }
};
using Backends = std::tuple<Cpu, SevenRows, ArchetypeBackend>;

// Tables of order 5 with 8 hidden units and 7 classes.
const auto x_table = random_matrix<double>(5, 8, 1), y_table = random_matrix<double>(5, 8, 2);
const auto u_table = random_matrix<double>(8, 7, 3);

template <class B>
struct Tables {
  DeviceMatrix<B, double> x{B{}, x_table}, y{B{}, y_table}, u{B{}, u_table};
  FoldedPairs<double> network() const { return {x.view(), y.view(), u.view()}; }
};

template <class Hidden>
constexpr bool is_relu = std::is_same_v<Hidden, AddRelu>;

template <class Hidden>
RowVector<double> naive_hidden_row(Pair pair) {
  if (is_relu<Hidden>) return (x_table.row(pair.a) + y_table.row(pair.b)).cwiseMax(0);
  return x_table.row(pair.a).cwiseProduct(y_table.row(pair.b));
}

template <class Hidden, class B>
void check_forward() {
  const Tables<B> tables;
  const auto network = tables.network();
  BOOST_TEST(network.order() == 5);
  BOOST_TEST(network.hidden_dim() == 8);
  BOOST_TEST(network.classes() == 7);
  const auto pairs = toy_pairs();
  const Matrix<double> logits = folded_forward<Hidden>(B{}, network, pairs).host();
  BOOST_TEST(logits.rows() == 30);
  for (Index i = 0; i < 30; ++i) {
    const RowVector<double> expected = naive_hidden_row<Hidden>(pairs[static_cast<std::size_t>(i)]) * u_table;
    BOOST_TEST((logits.row(i) - expected).cwiseAbs().maxCoeff() < 1e-12);
  }
  BOOST_TEST(folded_forward<Hidden>(B{}, network, {}).rows() == 0);
  BOOST_CHECK_THROW(folded_forward<Hidden>(B{}, network, std::vector<Pair>{{5, 0}}), Error);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(logits_are_hidden_rows_times_u, B, Backends) {
  check_forward<AddRelu, B>();
  check_forward<Multiply, B>();
}

// The gradients of X, Y and U of the mean loss, an example at a time.
struct NaivePass {
  double loss = 0;
  Matrix<double> x = Matrix<double>::Zero(5, 8), y = x, u = Matrix<double>::Zero(8, 7);
};
template <class Hidden>
NaivePass naive_pass(std::vector<Pair> const& pairs, std::vector<Element> const& labels) {
  NaivePass pass;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto [a, b] = pairs[i];
    const RowVector<double> hidden = naive_hidden_row<Hidden>(pairs[i]), logits = hidden * u_table;
    RowVector<double> gradient = logits.array().exp();
    gradient /= gradient.sum();
    pass.loss -= std::log(gradient(labels[i]));
    gradient(labels[i]) -= 1;
    gradient /= static_cast<double>(pairs.size());
    const RowVector<double> of_hidden = gradient * u_table.transpose();
    pass.u += hidden.transpose() * gradient;
    for (Index j = 0; j < 8; ++j) {
      const double x = x_table(a, j), y = y_table(b, j);
      pass.x(a, j) += of_hidden(j) * (is_relu<Hidden> ? (x + y > 0 ? 1 : 0) : y);
      pass.y(b, j) += of_hidden(j) * (is_relu<Hidden> ? (x + y > 0 ? 1 : 0) : x);
    }
  }
  return pass;
}

template <class Hidden, class B>
void check_pass() {
  const Tables<B> tables;
  FoldedPairsPass<B, double, Hidden> pass(B{}, 5, 8, 7);
  DeviceMatrix<B, double> x(B{}, Matrix<double>::Ones(5, 8)), y = x, u(B{}, Matrix<double>::Ones(8, 7));
  const auto all = toy_pairs();
  const auto all_labels = toy_labels();
  // A short batch after a long one leaves nothing of it behind.
  for (const std::size_t size : {12U, 30U, 1U, 9U}) {
    const std::vector<Pair> pairs(all.end() - static_cast<std::ptrdiff_t>(size), all.end());
    const std::vector<Element> labels(all_labels.end() - static_cast<std::ptrdiff_t>(size), all_labels.end());
    const auto expected = naive_pass<Hidden>(pairs, labels);
    const Index chunk = pair_chunk_rows<B, double>(B{}, 8, 7);
    const PairExamples<B> examples(B{}, pairs, labels, 5, 7, chunk, BatchUse::gradient);
    pass.loss_and_gradient(tables.network(), examples, x, y, u);
    BOOST_TEST(relative_error(x.host(), expected.x) < 1e-12);
    BOOST_TEST(relative_error(y.host(), expected.y) < 1e-12);
    BOOST_TEST(relative_error(u.host(), expected.u) < 1e-12);
    BOOST_TEST(std::abs(pass.losses().sum - expected.loss) < 1e-12 * expected.loss);
    BOOST_TEST(pass.losses().examples == static_cast<Index>(size));
    const BatchLoss with_gradient = pass.losses();
    pass.loss(tables.network(), examples);
    BOOST_TEST(std::abs(pass.losses().sum - with_gradient.sum) < 1e-14 * expected.loss);
    BOOST_TEST(pass.losses().correct == with_gradient.correct);
  }
  const PairExamples<B> none(B{}, {}, {}, 5, 7, 8, BatchUse::gradient);
  pass.loss_and_gradient(tables.network(), none, x, y, u);
  BOOST_TEST(x.host().isZero());
  BOOST_TEST(u.host().isZero());
  BOOST_TEST(pass.losses().examples == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_flow_back_through_the_tables, B, Backends) {
  check_pass<AddRelu, B>();
  check_pass<Multiply, B>();
}

BOOST_AUTO_TEST_CASE(a_batch_made_for_its_loss_is_refused_by_a_gradient) {
  const Tables<Cpu> tables;
  FoldedPairsPass<Cpu, double, AddRelu> pass(Cpu{}, 5, 8, 7);
  DeviceMatrix<Cpu, double> x(Cpu{}, 5, 8), y = x, u(Cpu{}, 8, 7);
  const PairExamples<Cpu> examples(Cpu{}, toy_pairs(), toy_labels(), 5, 7, 8, BatchUse::loss);
  BOOST_CHECK_EXCEPTION(pass.loss_and_gradient(tables.network(), examples, x, y, u), Error, [](Error const& error) {
    return std::string(error.what()) == "gradient: the batch was made for its loss alone";
  });
}

BOOST_AUTO_TEST_CASE(chunks_are_as_the_backend_prefers) {
  BOOST_TEST((pair_chunk_rows<SevenRows, double>(SevenRows{}, 128, 120) == 7));
  BOOST_TEST((pair_chunk_rows<Cpu, float>(Cpu{}, 128, 120) == Cpu::preferred_rows(4 * (2 * 128 + 120))));
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
