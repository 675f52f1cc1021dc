/// Token sequences with targets on a device, cut into chunks and blocks: what a step of the general transformer reads.
#pragma once

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/segment_sum.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/lanes.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/batch_loss.hpp>
#include <cayley/nn/token_batch.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace cayley {

/// Checks targets: rows within the sequences and ascending, a label each, labels below `classes`.
/// Errors: `Error` naming the target.
inline void check_targets(TokenSequences const& data, Index classes) {
  require(data.target_rows.size() == data.labels.size(), "targets: found ", data.target_rows.size(), " rows and ",
          data.labels.size(), " labels");
  require(data.parts.empty() || data.parts.size() == data.labels.size(), "targets: found ", data.parts.size(),
          " parts and ", data.labels.size(), " labels");
  for (std::size_t t = 0; t < data.labels.size(); ++t) {
    const bool ascends = t == 0 || data.target_rows[t - 1] < data.target_rows[t];
    if (!ascends || data.target_rows[t] >= data.tokens.size()) {
      fail("target ", t, " is at row ", data.target_rows[t], ": expected ascending rows below ", data.tokens.size());
    }
    if (static_cast<Index>(data.labels[t]) >= classes) {
      fail("label ", t, " is ", data.labels[t], ": expected a class below ", classes);
    }
  }
}

/// A range of sequences, and of the targets in them.
struct SequenceRange {
  Index first_row = 0, rows = 0;        ///< positions, numbered through the batch
  Index first_target = 0, targets = 0;  ///< numbered through the batch
  Index first_begin = 0;                ///< where the list of the first targets of its sequences begins
  Index segment = 0, segments = 0;      ///< of a chunk: the rows by their token
};

/// A batch of sequences. Blocks of a chunk are worked on at once; memory is needed for a chunk.
template <class B>
class SequenceExamples {
 public:
  /// Cuts into chunks of at most `chunk_rows` positions and those into blocks of about `block_rows`, whole sequences each.
  /// Errors: `Error` for tokens, targets or labels that do not fit.
  SequenceExamples(B const& backend, TokenSequences const& data, Index d_vocab, Index n_ctx, Index classes,
                   Index chunk_rows, Index block_rows, BatchUse use)
      : length_(data.length), sequences_(data.sequences()), loss_scale_(data.loss_scale), parts_(data.parts) {
    if (data.empty()) return;
    tokens_ = device_tokens(backend, {data.tokens, data.length}, d_vocab, n_ctx);
    check_targets(data, classes);
    const auto per = [this](Index rows) { return std::max<Index>(1, rows / length_); };
    const Index chunk_sequences = per(chunk_rows), block_sequences = per(block_rows);
    std::vector<std::uint32_t> queries, begins;
    std::vector<std::uint32_t> segment_targets, segment_begins, positions;
    const Index chunks = (sequences_ + chunk_sequences - 1) / chunk_sequences;
    Index target = 0;
    for (Index i = 0; i < chunks; ++i) {
      const Part chunk_part = part_of(sequences_, chunks, i);
      SequenceRange chunk{chunk_part.first * length_, chunk_part.count * length_, target};
      const Index blocks = (chunk_part.count + block_sequences - 1) / block_sequences;
      first_block_.push_back(blocks_.size());
      for (Index j = 0; j < blocks; ++j) {
        const Part part = part_of(chunk_part.count, blocks, j);
        SequenceRange block{chunk.first_row + part.first * length_, part.count * length_, target, 0,
                            static_cast<Index>(begins.size())};
        for (Index s = 0; s < part.count; ++s) {
          begins.push_back(static_cast<std::uint32_t>(target - block.first_target));
          const auto end = static_cast<std::uint32_t>(block.first_row + (s + 1) * length_);
          for (; target < static_cast<Index>(data.target_rows.size()) &&
                 data.target_rows[static_cast<std::size_t>(target)] < end;
               ++target) {
            queries.push_back(data.target_rows[static_cast<std::size_t>(target)] -
                              static_cast<std::uint32_t>(block.first_row));
          }
        }
        block.targets = target - block.first_target;
        begins.push_back(static_cast<std::uint32_t>(block.targets));
        blocks_.push_back(block);
      }
      chunk.targets = target - chunk.first_target;
      if (use == BatchUse::gradient) {
        sort_by_token(data, chunk, segment_targets, segment_begins, positions);
      }
      chunks_.push_back(chunk);
    }
    first_block_.push_back(blocks_.size());
    segment_begins.push_back(static_cast<std::uint32_t>(positions.size()));
    const auto store = [&](std::vector<std::uint32_t> const& values, Buffer& buffer) {
      buffer = Buffer(static_cast<Index>(values.size()));
      backend.upload(std::span<std::uint32_t const>(values), buffer);
    };
    store(queries, queries_);
    store(begins, begins_);
    store(data.labels, labels_);
    store(segment_targets, segment_targets_);
    store(segment_begins, segment_begins_);
    store(positions, positions_);
    has_segments_ = use == BatchUse::gradient;
  }

