// Writes the Cayley table of D4 to a file and reads it back; returns 1 if it is no longer D4.
#include <cayley/group/dihedral.hpp>
#include <cayley/group/table_group_json.hpp>
#include <cstdio>
#include <exception>

int main() try {
  const cayley::CayleyTable table = cayley::cayley_table(cayley::Dihedral<4>{});
  cayley::write_table_group("d4.json", table);
  const cayley::TableGroup read = cayley::read_table_group("d4.json");
  int different = 0;
  for (cayley::Element a : cayley::elements(read)) {
    for (cayley::Element b : cayley::elements(read)) different += read.compose(a, b) != table.compose(a, b);
  }
  std::printf("%s, order %d, %d products differ\n", read.name().c_str(), static_cast<int>(read.order()), different);
  return read.order() == 8 && different == 0 ? 0 : 1;
} catch (std::exception const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
