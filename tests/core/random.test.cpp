#include <cayley/core/random.hpp>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reference.hpp"

using namespace cayley;

BOOST_AUTO_TEST_CASE(the_engine_is_mt19937) {
  TorchGenerator generator(5489);
  for (int i = 0; i < 9999; ++i) generator.random32();
  BOOST_TEST(generator.random32() == 4123659995u);  // the value the C++ standard gives for std::mt19937
}

BOOST_AUTO_TEST_CASE(the_high_word_is_drawn_first) {
  TorchGenerator words(7), longs(7);
  const std::uint64_t high = words.random32();
  BOOST_TEST(longs.random64() == (high << 32 | words.random32()));
}

BOOST_AUTO_TEST_CASE(the_low_32_bits_of_the_seed_count) {
  BOOST_TEST(TorchGenerator(3).random32() == TorchGenerator((std::uint64_t{9} << 32) + 3).random32());
}

BOOST_AUTO_TEST_CASE(short_permutations) {
  BOOST_TEST(TorchGenerator(1).randperm(0).empty());
  BOOST_TEST((TorchGenerator(1).randperm(1) == std::vector<std::uint32_t>{0}));
}

BOOST_AUTO_TEST_CASE(published_draws_and_permutations,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  std::ifstream file(cayley::testing::reference_file("rng_vectors.json"));
  const auto json = nlohmann::json::parse(file);
  for (auto const& entry : json.at("mt19937_u32")) {
    TorchGenerator generator(entry.at("seed").get<std::uint64_t>());
    std::vector<std::uint32_t> drawn(1000);
    for (auto& value : drawn) value = generator.random32();
    const auto first = entry.at("first").get<std::vector<std::uint32_t>>();
    BOOST_TEST((std::vector(drawn.begin(), drawn.begin() + static_cast<std::ptrdiff_t>(first.size())) == first));
    BOOST_TEST(drawn.back() == entry.at("draw_1000").get<std::uint32_t>());
  }
  BOOST_TEST(json.at("randperm").size() >= 5u);
  for (auto const& entry : json.at("randperm")) {
    const auto n = entry.at("n").get<std::uint32_t>();
    const auto permutation = TorchGenerator(entry.at("seed").get<std::uint64_t>()).randperm(n);
    std::ostringstream crc;
    crc << std::hex << std::setw(8) << std::setfill('0') << cayley::testing::crc32(permutation);
    BOOST_TEST(crc.str() == entry.at("crc32_le_u32").get<std::string>(), "n = " << n);
  }
}
