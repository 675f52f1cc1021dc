#include <cayley/interpret/sequence_pieces.hpp>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <numeric>
#include <vector>

#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(sequence_pieces_test)

using namespace cayley;

BOOST_AUTO_TEST_CASE(pieces_are_whole_sequences_in_order) {
  std::vector<std::uint32_t> tokens(21);
  std::iota(tokens.begin(), tokens.end(), 0u);
  for (Index positions : {1, 3, 5, 6, 8, 20, 21, 1000}) {
    std::vector<std::uint32_t> seen;
    for_each_piece(
        {tokens, 3},
        [&](Index first, TokenBatch piece) {
          BOOST_TEST(first * 3 == static_cast<Index>(seen.size()));
          BOOST_TEST(piece.length == 3);
          BOOST_TEST((piece.sequences() == 1 || piece.sequences() * 3 <= positions));
          seen.insert(seen.end(), piece.tokens.begin(), piece.tokens.end());
        },
        positions);
    BOOST_TEST(seen == tokens, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(no_sequences_are_no_pieces_and_half_ones_an_error) {
  const std::vector<std::uint32_t> tokens{1, 2, 3, 4};
  const auto visit = [](Index, TokenBatch) { BOOST_TEST(false); };
  for_each_piece({{}, 3}, visit);
  BOOST_TEST(cayley::testing::thrown_message([&] {
               for_each_piece({tokens, 3}, visit);
             }) == "pieces of a batch: expected sequences of 3 tokens, found 4 tokens");
  BOOST_CHECK_THROW(for_each_piece({tokens, 0}, visit), Error);
}

BOOST_AUTO_TEST_SUITE_END()
