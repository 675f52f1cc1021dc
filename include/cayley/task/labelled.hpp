/// Examples with labels, whole or a part of them.
#pragma once

#include <cayley/core/matrix.hpp>
#include <cayley/group/concept.hpp>
#include <cstdint>
#include <span>
#include <vector>

namespace cayley {

/// Examples and their labels, an entry each.
template <class Example>
struct LabelledExamples {
  std::vector<Example> examples;
  std::vector<Element> labels;

  Index size() const { return static_cast<Index>(examples.size()); }

  /// The examples at these places, in this order.
  LabelledExamples subset(std::span<std::uint32_t const> places) const {
    LabelledExamples part;
    part.examples.reserve(places.size());
    part.labels.reserve(places.size());
    for (std::uint32_t place : places) {
      part.examples.push_back(examples[place]);
      part.labels.push_back(labels[place]);
    }
    return part;
  }
};

}  // namespace cayley
