/// Published data to test against: the folder that the environment variable CAYLEY_REFERENCE names.
///
/// A test that needs it is declared with a precondition, and is skipped with a message when the variable is
/// unset:
///   BOOST_AUTO_TEST_CASE(published_tables,
///   *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
///     std::ifstream file(cayley::testing::reference_file("groups.json"));
/// A variable that is set but names no folder, or a folder that lacks a file, fails the test.
#pragma once

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>

namespace cayley::testing {

/// Precondition of a test case: CAYLEY_REFERENCE is set and not empty. Says so on the terminal when it is
/// not.
inline boost::test_tools::assertion_result reference_is_set(boost::unit_test::test_unit_id test) {
  const char* folder = std::getenv("CAYLEY_REFERENCE");
  boost::test_tools::assertion_result result(folder != nullptr && *folder != '\0');
  if (!result) {
    const std::string reason = "the environment variable CAYLEY_REFERENCE, a folder of published data, is not set";
    std::cout << "skipped " << boost::unit_test::framework::get(test, boost::unit_test::TUT_ANY).full_name() << ": "
              << reason << std::endl;
    result.message() << reason;
  }
  return result;
}

/// The folder that CAYLEY_REFERENCE names.
/// Errors: `std::runtime_error` when the variable is unset or names no folder.
inline std::filesystem::path reference_folder() {
  const char* folder = std::getenv("CAYLEY_REFERENCE");
  if (folder == nullptr || *folder == '\0') throw std::runtime_error("CAYLEY_REFERENCE is not set");
  if (!std::filesystem::is_directory(folder)) {
    throw std::runtime_error("CAYLEY_REFERENCE names no folder: " + std::string(folder));
  }
  return folder;
}

/// A file in that folder, by its path relative to the folder.
/// Errors: as `reference_folder`, and when there is no such file.
inline std::filesystem::path reference_file(std::filesystem::path const& name) {
  const std::filesystem::path file = reference_folder() / name;
  if (!std::filesystem::is_regular_file(file)) {
    throw std::runtime_error("CAYLEY_REFERENCE lacks the file " + file.string());
  }
  return file;
}

/// CRC-32 (polynomial 0xEDB88320, reflected) of little-endian 32-bit words, as in the published data.
inline std::uint32_t crc32(std::span<const std::uint32_t> words) {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1u) != 0 ? 0xEDB88320u : 0u);
    table[byte] = value;
  }
  std::uint32_t crc = ~0u;
  for (std::uint32_t word : words) {
    for (int shift = 0; shift < 32; shift += 8) crc = (crc >> 8) ^ table[(crc ^ (word >> shift)) & 0xFFu];
  }
  return ~crc;
}

}  // namespace cayley::testing
