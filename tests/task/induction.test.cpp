#include <cayley/task/induction.hpp>

#include <cayley/io/safetensors.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "reference.hpp"
#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(induction_test)

using namespace cayley;
using cayley::testing::thrown_message;

namespace {

using Words = std::vector<std::uint32_t>;

// 1 at the targets, (sequences, length).
Words mask_of(TokenSequences const& batch) {
  Words mask(batch.tokens.size());
  for (auto row : batch.target_rows) mask[row] = 1;
  return mask;
}

// The sequences with the targets that a mask marks.
TokenSequences masked(Words tokens, Words const& mask, Index length) {
  TokenSequences result{length, std::move(tokens), {}, {}, {}, 1};
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) continue;
    result.target_rows.push_back(static_cast<std::uint32_t>(i));
    result.labels.push_back(result.tokens[i + 1]);
  }
  return result;
}

// The loss of the best model, from the sum over all places that the copies could have.
double optimal_loss_by_enumeration(Induction const& task, TokenSequences const& batch) {
  const auto mask = mask_of(batch);
  const double noise = 1 / static_cast<double>(task.vocabulary - 1);
  double sum = 0;
  for (Index s = 0; s < batch.sequences(); ++s) {
    // P(the first t tokens after `begin`) up to a common factor.
    Vector<double> probability = Vector<double>::Zero(task.length);
    Index places = 1;
    for (Index i = 0; i < task.copies; ++i) places *= task.places();
    for (Index place = 0; place < places; ++place) {
      std::vector<Index> start;
      for (Index i = 0, rest = place; i < task.copies; ++i, rest /= task.places()) {
        start.push_back(1 + i * task.interval() + rest % task.places());
      }
      double product = 1;
      probability(0) += product;
      for (Index t = 1; t < task.length; ++t) {
        const auto token = [&](Index at) { return batch.tokens[static_cast<std::size_t>(s * task.length + at)]; };
        double factor = noise;
        for (std::size_t i = 1; i < start.size(); ++i) {
          if (t < start[i] || t >= start[i] + task.copied) continue;
          factor = token(t) == token(t - start[i] + start[0]) ? 1 : 0;
        }
        product *= factor;
        probability(t) += product;
      }
    }
    for (Index t = 0; t + 1 < task.length; ++t) {
      if (mask[static_cast<std::size_t>(s * task.length + t)] == 1) {
        sum -= std::log(probability(t + 1) / probability(t));
      }
    }
  }
  return batch.loss_scale * sum / static_cast<double>(batch.labels.size());
}

}  // namespace

BOOST_AUTO_TEST_CASE(later_copies_repeat_the_first_and_are_the_targets) {
  for (Induction const& task : {Induction{}, Induction{13, 3, 2, 10}, Induction{129, 16, 4, 128}, Induction{9, 2, 4, 2},
                                Induction{11, 5, 2, 3}}) {
    SequenceBatches batches(task, 1);
    const TokenSequences batch = batches.next(50);
    const auto starts = task.starts(batch);
    const auto targets = static_cast<std::size_t>((task.copies - 1) * (task.copied - 1));
    BOOST_REQUIRE(batch.target_rows.size() == 50 * targets);
    BOOST_TEST(batch.parts.empty());
    bool right = true;
    for (Index s = 0; s < 50; ++s) {
      const auto tokens = batch.tokens.begin() + s * task.length;
      right = right && tokens[0] == Induction::begin &&
              std::all_of(tokens + 1, tokens + task.length,
                          [&](std::uint32_t token) { return token >= 1 && token < task.vocabulary; });
      for (Index i = 0; i < task.copies; ++i) {
        const Index start = starts(s, i);
        right = right && start >= 1 + i * task.interval() && start + task.copied <= 1 + (i + 1) * task.interval();
        right = right && std::equal(tokens + start, tokens + start + task.copied, tokens + starts(s, 0));
        for (Index j = 0; i > 0 && j + 1 < task.copied; ++j) {
          const auto target =
              static_cast<std::size_t>(s) * targets + static_cast<std::size_t>((i - 1) * (task.copied - 1) + j);
          right = right && batch.target_rows[target] == static_cast<std::uint32_t>(s * task.length + start + j) &&
                  batch.labels[target] == tokens[start + j + 1];
        }
      }
    }
    BOOST_TEST(right, "length " << task.length);
  }
}

