/// Feeds bytes to the reader of CSV files: they are a table, or `cayley::Error` is thrown. What is one must be the same
/// after being written and read again, and cutting rows off must leave the others.
#include <cayley/io/csv.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz.hpp"

namespace {

bool same(cayley::CsvTable const& a, cayley::CsvTable const& b) {
  if (a.columns != b.columns || a.rows.size() != b.rows.size()) return false;
  for (std::size_t i = 0; i < a.rows.size(); ++i) {
    if (a.rows[i].size() != b.rows[i].size()) return false;
    for (std::size_t k = 0; k < a.rows[i].size(); ++k) {
      const double x = a.rows[i][k], y = b.rows[i][k];
      if (!(x == y || (std::isnan(x) && std::isnan(y)))) return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static const ScratchFile scratch("file.csv");
  auto const& file = scratch.path();
  const std::string_view bytes(reinterpret_cast<char const*>(data), size);
  attempt([&] {
    const cayley::CsvTable table = cayley::parse_csv(bytes, "fuzz");
    cayley::write_csv(file, table);
    expect(same(cayley::read_csv(file), table));
  });
  attempt([&] {
    cayley::write_file_atomically(file, bytes);
    const cayley::CsvTable before = cayley::read_growing_csv(file);
    cayley::cut_csv_after(file, 1);
    const cayley::CsvTable after = cayley::read_csv(file);
    std::size_t kept = 0;
    for (auto const& row : before.rows) kept += !(row[0] > 1);
    expect(after.columns == before.columns && after.rows.size() == kept);
  });
  return 0;
}
