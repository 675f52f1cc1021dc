#include <cayley/interpret/weight_norms.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/interpret/pair_network.hpp>

#include "interpret/toy_transformer.hpp"

BOOST_AUTO_TEST_SUITE(weight_norms_test)

using namespace cayley;
using namespace cayley::testing;

BOOST_AUTO_TEST_CASE(every_parameter_has_its_sum_of_squares) {
  const auto model = toy_transformer(6, false);
  const auto norms = weight_norms(model);
  BOOST_TEST_REQUIRE(norms.size() == model.parameters().size());
  BOOST_TEST(norms.front().name == "embed.W_E");
  BOOST_TEST(norms.front().sum_of_squares == model.parameters()[0].host().squaredNorm());
  BOOST_TEST(total_sum_of_squares(norms) == detail::sum_of_squares(model), boost::test_tools::tolerance(1e-14));
  BOOST_TEST(total_sum_of_squares({{"W", 2}, {"b", 0.5}}) == 2.5);
}

BOOST_AUTO_TEST_SUITE_END()