BOOST_AUTO_TEST_CASE(the_published_batches) {
  // The notebook prints the first row of its first batch; the mask begins at position 38.
  const Words printed{0,   110, 127, 67, 93,  99, 103, 18, 84, 107, 124, 58, 87, 98, 97, 114, 127, 48, 74,  33,  47, 97,
                      112, 26,  84,  79, 126, 37, 97,  81, 69, 50,  56,  68, 3,  85, 40, 67,  18,  84, 107, 124, 58};
  SequenceBatches batches(Induction{}, 123);
  const TokenSequences first = batches.next(128);
  BOOST_TEST(Words(first.tokens.begin(), first.tokens.begin() + 43) == printed, boost::test_tools::per_element());
  BOOST_TEST(first.target_rows[0] == 38u);
  // Checksums of the batches that numpy draws.
  BOOST_TEST(cayley::testing::crc32(first.tokens) == 0x02d72da3u);
  BOOST_TEST(cayley::testing::crc32(mask_of(first)) == 0xc359cf48u);
  auto published = published_induction();
  for (SequenceBatches<Induction>* later : {&batches, &published}) {
    const TokenSequences second = later->next(128), third = later->next(128);
    BOOST_TEST(cayley::testing::crc32(second.tokens) == 0x10aa0d6eu);
    BOOST_TEST(cayley::testing::crc32(mask_of(second)) == 0x7c5de6b8u);
    BOOST_TEST(cayley::testing::crc32(third.tokens) == 0xafd99c5du);
    BOOST_TEST(cayley::testing::crc32(mask_of(third)) == 0xb0fcff38u);
  }
}

