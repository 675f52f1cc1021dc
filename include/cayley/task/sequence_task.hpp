/// What the tasks on sequences of tokens have in common, and their endless batches.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/task/token_sequences.hpp>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace cayley {

/// A task whose examples are drawn at random, by a generator of the task's choice. Sizes are named as in
/// TransformerLens:
///   n_ctx          positions of a sequence
///   d_vocab        tokens are 0 .. d_vocab-1
///   d_vocab_out    labels are 0 .. d_vocab_out-1
///   uniform_loss   cross-entropy of a model that holds all answers equally likely
///   check          throws `Error` when a parameter of the task is out of range
///   draw           fresh sequences; the same generator state gives the same ones
template <class Task>
concept SequenceTask = std::copyable<Task> && std::copyable<typename Task::Generator> &&
    requires(Task const& task, typename Task::Generator& generator, Index count) {
  { task.n_ctx() } -> std::same_as<Index>;
  { task.d_vocab() } -> std::same_as<Index>;
  { task.d_vocab_out() } -> std::same_as<Index>;
  { task.uniform_loss() } -> std::same_as<double>;
  task.check();
  { task.draw(count, generator) } -> std::same_as<TokenSequences>;
};

/// Infinite data: a task with the generator that draws its batches. A value: a copy draws the same batches. A finite
/// data set is one batch.
template <SequenceTask Task>
class SequenceBatches {
 public:
  using Generator = typename Task::Generator;

  /// Errors: `Error` when a parameter of the task is out of range, or the generator does not take the seed.
  SequenceBatches(Task task, std::uint64_t seed) : SequenceBatches(std::move(task), Generator(seed)) {}

  /// Goes on where the batches that had this state left off, to the same bits.
  /// Errors: `Error` when a parameter is out of range, or the text is none of `state`.
  static SequenceBatches from_state(Task task, std::string const& state) {
    return SequenceBatches(std::move(task), Generator::from_state(state));
  }

  /// The next `count` sequences. They depend on how many were drawn at once before.
  /// Errors: `Error` unless there is at least one sequence and fewer than 2^32 tokens.
  TokenSequences next(Index count) { return task_.draw(count, generator_); }

  Task const& task() const { return task_; }

  /// Everything but the task that decides which batches come next, as text.
  std::string state() const { return generator_.state(); }

 private:
  SequenceBatches(Task task, Generator generator) : task_(std::move(task)), generator_(std::move(generator)) {
    task_.check();
  }

  Task task_;
  Generator generator_;
};

/// The batches of a task for a `Trainer` on data without end: draws from the generator whose state a text is.
template <SequenceTask Task>
auto sequence_source(Task const& task) {
  return [task](Index count, std::string& state) {
    auto batches = SequenceBatches<Task>::from_state(task, state);
    TokenSequences sequences = batches.next(count);
    state = batches.state();
    return sequences;
  };
}

namespace detail {

/// Errors: `Error` naming the task unless there is at least one sequence and fewer than 2^32 tokens.
inline void check_count(char const* task, Index count, Index n_ctx) {
  const Index most = static_cast<Index>(std::numeric_limits<std::uint32_t>::max()) / n_ctx;
  require(count >= 1 && count <= most, task, ": expected 1 .. ", most, " sequences of ", n_ctx, " tokens, found ",
          count);
}

}  // namespace detail

}  // namespace cayley
