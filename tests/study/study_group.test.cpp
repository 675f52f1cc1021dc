#include <cayley/study/study_group.hpp>

#include <boost/test/unit_test.hpp>

#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(study_group_test)

using namespace cayley;

namespace {

StudyGroup group_named(std::string family, Json parameter, std::filesystem::path const& directory = ".") {
  RunConfig config;
  config.group = std::move(family);
  config.group_parameter = std::move(parameter);
  return study_group(config, directory, "cfg.json");
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_family_is_known_by_its_published_name) {
  BOOST_TEST(group_named("CyclicGroup", 12).name() == "C12");
  BOOST_TEST(group_named("DihedralGroup", 6).table.order() == 12);
  BOOST_TEST(group_named("SymmetricGroup", 4).table.order() == 24);
  BOOST_TEST(group_named("AlternatingGroup", 4).table.order() == 12);
  BOOST_TEST(group_named("SymmetricGroup", 4).degree == 4);
  BOOST_TEST(group_named("CyclicGroup", 4).degree == 0);
}

BOOST_AUTO_TEST_CASE(a_table_group_is_read_from_the_run_directory) {
  const ScratchFolder scratch;
  write_table_group(scratch / "klein.json",
                    TableGroup("Klein", {{0, 1, 2, 3}, {1, 0, 3, 2}, {2, 3, 0, 1}, {3, 2, 1, 0}}));
  const StudyGroup group = group_named("TableGroup", "klein.json", scratch.path());
  BOOST_TEST(group.name() == "Klein");
  BOOST_TEST(group.irreps().size() == 4);
  BOOST_CHECK_EXCEPTION(group_named("TableGroup", "other.json", scratch.path()), Error, says({"other.json"}));
}

BOOST_AUTO_TEST_CASE(unknown_groups_and_sizes_are_refused) {
  BOOST_CHECK_EXCEPTION(group_named("SymetricGroup", 5), Error,
                        says({"cfg.json", "unknown group \"SymetricGroup\"", "did you mean SymmetricGroup"}));
  BOOST_CHECK_EXCEPTION(group_named("SymmetricGroup", 8), Error, says({"group_parameter", "1 .. 7", "8"}));
  BOOST_CHECK_EXCEPTION(group_named("AlternatingGroup", 1), Error, says({"group_parameter", "2 .. 7", "1"}));
  BOOST_CHECK_EXCEPTION(group_named("CyclicGroup", 0), Error, says({"group_parameter", "0"}));
  BOOST_CHECK_EXCEPTION(group_named("CyclicGroup", "113"), Error, says({"group_parameter", "113"}));
}

BOOST_AUTO_TEST_CASE(element_orders_are_image_arrays_or_indices) {
  const ScratchFolder scratch;
  const auto order = [&](StudyGroup const& group, char const* text) {
    write_file_atomically(scratch / "elements.json", text);
    return read_element_order(scratch / "elements.json", group);
  };
  const StudyGroup s2 = group_named("SymmetricGroup", 2), c3 = group_named("CyclicGroup", 3),
                   a3 = group_named("AlternatingGroup", 3);
  BOOST_TEST((order(s2, "[[1,0],[0,1]]") == std::vector<Element>{1, 0}));
  BOOST_TEST((order(s2, "[1,0]") == std::vector<Element>{1, 0}));
  BOOST_TEST((order(c3, "[2,0,1]") == std::vector<Element>{2, 0, 1}));
  BOOST_TEST((order(a3, "[[0,1,2],[2,0,1],[1,2,0]]") == std::vector<Element>{0, 2, 1}));
  const auto refuses = [&](StudyGroup const& group, char const* text, std::vector<std::string> parts) {
    parts.push_back("elements.json");
    BOOST_CHECK_EXCEPTION(order(group, text), Error, says(parts));
  };
  refuses(s2, "[[1,0]]", {"2 elements of S2", "1 entries"});
  refuses(s2, "{}", {"array"});
  refuses(s2, "[[1,0],[1,0]]", {"entry 1", "twice"});
  refuses(s2, "[[1,0],[1,1]]", {"entry 1", "no element of S2"});
  refuses(s2, "[[1,0],[0,1,2]]", {"entry 1", "no element"});
  refuses(a3, "[[0,1,2],[1,0,2],[1,2,0]]", {"entry 1", "no element of A3"});
  refuses(c3, "[0,1,3]", {"entry 2", "no element of C3"});
  refuses(c3, "[0,1,[2]]", {"entry 2"});
}

BOOST_AUTO_TEST_SUITE_END()
