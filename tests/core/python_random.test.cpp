#include <cayley/core/python_random.hpp>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "reference.hpp"

BOOST_AUTO_TEST_SUITE(python_random_test)

using namespace cayley;

namespace {

using Words = std::vector<std::uint32_t>;

template <class Generator>
Words draw(Generator generator, std::size_t count) {
  Words drawn(count);
  for (auto& value : drawn) value = generator.random32();
  return drawn;
}

template <class Generator>
bool refused(std::string const& state) {
  try {
    Generator::from_state(state);
  } catch (Error const&) {
    return true;
  }
  return false;
}

}  // namespace

// The expected numbers of this file were printed by CPython 3.11 and by numpy 2.4.

BOOST_AUTO_TEST_CASE(python_seeds) {
  const std::map<std::uint64_t, Words> expected{
      {0, {3626764237, 1654615998, 3255389356, 3823568514}},
      {1, {577090037, 2444712010, 3639700191, 3445702192}},
      {123, {224899942, 1149664691, 374463918, 3302642556}},
      {4294967295, {2728839433, 2661025012, 872737089, 924893097}},
      {4294967301, {675479763, 2085189291, 1213270837, 3822202474}},
      {12345678901234567890u, {2199100970, 3695432519, 4002396509, 2348474455}},
  };
  for (auto const& [seed, words] : expected) {
    BOOST_TEST(draw(PythonGenerator(seed), 4) == words, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(init_by_array_with_the_key_of_its_authors) {
  const Words key{0x123, 0x234, 0x345, 0x456};
  detail::ArraySeed seed(key);
  std::mt19937 engine(seed);
  for (const std::uint32_t word : {1067595299u, 955945823u, 477289528u, 4107218783u, 4228976476u}) {
    BOOST_TEST(engine() == word);
  }
}

BOOST_AUTO_TEST_CASE(python_numbers_below_a_bound) {
  PythonGenerator generator(1);
  const Words bounds{1, 2, 3, 10, 256, 257, 1000, 12769, 2147483648u, 4294967295u};
  const Words expected{0, 0, 1, 1, 253, 230, 483, 10675, 1630434966u, 3387541014u};
  for (std::size_t i = 0; i < bounds.size(); ++i) BOOST_TEST(generator.randbelow(bounds[i]) == expected[i]);
  BOOST_CHECK_THROW(generator.randbelow(0), Error);
}

BOOST_AUTO_TEST_CASE(python_shuffles) {
  const std::map<std::uint64_t, Words> expected{
      {0, {10, 18, 16, 14, 0, 17, 11, 2, 3, 9, 5, 7, 4, 19, 6, 15, 8, 1, 13, 12}},
      {1, {11, 5, 17, 19, 9, 0, 16, 1, 15, 6, 10, 13, 14, 12, 7, 3, 8, 2, 18, 4}},
  };
  for (auto const& [seed, order] : expected) {
    Words values(20);
    std::iota(values.begin(), values.end(), 0u);
    PythonGenerator(seed).shuffle(values);
    BOOST_TEST(values == order, boost::test_tools::per_element());
  }
  Words many(100000);
  std::iota(many.begin(), many.end(), 0u);
  PythonGenerator generator(5);
  generator.shuffle(many);
  BOOST_TEST(cayley::testing::crc32(many) == 0xa6d2c606u);
  BOOST_TEST(generator.random32() == 899443400u);
  Words none;
  generator.shuffle(none);
  BOOST_TEST(none.empty());
}

BOOST_AUTO_TEST_CASE(numpy_seeds) {
  BOOST_TEST(draw(NumpyGenerator(0), 4) == (Words{2357136044, 2546248239, 3071714933, 3626093760}),
             boost::test_tools::per_element());
  BOOST_TEST(draw(NumpyGenerator(123), 4) == (Words{2991312382, 3062119789, 1228959102, 1840268610}),
             boost::test_tools::per_element());
  BOOST_TEST(draw(NumpyGenerator(4294967295), 4) == (Words{419326371, 479346978, 3918654476, 2416749639}),
             boost::test_tools::per_element());
  BOOST_CHECK_THROW(NumpyGenerator(std::uint64_t{1} << 32), Error);
}

BOOST_AUTO_TEST_CASE(numpy_bounded_integers) {
  NumpyGenerator generator(123);
  const auto randints = [&](std::uint32_t low, std::uint32_t high, std::size_t count) {
    Words drawn(count);
    for (auto& value : drawn) value = generator.randint(low, high);
    return drawn;
  };
  BOOST_TEST(randints(1, 128, 12) == (Words{127, 110, 127, 67, 93, 99, 103, 18, 84, 107, 124, 58}),
             boost::test_tools::per_element());
  BOOST_TEST(randints(1, 14, 8) == (Words{7, 2, 1, 2, 10, 1, 1, 10}), boost::test_tools::per_element());
  BOOST_TEST(randints(0, 1, 3) == (Words{0, 0, 0}), boost::test_tools::per_element());
  BOOST_TEST(randints(0, 100, 6) == (Words{83, 78, 36, 96, 80, 68}), boost::test_tools::per_element());
  BOOST_TEST(randints(5, 6, 2) == (Words{5, 5}), boost::test_tools::per_element());
  BOOST_TEST(randints(0, 64, 4) == (Words{49, 55, 3, 2}), boost::test_tools::per_element());
  BOOST_CHECK_THROW(generator.randint(3, 3), Error);
  BOOST_CHECK_THROW(generator.randint(4, 3), Error);
}

BOOST_AUTO_TEST_CASE(a_state_gives_back_the_generator) {
  for (const std::size_t drawn : {0u, 1u, 623u, 624u, 700u}) {
    PythonGenerator python(9);
    NumpyGenerator numpy(9);
    for (std::size_t i = 0; i < drawn; ++i) {
      python.random32();
      numpy.random32();
    }
    BOOST_TEST(draw(PythonGenerator::from_state(python.state()), 1000) == draw(python, 1000));
    BOOST_TEST(draw(NumpyGenerator::from_state(numpy.state()), 1000) == draw(numpy, 1000));
    BOOST_TEST(PythonGenerator::from_state(python.state()).state() == python.state());
  }
}

BOOST_AUTO_TEST_CASE(broken_states_are_refused) {
  const std::string state = PythonGenerator(9).state();
  BOOST_TEST(!refused<PythonGenerator>(state));
  BOOST_TEST(!refused<NumpyGenerator>(state));
  for (std::string const& broken : {std::string(), std::string("mersenne"), state.substr(0, 1000), state + " 7"}) {
    BOOST_TEST(refused<PythonGenerator>(broken));
    BOOST_TEST(refused<NumpyGenerator>(broken));
  }
}

BOOST_AUTO_TEST_SUITE_END()
