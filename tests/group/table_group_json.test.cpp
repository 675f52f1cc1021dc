#include <boost/test/unit_test.hpp>
#include <cayley/group/table_group_json.hpp>
#include <string>
#include <vector>

#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(table_group_json_test)

namespace {

using cayley::Error;
using cayley::read_table_group;
using cayley::TableGroup;

BOOST_AUTO_TEST_CASE(groups_come_back_as_written) {
  const ScratchFolder folder;
  const TableGroup quaternions = TableGroup::generated_by("Q8", {{1, 2, 3, 0, 5, 6, 7, 4}, {4, 7, 6, 5, 2, 1, 0, 3}});
  BOOST_TEST_REQUIRE(quaternions.order() == 8);
  cayley::write_table_group(folder / "q8.json", quaternions);
  const TableGroup read = read_table_group(folder / "q8.json");
  BOOST_TEST(read.name() == "Q8");
  BOOST_TEST((std::vector(read.table().products().begin(), read.table().products().end()) ==
              std::vector(quaternions.table().products().begin(), quaternions.table().products().end())));
}

BOOST_AUTO_TEST_CASE(the_file_has_a_line_per_row) {
  const ScratchFolder folder;
  const TableGroup c2("C\"2\"", {{0, 1}, {1, 0}});
  cayley::write_table_group(folder / "c2.json", c2);
  BOOST_TEST(cayley::read_file(folder / "c2.json") ==
             "{\n  \"name\": \"C\\\"2\\\"\",\n  \"table\": [\n    [0, 1],\n    [1, 0]\n  ]\n}\n");
  BOOST_TEST(read_table_group(folder / "c2.json").name() == "C\"2\"");
}

BOOST_AUTO_TEST_CASE(bare_rows_are_named_like_the_file) {
  const ScratchFolder folder;
  cayley::write_file_atomically(folder / "klein.json", "[[0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]]");
  const TableGroup klein = read_table_group(folder / "klein.json");
  BOOST_TEST(klein.name() == "klein");
  BOOST_TEST(klein.order() == 4);
  BOOST_TEST(klein.compose(1, 2) == 3U);
}

BOOST_AUTO_TEST_CASE(errors_name_the_file_and_the_entry) {
  const ScratchFolder folder;
  const auto refused = [&](std::string const& text, std::string const& reason) {
    cayley::write_file_atomically(folder / "g.json", text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_CHECK_EXCEPTION(read_table_group(folder / "g.json"), Error, says({"g.json", reason}));
    }
  };
  refused("", "not JSON");
  refused("3", "table: expected an array, found number 3");
  refused("[]", "no elements");
  refused("[[0, 1], [1]]", "row 1 has 1 entries, expected 2");
  refused("[[0, 1], [1, -1]]", "table[1][1]: expected an integer from 0 to 4294967295, found number -1");
  refused("[[0, 1], [1, 0.5]]", "table[1][1]: expected an integer");
  refused("[[0, 1], [1, 2]]", "entry (1, 1) is 2, expected less than 2");
  refused("[[0, 1], 3]", "table[1]: expected an array, found number 3");
  refused(R"({"table": [[0]]})", "no key \"name\"");
  refused(R"({"name": "C1"})", "no key \"table\", found the keys name");
  refused(R"({"name": 1, "table": [[0]]})", "key \"name\": expected a string");
  refused(R"({"name": "C2", "table": [[0, 1], [1, "0"]]})", "key \"table\"[1][1]: expected an integer");
  refused(R"({"name": "M", "table": [[0, 1], [1, 1]]})", "Cayley table of M: element 1 has no inverse");
  BOOST_CHECK_EXCEPTION(read_table_group(folder / "none.json"), Error, says({"none.json", "No such file"}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
