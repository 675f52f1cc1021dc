/// Young's orthogonal form: irreps of S_n on the standard tableaux of a partition.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/core/matrix.hpp>
#include <cayley/representation/partition.hpp>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace cayley {

/// The irrep of a partition in the orthonormal basis of its standard Young tableaux. The adjacent transposition s_i
/// maps tableau t to t/r + sqrt(1 - 1/r^2) t', where r is the axial distance from entry i to entry i+1 (difference of
/// their contents, column - row) and t' has the two entries exchanged.
/// Basis: tableaux by the row of entry 0, then of entry 1, and so on, lexicographically.
/// Ref: James and Kerber 1981, section 3.4.
class YoungOrthogonal {
 public:
  explicit YoungOrthogonal(Partition const& partition) : partition_(partition) {
    for (int part : partition_) points_ += part;
    enumerate();
    for (int i = 0; i + 1 < points_; ++i) steps_.push_back(step(i));
  }

  Partition const& partition() const { return partition_; }
  Index dimension() const { return static_cast<Index>(tableaux_.size()); }

  /// Writes the matrix of a permutation of at most 12 points, row-major, (dimension, dimension).
  /// Cost: one pair of row operations per tableau for each inversion of `p`.
  void write_matrix(std::span<const std::uint8_t> image, double* out) const {
    // Sorting the image array by swaps of neighbours spells the permutation as a product of adjacent
    // transpositions.
    std::array<std::uint8_t, 12> p{};
    std::array<std::uint8_t, 12 * 11 / 2> word{};
    std::copy(image.begin(), image.end(), p.begin());
    std::size_t length = 0;
    for (std::size_t end = image.size(); end > 1; --end) {
      for (std::size_t i = 0; i + 1 < end; ++i) {
        if (p[i] > p[i + 1]) {
          std::swap(p[i], p[i + 1]);
          word[length++] = static_cast<std::uint8_t>(i);
        }
      }
    }
    const Index d = dimension();
    std::fill_n(out, d * d, 0.0);
    for (Index i = 0; i < d; ++i) out[i * d + i] = 1;
    while (length > 0) apply(steps_[word[--length]], out);
  }

  /// The tableau with rows and columns exchanged, by tableau. Only for self-conjugate partitions.
  std::vector<Index> transposed_tableaux() const {
    std::vector<Index> result;
    for (Tableau const& tableau : tableaux_) {
      Tableau transposed;
      std::vector<int> filled(partition_.size() + 1, 0);
      for (int row : tableau) transposed.push_back(filled[static_cast<std::size_t>(row)]++);
      result.push_back(index_.at(transposed));
    }
    return result;
  }

  /// Parity (+1 or -1) of the word that reads a tableau row by row.
  std::vector<int> tableau_signs() const {
    std::vector<int> signs;
    for (Tableau const& tableau : tableaux_) {
      int inversions = 0;
      for (std::size_t i = 0; i < tableau.size(); ++i) {
        for (std::size_t j = i + 1; j < tableau.size(); ++j) inversions += tableau[j] < tableau[i] ? 1 : 0;
      }
      signs.push_back(inversions % 2 == 0 ? 1 : -1);
    }
    return signs;
  }

 private:
  using Tableau = std::vector<int>;  // the row of each entry

  struct Step {
    struct Pair {
      Index t, partner;  // partner = t for a tableau that is only scaled by +1 or -1
      double diagonal, off_diagonal;
    };
    std::vector<Pair> pairs;
  };

  void enumerate() {
    Tableau tableau;
    std::vector<int> filled(partition_.size(), 0);
    const std::function<void()> place = [&] {
      if (static_cast<int>(tableau.size()) == points_) {
        index_.emplace(tableau, static_cast<Index>(tableaux_.size()));
        tableaux_.push_back(tableau);
        return;
      }
      for (std::size_t row = 0; row < filled.size(); ++row) {
        if (filled[row] == partition_[row] || (row > 0 && filled[row] == filled[row - 1])) continue;
        ++filled[row];
        tableau.push_back(static_cast<int>(row));
        place();
        tableau.pop_back();
        --filled[row];
      }
    };
    place();
  }

  Step step(int i) const {
    Step result;
    for (std::size_t t = 0; t < tableaux_.size(); ++t) {
      Tableau const& tableau = tableaux_[t];
      std::vector<int> filled(partition_.size(), 0), content;
      for (int row : tableau) content.push_back(filled[static_cast<std::size_t>(row)]++ - row);
      const auto first = static_cast<std::size_t>(i);
      const int distance = content[first + 1] - content[first];
      const double diagonal = 1.0 / distance;
      Index partner = static_cast<Index>(t);
      if (distance != 1 && distance != -1) {
        Tableau exchanged = tableau;
        std::swap(exchanged[first], exchanged[first + 1]);
        partner = index_.at(exchanged);
        if (partner < static_cast<Index>(t)) continue;
      }
      result.pairs.push_back({static_cast<Index>(t), partner, diagonal, std::sqrt(1 - diagonal * diagonal)});
    }
    return result;
  }

  /// out <- (matrix of the step) out.
  void apply(Step const& step, double* out) const {
    const Index d = dimension();
    for (auto const& [t, partner, diagonal, off_diagonal] : step.pairs) {
      double* a = out + t * d;
      if (partner == t) {
        if (diagonal < 0) std::transform(a, a + d, a, std::negate<>());
        continue;
      }
      double* b = out + partner * d;
      for (Index k = 0; k < d; ++k) {
        const double x = a[k], y = b[k];
        a[k] = diagonal * x + off_diagonal * y;
        b[k] = off_diagonal * x - diagonal * y;
      }
    }
  }

  Partition partition_;
  int points_ = 0;
  std::vector<Tableau> tableaux_;
  std::map<Tableau, Index> index_;
  std::vector<Step> steps_;
};

}  // namespace cayley
