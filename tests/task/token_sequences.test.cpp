#include <cayley/task/token_sequences.hpp>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <vector>

BOOST_AUTO_TEST_SUITE(token_sequences_test)

using namespace cayley;

namespace {

using Words = std::vector<std::uint32_t>;

// Four sequences of three tokens with 1, 0, 3 and 1 targets.
TokenSequences four() {
  return {3, {0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32}, {2, 6, 7, 8, 10}, {5, 6, 7, 8, 9}, {0, 1, 2, 3, 4}, 1.5};
}

}  // namespace

BOOST_AUTO_TEST_CASE(sequences_are_counted) {
  BOOST_TEST(four().sequences() == 4);
  BOOST_TEST(!four().empty());
  BOOST_TEST(TokenSequences{}.sequences() == 0);
  BOOST_TEST(TokenSequences{}.empty());
}

BOOST_AUTO_TEST_CASE(a_subset_keeps_sequences_with_their_targets_in_the_order_asked_for) {
  const TokenSequences part = four().subset(Words{2, 1, 0, 2, 3});
  BOOST_TEST(part.length == 3);
  BOOST_TEST(part.loss_scale == 1.5);
  BOOST_TEST(part.tokens == (Words{20, 21, 22, 10, 11, 12, 0, 1, 2, 20, 21, 22, 30, 31, 32}),
             boost::test_tools::per_element());
  BOOST_TEST(part.target_rows == (Words{0, 1, 2, 8, 9, 10, 11, 13}), boost::test_tools::per_element());
  BOOST_TEST(part.labels == (Words{6, 7, 8, 5, 6, 7, 8, 9}), boost::test_tools::per_element());
  BOOST_TEST(part.parts == (Words{1, 2, 3, 0, 1, 2, 3, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_subset_of_all_in_order_changes_nothing) {
  const TokenSequences whole = four(), copy = whole.subset(Words{0, 1, 2, 3});
  BOOST_TEST(copy.tokens == whole.tokens, boost::test_tools::per_element());
  BOOST_TEST(copy.target_rows == whole.target_rows, boost::test_tools::per_element());
  BOOST_TEST(copy.labels == whole.labels, boost::test_tools::per_element());
  BOOST_TEST(copy.parts == whole.parts, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(subsets_without_parts_targets_or_sequences) {
  TokenSequences one_part = four();
  one_part.parts.clear();
  BOOST_TEST(one_part.subset(Words{2}).parts.empty());
  BOOST_TEST(one_part.subset(Words{2}).labels.size() == 3u);
  BOOST_TEST(four().subset(Words{1, 1}).target_rows.empty());
  BOOST_TEST(four().subset(Words{1, 1}).sequences() == 2);
  BOOST_TEST(four().subset({}).empty());
  BOOST_TEST(four().subset({}).length == 3);
  BOOST_TEST(TokenSequences{}.subset({}).empty());
}

BOOST_AUTO_TEST_CASE(pairs_are_read_with_a_last_token_where_the_answer_is_expected) {
  const LabelledExamples<Pair> pairs{{{4, 0}, {1, 3}}, {4, 2}};
  const TokenSequences sequences = pair_sequences(pairs, 5);
  BOOST_TEST(sequences.length == 3);
  BOOST_TEST(sequences.tokens == (Words{4, 0, 5, 1, 3, 5}), boost::test_tools::per_element());
  BOOST_TEST(sequences.target_rows == (Words{2, 5}), boost::test_tools::per_element());
  BOOST_TEST(sequences.labels == (Words{4, 2}), boost::test_tools::per_element());
  BOOST_TEST(sequences.parts.empty());
  BOOST_TEST(sequences.loss_scale == 1.0);
  BOOST_TEST(pair_sequences({}, 5).empty());
}

BOOST_AUTO_TEST_SUITE_END()
