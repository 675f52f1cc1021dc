#include <boost/test/unit_test.hpp>
#include <cayley/backend/concept.hpp>
#include <tuple>

#ifdef EIGEN_WORLD_VERSION
#error "backend/concept.hpp must not include Eigen"
#endif

#include <cayley/backend/cpu.hpp>
#include <conformance/archetype_backend.hpp>
#include <conformance/backend_conformance.hpp>
#include <conformance/own_backend.hpp>
#include <type_traits>
#include <vector>

BOOST_AUTO_TEST_SUITE(concept_test)

namespace {

using namespace cayley;
using cayley::testing::ArchetypeBackend;
using cayley::testing::OwnBackend;

// Each of these offers all but one operation, and the concept that names it is the one that fails.
class WithoutBuffer {
 public:
  void for_each(Index, auto const&) const {}
  void for_each_row(Index, auto const&) const {}
};
static_assert(!HasBuffer<WithoutBuffer, float> && !HasCopy<WithoutBuffer, float>);
static_assert(HasForEach<WithoutBuffer> && HasForEachRow<WithoutBuffer> && !Backend<WithoutBuffer>);

struct WithoutUpload : Cpu {
  void upload() = delete;
};
static_assert(HasBuffer<WithoutUpload, float> && !HasCopy<WithoutUpload, float> && !Backend<WithoutUpload>);

struct WithoutMatrixProduct : Cpu {
  void matrix_product() = delete;
};
static_assert(HasCopy<WithoutMatrixProduct, float> && !HasMatrixProduct<WithoutMatrixProduct, float>);
static_assert(!Backend<WithoutMatrixProduct>);

struct WithoutForEach : Cpu {
  void for_each() = delete;
};
static_assert(!HasForEach<WithoutForEach> && HasForEachRow<WithoutForEach> && !Backend<WithoutForEach>);

struct WithoutForEachRow : Cpu {
  void for_each_row() = delete;
};
static_assert(HasForEach<WithoutForEachRow> && !HasForEachRow<WithoutForEachRow> && !Backend<WithoutForEachRow>);

// A backend for one scalar only is a backend for that scalar only.
struct FloatOnly : ArchetypeBackend {
  void matrix_product(MatrixView<float const> a, MatrixView<float const> b, MatrixView<float> c, float alpha,
                      float beta) const {
    ArchetypeBackend::matrix_product(a, b, c, alpha, beta);
  }
  void matrix_product(MatrixView<double const>, MatrixView<double const>, MatrixView<double>, double,
                      double) const = delete;
};
static_assert(Backend<FloatOnly, float> && !Backend<FloatOnly, double>);

// A buffer must say where its values are and how many.
struct UnsizedBuffer : Cpu {
  template <class T>
  struct Buffer : Cpu::Buffer<T> {
    using Cpu::Buffer<T>::Buffer;
    void size() = delete;
  };
};
static_assert(!HasBuffer<UnsizedBuffer, float>);

// Tasks are optional: all of them or none.
static_assert(HasTasks<Cpu> && !HasTasks<ArchetypeBackend>);
struct WithoutThreads : Cpu {
  void threads() = delete;
};
struct WithoutRunTasks : Cpu {
  void run_tasks() = delete;
};
static_assert(!HasTasks<WithoutThreads> && !HasTasks<WithoutRunTasks> && Backend<WithoutRunTasks>);

using Scalars = std::tuple<float, double>;

BOOST_AUTO_TEST_CASE_TEMPLATE(archetype_conforms, Scalar, Scalars) {
  cayley::testing::check_backend<ArchetypeBackend, Scalar>(ArchetypeBackend{});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(own_backend_conforms, Scalar, Scalars) {
  cayley::testing::check_backend<OwnBackend, Scalar>(OwnBackend{});
}

/// Does nothing.
struct NoRows {
  template <LaneGroup Lanes>
  void operator()(Index, Lanes const&) const {}
};

BOOST_AUTO_TEST_CASE(rows_are_joined_where_a_backend_wants_it) {
  static_assert(JoinsRows<OwnBackend> && !JoinsRows<Cpu> && !JoinsRows<ArchetypeBackend>);
  const auto before = OwnBackend::counts();
  for_each_row_of(OwnBackend{}, RowsOf{2, NoRows{}}, RowsOf{0, NoRows{}}, RowsOf{3, NoRows{}});
  BOOST_TEST((OwnBackend::counts() - before).launches == 1);
  for_each_row_in_turn(OwnBackend{}, 2, NoRows{}, NoRows{}, NoRows{});
  BOOST_TEST((OwnBackend::counts() - before).launches == 2);
  static_assert(std::is_trivially_copyable_v<RowsInTurn<NoRows, NoRows>> &&
                std::is_trivially_copyable_v<JoinedRows<NoRows, NoRows>>);
}

struct TwoRows : Cpu {
  static Index preferred_rows(Index row_bytes) { return row_bytes > 100 ? 0 : 2; }
};

BOOST_AUTO_TEST_CASE(preferred_rows_asks_the_backend_or_falls_back) {
  BOOST_TEST(preferred_rows(TwoRows{}, 8) == 2);
  BOOST_TEST(preferred_rows(TwoRows{}, 200) == 1);
  BOOST_TEST(preferred_rows(ArchetypeBackend{}, 1024) == (Index{64} << 10));
  BOOST_TEST(preferred_rows(ArchetypeBackend{}, Index{1} << 40) == 1);
  BOOST_TEST(preferred_rows(ArchetypeBackend{}, 0) == (Index{64} << 20));
}

BOOST_AUTO_TEST_CASE(run_tasks_asks_the_backend_or_falls_back) {
  BOOST_TEST(task_workers(ArchetypeBackend{}) == 1);
  BOOST_TEST(task_workers(WithoutRunTasks{}) == 1);
  BOOST_TEST(task_workers(Cpu(2)) == 2);
  std::vector<Index> order;
  run_tasks(ArchetypeBackend{}, 4, [&](Index i, int worker) {
    BOOST_TEST(worker == 0);
    order.push_back(i);
  });
  BOOST_TEST(order == (std::vector<Index>{0, 1, 2, 3}), boost::test_tools::per_element());
  BOOST_CHECK_THROW(run_tasks(ArchetypeBackend{}, 4, [](Index i, int) { require(i != 2, "task ", i); }), Error);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
