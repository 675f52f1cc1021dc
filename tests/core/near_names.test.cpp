#include <array>
#include <boost/test/unit_test.hpp>
#include <cayley/core/near_names.hpp>

BOOST_AUTO_TEST_SUITE(near_names_test)

namespace {

using namespace cayley;

BOOST_AUTO_TEST_CASE(edit_distances_known_by_hand) {
  BOOST_TEST(edit_distance("", "") == 0U);
  BOOST_TEST(edit_distance("", "abc") == 3U);
  BOOST_TEST(edit_distance("abc", "") == 3U);
  BOOST_TEST(edit_distance("hidden", "hidden") == 0U);
  BOOST_TEST(edit_distance("hiden", "hidden") == 1U);
  BOOST_TEST(edit_distance("kitten", "sitting") == 3U);
  BOOST_TEST(edit_distance("sitting", "kitten") == 3U);
  BOOST_TEST(edit_distance("ab", "ba") == 2U);
}

constexpr std::array<std::string_view, 4> names{"x_embed", "y_embed", "embed_stack", "hidden"};

BOOST_AUTO_TEST_CASE(near_names_come_nearest_first) {
  const std::vector<std::string> expected{"y_embed", "x_embed"};
  BOOST_TEST(near_names("y_embd", names) == expected, boost::test_tools::per_element());
  const std::vector<std::string> tied{"x_embed", "y_embed"};
  BOOST_TEST(near_names("z_embed", names) == tied, boost::test_tools::per_element());
  BOOST_TEST(near_names("logits", names).empty());
  BOOST_TEST(near_names("hidden", std::vector<std::string>{}).empty());
}

BOOST_AUTO_TEST_CASE(suggestions_read_as_sentences) {
  BOOST_TEST(name_suggestion("hiden", names) ==
             " (did you mean hidden?); expected one of x_embed, y_embed, embed_stack, hidden");
  BOOST_TEST(name_suggestion("logits", names) == "; expected one of x_embed, y_embed, embed_stack, hidden");
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
