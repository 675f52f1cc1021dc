/// Induction: subsequences that come back in noise.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/python_random.hpp>
#include <cayley/task/sequence_task.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace cayley {

/// `begin`, then `copies` intervals of noise, each with a copy of the same `copied` tokens at a place of its own. The
/// tokens of the second and later copies, but for their first, are to be predicted one position before. Noise tokens
/// 1 .. vocabulary-1 are equally likely, as are the places of a copy in its interval: a copy lies `interval` behind the
/// one before on average, and (copies - 1)(copied - 1) positions of a sequence are targets, 30 of 85 as published.
/// Loss: the published one, mean(nll[:, :-1] mask[:, :-1]) numel(mask) / sum(mask), is n_ctx/(n_ctx - 1) times the mean
/// over the targets, as the last column of the mask is 0; that factor is the `loss_scale`.
/// Shape: tokens (0, noise); noise behind the last interval where `copies` does not divide length - 1.
/// Ref: Nanda et al., Progress measures for grokking via mechanistic interpretability (2023), and its notebook.
struct Induction {
  using Generator = NumpyGenerator;
  static constexpr std::uint32_t begin = 0;

  Index length = 85;       ///< positions, `begin` among them
  Index copied = 16;       ///< tokens of a copy
  Index copies = 3;        ///< the first occurrence among them
  Index vocabulary = 128;  ///< `begin` among them

  Index n_ctx() const { return length; }
  Index d_vocab() const { return vocabulary; }
  Index d_vocab_out() const { return vocabulary; }
  /// Positions in which one copy lies.
  Index interval() const { return (length - 1) / copies; }
  /// Places that a copy can have in its interval.
  Index places() const { return interval() - copied + 1; }

  /// The mean over targets of a model that holds all noise tokens equally likely: ln(vocabulary - 1), 4.8442 as
  /// published. Its loss is `loss_scale` times this.
  double uniform_loss() const { return std::log(static_cast<double>(vocabulary - 1)); }

  /// The notebook's "optimal loss": ln(vocabulary - 1) (length - 1 - (copies - 1)(copied - 1)) / (length - 1), which is
  /// 3.1141 as published. It is for a loss over all positions, of a model that predicts the targets with certainty and
  /// holds all tokens equally likely elsewhere. A masked loss can fall below it; see `optimal_loss`.
  double optimal_unmasked_loss() const {
    const auto positions = static_cast<double>(length - 1);
    return uniform_loss() * (positions - static_cast<double>((copies - 1) * (copied - 1))) / positions;
  }

  /// Errors: `Error` unless there are at least 2 copies of at least 2 tokens, each of which fits its interval, and a
  /// vocabulary of at least 2, and none of these numbers exceeds 10^9.
  void check() const;

  /// Fresh sequences as published: the tokens of all sequences are drawn, `randint(1, vocabulary)`, the first of each
  /// set to `begin`; then for each copy i in turn its starts in all sequences,
  /// `randint(1 + i interval, 1 + i interval + places)`. The first copy is written over the others.
  /// Errors: `Error` when a parameter is out of range, there is no sequence, or there are 2^32 tokens or more.
  TokenSequences draw(Index count, NumpyGenerator& generator) const;

  /// Where the copies begin.
  /// Shape: (sequences, copies).
  /// Errors: `Error` when the sequences have another length or number of targets, a copy cannot begin where a target
  /// lies, or the copies do not repeat the same tokens.
  Matrix<std::uint32_t> starts(TokenSequences const& sequences) const;

  /// The loss on these sequences of the best possible model: it knows how sequences are drawn, and predicts each token
  /// by Bayes' rule from all before. It stays above 0 (about 0.019 for the published sizes), as a model must first find
  /// out that it reads a copy.
  /// Formula: `loss_scale` times the mean over targets of -ln P(token | tokens before); all places of all copies are
  /// equally likely at first, given these a token of a later copy is certain, and any other has probability
  /// 1/(vocabulary - 1).
  /// Cost: O(sequences * length * places^2).
  /// Errors: as `starts`.
  double optimal_loss(TokenSequences const& sequences) const;
};

/// Infinite data as published: the notebook draws a first batch of `discarded` sequences, looks at it, and trains on
/// those that follow.
inline SequenceBatches<Induction> published_induction(Induction const& task = {}, std::uint64_t seed = 123,
                                                      Index discarded = 128) {
  SequenceBatches<Induction> batches(task, seed);
  batches.next(discarded);
  return batches;
}

inline void Induction::check() const {
  constexpr Index most = 1'000'000'000;
  const auto within = [&](Index value, Index least, char const* name) {
    require(value >= least && value <= most, "induction: expected ", name, " of ", least, " .. ", most, ", found ",
            value);
  };
  within(length, 1, "length");
  within(copied, 2, "copied");
  within(copies, 2, "copies");
  within(vocabulary, 2, "vocabulary");
  require(copied <= interval(), "induction: expected a length of at least ", copies * copied + 1, " for ", copies,
          " copies of ", copied, " tokens, found ", length);
}

