#include <cayley/task/digit_addition.hpp>

#include <cayley/io/safetensors.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include "reference.hpp"
#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(digit_addition_test)

using namespace cayley;
using cayley::testing::thrown_message;

namespace {

using Words = std::vector<std::uint32_t>;

Words sequence(TokenSequences const& batch, Index s) {
  const auto first = batch.tokens.begin() + s * batch.length;
  return {first, first + batch.length};
}

// The number of these digits, most significant first.
std::uint64_t number(Words const& tokens, Index first, Index digits) {
  std::uint64_t value = 0;
  for (Index i = 0; i < digits; ++i) value = 10 * value + tokens[static_cast<std::size_t>(first + i)];
  return value;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sums_of_any_number_of_digits) {
  for (const Index d : {1, 2, 5, 9, 18}) {
    const DigitAddition task{d};
    TorchGenerator generator(11);
    const TokenSequences batch = task.draw(200, generator);
    bool right = true;
    for (Index s = 0; s < 200; ++s) {
      const Words tokens = sequence(batch, s);
      right = right && tokens[static_cast<std::size_t>(d)] == DigitAddition::plus;
      right = right && tokens[static_cast<std::size_t>(2 * d + 1)] == DigitAddition::equals;
      right = right && number(tokens, 0, d) + number(tokens, d + 1, d) == number(tokens, 2 * d + 2, d + 1);
    }
    BOOST_TEST(right, d << " digits");
  }
  BOOST_TEST(DigitAddition{}.n_ctx() == 18);
  BOOST_TEST(DigitAddition{}.uniform_loss() == std::log(10.0));
}

BOOST_AUTO_TEST_CASE(each_digit_of_the_sum_is_expected_one_position_before) {
  const DigitAddition task{2};
  const TokenSequences batch = task.sums(Words{9, 9, 1, 2}, Words{0, 7, 3, 4});
  BOOST_TEST(batch.tokens == (Words{9, 9, 10, 0, 7, 11, 1, 0, 6, 1, 2, 10, 3, 4, 11, 0, 4, 6}),
             boost::test_tools::per_element());
  BOOST_TEST(batch.target_rows == (Words{5, 6, 7, 14, 15, 16}), boost::test_tools::per_element());
  BOOST_TEST(batch.labels == (Words{1, 0, 6, 0, 4, 6}), boost::test_tools::per_element());
  BOOST_TEST(batch.parts == (Words{0, 1, 2, 0, 1, 2}), boost::test_tools::per_element());
  BOOST_TEST(batch.loss_scale == 1.0);
}

BOOST_AUTO_TEST_CASE(carries_stand_with_the_digit_that_they_enter) {
  const DigitAddition task{3};
  const TokenSequences batch = task.sums(Words{9, 9, 9, 0, 5, 0, 1, 2, 3}, Words{0, 0, 1, 0, 5, 0, 4, 5, 6});
  Matrix<std::uint32_t> expected(3, 4);
  expected << 1, 1, 1, 0,  //
      0, 1, 0, 0,          //
      0, 0, 0, 0;
  BOOST_TEST((task.carries(batch) == expected));

  // Of sums drawn at random: each carry makes its digit of the sum right, and a leading carry is the leading digit.
  const DigitAddition five;
  TorchGenerator generator(1);
  const TokenSequences random = five.draw(1000, generator);
  const Matrix<std::uint32_t> carries = five.carries(random);
  bool right = true;
  for (Index s = 0; s < 1000; ++s) {
    const Words t = sequence(random, s);
    right = right && carries(s, 0) == t[12];
    for (Index i = 0; i < 5; ++i) {
      const auto at = static_cast<std::size_t>(i);
      right = right && (t[at] + t[at + 6] + carries(s, i + 1)) % 10 == t[at + 13];
    }
  }
  BOOST_TEST(right);
  // A last digit of a sum carries in 45 of 100 cases, a digit far from the end in almost half.
  const double last = carries.col(4).cast<double>().mean(), leading = carries.col(0).cast<double>().mean();
  BOOST_TEST(std::abs(last - 0.45) < 0.06);
  BOOST_TEST(std::abs(leading - 0.499995) < 0.06);
  BOOST_TEST(thrown_message([&] { DigitAddition{4}.carries(random); }) ==
             "digit addition: expected sequences of 15 tokens, found 18");
}

BOOST_AUTO_TEST_CASE(the_published_batches) {
  SequenceBatches batches(DigitAddition{}, 129000);
  const TokenSequences first = batches.next(64);
  BOOST_TEST(sequence(first, 0) == (Words{5, 0, 4, 4, 4, 10, 6, 4, 5, 7, 1, 11, 1, 1, 5, 0, 1, 5}),
             boost::test_tools::per_element());
  // Checksums of the batches that Python computes from the same outputs of the Mersenne twister.
  BOOST_TEST(cayley::testing::crc32(first.tokens) == 0x31edfe2fu);
  BOOST_TEST(cayley::testing::crc32(batches.next(64).tokens) == 0xe6911389u);
  BOOST_TEST(cayley::testing::crc32(batches.next(64).tokens) == 0xc3bb3ba5u);
}

BOOST_AUTO_TEST_CASE(bad_parameters_are_refused) {
  BOOST_TEST(thrown_message([] { DigitAddition{0}.check(); }) ==
             "digit addition: expected 1 .. 1000000000 digits, found 0");
  BOOST_TEST(thrown_message([] { DigitAddition{-2}.check(); }) ==
             "digit addition: expected 1 .. 1000000000 digits, found -2");
  BOOST_TEST(thrown_message([] {
               DigitAddition{2}.sums(Words{1, 2}, Words{3});
             }) == "digit addition: expected as many numbers of 2 digits on both sides, found 2 and 1 digits");
  BOOST_TEST(thrown_message([] {
               DigitAddition{2}.sums(Words{1, 2, 3}, Words{3, 2, 1});
             }) == "digit addition: expected as many numbers of 2 digits on both sides, found 3 and 3 digits");
  BOOST_TEST(thrown_message([] {
               DigitAddition{1}.sums(Words{1, 2}, Words{3, 10});
             }) == "digit addition: expected digits 0 .. 9, found 10 in sum 1");
  BOOST_CHECK_THROW(DigitAddition{1}.sums({}, {}), Error);
}

BOOST_AUTO_TEST_CASE(the_sums_of_the_published_network_are_ours,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  const auto published = read_safetensors(cayley::testing::reference_file("sequence/digit_addition_io.safetensors"))
                             .values<std::uint32_t>("tokens", {64, 18});
  Words x, y;
  for (std::size_t s = 0; s < 64; ++s) {
    const auto first = published.begin() + static_cast<std::ptrdiff_t>(18 * s);
    x.insert(x.end(), first, first + 5);
    y.insert(y.end(), first + 6, first + 11);
  }
  BOOST_TEST(DigitAddition{}.sums(x, y).tokens == published, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
