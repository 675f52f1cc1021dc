/// Feeds bytes to the reader of cfg.json: they are a configuration, or `cayley::Error` is thrown. What is one must be the
/// same after being written and read again.
#include <cayley/study/config.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<char const*>(data), size);
  attempt([&] {
    const cayley::RunConfig config = cayley::parse_config(cayley::parse_json(bytes, "fuzz"), "fuzz");
    const cayley::Json written = cayley::config_json(config);
    const cayley::RunConfig again = cayley::parse_config(cayley::parse_json(written.dump(), "again"), "again");
    expect(cayley::config_json(again) == written);
  });
  return 0;
}
