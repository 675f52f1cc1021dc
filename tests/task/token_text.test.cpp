#include <cayley/task/token_text.hpp>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(token_text_test)

using namespace cayley;
using cayley::testing::thrown_message;

namespace {

using Words = std::vector<std::uint32_t>;
using Tasks = boost::mpl::list<DigitAddition, SkipTrigram, Induction, MaxOfN>;

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_printed_is_read_back, Task, Tasks) {
  const Task task;
  const TokenSequences batch = SequenceBatches(task, 6).next(20);
  for (Index s = 0; s < 20; ++s) {
    const auto tokens = std::span(batch.tokens).subspan(static_cast<std::size_t>(s * batch.length));
    for (const Index count : {Index{1}, batch.length / 2, batch.length}) {
      const auto part = tokens.first(static_cast<std::size_t>(count));
      BOOST_TEST(parse_tokens(task, token_text(task, part)) == Words(part.begin(), part.end()),
                 boost::test_tools::per_element());
    }
  }
  BOOST_TEST(thrown_message([&] { parse_tokens(task, ""); }) == "token text \"\": expected tokens, found none");
  const Words foreign{0, static_cast<std::uint32_t>(task.d_vocab())};
  BOOST_TEST(thrown_message([&] { token_text(task, foreign); }) ==
             "tokens: expected tokens below " + std::to_string(task.d_vocab()) + ", found " +
                 std::to_string(task.d_vocab()) + " at position 1");
  const Words many(static_cast<std::size_t>(task.n_ctx()) + 1);
  BOOST_TEST(thrown_message([&] { token_text(task, many); }) == "tokens: expected at most " +
                                                                    std::to_string(task.n_ctx()) + ", found " +
                                                                    std::to_string(task.n_ctx() + 1));
}

BOOST_AUTO_TEST_CASE(sums_are_written_as_in_the_notebook) {
  const DigitAddition task;
  const Words tokens{1, 2, 3, 4, 5, 10, 6, 7, 8, 9, 0, 11, 0, 8, 0, 2, 3, 5};
  const Words prompt(tokens.begin(), tokens.begin() + 12);
  BOOST_TEST(token_text(task, tokens) == "12345+67890=080235");
  BOOST_TEST(token_text(task, prompt) == "12345+67890=");
  BOOST_TEST(token_text(task, {}).empty());
  BOOST_TEST(written_sum(task, tokens) == "  12345\n +67890\n=080235");
  BOOST_TEST(parse_tokens(task, "12345+67890=") == prompt, boost::test_tools::per_element());
  BOOST_TEST(parse_tokens(task, written_sum(task, tokens)) == tokens, boost::test_tools::per_element());
  BOOST_TEST(parse_tokens(DigitAddition{1}, "9 + 9 = 18") == (Words{9, 10, 9, 11, 1, 8}),
             boost::test_tools::per_element());
  BOOST_TEST(thrown_message([&] { written_sum(task, prompt); }) == "digit addition: expected 18 tokens, found 12");
}

BOOST_AUTO_TEST_CASE(a_wrong_character_in_a_sum_is_named) {
  const auto message = [](std::string const& text) {
    return thrown_message([&] { parse_tokens(DigitAddition{}, text); });
  };
  BOOST_TEST(message("1234x+67890=") == "token text \"1234x+67890=\": character 5: expected a digit, found 'x'");
  BOOST_TEST(message("1234+67890=") == "token text \"1234+67890=\": character 5: expected a digit, found '+'");
  BOOST_TEST(message("123456+67890=") == "token text \"123456+67890=\": character 6: expected '+', found '6'");
  BOOST_TEST(message("12345+67890 0") == "token text \"12345+67890 0\": character 13: expected '=', found '0'");
  BOOST_TEST(message("12345+67890=0802350") ==
             "token text \"12345+67890=0802350\": character 19: expected the end of the sum, found '0'");
  BOOST_TEST(message("1\t2") == "token text \"1\t2\": character 2: expected a digit, found a character of code 9");
  BOOST_TEST(message(" \n") == "token text \" \n\": expected tokens, found none");
}

BOOST_AUTO_TEST_CASE(numbers_and_their_largest) {
  const MaxOfN task;
  BOOST_TEST(token_text(task, Words{3, 17, 64}) == "(3, 17, =)");
  for (const char* text : {"(3, 17, =)", "3 17 =", "3,17="}) {
    BOOST_TEST(parse_tokens(task, text) == (Words{3, 17, 64}), boost::test_tools::per_element());
  }
  const auto message = [&](std::string const& text) { return thrown_message([&] { parse_tokens(task, text); }); };
  BOOST_TEST(message("(3, 64, =)") == "token text \"(3, 64, =)\": character 5: expected a number below 64, found 64");
  BOOST_TEST(message("(3, -1, =)") == "token text \"(3, -1, =)\": character 5: expected a number or '=', found '-'");
  BOOST_TEST(message("1 2 = 4") == "token text \"1 2 = 4\": character 7: expected the end after 3 tokens, found '4'");
  BOOST_TEST(message("99999999999 1") ==
             "token text \"99999999999 1\": character 1: expected a number below 64, found 99999999999");
}

BOOST_AUTO_TEST_CASE(tokens_as_numbers) {
  BOOST_TEST(token_text(SkipTrigram{4}, Words{0, 7, 9, 13, 4, 1}) == "0 7 9 13 4 1");
  BOOST_TEST(token_text(Induction{}, Words{0, 110, 127}) == "0 110 127");
  BOOST_TEST(thrown_message([] { parse_tokens(SkipTrigram{}, "0 22"); }) ==
             "token text \"0 22\": character 3: expected a number below 22, found 22");
  BOOST_TEST(thrown_message([] { parse_tokens(Induction{}, "0 4 ="); }) ==
             "token text \"0 4 =\": character 5: expected a number, found '='");
  BOOST_TEST(thrown_message([] {
               parse_tokens(Induction{13, 3, 2}, "0 1 2 3 4 5 6 7 8 9 1 2 3 4");
             }) ==
             "token text \"0 1 2 3 4 5 6 7 8 9 1 2 3 4\": character 27: expected the end after 13 tokens, found '4'");
}

BOOST_AUTO_TEST_SUITE_END()
