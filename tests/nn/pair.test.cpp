#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/pair.hpp>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(pair_test)

namespace {

using namespace cayley;

BOOST_AUTO_TEST_CASE(pairs_lie_side_by_side_on_the_device) {
  const std::vector<Pair> pairs{{0, 4}, {3, 1}};
  const auto indices = device_pairs(Cpu{}, std::span<Pair const>(pairs), 5);
  const std::vector<Element> expected{0, 4, 3, 1};
  BOOST_TEST(std::vector<Element>(indices.data(), indices.data() + indices.size()) == expected,
             boost::test_tools::per_element());
  BOOST_TEST(device_pairs(Cpu{}, std::span<Pair const>(), 5).size() == 0);
}

BOOST_AUTO_TEST_CASE(elements_outside_the_group_are_refused) {
  const auto message = [](Pair pair) {
    const std::vector<Pair> pairs{{0, 0}, pair};
    try {
      device_pairs(Cpu{}, std::span<Pair const>(pairs), 5);
    } catch (Error const& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  BOOST_TEST(message({4, 4}) == "");
  BOOST_TEST(message({5, 1}) == "pair 1 is (5, 1): expected elements below the order 5");
  BOOST_TEST(message({1, 4294967295U}) == "pair 1 is (1, 4294967295): expected elements below the order 5");
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
