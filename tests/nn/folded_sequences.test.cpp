#include <cayley/nn/folded_sequences.hpp>

#include <boost/test/unit_test.hpp>
#include <io/scratch_folder.hpp>
#include <map>
#include <nn/toy_transformers.hpp>
#include <utility>

BOOST_AUTO_TEST_SUITE(folded_sequences_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

}  // namespace

BOOST_AUTO_TEST_CASE(a_constant_reader_is_recognised) {
  BOOST_TEST(has_constant_reader(toy_pair_sequences()));
  BOOST_TEST(!has_constant_reader(toy_sequences()));
  BOOST_TEST(!has_constant_reader(TokenSequences{}));
  TokenSequences data = toy_pair_sequences();
  data.tokens[5] = 0;  // another last token
  BOOST_TEST(!has_constant_reader(data));
  data = toy_pair_sequences();
  data.target_rows[2] = 7;  // read elsewhere
  BOOST_TEST(!has_constant_reader(data));
  data = toy_pair_sequences();
  data.target_rows.pop_back();
  BOOST_TEST(!has_constant_reader(data));
  BOOST_CHECK_EXCEPTION(FoldedSequences<Cpu>({}, toy_sequences(), 7, 4, 5, 8, 8, BatchUse::loss), Error,
                        says({"constant last token"}));
}

BOOST_AUTO_TEST_CASE(passes_chunks_and_segments_hold_every_sequence_once) {
  const TokenSequences data = toy_pair_sequences();
  for (const Index pass_rows : {5, 100}) {
    for (const Index chunk_rows : {2, 8}) {
      const FoldedSequences<Cpu> batch({}, data, 7, 4, 5, pass_rows, chunk_rows, BatchUse::gradient);
      BOOST_TEST(batch.size() == data.size());
      BOOST_TEST(batch.last_token() == 6u);
      BOOST_TEST(batch.table_rows() == 14);
      BOOST_TEST(batch.has_segments());
      std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> labels;
      Index row = 0;
      for (auto const& pass : batch.passes()) {
        BOOST_TEST(pass.rows.first == row);
        for (Part const& chunk : pass.chunks) {
          BOOST_TEST(chunk.first == row);
          BOOST_TEST(chunk.count <= batch.largest_chunk());
          for (; row < chunk.first + chunk.count; ++row) {
            std::uint32_t const* index = batch.index(row);
            if (row > 0) BOOST_TEST(index[0] >= batch.index(row - 1)[0]);  // sorted
            BOOST_TEST(index[2] == 14u);
            labels[{index[0], index[1] - 7}] = *batch.labels(row);
          }
        }
        const Segments segments = batch.segments(pass.segments);
        BOOST_TEST_REQUIRE(segments.count == batch.table_rows());
        Index in_segments = 0;
        for (Index s = 0; s < segments.count; ++s) {
          BOOST_TEST(segments.target[s] == static_cast<std::uint32_t>(s));
          for (std::uint32_t i = segments.begin[s]; i < segments.begin[s + 1]; ++i, ++in_segments) {
            const std::uint32_t read = segments.position[i];
            BOOST_TEST(batch.index(pass.rows.first + read / 2)[read % 2] == segments.target[s]);
          }
        }
        BOOST_TEST(in_segments == 2 * pass.rows.count);
      }
      BOOST_TEST(row == data.size());
      for (std::size_t i = 0; i < data.labels.size(); ++i) {
        const auto found = labels.find({data.tokens[3 * i], data.tokens[3 * i + 1]});
        BOOST_TEST_REQUIRE((found != labels.end()));
        BOOST_TEST(found->second == data.labels[i]);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
