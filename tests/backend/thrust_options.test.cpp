#include <boost/test/unit_test.hpp>
#include <cayley/backend/thrust_options.hpp>

#ifdef EIGEN_WORLD_VERSION
#error "backend/thrust_options.hpp must not include Eigen"
#endif

BOOST_AUTO_TEST_SUITE(thrust_options_test)

namespace {

using namespace cayley;
struct One;
struct Another;

BOOST_AUTO_TEST_CASE(each_type_of_backend_has_counters_of_its_own) {
  using Counters = detail::WorkCounters<One>;
  BOOST_TEST((Counters::read() == BackendCounts{}));
  Counters::add(Counters::launches);
  Counters::add(Counters::launches);
  Counters::add(Counters::synchronizations);
  BOOST_TEST((Counters::read() == BackendCounts{2, 0, 1}));
  BOOST_TEST((Counters::read() - BackendCounts{1, 0, 1} == BackendCounts{1, 0, 0}));
  BOOST_TEST((detail::WorkCounters<Another>::read() == BackendCounts{}));
}

BOOST_AUTO_TEST_CASE(options_leave_the_choice_to_the_system) {
  const ThrustOptions options;
  BOOST_TEST(options.threads == 0);
  BOOST_TEST(options.memory_budget == 0);
  BOOST_TEST(!options.allow_tf32);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
