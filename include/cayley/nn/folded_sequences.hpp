/// Token sequences of a transformer that folds, on a device: what its training step reads.
#pragma once

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/segment_sum.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/lanes.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/batch_loss.hpp>
#include <cayley/nn/sequence_examples.hpp>
#include <cayley/nn/token_batch.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace cayley {

/// Whether every sequence ends in the same token and is read there alone.
inline bool has_constant_reader(TokenSequences const& data) {
  const auto length = static_cast<std::size_t>(data.length);
  const auto sequences = static_cast<std::size_t>(data.sequences());
  if (data.empty() || data.tokens.size() != sequences * length || data.target_rows.size() != sequences) return false;
  for (std::size_t i = 0; i < sequences; ++i) {
    const std::size_t last = (i + 1) * length - 1;
    if (data.target_rows[i] != last || data.tokens[last] != data.tokens[length - 1]) return false;
  }
  return true;
}

/// A batch of sequences that differ in all tokens but the last, which alone is read. They are sorted by their first token,
/// so that its table rows stay in the nearest cache; memory is needed for a pass of them at a time.
template <class B>
class FoldedSequences {
 public:
  /// Rows first .. first + count - 1 of a pass.
  struct Pass {
    Part rows;                 ///< of the batch
    std::vector<Part> chunks;  ///< numbered through the batch
    std::vector<Index> lane;   ///< first chunk of each lane, and the number of chunks
    Part segments;             ///< in the list of segments, one for each table row; none for the loss alone
    Index lanes() const { return static_cast<Index>(lane.size()) - 1; }
  };

  /// Index: position p of a sequence reads table row p d_vocab + token; the last position reads row
  ///        (length - 1) d_vocab.
  /// Errors: `Error` for tokens, targets or labels that do not fit, or where `has_constant_reader` is not so.
  FoldedSequences(B const& backend, TokenSequences const& data, Index d_vocab, Index n_ctx, Index classes,
                  Index pass_rows, Index chunk_rows, BatchUse use)
      : length_(data.length),
        table_rows_((length_ - 1) * d_vocab),
        loss_scale_(data.loss_scale),
        last_token_(data.tokens[static_cast<std::size_t>(length_ - 1)]) {
    require(has_constant_reader(data), "folded sequences: expected a constant last token and one target there");
    device_tokens(backend, {data.tokens, data.length}, d_vocab, n_ctx);  // checks
    check_targets(data, classes);
    const auto length = static_cast<std::size_t>(length_);
    std::vector<std::uint32_t> order(static_cast<std::size_t>(data.sequences())), index, labels;
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t i, std::uint32_t j) {
      return data.tokens[i * length] < data.tokens[j * length];
    });
    for (const std::uint32_t i : order) {
      for (std::size_t p = 0; p < length; ++p) {
        const std::uint32_t token = p + 1 == length ? 0 : data.tokens[i * length + p];
        index.push_back(static_cast<std::uint32_t>(p) * static_cast<std::uint32_t>(d_vocab) + token);
      }
      labels.push_back(data.labels[i]);
      if (!data.parts.empty()) parts_.push_back(data.parts[i]);
    }
    const Index rows = data.sequences(), passes = (rows + pass_rows - 1) / pass_rows;
    std::vector<std::uint32_t> targets, begins, positions;
    for (Index i = 0; i < passes; ++i) {
      Pass pass{part_of(rows, passes, i), {}, {}, {}};
      const Index lanes = HasTasks<B> ? lane_count(pass.rows.count) : 1;
      for (Index l = 0; l < lanes; ++l) {
        pass.lane.push_back(static_cast<Index>(pass.chunks.size()));
        const Part of_lane = part_of(pass.rows.count, lanes, l);
        for (Index c = 0; c < number_of_parts(of_lane.count, chunk_rows); ++c) {
          const Part part = part_of_size(of_lane.count, chunk_rows, c);
          pass.chunks.push_back({pass.rows.first + of_lane.first + part.first, part.count});
          largest_chunk_ = std::max(largest_chunk_, part.count);
        }
      }
      pass.lane.push_back(static_cast<Index>(pass.chunks.size()));
      if (use == BatchUse::gradient) pass.segments = sort_reads(index, pass.rows, targets, begins, positions);
      passes_.push_back(std::move(pass));
    }
    begins.push_back(static_cast<std::uint32_t>(positions.size()));
    const auto store = [&](std::vector<std::uint32_t> const& values, Buffer& buffer) {
      buffer = Buffer(static_cast<Index>(values.size()));
      backend.upload(std::span<std::uint32_t const>(values), buffer);
    };
    store(index, index_);
    store(labels, labels_);
    store(targets, targets_);
    store(begins, begins_);
    store(positions, positions_);
  }

  Index size() const { return labels_.size(); }
  Index length() const { return length_; }
  Index table_rows() const { return table_rows_; }
  double loss_scale() const { return loss_scale_; }
  std::uint32_t last_token() const { return last_token_; }
  /// To which part of the loss each sequence belongs; empty where there is but one.
  std::span<std::uint32_t const> parts() const { return parts_; }
  std::span<Pass const> passes() const { return passes_; }
  bool has_segments() const { return !passes_.empty() && passes_.front().segments.count == table_rows_; }
  Index largest_chunk() const { return largest_chunk_; }
  Index largest_pass() const { return passes_.front().rows.count; }  // the first ones are the longer ones
  Index largest_lanes() const { return passes_.front().lanes(); }

  /// Table rows that sequence `row` and those after it read.
  std::uint32_t const* index(Index row) const { return index_.data() + row * length_; }
  std::uint32_t const* labels(Index row) const { return labels_.data() + row; }
  /// Some of the segments of a pass: who reads a table row, position p of its sequence r by number r (length - 1) + p.
  Segments segments(Part part) const {
    return {targets_.data() + part.first, begins_.data() + part.first, positions_.data(), part.count};
  }

 private:
  using Buffer = typename B::template Buffer<std::uint32_t>;

  /// Appends a segment for every table row, also for those that nobody reads.
  Part sort_reads(std::vector<std::uint32_t> const& index, Part rows, std::vector<std::uint32_t>& targets,
                  std::vector<std::uint32_t>& begins, std::vector<std::uint32_t>& positions) const {
    std::vector<std::vector<std::uint32_t>> readers(static_cast<std::size_t>(table_rows_));
    std::uint32_t read = 0;
    for (Index row = rows.first; row < rows.first + rows.count; ++row) {
      for (Index p = 0; p + 1 < length_; ++p) {
        readers[index[static_cast<std::size_t>(row * length_ + p)]].push_back(read++);
      }
    }
    const auto first = static_cast<Index>(targets.size());
    for (std::size_t row = 0; row < readers.size(); ++row) {
      targets.push_back(static_cast<std::uint32_t>(row));
      begins.push_back(static_cast<std::uint32_t>(positions.size()));
      positions.insert(positions.end(), readers[row].begin(), readers[row].end());
    }
    return {first, table_rows_};
  }

  Index length_;
  Index table_rows_;
  double loss_scale_;
  std::uint32_t last_token_;
  Index largest_chunk_ = 0;
  std::vector<std::uint32_t> parts_;
  std::vector<Pass> passes_;
  Buffer index_, labels_, targets_, begins_, positions_;
};

}  // namespace cayley
