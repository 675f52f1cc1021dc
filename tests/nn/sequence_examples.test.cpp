#include <cayley/nn/sequence_examples.hpp>

#include <boost/test/unit_test.hpp>
#include <io/scratch_folder.hpp>
#include <nn/toy_transformers.hpp>

BOOST_AUTO_TEST_SUITE(sequence_examples_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

}  // namespace

BOOST_AUTO_TEST_CASE(chunks_and_blocks_hold_every_sequence_and_target_once) {
  const TokenSequences data = toy_sequences();
  for (const Index chunk_rows : {1, 6, 8, 100}) {
    for (const Index block_rows : {1, 3, 7, 100}) {
      const SequenceExamples<Cpu> batch({}, data, 7, 4, 5, chunk_rows, block_rows, BatchUse::gradient);
      BOOST_TEST(batch.size() == 5);
      BOOST_TEST(batch.targets() == 5);
      BOOST_TEST(batch.loss_scale() == 1.25);
      Index row = 0, target = 0;
      for (std::size_t c = 0; c < batch.chunks().size(); ++c) {
        SequenceRange const& chunk = batch.chunks()[c];
        BOOST_TEST(chunk.rows <= std::max<Index>(3, chunk_rows));
        BOOST_TEST(chunk.first_row == row);
        Index in_segments = 0;
        const Segments segments = batch.by_token(chunk);
        for (Index s = 0; s < segments.count; ++s) {
          for (std::uint32_t i = segments.begin[s]; i < segments.begin[s + 1]; ++i, ++in_segments) {
            BOOST_TEST(batch.tokens(chunk)[segments.position[i]] == segments.target[s]);
          }
        }
        BOOST_TEST(in_segments == chunk.rows);
        for (SequenceRange const& block : batch.blocks(c)) {
          BOOST_TEST(block.first_row == row);
          BOOST_TEST(block.first_target == target);
          for (Index t = 0; t < block.targets; ++t) {
            const auto at = static_cast<std::size_t>(target + t);
            BOOST_TEST(block.first_row + batch.queries(block)[t] == data.target_rows[at]);
            BOOST_TEST(batch.labels(block)[t] == data.labels[at]);
          }
          for (Index s = 0; s < block.rows / 3; ++s) {
            for (std::uint32_t t = batch.query_begins(block)[s]; t < batch.query_begins(block)[s + 1]; ++t) {
              BOOST_TEST(batch.queries(block)[t] / 3 == s);
            }
          }
          row += block.rows;
          target += block.targets;
        }
      }
      BOOST_TEST(row == 15);
      BOOST_TEST(target == 5);
    }
  }
}

BOOST_AUTO_TEST_CASE(mistakes_name_the_target) {
  const auto make = [](TokenSequences const& data) {
    return SequenceExamples<Cpu>({}, data, 7, 4, 5, 10, 10, BatchUse::loss);
  };
  TokenSequences data = toy_sequences();
  data.labels[3] = 5;
  BOOST_CHECK_EXCEPTION(make(data), Error, says({"label 3 is 5", "below 5"}));
  data = toy_sequences();
  data.target_rows[1] = 1;
  BOOST_CHECK_EXCEPTION(make(data), Error, says({"target 1", "row 1", "ascending"}));
  data = toy_sequences();
  data.target_rows.back() = 15;
  BOOST_CHECK_EXCEPTION(make(data), Error, says({"target 4", "below 15"}));
  data.target_rows.pop_back();
  BOOST_CHECK_EXCEPTION(make(data), Error, says({"4 rows", "5 labels"}));
  data = toy_sequences();
  data.tokens[4] = 7;
  BOOST_CHECK_EXCEPTION(make(data), Error, says({"token 1 of sequence 1 is 7"}));
}

BOOST_AUTO_TEST_SUITE_END()