  Index size() const { return sequences_; }
  Index length() const { return length_; }
  Index targets() const { return labels_.size(); }
  double loss_scale() const { return loss_scale_; }
  bool has_segments() const { return has_segments_; }
  /// To which part of the loss each target belongs; empty where there is but one.
  std::span<std::uint32_t const> parts() const { return parts_; }

  std::span<SequenceRange const> chunks() const { return chunks_; }
  std::span<SequenceRange const> blocks(std::size_t chunk) const {
    return std::span(blocks_).subspan(first_block_[chunk], first_block_[chunk + 1] - first_block_[chunk]);
  }
  Index largest_chunk_rows() const { return largest(&SequenceRange::rows); }
  Index largest_chunk_targets() const { return largest(&SequenceRange::targets); }

  /// Tokens of a range.
  std::uint32_t const* tokens(SequenceRange const& range) const { return tokens_.data() + range.first_row; }
  /// The rows of a block's targets, numbered within the block.
  std::uint32_t const* queries(SequenceRange const& block) const { return queries_.data() + block.first_target; }
  /// Where the targets of each sequence of a block begin, numbered within the block.
  std::uint32_t const* query_begins(SequenceRange const& block) const { return begins_.data() + block.first_begin; }
  std::uint32_t const* labels(SequenceRange const& range) const { return labels_.data() + range.first_target; }
  /// The rows of a chunk, numbered within it, by their token.
  Segments by_token(SequenceRange const& chunk) const {
    return {segment_targets_.data() + chunk.segment, segment_begins_.data() + chunk.segment, positions_.data(),
            chunk.segments};
  }

 private:
  using Buffer = typename B::template Buffer<std::uint32_t>;

  static void sort_by_token(TokenSequences const& data, SequenceRange& chunk, std::vector<std::uint32_t>& targets,
                            std::vector<std::uint32_t>& begins, std::vector<std::uint32_t>& positions) {
    std::uint32_t const* tokens = data.tokens.data() + chunk.first_row;
    std::vector<std::uint32_t> rows(static_cast<std::size_t>(chunk.rows));
    std::iota(rows.begin(), rows.end(), 0u);
    std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t i, std::uint32_t j) { return tokens[i] < tokens[j]; });
    chunk.segment = static_cast<Index>(targets.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::uint32_t token = tokens[rows[i]];
      if (i == 0 || token != targets.back()) {
        targets.push_back(token);
        begins.push_back(static_cast<std::uint32_t>(positions.size()));
      }
      positions.push_back(rows[i]);
    }
    chunk.segments = static_cast<Index>(targets.size()) - chunk.segment;
  }

  Index largest(Index SequenceRange::*size) const {
    Index result = 0;
    for (SequenceRange const& chunk : chunks_) result = std::max(result, chunk.*size);
    return result;
  }

  Index length_, sequences_;
  double loss_scale_;
  std::vector<std::uint32_t> parts_;
  bool has_segments_ = false;
  std::vector<SequenceRange> chunks_, blocks_;
  std::vector<std::size_t> first_block_;  // of each chunk, and the number of blocks
  Buffer tokens_, queries_, begins_, labels_, segment_targets_, segment_begins_, positions_;
};

}  // namespace cayley
