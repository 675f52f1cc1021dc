#include <cayley/task/sequence_task.hpp>

#include <cayley/task/digit_addition.hpp>
#include <cayley/task/induction.hpp>
#include <cayley/task/max_of_n.hpp>
#include <cayley/task/skip_trigram.hpp>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>

#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(sequence_task_test)

using namespace cayley;
using cayley::testing::thrown_message;

namespace {

using Tasks = boost::mpl::list<DigitAddition, SkipTrigram, Induction, MaxOfN>;

bool same(TokenSequences const& a, TokenSequences const& b) {
  return a.length == b.length && a.tokens == b.tokens && a.target_rows == b.target_rows && a.labels == b.labels &&
         a.parts == b.parts && a.loss_scale == b.loss_scale;
}

struct NoTask {};
static_assert(!SequenceTask<NoTask>);
static_assert(!SequenceTask<int>);

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(batches_fit_their_task, Task, Tasks) {
  const Task task;
  SequenceBatches<Task> batches(task, 7);
  for (const Index count : {1, 5, 64}) {
    const TokenSequences batch = batches.next(count);
    BOOST_TEST(batch.length == task.n_ctx());
    BOOST_TEST(batch.sequences() == count);
    BOOST_TEST(static_cast<Index>(batch.tokens.size()) == count * task.n_ctx());
    BOOST_TEST(batch.labels.size() == batch.target_rows.size());
    BOOST_TEST(!batch.labels.empty());
    BOOST_TEST(batch.labels.size() % static_cast<std::size_t>(count) == 0u);
    BOOST_TEST((batch.parts.empty() || batch.parts.size() == batch.labels.size()));
    bool valid = true;
    for (auto token : batch.tokens) valid = valid && token < task.d_vocab();
    for (auto label : batch.labels) valid = valid && label < task.d_vocab_out();
    for (std::size_t i = 0; i < batch.target_rows.size(); ++i) {
      valid = valid && batch.target_rows[i] < batch.tokens.size();
      valid = valid && (i == 0 || batch.target_rows[i - 1] < batch.target_rows[i]);
    }
    BOOST_TEST(valid);
  }
  BOOST_TEST(std::isfinite(task.uniform_loss()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_state_gives_back_the_batches, Task, Tasks) {
  SequenceBatches<Task> batches(Task{}, 3);
  batches.next(10);
  const std::string state = batches.state();
  auto copy = batches;
  const TokenSequences expected = batches.next(12);
  BOOST_TEST(same(copy.next(12), expected));
  auto restored = SequenceBatches<Task>::from_state(Task{}, state);
  BOOST_TEST(restored.state() == state);
  BOOST_TEST(same(restored.next(12), expected));
  BOOST_TEST(same(restored.next(3), batches.next(3)));
  BOOST_TEST(!same(batches.next(12), expected));
  BOOST_TEST(thrown_message([] { SequenceBatches<Task>::from_state(Task{}, "none"); }) ==
             "generator state: expected the text of a Mersenne twister, found 4 characters");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_seed_decides_the_batches_and_zero_is_no_exception, Task, Tasks) {
  const TokenSequences zero = SequenceBatches<Task>(Task{}, 0).next(8);
  BOOST_TEST(same(zero, SequenceBatches<Task>(Task{}, 0).next(8)));
  BOOST_TEST(!same(zero, SequenceBatches<Task>(Task{}, 1).next(8)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(impossible_counts_are_refused, Task, Tasks) {
  SequenceBatches<Task> batches(Task{}, 1);
  const std::string state = batches.state();
  for (const Index count : {Index{0}, Index{-1}, Index{1} << 32}) {
    const std::string message = thrown_message([&] { batches.next(count); });
    BOOST_TEST(message.find(": expected 1 .. ") != std::string::npos, message);
    BOOST_TEST(message.find("found " + std::to_string(count)) != std::string::npos, message);
  }
  BOOST_TEST(batches.state() == state);
}

BOOST_AUTO_TEST_CASE(bad_parameters_are_refused_before_the_first_batch) {
  BOOST_CHECK_THROW(SequenceBatches(DigitAddition{0}, 1), Error);
  BOOST_CHECK_THROW(SequenceBatches(MaxOfN{64, 0}, 1), Error);
  BOOST_CHECK_THROW(SequenceBatches(SkipTrigram{40, 0}, 1), Error);
  BOOST_CHECK_THROW(SequenceBatches(Induction{10, 16}, 1), Error);
  BOOST_CHECK_THROW(SequenceBatches(Induction{}, std::uint64_t{1} << 32), Error);  // numpy's seeds have 32 bits
}

BOOST_AUTO_TEST_SUITE_END()
