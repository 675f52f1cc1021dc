#include <boost/test/unit_test.hpp>
#include <cayley/backend/concept.hpp>
#include <tuple>

#ifdef EIGEN_WORLD_VERSION
#error "backend/concept.hpp must not include Eigen"
#endif

#include <cayley/backend/cpu.hpp>
#include <conformance/archetype_backend.hpp>
#include <conformance/backend_conformance.hpp>

namespace {

using namespace cayley;
using cayley::testing::ArchetypeBackend;

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

using Scalars = std::tuple<float, double>;

BOOST_AUTO_TEST_CASE_TEMPLATE(archetype_conforms, Scalar, Scalars) {
  cayley::testing::check_backend<ArchetypeBackend, Scalar>(ArchetypeBackend{});
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

}  // namespace
