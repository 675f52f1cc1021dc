/// Feeds bytes to the reader of element orders, for a group of permutations, and of Cayley tables in files: they are
/// one, or `cayley::Error` is thrown. What is one must be the same after being written and read again.
#include <cayley/group/table_group_json.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cayley/study/study_group.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static const cayley::StudyTable s3 = cayley::detail::study_table_of(cayley::Symmetric<3>{});
  static const ScratchFile scratch("file.json");
  auto const& file = scratch.path();
  cayley::write_file_atomically(file, std::string_view(reinterpret_cast<char const*>(data), size));
  attempt([&] {
    const std::vector<cayley::Element> order = cayley::read_element_order(file, s3);
    cayley::write_json(file, cayley::element_order_json(order, s3));
    expect(cayley::read_element_order(file, s3) == order);
  });
  attempt([&] {
    const cayley::CayleyTable table = cayley::cayley_table(cayley::read_table_group(file));
    cayley::write_table_group(file, table);
    const cayley::CayleyTable again = cayley::cayley_table(cayley::read_table_group(file));
    expect(again.products().size() == table.products().size() &&
           std::equal(again.products().begin(), again.products().end(), table.products().begin()));
  });
  return 0;
}
