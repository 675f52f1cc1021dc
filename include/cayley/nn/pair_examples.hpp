/// Labelled pairs of group elements on a device, cut into lanes and chunks: what a training step reads.
#pragma once

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/segment_sum.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/lanes.hpp>
#include <cayley/nn/batch_loss.hpp>
#include <cayley/nn/pair.hpp>
#include <cayley/task/group_composition.hpp>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace cayley {

/// A batch of labelled pairs. Lanes are worked on at once, the chunks of a lane one after the other.
template <class B>
class PairExamples {
 public:
  /// Rows first .. first + count - 1 of the batch, and the places of its segments.
  struct Chunk {
    Index first = 0;
    Index count = 0;
    Index lane = 0;
    Index left_segment = 0, left_segments = 0;    ///< by a
    Index right_segment = 0, right_segments = 0;  ///< by b
  };

  /// Shape: `pairs` and `labels` have an entry an example. `chunk_rows`: largest number of rows of a chunk.
  /// Errors: `Error` naming the example when an element is not below `order` or a label not below `classes`, or when
  ///         there are not as many labels as pairs.
  PairExamples(B const& backend, std::span<Pair const> pairs, std::span<Element const> labels, Index order,
               Index classes, Index chunk_rows, BatchUse use)
      : pairs_(device_pairs(backend, pairs, order)), labels_(static_cast<Index>(labels.size())) {
    require(pairs.size() == labels.size(), "a batch of ", pairs.size(), " pairs has ", labels.size(), " labels");
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (static_cast<Index>(labels[i]) >= classes) {
        fail("label ", i, " is ", labels[i], ": expected a class below ", classes);
      }
    }
    backend.upload(labels, labels_);
    cut(HasTasks<B> ? lane_count(size()) : 1, chunk_rows);
    if (use == BatchUse::gradient) sort(backend, pairs, order);
  }

  Index size() const { return labels_.size(); }
  /// Shape: (size, 2), row-major.
  std::uint32_t const* pairs() const { return pairs_.data(); }
  /// Shape: (size).
  std::uint32_t const* labels() const { return labels_.data(); }

  Index lanes() const { return static_cast<Index>(lanes_.size()) - 1; }
  std::span<Chunk const> chunks(Index lane) const {
    const auto first = lanes_[static_cast<std::size_t>(lane)];
    return std::span(chunks_).subspan(first, lanes_[static_cast<std::size_t>(lane) + 1] - first);
  }
  /// Rows of the largest chunk.
  Index largest_chunk() const {
    Index rows = 0;
    for (Chunk const& chunk : chunks_) rows = std::max(rows, chunk.count);
    return rows;
  }

  bool has_segments() const { return begins_.size() > 0; }
  /// Whether a chunk is the first one of its lane. It has a segment for every element, also for those that no pair has.
  bool is_first(Chunk const& chunk) const { return &chunk == chunks(chunk.lane).data(); }
  /// The rows of a chunk, numbered from 0, by their left or right operand.
  Segments by_left(Chunk const& chunk) const { return segments(chunk.left_segment, chunk.left_segments); }
  Segments by_right(Chunk const& chunk) const { return segments(chunk.right_segment, chunk.right_segments); }

 private:
  void cut(Index lanes, Index chunk_rows) {
    require(chunk_rows >= 1, "a chunk has at least 1 row, found ", chunk_rows);
    for (Index lane = 0; lane < lanes; ++lane) {
      lanes_.push_back(chunks_.size());
      const Part rows = part_of(size(), lanes, lane);
      for (Index i = 0; i < number_of_parts(rows.count, chunk_rows); ++i) {
        const Part part = part_of_size(rows.count, chunk_rows, i);
        chunks_.push_back({rows.first + part.first, part.count, lane});
      }
    }
    lanes_.push_back(chunks_.size());
  }

  void sort(B const& backend, std::span<Pair const> pairs, Index order) {
    std::vector<std::uint32_t> targets, begins, positions, rows;
    const auto begin_segment = [&](Element target) {
      targets.push_back(target);
      begins.push_back(static_cast<std::uint32_t>(positions.size()));
    };
    const auto sort_by = [&](Chunk const& chunk, Element Pair::*operand, Index& first, Index& count) {
      const auto in_chunk = pairs.subspan(static_cast<std::size_t>(chunk.first), static_cast<std::size_t>(chunk.count));
      rows.resize(in_chunk.size());
      std::iota(rows.begin(), rows.end(), 0u);
      std::stable_sort(rows.begin(), rows.end(),
                       [&](std::uint32_t i, std::uint32_t j) { return in_chunk[i].*operand < in_chunk[j].*operand; });
      first = static_cast<Index>(targets.size());
      const bool all = is_first(chunk);
      Element next = 0;  // of which there is no segment yet
      for (std::uint32_t row : rows) {
        const Element element = in_chunk[row].*operand;
        if (!all && next <= element) next = element;
        for (; next <= element; ++next) begin_segment(next);
        positions.push_back(row);
      }
      for (; all && static_cast<Index>(next) < order; ++next) begin_segment(next);
      count = static_cast<Index>(targets.size()) - first;
    };
    for (Chunk& chunk : chunks_) {
      sort_by(chunk, &Pair::a, chunk.left_segment, chunk.left_segments);
      sort_by(chunk, &Pair::b, chunk.right_segment, chunk.right_segments);
    }
    begins.push_back(static_cast<std::uint32_t>(positions.size()));
    const auto store = [&](std::vector<std::uint32_t> const& values, Buffer& buffer) {
      buffer = Buffer(static_cast<Index>(values.size()));
      backend.upload(std::span<std::uint32_t const>(values), buffer);
    };
    store(targets, targets_);
    store(begins, begins_);
    store(positions, positions_);
  }

  Segments segments(Index first, Index count) const {
    return {targets_.data() + first, begins_.data() + first, positions_.data(), count};
  }

  using Buffer = typename B::template Buffer<std::uint32_t>;
  Buffer pairs_, labels_;
  std::vector<Chunk> chunks_;
  std::vector<std::size_t> lanes_;  // first chunk of each lane, and the number of chunks
  Buffer targets_, begins_, positions_;
};

}  // namespace cayley
