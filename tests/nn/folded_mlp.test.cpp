#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/folded_mlp.hpp>
#include <conformance/archetype_backend.hpp>
#include <nn/toy_models.hpp>
#include <string>
#include <tuple>

namespace {

using namespace cayley;
using namespace cayley::testing;

// A host that likes so few rows at a time that the last chunk is cut short.
struct SevenRows : Cpu {
  static Index preferred_rows(Index) { return 7; }
};
using Backends = std::tuple<Cpu, SevenRows, ArchetypeBackend>;

BOOST_AUTO_TEST_CASE_TEMPLATE(logits_are_relu_of_the_sum_of_rows_times_u, B, Backends) {
  const auto x = random_matrix<double>(5, 8, 1), y = random_matrix<double>(5, 8, 2);
  const auto u = random_matrix<double>(8, 3, 3);
  const FoldedMlp<B, double> folded({B{}, x}, {B{}, y}, {B{}, u});
  BOOST_TEST(folded.order() == 5);
  BOOST_TEST(folded.hidden_dim() == 8);
  BOOST_TEST(folded.classes() == 3);

  const auto pairs = toy_pairs();
  const Matrix<double> logits = folded.forward(pairs).host();
  BOOST_TEST(logits.rows() == 30);
  for (Index i = 0; i < 30; ++i) {
    const Pair pair = pairs[static_cast<std::size_t>(i)];
    const RowVector<double> hidden = (x.row(pair.a) + y.row(pair.b)).cwiseMax(0);
    BOOST_TEST((logits.row(i) - hidden * u).cwiseAbs().maxCoeff() < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(tables_that_do_not_fit_are_refused) {
  const auto tensor = [](Index rows, Index cols) { return DeviceMatrix<Cpu, float>(Cpu{}, rows, cols); };
  const auto fold = [&](Index x_cols, Index y_rows, Index u_rows) {
    return FoldedMlp<Cpu, float>(tensor(5, x_cols), tensor(y_rows, 8), tensor(u_rows, 3));
  };
  BOOST_CHECK_NO_THROW(fold(8, 5, 8));
  BOOST_CHECK_THROW(fold(8, 4, 8), Error);
  BOOST_CHECK_THROW(fold(8, 5, 7), Error);
  BOOST_CHECK_EXCEPTION(fold(7, 5, 8), Error, [](Error const& error) {
    return std::string(error.what()) == "FoldedMlp: the shapes of X (5, 7), Y (5, 8) and U (8, 3) do not fit";
  });
}

}  // namespace
