/// Feeds bytes to the safetensors reader: they parse, or `cayley::Error` is thrown. What parses is read in
/// every way and must survive being written and read again.
#include <cayley/io/safetensors.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace {

template <class Read>
void attempt(Read const& read) {
  try {
    read();
  } catch (cayley::Error const&) {
  }
}

void touch(cayley::TensorFile const& file) {
  for (auto const& name : file.names()) {
    cayley::Shape const& shape = file.shape(name);
    attempt([&] { file.values<double>(name, shape); });
    attempt([&] { file.values<std::int32_t>(name, shape); });
    attempt([&] { file.values<std::uint64_t>(name, shape); });
    attempt([&] { file.values<bool>(name, shape); });
    attempt([&] { file.matrix<float>(name, shape); });
    attempt([&] { file.at(name + "?"); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<char const*>(data), size);
  std::optional<cayley::TensorFile> file;
  attempt([&] { file = cayley::parse_safetensors(bytes, "fuzz"); });
  if (file) {
    touch(*file);
    if (cayley::parse_safetensors(cayley::safetensors_bytes(*file), "again") != *file) std::abort();
  }
  return 0;
}
