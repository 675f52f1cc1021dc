#include <cayley/core/random.hpp>

#include <algorithm>
#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "reference.hpp"

BOOST_AUTO_TEST_SUITE(random_test)

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

namespace {

std::vector<std::uint32_t> bits_of(std::vector<float> const& values) {
  std::vector<std::uint32_t> bits;
  for (float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

std::vector<std::uint32_t> from_hex(nlohmann::json const& words) {
  std::vector<std::uint32_t> values;
  for (auto const& word : words) {
    values.push_back(static_cast<std::uint32_t>(std::stoul(word.get<std::string>(), nullptr, 16)));
  }
  return values;
}

// The next numbers of every kind, 15 and 16 normal ones among them.
std::vector<std::uint32_t> next_draws(TorchGenerator generator) {
  auto drawn = bits_of(generator.randn(15));
  for (std::uint32_t word : bits_of(generator.randn(17))) drawn.push_back(word);
  for (std::uint32_t word : generator.randperm(9)) drawn.push_back(word);
  drawn.push_back(generator.random32());
  return drawn;
}

}  // namespace

BOOST_AUTO_TEST_CASE(fewer_than_16_normal_numbers_are_those_of_torch,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  std::ifstream file(cayley::testing::reference_file("rng_vectors.json"));
  const auto json = nlohmann::json::parse(file);
  for (const NormalPath path : {NormalPath::vector, NormalPath::scalar}) {
    for (auto const& entry : json.at("randn_short")) {
      TorchGenerator generator(entry.at("seed").get<std::uint64_t>());
      const auto calls = entry.at("calls").get<std::vector<std::size_t>>();
      BOOST_TEST(calls.size() == 4u);
      for (std::size_t i = 0; i < calls.size(); ++i) {
        BOOST_TEST(bits_of(generator.randn(calls[i], path)) == from_hex(entry.at("bits").at(i)),
                   boost::test_tools::per_element());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(sixteen_and_more_normal_numbers_are_those_of_torch,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  std::ifstream file(cayley::testing::reference_file("rng_vectors.json"));
  const auto json = nlohmann::json::parse(file);
  BOOST_TEST(json.at("randn_fill").size() >= 20u);
  for (auto const& entry : json.at("randn_fill")) {
    const auto seed = entry.at("seed").get<std::uint64_t>();
    const auto n = entry.at("n").get<std::size_t>();
    for (std::string const path : {"vector", "scalar"}) {
      const auto bits =
          bits_of(TorchGenerator(seed).randn(n, path == "vector" ? NormalPath::vector : NormalPath::scalar));
      if (entry.contains(path + "_path_bits")) {
        BOOST_TEST(bits == from_hex(entry.at(path + "_path_bits")), boost::test_tools::per_element());
      } else {
        const auto crc = from_hex({entry.at(path + "_path_crc32_le_f32")});
        BOOST_TEST(cayley::testing::crc32(bits) == crc[0], path << " path, seed " << seed << ", n = " << n);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(normal_numbers_have_mean_0_and_variance_1_on_both_paths) {
  constexpr std::size_t count = 100001;
  const auto vector = TorchGenerator(5).randn(count), scalar = TorchGenerator(5).randn(count, NormalPath::scalar);
  double sum = 0, squares = 0, difference = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto x = static_cast<double>(vector[i]);
    sum += x;
    squares += x * x;
    difference = std::max(difference, std::abs(x - static_cast<double>(scalar[i])));
  }
  BOOST_TEST(std::abs(sum / count) < 0.01);
  BOOST_TEST(std::abs(squares / count - 1) < 0.02);
  BOOST_TEST(difference <= 2e-6);
  BOOST_TEST(TorchGenerator(5).randn(0).empty());
}

BOOST_AUTO_TEST_CASE(a_state_gives_back_the_generator) {
  for (const std::size_t drawn : {0u, 1u, 2u, 3u, 16u, 700u}) {
    TorchGenerator generator(9);
    generator.randn(drawn);
    generator.random32();
    const auto restored = TorchGenerator::from_state(generator.state());
    BOOST_TEST(next_draws(restored) == next_draws(generator), boost::test_tools::per_element());
    BOOST_TEST(restored.state() == generator.state());
  }
  // After an odd number of single draws one normal number is kept for the next call.
  TorchGenerator odd(9), even(9);
  odd.randn(1);
  even.randn(2);
  BOOST_TEST(odd.state().find("cached") != std::string::npos);
  BOOST_TEST(even.state().find("cached") == std::string::npos);
  BOOST_TEST((next_draws(odd) != next_draws(even)));
}

BOOST_AUTO_TEST_CASE(broken_states_are_refused) {
  TorchGenerator generator(9);
  generator.randn(1);
  const std::string state = generator.state();
  const auto refused = [](std::string const& text) {
    try {
      TorchGenerator::from_state(text);
    } catch (Error const&) {
      return true;
    }
    return false;
  };
  BOOST_TEST(!refused(state));
  const std::size_t word = state.find(" cached ");
  BOOST_TEST(!refused(state.substr(0, word)));
  BOOST_TEST(refused(""));
  BOOST_TEST(refused("mersenne"));
  BOOST_TEST(refused(state.substr(0, 1000)));
  BOOST_TEST(refused(state.substr(0, word) + " cached"));
  BOOST_TEST(refused(state.substr(0, word) + " cached 0.5x"));
  BOOST_TEST(refused(state.substr(0, word) + " stored 0x1p-1"));
  BOOST_TEST(refused(state + " 7"));
}

BOOST_AUTO_TEST_SUITE_END()
