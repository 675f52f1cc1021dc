#include <boost/test/unit_test.hpp>
#include <cayley/backend/gemm_call.hpp>

#ifdef EIGEN_WORLD_VERSION
#error "backend/gemm_call.hpp must not include Eigen"
#endif

#include <conformance/archetype_backend.hpp>
#include <conformance/backend_conformance.hpp>
#include <string>
#include <tuple>
#include <type_traits>

BOOST_AUTO_TEST_SUITE(gemm_call_test)

namespace {

using namespace cayley;

/// The reference implementation of BLAS, entry by entry.
template <class T>
void reference_gemm(GemmCall<T> const& call, T alpha, T beta) {
  for (int i = 0; i < call.batches; ++i) {
    T const* a = call.a + i * call.stride_a;
    T const* b = call.b + i * call.stride_b;
    T* c = call.c + i * call.stride_c;
    for (int col = 0; col < call.n; ++col) {
      for (int row = 0; row < call.m; ++row) {
        T sum = 0;
        for (int l = 0; l < call.k; ++l) {
          sum += (call.transpose_a ? a[l + row * call.lda] : a[row + l * call.lda]) *
                 (call.transpose_b ? b[col + l * call.ldb] : b[l + col * call.ldb]);
        }
        T& out = c[row + col * call.ldc];
        out = beta == T(0) ? alpha * sum : alpha * sum + beta * out;
      }
    }
  }
}

/// A backend that multiplies by `gemm_call`, as a GPU does by cuBLAS.
struct GemmBackend : cayley::testing::ArchetypeBackend {
  template <class T>
  void matrix_product(MatrixView<T const> a, MatrixView<T const> b, MatrixView<T> c, std::type_identity_t<T> alpha,
                      std::type_identity_t<T> beta) const {
    reference_gemm(gemm_call(a, b, c), alpha, beta);
  }
};

using Scalars = std::tuple<float, double>;

BOOST_AUTO_TEST_CASE_TEMPLATE(products_conform, Scalar, Scalars) {
  cayley::testing::check_03_matrix_product<GemmBackend, Scalar>(GemmBackend{});
}

BOOST_AUTO_TEST_CASE(leading_dimensions_are_those_that_blas_accepts) {
  float x[1] = {}, y[1] = {}, z[1] = {};
  // BLAS wants at least 1, also of a matrix without entries, and at least the rows of a column-major matrix.
  const auto empty = gemm_call<float>(matrix_view(x, 0, 0), matrix_view(y, 0, 0), matrix_view(z, 0, 0));
  BOOST_TEST(empty.lda == 1);
  BOOST_TEST(empty.ldb == 1);
  BOOST_TEST(empty.ldc == 1);
  const auto call =
      gemm_call<float>(transposed(matrix_view(x, 7, 2)), transposed(matrix_view(y, 5, 7)), matrix_view(z, 2, 5));
  BOOST_TEST(call.m == 5);
  BOOST_TEST(call.n == 2);
  BOOST_TEST(call.k == 7);
  BOOST_TEST(call.lda >= (call.transpose_a ? call.k : call.m));
  BOOST_TEST(call.ldb >= (call.transpose_b ? call.n : call.k));
  BOOST_TEST(call.ldc >= call.m);
}

BOOST_AUTO_TEST_CASE(sizes_beyond_32_bits_are_refused) {
  float x[1] = {}, y[1] = {}, z[1] = {};
  const Index large = Index{1} << 31;
  BOOST_CHECK_EXCEPTION(gemm_call<float>(matrix_view(x, large, 1), matrix_view(y, 1, 1), matrix_view(z, large, 1)),
                        Error, [](Error const& error) {
                          return std::string(error.what()) ==
                                 "matrix product: BLAS takes sizes below 2^31, found 2147483648";
                        });
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
