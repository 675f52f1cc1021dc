#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/core/random.hpp>
#include <cayley/nn/pair_examples.hpp>
#include <conformance/archetype_backend.hpp>
#include <conformance/backend_conformance.hpp>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

BOOST_AUTO_TEST_SUITE(pair_examples_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

using Backends = std::tuple<Cpu, ArchetypeBackend>;

// Pairs of elements below 11, some of them several times, and labels below 11.
struct Batch {
  std::vector<Pair> pairs;
  std::vector<Element> labels;
};
Batch random_batch(Index size) {
  TorchGenerator random(3);
  Batch batch;
  for (Index i = 0; i < size; ++i) {
    batch.pairs.push_back({random.random32() % 11, random.random32() % 11});
    batch.labels.push_back(random.random32() % 11);
  }
  return batch;
}

template <class B>
PairExamples<B> examples_of(Batch const& batch, Index chunk_rows, BatchUse use = BatchUse::gradient) {
  return {B{}, batch.pairs, batch.labels, 11, 11, chunk_rows, use};
}

BOOST_AUTO_TEST_CASE_TEMPLATE(lanes_and_chunks_partition_the_batch, B, Backends) {
  for (const Index size : {0, 1, 64, 256, 257, 1000, 5000}) {
    for (const Index chunk_rows : {1, 50, 64, 10000}) {
      const auto examples = examples_of<B>(random_batch(size), chunk_rows, BatchUse::loss);
      BOOST_TEST(examples.size() == size);
      // A function of the size alone, never of the threads; where nothing runs at once a single lane will do.
      BOOST_TEST(examples.lanes() == (HasTasks<B> ? lane_count(size) : 1));
      Index next = 0, largest = 0, chunks = 0;
      for (Index lane = 0; lane < examples.lanes(); ++lane) {
        const Part part = part_of(size, examples.lanes(), lane);
        BOOST_TEST(next == part.first);
        for (auto const& chunk : examples.chunks(lane)) {
          BOOST_REQUIRE(chunk.first == next);
          BOOST_REQUIRE(chunk.lane == lane);
          BOOST_REQUIRE(chunk.count >= 1);
          BOOST_REQUIRE(chunk.count <= chunk_rows);
          largest = std::max(largest, chunk.count);
          next += chunk.count;
          ++chunks;
        }
        BOOST_TEST(next == part.first + part.count);
      }
      BOOST_TEST(next == size);
      BOOST_TEST(examples.largest_chunk() == largest);
      BOOST_TEST(chunks <= size / chunk_rows + examples.lanes());  // no more than needed
    }
  }
}

// Host copies of the segments of one operand of a chunk, checked against the pairs. The first chunk of a lane has a
// segment for each element.
template <class B>
void check_segments(Segments const& segments, Batch const& batch, Index first, Index count, Element Pair::*operand,
                    bool has_all) {
  std::vector<int> seen(static_cast<std::size_t>(count));
  if (has_all) BOOST_REQUIRE(segments.count == 11);
  for (Index s = 0; s < segments.count; ++s) {
    BOOST_REQUIRE((s == 0 || segments.target[s] > segments.target[s - 1]));
    BOOST_REQUIRE((has_all || segments.begin[s] < segments.begin[s + 1]));
    for (std::uint32_t k = segments.begin[s]; k < segments.begin[s + 1]; ++k) {
      const std::uint32_t row = segments.position[k];
      BOOST_REQUIRE((k == segments.begin[s] || row > segments.position[k - 1]));
      BOOST_REQUIRE(row < static_cast<std::uint32_t>(count));
      ++seen[row];
      BOOST_REQUIRE(batch.pairs[static_cast<std::size_t>(first) + row].*operand == segments.target[s]);
    }
  }
  BOOST_TEST(seen == std::vector<int>(seen.size(), 1), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(segments_hold_each_row_of_a_chunk_once, B, Backends) {
  for (const Index size : {1, 30, 700}) {
    const Batch batch = random_batch(size);
    const auto examples = examples_of<B>(batch, 64);
    BOOST_TEST(examples.has_segments());
    for (Index lane = 0; lane < examples.lanes(); ++lane) {
      for (auto const& chunk : examples.chunks(lane)) {
        const bool is_first = examples.is_first(chunk);
        BOOST_TEST(is_first == (chunk.first == part_of(size, examples.lanes(), lane).first));
        check_segments<B>(examples.by_left(chunk), batch, chunk.first, chunk.count, &Pair::a, is_first);
        check_segments<B>(examples.by_right(chunk), batch, chunk.first, chunk.count, &Pair::b, is_first);
      }
    }
  }
  BOOST_TEST(!examples_of<B>(random_batch(30), 64, BatchUse::loss).has_segments());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(pairs_and_labels_are_on_the_device, B, Backends) {
  const Batch batch = random_batch(20);
  const auto examples = examples_of<B>(batch, 7);
  for (std::size_t i = 0; i < 20; ++i) {
    BOOST_TEST(examples.pairs()[2 * i] == batch.pairs[i].a);
    BOOST_TEST(examples.pairs()[2 * i + 1] == batch.pairs[i].b);
    BOOST_TEST(examples.labels()[i] == batch.labels[i]);
  }
}

BOOST_AUTO_TEST_CASE(examples_that_do_not_fit_are_named) {
  const auto message = [](std::vector<Pair> const& pairs, std::vector<Element> const& labels, Index chunk_rows = 8) {
    try {
      PairExamples<Cpu>(Cpu{}, pairs, labels, 5, 7, chunk_rows, BatchUse::gradient);
    } catch (Error const& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  BOOST_TEST(message({{0, 1}, {4, 4}}, {6, 0}) == "no error");
  BOOST_TEST(message({}, {}) == "no error");
  BOOST_TEST(message({{0, 1}, {4, 5}}, {6, 0}) == "pair 1 is (4, 5): expected elements below the order 5");
  BOOST_TEST(message({{0, 1}, {4, 4}}, {6, 7}) == "label 1 is 7: expected a class below 7");
  BOOST_TEST(message({{0, 1}, {4, 4}}, {6}) == "a batch of 2 pairs has 1 labels");
  BOOST_TEST(message({{0, 1}}, {6}, 0) == "a chunk has at least 1 row, found 0");
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
