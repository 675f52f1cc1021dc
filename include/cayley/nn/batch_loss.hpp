/// The loss and the accuracy of a batch.
#pragma once

#include <cayley/backend/concept.hpp>
#include <cayley/core/matrix.hpp>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace cayley {

/// What a batch is for: gradients need more prepared than losses.
enum class BatchUse { loss, gradient };

/// Sums over the examples of a batch.
struct BatchLoss {
  double sum = 0;     ///< of cross-entropies, natural logarithm, added in double
  Index correct = 0;  ///< examples whose first largest logit is the label
  Index examples = 0;
  double scale = 1;  ///< factor of the mean, by convention of some tasks
  /// By part of the loss: the sum and the number of its examples; empty where the loss has but one.
  std::vector<std::pair<double, Index>> parts{};

  /// Mean cross-entropy times `scale`; NaN without examples.
  double mean() const { return scale * sum / static_cast<double>(examples); }
  /// Mean cross-entropy of a part times `scale`; NaN without examples.
  double part_mean(std::size_t part) const {
    return scale * parts[part].first / static_cast<double>(parts[part].second);
  }
  /// Share of correct examples, 0 .. 1; NaN without examples.
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(examples); }
};

/// The loss of a batch from the first `rows` losses and correct flags of `SoftmaxCrossEntropy`, added in the order of the
/// rows. `parts`: to which part each row belongs; none where there is but one.
template <class B, class Losses>
BatchLoss downloaded_loss(B const& backend, Losses const& losses,
                          typename B::template Buffer<std::uint32_t> const& is_correct, Index rows,
                          std::span<std::uint32_t const> parts = {}) {
  using Scalar = std::remove_cvref_t<decltype(*losses.data())>;
  std::vector<Scalar> loss(static_cast<std::size_t>(losses.size()));
  std::vector<std::uint32_t> correct(static_cast<std::size_t>(is_correct.size()));
  backend.download(losses, std::span<Scalar>(loss));
  backend.download(is_correct, std::span<std::uint32_t>(correct));
  BatchLoss result{0, 0, rows};
  for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
    result.sum += static_cast<double>(loss[i]);
    result.correct += static_cast<Index>(correct[i]);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] >= result.parts.size()) result.parts.resize(parts[i] + 1);
    result.parts[parts[i]].first += static_cast<double>(loss[i]);
    ++result.parts[parts[i]].second;
  }
  return result;
}

}  // namespace cayley
