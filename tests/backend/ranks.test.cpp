#include <cayley/backend/ranks.hpp>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "backend/thread_ranks.hpp"

BOOST_AUTO_TEST_SUITE(ranks_test)

using namespace cayley;
using cayley::testing::in_ranks;
using cayley::testing::ThreadRank;

namespace {

void check_no_trouble(std::vector<std::exception_ptr> const& trouble) {
  for (auto const& t : trouble) BOOST_TEST((t == nullptr));
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_ranks_everything_is_ones_own) {
  BOOST_TEST(is_root(Cpu{}));
  BOOST_TEST((lanes_of_rank(Cpu{}, 5) == Part{0, 5}));
  int value = 3;
  share_from_root(Cpu{}, value);
  BOOST_TEST(value == 3);
  BOOST_CHECK_THROW(on_root(Cpu{}, [] { fail("no"); }), Error);
}

BOOST_AUTO_TEST_CASE(lanes_are_divided) {
  for (int ranks : {1, 2, 3, 5}) {
    for (Index lanes : {1, 2, 4, 16}) {
      std::vector<std::atomic<int>> times(static_cast<std::size_t>(lanes));
      check_no_trouble(in_ranks(ranks, [&](ThreadRank const& backend) {
        const Part mine = lanes_of_rank(backend, lanes);
        for (Index i = 0; i < mine.count; ++i) ++times[static_cast<std::size_t>(mine.first + i)];
      }));
      for (auto const& t : times) BOOST_TEST(t == (lanes == 1 ? ranks : 1));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_lanes_hold_becomes_everyones) {
  // Lane l holds l + 1 numbers.
  constexpr Index lanes = 7;
  const auto begin = [](Index lane) { return lane * (lane + 1) / 2; };
  for (int ranks : {1, 2, 4, 9}) {
    std::vector<std::vector<int>> found(static_cast<std::size_t>(ranks));
    check_no_trouble(in_ranks(ranks, [&](ThreadRank const& backend) {
      std::vector<int> values(static_cast<std::size_t>(begin(lanes)), -1);
      const Part mine = lanes_of_rank(backend, lanes);
      for (Index i = begin(mine.first); i < begin(mine.first + mine.count); ++i) {
        values[static_cast<std::size_t>(i)] = static_cast<int>(i);
      }
      gather_lanes(backend, values.data(), lanes, begin);
      found[static_cast<std::size_t>(backend.rank())] = values;
    }));
    std::vector<int> expected(static_cast<std::size_t>(begin(lanes)));
    std::iota(expected.begin(), expected.end(), 0);
    for (auto const& values : found) BOOST_TEST(values == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(what_the_root_has_becomes_everyones) {
  std::vector<std::string> texts(3);
  std::vector<std::vector<double>> numbers(3);
  std::vector<int> flags(3);
  check_no_trouble(in_ranks(3, [&](ThreadRank const& backend) {
    const bool root = is_root(backend);
    std::string text = root ? "of the root" : "of another, and longer";
    std::vector<double> values = root ? std::vector<double>{1, 2.5} : std::vector<double>{};
    bool flag = root;
    share_from_root(backend, text);
    share_from_root(backend, values);
    share_from_root(backend, flag);
    const auto r = static_cast<std::size_t>(backend.rank());
    texts[r] = text;
    numbers[r] = values;
    flags[r] = flag ? 1 : 0;
  }));
  for (std::size_t r = 0; r < 3; ++r) {
    BOOST_TEST(texts[r] == "of the root");
    BOOST_TEST(numbers[r] == (std::vector<double>{1, 2.5}), boost::test_tools::per_element());
    BOOST_TEST(flags[r] == 1);
  }
}

BOOST_AUTO_TEST_CASE(trouble_of_the_root_is_everyones) {
  std::atomic<int> calls = 0;
  const auto trouble = in_ranks(3, [&](ThreadRank const& backend) {
    on_root(backend, [&] {
      ++calls;
      fail("the disk is full");
    });
  });
  BOOST_TEST(calls == 1);
  for (auto const& t : trouble) {
    BOOST_REQUIRE((t != nullptr));
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(t), Error,
                          [](Error const& e) { return std::string(e.what()) == "the disk is full"; });
  }
}

BOOST_AUTO_TEST_SUITE_END()