inline TokenSequences Induction::draw(Index count, NumpyGenerator& generator) const {
  check();
  detail::check_count("induction", count, n_ctx());
  const auto sequences = static_cast<std::size_t>(count), width = static_cast<std::size_t>(length);
  TokenSequences result{length, std::vector<std::uint32_t>(sequences * width), {}, {}, {}, 1};
  result.loss_scale = static_cast<double>(length) / static_cast<double>(length - 1);
  for (std::uint32_t& token : result.tokens) token = generator.randint(1, static_cast<std::uint32_t>(vocabulary));
  for (std::size_t s = 0; s < sequences; ++s) result.tokens[s * width] = begin;

  Matrix<std::uint32_t> start(count, copies);
  for (Index i = 0; i < copies; ++i) {
    const auto first = static_cast<std::uint32_t>(1 + i * interval());
    const auto last = first + static_cast<std::uint32_t>(places());
    for (Index s = 0; s < count; ++s) start(s, i) = generator.randint(first, last);
  }
  for (Index s = 0; s < count; ++s) {
    const auto row = static_cast<std::size_t>(s) * width;
    const auto at = [&](Index i) { return result.tokens.begin() + static_cast<std::ptrdiff_t>(row + start(s, i)); };
    for (Index i = 1; i < copies; ++i) {
      std::copy_n(at(0), copied, at(i));
      for (std::uint32_t j = 0; j + 1 < static_cast<std::uint32_t>(copied); ++j) {
        const std::size_t target = row + start(s, i) + j;
        result.target_rows.push_back(static_cast<std::uint32_t>(target));
        result.labels.push_back(result.tokens[target + 1]);
      }
    }
  }
  return result;
}

inline Matrix<std::uint32_t> Induction::starts(TokenSequences const& sequences) const {
  check();
  const auto width = static_cast<std::size_t>(length);
  const auto targets = static_cast<std::size_t>((copies - 1) * (copied - 1));
  require(sequences.length == length, "induction: expected sequences of ", length, " tokens, found ", sequences.length);
  const auto count = static_cast<std::size_t>(sequences.sequences());
  require(sequences.target_rows.size() == count * targets, "induction: expected ", targets, " targets in each of ",
          count, " sequences, found ", sequences.target_rows.size());
  Matrix<std::uint32_t> result(static_cast<Index>(count), copies);
  for (std::size_t s = 0; s < count; ++s) {
    const auto row = static_cast<Index>(s);
    for (Index i = 1; i < copies; ++i) {
      const std::size_t target = s * targets + static_cast<std::size_t>((i - 1) * (copied - 1));
      const std::size_t first = sequences.target_rows[target];
      const auto least = static_cast<std::size_t>(1 + i * interval());
      require(
          first / width == s && first % width >= least && first % width < least + static_cast<std::size_t>(places()),
          "induction: expected copy ", i, " of sequence ", s, " to begin at position ", least, " .. ",
          least + static_cast<std::size_t>(places()) - 1, ", found a target at position ", first % width,
          " of sequence ", first / width);
      result(row, i) = static_cast<std::uint32_t>(first % width);
    }
    const auto tokens = sequences.tokens.begin() + static_cast<std::ptrdiff_t>(s * width);
    const auto is_first_copy = [&](Index start) {
      for (Index i = 1; i < copies; ++i) {
        if (!std::equal(tokens + start, tokens + start + copied, tokens + result(row, i))) return false;
      }
      return true;
    };
    Index start = 1;
    while (start <= places() && !is_first_copy(start)) ++start;
    require(start <= places(), "induction: expected the copies of sequence ", s,
            " to repeat tokens of its first interval, found none that they all repeat");
    result(row, 0) = static_cast<std::uint32_t>(start);
  }
  return result;
}

inline double Induction::optimal_loss(TokenSequences const& sequences) const {
  const Matrix<std::uint32_t> start = starts(sequences);
  const double noise = 1 / static_cast<double>(vocabulary - 1);
  double sum = 0;
  for (Index s = 0; s < start.rows(); ++s) {
    std::uint32_t const* tokens = sequences.tokens.data() + s * length;
    Vector<double> first = Vector<double>::Constant(places(), 1 / static_cast<double>(places()));
    for (Index i = 1; i < copies; ++i) {
      // P(first copy starts at 1 + a, this one at begin_i + b | tokens so far), entry (a, b).
      Matrix<double> belief = first.replicate(1, places()) / static_cast<double>(places());
      const Index begin_i = 1 + i * interval();
      for (Index t = begin_i; t < begin_i + interval(); ++t) {
        for (Index b = 0; b < places(); ++b) {
          const Index copied_before = t - begin_i - b;
          const bool in_copy = copied_before >= 0 && copied_before < copied;
          for (Index a = 0; a < places(); ++a) {
            if (!in_copy) {
              belief(a, b) *= noise;
            } else if (tokens[t] != tokens[1 + a + copied_before]) {
              belief(a, b) = 0;
            }
          }
        }
        const double probability = belief.sum();
        const Index place = t - static_cast<Index>(start(s, i));
        if (place >= 1 && place < copied) sum -= std::log(probability);
        belief /= probability;
      }
      first = belief.rowwise().sum();
    }
  }
  return sequences.loss_scale * sum / static_cast<double>(sequences.target_rows.size());
}

static_assert(SequenceTask<Induction>);

}  // namespace cayley
