#include <cayley/backend/thrust_omp.hpp>

#include <boost/test/unit_test.hpp>
#include <conformance/backend_conformance.hpp>
#include <string>
#include <tuple>

BOOST_AUTO_TEST_SUITE(thrust_omp_test)

namespace {

using namespace cayley;
using B = Thrust<Omp>;
using Scalars = std::tuple<float, double>;

BOOST_AUTO_TEST_CASE_TEMPLATE(omp_conforms, Scalar, Scalars) {
  cayley::testing::check_backend<B, Scalar>(B{});
  cayley::testing::check_backend<B, Scalar>(B(ThrustOptions{2, 0}));
}

BOOST_AUTO_TEST_CASE(threads_out_of_range_are_refused) {
  BOOST_CHECK_EXCEPTION(B(ThrustOptions{-1, 0}), Error, [](Error const& error) {
    return std::string(error.what()) == "thrust-omp: threads: expected 0 .. 1024, found -1";
  });
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_is_that_of_a_call) {
  struct Count {
    int* out;
    void operator()(Index) const { *out = omp_get_num_threads(); }
  };
  const int before = omp_get_max_threads();
  int threads = 0;
  B(ThrustOptions{3, 0}).for_each(1, Count{&threads});
  BOOST_TEST(threads == 3);
  BOOST_TEST(omp_get_max_threads() == before);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
