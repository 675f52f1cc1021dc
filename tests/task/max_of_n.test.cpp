#include <cayley/task/max_of_n.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <vector>

#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(max_of_n_test)

using namespace cayley;
using cayley::testing::thrown_message;

namespace {

using Words = std::vector<std::uint32_t>;

}  // namespace

BOOST_AUTO_TEST_CASE(the_whole_data_set) {
  const TokenSequences pairs = MaxOfN{3, 2}.all();
  BOOST_TEST(pairs.length == 3);
  BOOST_TEST(pairs.tokens == (Words{0, 0, 3, 0, 1, 3, 0, 2, 3, 1, 0, 3, 1, 1, 3, 1, 2, 3, 2, 0, 3, 2, 1, 3, 2, 2, 3}),
             boost::test_tools::per_element());
  BOOST_TEST(pairs.target_rows == (Words{2, 5, 8, 11, 14, 17, 20, 23, 26}), boost::test_tools::per_element());
  BOOST_TEST(pairs.labels == (Words{0, 1, 2, 1, 1, 2, 2, 2, 2}), boost::test_tools::per_element());
  BOOST_TEST(pairs.parts.empty());
  BOOST_TEST(pairs.loss_scale == 1.0);

  const TokenSequences study = MaxOfN{}.all();
  BOOST_TEST(study.sequences() == 4096);
  BOOST_TEST(study.tokens[3 * (5 * 64 + 60) + 1] == 60u);
  BOOST_TEST(study.labels[5 * 64 + 60] == 60u);
  BOOST_TEST(MaxOfN{}.d_vocab() == 65);
  BOOST_TEST(MaxOfN{}.d_vocab_out() == 64);
  BOOST_TEST(MaxOfN{}.equals() == 64u);
  BOOST_TEST(MaxOfN{}.uniform_loss() == std::log(64.0));

  const TokenSequences triples = MaxOfN{4, 3}.all();
  BOOST_TEST(triples.sequences() == 64);
  BOOST_TEST((Words(triples.tokens.begin() + 4 * 27, triples.tokens.begin() + 4 * 28) == Words{1, 2, 3, 4}));
  BOOST_TEST((MaxOfN{1, 7}.all().sequences() == 1));
}

BOOST_AUTO_TEST_CASE(neighbours_are_for_training) {
  const TrainTestSplit split = MaxOfN{}.force_adjacent();
  BOOST_TEST(static_cast<double>(split.train.size()) / 4096 == 0.099609375);
  BOOST_TEST(split.train.size() + split.test.size() == 4096u);
  BOOST_TEST(std::is_sorted(split.train.begin(), split.train.end()));
  BOOST_TEST(std::is_sorted(split.test.begin(), split.test.end()));
  const std::set<int> offsets{0, 1, 2, 17};
  const TokenSequences all = MaxOfN{}.all(), train = all.subset(split.train), test = all.subset(split.test);
  const auto adjacent = [&](TokenSequences const& pairs) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < pairs.tokens.size(); i += 3) {
      count += offsets.count(std::abs(static_cast<int>(pairs.tokens[i]) - static_cast<int>(pairs.tokens[i + 1])));
    }
    return count;
  };
  BOOST_TEST(adjacent(train) == 408u);
  BOOST_TEST(adjacent(test) == 0u);

  BOOST_TEST((MaxOfN{3, 2}.force_adjacent({2}).train == Words{2, 6}));
  BOOST_TEST((MaxOfN{3, 2}.force_adjacent({}).train.empty()));
  BOOST_TEST((MaxOfN{3, 2}.force_adjacent({0, 1, 2, 1}).train.size() == 9u));
}

BOOST_AUTO_TEST_CASE(random_sequences_of_up_to_twenty_numbers) {
  for (const Index n : {1, 2, 3, 10, 20}) {
    const MaxOfN task{64, n};
    const TokenSequences batch = SequenceBatches(task, 4).next(2000);
    const auto width = static_cast<std::size_t>(n + 1);
    bool right = true;
    double mean = 0, label = 0;
    for (std::size_t s = 0; s < 2000; ++s) {
      const auto first = batch.tokens.begin() + static_cast<std::ptrdiff_t>(s * width);
      right = right && batch.labels[s] == *std::max_element(first, first + n) && first[n] == 64u;
      right = right && batch.target_rows[s] == (s + 1) * width - 1;
      for (Index i = 0; i < n; ++i) mean += first[i] / (2000.0 * static_cast<double>(n));
      label += batch.labels[s] / 2000.0;
    }
    BOOST_TEST(right, "n = " << n);
    BOOST_TEST(std::abs(mean - 31.5) < 2.5);
    double expected = 0;  // the mean of the largest: the sum over v of P(largest > v)
    for (int v = 0; v < 63; ++v) expected += 1 - std::pow((v + 1) / 64.0, static_cast<double>(n));
    BOOST_TEST(std::abs(label - expected) < 2.5, label << " and " << expected);
  }
}

BOOST_AUTO_TEST_CASE(bad_parameters_are_refused) {
  BOOST_TEST(thrown_message([] {
               MaxOfN{0, 2}.check();
             }) == "max of n: expected a vocabulary of 1 .. 1000000000, found 0");
  BOOST_TEST(thrown_message([] { MaxOfN{64, 0}.all(); }) == "max of n: expected n of 1 .. 1000000000, found 0");
  BOOST_TEST(thrown_message([] {
               MaxOfN{64, 6}.all();
             }) == "max of n: expected at most 613566756 sequences of 7 tokens, found 64^6");
  BOOST_TEST(thrown_message([] {
               MaxOfN{64, 3}.force_adjacent();
             }) == "max of n: force_adjacent: expected n = 2, found 3");
  BOOST_TEST(thrown_message([] {
               MaxOfN{16, 2}.force_adjacent();
             }) == "max of n: force_adjacent: expected offsets below 16, found 17");
  BOOST_TEST(thrown_message([] {
               MaxOfN{65536, 2}.force_adjacent();
             }) == "max of n: force_adjacent: expected a vocabulary of 1 .. 65535, found 65536");
}

BOOST_AUTO_TEST_SUITE_END()
