#include <cayley/task/skip_trigram.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include "reference.hpp"
#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(skip_trigram_test)

using namespace cayley;
using cayley::testing::thrown_message;

namespace {

using Words = std::vector<std::uint32_t>;

}  // namespace

BOOST_AUTO_TEST_CASE(one_token_of_the_noise_tells_the_answer) {
  const SkipTrigram task{5, 3};
  SequenceBatches batches(task, 2);
  const TokenSequences batch = batches.next(300);
  const auto places = task.marked_places(batch);
  BOOST_TEST(task.n_ctx() == 7);
  BOOST_TEST(task.d_vocab() == 8);
  BOOST_TEST(task.d_vocab_out() == 3);
  BOOST_TEST(task.uniform_loss() == std::log(3.0));
  BOOST_TEST(batch.loss_scale == 1.0);
  BOOST_REQUIRE(batch.labels.size() == 300u);
  bool right = true;
  for (std::size_t s = 0; s < 300; ++s) {
    right = right && batch.tokens[7 * s] == SkipTrigram::begin && batch.tokens[7 * s + 6] == SkipTrigram::end;
    right = right && places[s] >= 1 && places[s] <= 5;
    for (std::size_t t = 1; t <= 5; ++t) {
      const auto token = batch.tokens[7 * s + t];
      right = right && (t == places[s] ? token == 5 + batch.labels[s] : token >= 2 && token < 5);
    }
    right = right && batch.target_rows[s] == 7 * s + 6 && batch.parts[s] == batch.labels[s];
  }
  BOOST_TEST(right);
}

BOOST_AUTO_TEST_CASE(keys_places_and_noise_are_equally_frequent) {
  const SkipTrigram task;
  SequenceBatches batches(task, 5);
  const TokenSequences batch = batches.next(20000);
  std::vector<double> keys(10), places(41), noise(22);
  for (auto key : batch.labels) keys[key] += 1.0 / 20000;
  for (auto place : task.marked_places(batch)) places[place] += 1.0 / 20000;
  for (auto token : batch.tokens) noise[token] += 1.0 / (20000 * 39);
  for (double share : keys) BOOST_TEST(std::abs(share - 0.1) < 0.01);
  for (std::size_t place = 1; place <= 40; ++place) BOOST_TEST(std::abs(places[place] - 0.025) < 0.006);
  for (std::size_t token = 2; token < 12; ++token) BOOST_TEST(std::abs(noise[token] - 0.1) < 0.002);
}

BOOST_AUTO_TEST_CASE(the_published_batches) {
  SequenceBatches batches(SkipTrigram{}, 6798);
  const TokenSequences first = batches.next(256);
  BOOST_TEST(Words(first.tokens.begin(), first.tokens.begin() + 10) == (Words{0, 3, 9, 7, 9, 10, 6, 11, 8, 18}),
             boost::test_tools::per_element());
  // Checksums of the batches that Python computes from the same outputs of the Mersenne twister.
  BOOST_TEST(cayley::testing::crc32(first.tokens) == 0x04730380u);
  BOOST_TEST(cayley::testing::crc32(first.labels) == 0xebddfb9cu);
  const TokenSequences second = batches.next(256), third = batches.next(256);
  BOOST_TEST(cayley::testing::crc32(second.tokens) == 0xb881d2fdu);
  BOOST_TEST(cayley::testing::crc32(second.labels) == 0xc3958c4fu);
  BOOST_TEST(cayley::testing::crc32(third.tokens) == 0x38a8477bu);
}

BOOST_AUTO_TEST_CASE(a_forced_key_changes_the_marked_tokens_alone) {
  const SkipTrigram free, forced{40, 10, 7};
  const TokenSequences any = SequenceBatches(free, 6798).next(50), same = SequenceBatches(forced, 6798).next(50);
  BOOST_TEST(free.marked_places(any) == forced.marked_places(same), boost::test_tools::per_element());
  BOOST_TEST(same.labels == Words(50, 7), boost::test_tools::per_element());
  BOOST_TEST(same.parts == Words(50, 7), boost::test_tools::per_element());
  std::size_t different = 0, expected = 0;
  for (std::size_t i = 0; i < any.tokens.size(); ++i) different += any.tokens[i] != same.tokens[i] ? 1 : 0;
  for (auto key : any.labels) expected += key != 7 ? 1 : 0;
  BOOST_TEST(different == expected);
}

BOOST_AUTO_TEST_CASE(bad_parameters_are_refused) {
  BOOST_TEST(thrown_message([] { SkipTrigram{0}.check(); }) ==
             "skip trigram: expected noise_length of 1 .. 1000000000, found 0");
  BOOST_TEST(thrown_message([] {
               SkipTrigram{40, 0}.check();
             }) == "skip trigram: expected 1 .. 1000000000 keys, found 0");
  BOOST_TEST(thrown_message([] {
               SkipTrigram{40, 10, 10}.check();
             }) == "skip trigram: expected forced_key of -1 .. 9, found 10");
  TokenSequences unmarked{42, Words(42, 2), {41}, {0}, {0}, 1};
  BOOST_TEST(thrown_message([&] { SkipTrigram{}.marked_places(unmarked); }) ==
             "skip trigram: expected a token of at least 12 in sequence 0, found none");
  BOOST_TEST(thrown_message([&] { SkipTrigram{3}.marked_places(unmarked); }) ==
             "skip trigram: expected sequences of 5 tokens, found 42");
}

BOOST_AUTO_TEST_SUITE_END()