BOOST_AUTO_TEST_CASE(other_sizes_are_drawn_as_numpy_does) {
  SequenceBatches two(Induction{13, 3, 2, 10}, 7);
  BOOST_TEST(Words(two.next(5).tokens).size() == 65u);
  const TokenSequences second = two.next(5);
  BOOST_TEST(Words(second.tokens.begin(), second.tokens.begin() + 26) ==
                 (Words{0, 5, 6, 4, 1, 5, 9, 1, 5, 9, 8, 4, 9, 0, 7, 6, 7, 6, 8, 2, 6, 5, 7, 6, 8, 3}),
             boost::test_tools::per_element());
  // A copy that fills its interval has one place, for which nothing is drawn.
  SequenceBatches full(Induction{11, 5, 2, 3}, 0);
  full.next(4);
  const TokenSequences tight = full.next(4);
  BOOST_TEST(Words(tight.tokens.begin(), tight.tokens.begin() + 22) ==
                 (Words{0, 2, 2, 2, 1, 2, 2, 2, 2, 1, 2, 0, 2, 1, 1, 2, 2, 2, 1, 1, 2, 2}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(statistics_of_the_published_generator) {
  const Induction task;
  const TokenSequences batch = SequenceBatches(task, 5).next(4000);
  const auto starts = task.starts(batch);
  for (Index i = 0; i < 3; ++i) {
    std::vector<double> share(13);
    for (Index s = 0; s < 4000; ++s) share[starts(s, i) - static_cast<std::size_t>(1 + 28 * i)] += 1.0 / 4000;
    for (double value : share) BOOST_TEST(std::abs(value - 1.0 / 13) < 0.02);
    if (i > 0) {
      const auto gap = starts.col(i).cast<double>() - starts.col(i - 1).cast<double>();
      BOOST_TEST(std::abs(gap.mean() - 28) < 0.5);
    }
  }
  BOOST_TEST(batch.target_rows.size() == 4000u * 30);
  std::vector<double> tokens(128);
  for (auto token : batch.tokens) tokens[token] += 1.0 / (4000 * 84);
  for (std::size_t token = 1; token < 128; ++token) BOOST_TEST(std::abs(tokens[token] - 1.0 / 127) < 0.0012);
}

BOOST_AUTO_TEST_CASE(the_loss_scale_is_that_of_the_published_loss) {
  const Induction task;
  const TokenSequences batch = SequenceBatches(task, 9).next(16);
  const Words mask = mask_of(batch);
  // mean(nll[:, :84] * mask[:, :84]) * mask.numel() / mask.sum(), of any nll
  double masked_sum = 0, mask_sum = 0, target_sum = 0;
  const auto nll = [](std::size_t row) { return 1 + static_cast<double>(row % 97) / 10; };
  for (std::size_t row = 0; row < mask.size(); ++row) {
    mask_sum += mask[row];
    if (row % 85 < 84) masked_sum += nll(row) * mask[row];
  }
  for (auto row : batch.target_rows) target_sum += nll(row);
  const double published = masked_sum / (16 * 84) * (16 * 85) / mask_sum;
  const double ours = batch.loss_scale * target_sum / static_cast<double>(batch.target_rows.size());
  BOOST_TEST(std::abs(ours - published) < 1e-12 * published);
}

BOOST_AUTO_TEST_CASE(reference_lines) {
  const Induction task;
  BOOST_TEST(std::abs(task.uniform_loss() - 4.844187086458591) < 1e-14);            // printed by the notebook
  BOOST_TEST(std::abs(task.optimal_unmasked_loss() - 3.1141202698662376) < 1e-14);  // printed by the notebook

  for (Induction const& small : {Induction{13, 3, 2, 10}, Induction{19, 3, 3, 4}, Induction{11, 5, 2, 3}}) {
    const TokenSequences batch = SequenceBatches(small, 2).next(40);
    const double expected = optimal_loss_by_enumeration(small, batch);
    BOOST_TEST(std::abs(small.optimal_loss(batch) - expected) <= 1e-12 * expected);
  }
  const double optimal = task.optimal_loss(SequenceBatches(task, 1).next(2000));
  BOOST_TEST(std::abs(optimal - 0.019) < 0.001);
}

BOOST_AUTO_TEST_CASE(bad_parameters_are_refused) {
  BOOST_TEST(thrown_message([] { Induction{48}.check(); }) ==
             "induction: expected a length of at least 49 for 3 copies of 16 tokens, found 48");
  BOOST_TEST(thrown_message([] {
               Induction{85, 1}.check();
             }) == "induction: expected copied of 2 .. 1000000000, found 1");
  BOOST_TEST(thrown_message([] {
               Induction{85, 16, 1}.check();
             }) == "induction: expected copies of 2 .. 1000000000, found 1");
  BOOST_TEST(thrown_message([] {
               Induction{85, 16, 3, 1}.check();
             }) == "induction: expected vocabulary of 2 .. 1000000000, found 1");
  BOOST_TEST(thrown_message([] { Induction{-1}.check(); }) ==
             "induction: expected length of 1 .. 1000000000, found -1");
}

BOOST_AUTO_TEST_CASE(sequences_that_repeat_nothing_are_refused) {
  const Induction task{13, 3, 2, 10};
  const TokenSequences batch = SequenceBatches(task, 2).next(3);
  TokenSequences broken = batch;
  broken.length = 39;
  BOOST_TEST(thrown_message([&] { task.starts(broken); }) == "induction: expected sequences of 13 tokens, found 39");
  broken = batch;
  broken.target_rows.pop_back();
  BOOST_TEST(thrown_message([&] { task.starts(broken); }) ==
             "induction: expected 2 targets in each of 3 sequences, found 5");
  broken = batch;
  broken.target_rows[2] = 3;
  BOOST_TEST(thrown_message([&] { task.starts(broken); }) ==
             "induction: expected copy 1 of sequence 1 to begin at position 7 .. 10, found a target at position 3 of "
             "sequence 0");
  broken = batch;
  broken.tokens[broken.target_rows[2]] = 11;
  BOOST_TEST(
      thrown_message([&] { task.optimal_loss(broken); }) ==
      "induction: expected the copies of sequence 1 to repeat tokens of its first interval, found none that they "
      "all repeat");
}

BOOST_AUTO_TEST_CASE(the_sequences_of_the_published_network,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  const auto file = read_safetensors(cayley::testing::reference_file("sequence/induction_heads_io.safetensors"));
  Words mask;
  for (double entry : file.values<double>("mask", {8, 85})) mask.push_back(entry == 1 ? 1 : 0);
  const TokenSequences batch = masked(file.values<std::uint32_t>("tokens", {8, 85}), mask, 85);
  const Induction task;
  const auto starts = task.starts(batch);
  bool right = starts.rows() == 8;
  for (Index s = 0; s < starts.rows(); ++s) {
    const auto tokens = batch.tokens.begin() + s * 85;
    for (Index i = 0; i < 3; ++i) {
      const Index start = starts(s, i);
      right = right && start >= 1 + 28 * i && start + 16 <= 1 + 28 * (i + 1) &&
              std::equal(tokens + start, tokens + start + 16, tokens + starts(s, 0));
    }
  }
  BOOST_TEST(right);
  BOOST_TEST(batch.target_rows.size() == 240u);
  BOOST_TEST(mask_of(batch) == mask, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
