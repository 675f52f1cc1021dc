#include <cayley/backend/cpu.hpp>
#include <cayley/nn/token_batch.hpp>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(token_batch_test)

using namespace cayley;

BOOST_AUTO_TEST_CASE(tokens_go_to_the_device_and_mistakes_are_named) {
  const std::vector<std::uint32_t> tokens{0, 1, 2, 3, 4, 5};
  BOOST_TEST((TokenBatch{tokens, 3}.sequences()) == 2);
  const auto buffer = device_tokens(Cpu{}, {tokens, 3}, 6, 3);
  BOOST_TEST(std::vector<std::uint32_t>(buffer.data(), buffer.data() + buffer.size()) == tokens,
             boost::test_tools::per_element());
  const auto refuses = [&](Index length, Index d_vocab, Index n_ctx, std::string const& part) {
    BOOST_CHECK_EXCEPTION(device_tokens(Cpu{}, {tokens, length}, d_vocab, n_ctx), Error, [&](Error const& error) {
      return std::string(error.what()).find(part) != std::string::npos;
    });
  };
  refuses(3, 5, 3, "token 2 of sequence 1 is 5: expected a token below 5");
  refuses(4, 6, 4, "expected sequences of 4, found 6 tokens");
  refuses(3, 6, 2, "expected sequences of 1 .. 2, found 3");
  refuses(0, 6, 2, "found 0");
}

BOOST_AUTO_TEST_SUITE_END()
