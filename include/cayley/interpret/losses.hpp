/// Losses over all pairs of a group, of the network's own logits and of logits with parts taken out.
#pragma once

#include <algorithm>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/product.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

namespace cayley {

/// Which pairs are in the training set.
/// Index: the pair (a, b) is entry a order + b.
using TrainingSet = std::vector<std::uint8_t>;

/// The pairs that a loss is a mean over.
enum class PairSet { all, train };

/// All logits, or the part of them that comes out of the hidden layer.
enum class LogitSource { all, hidden };

/// Writes rows of a table, one for each of some products.
/// Shape: (products, order).
using ProductRows = std::function<void(std::span<Element const> products, MatrixRef<double> rows)>;

/// What is taken away from the logits of the pair (a, b): row a, b or ab of a table.
struct LogitCorrection {
  enum class By { left, right, product };
  By by = By::product;
  PairSet pairs = PairSet::all;
  Matrix<double> table;   ///< (order, order): row by `by`, column by class
  ProductRows rows = {};  ///< in place of a table by product, where one would take much memory
};

/// Mean cross-entropies and accuracies; a mean over no pairs is NaN.
struct PairLosses {
  double train_loss, test_loss, all_loss;
  double train_accuracy, test_accuracy;  ///< share of pairs whose first largest logit is the label
  double centred_logit_power;            ///< sum over pairs and classes of (logit - mean over classes)^2
  std::vector<double> corrected;         ///< mean loss of the corrected logits, by correction
};

/// Cross-entropy of one row of logits, accurate near zero: log1p of the sum of the other terms.
inline double cross_entropy(Eigen::Ref<const RowVector<double>> logits, Index label) {
  const double at_label = logits[label];
  const double largest = logits.maxCoeff();
  if (largest - at_label > 300) return largest - at_label + std::log((logits.array() - largest).exp().sum());
  return std::log1p((logits.array() - at_label).head(label).exp().sum() +
                    (logits.array() - at_label).tail(logits.size() - label - 1).exp().sum());
}

/// Mean over all pairs of the cross-entropy of logits that depend on the product alone: row g of `logits`, label g.
/// Shape: (order, order).
inline double loss_by_product(Matrix<double> const& logits) {
  double sum = 0;
  for (Index g = 0; g < logits.rows(); ++g) sum += cross_entropy(logits.row(g), g);
  return sum / static_cast<double>(logits.rows());
}

/// The same of logits that are made row by row.
inline double loss_by_product(Index order, ProductRows const& logits) {
  constexpr Index most = 64;
  std::vector<Element> products;
  Matrix<double> rows;
  double sum = 0;
  for (Index first = 0; first < order; first += most) {
    products.resize(static_cast<std::size_t>(std::min(most, order - first)));
    std::iota(products.begin(), products.end(), static_cast<Element>(first));
    rows.resize(static_cast<Index>(products.size()), order);
    logits(products, rows);
    for (Index k = 0; k < rows.rows(); ++k) sum += cross_entropy(rows.row(k), first + k);
  }
  return sum / static_cast<double>(order);
}

namespace detail {

/// The pass over all pairs behind `pair_losses`, the pairs of one product at a time, training pairs first.
///
/// With E(c) = exp(L(c) - L(label)), computed once, the loss of L - V is log1p of the sum over the other
/// classes of E(c) exp(V(label) - V(c)). So any number of corrections costs one exponential for each logit,
/// and products with exponentials of tables. Where exponents could leave the range of double, the logits
/// themselves are used.
class LossPass {
 public:
  LossPass(PairNetwork const& network, CayleyTable const& table, TrainingSet const& train,
           std::span<const LogitCorrection> corrections, LogitSource source)
      : network_(network),
        table_(table),
        train_(train),
        corrections_(corrections),
        with_direct_(source == LogitSource::all && network.direct),
        n_(network.order()) {
    require(static_cast<Index>(train.size()) == n_ * n_, "training set: expected ", n_ * n_, " pairs, found ",
            train.size());
    require(table.order() == n_, "the network has ", n_, " classes, its group ", table.order(), " elements");
    for (std::size_t k = 0; k < corrections.size(); ++k) {
      LogitCorrection const& c = corrections[k];
      const bool has_rows = c.rows && c.by == LogitCorrection::By::product;
      require(has_rows || (c.table.rows() == n_ && c.table.cols() == n_), "logit correction: expected a (", n_, ", ",
              n_, ") table, found (", c.table.rows(), ", ", c.table.cols(), ")");
      // Corrections by one operand are stored as exponentials, scaled to the middle of each row.
      if (c.by != LogitCorrection::By::product) {
        Operand operand{k, {}, {}, true};
        operand.middle = (c.table.rowwise().maxCoeff() + c.table.rowwise().minCoeff()) / 2;
        operand.safe = (c.table.rowwise().maxCoeff() - c.table.rowwise().minCoeff()).maxCoeff() <= safe_range;
        if (operand.safe) operand.exponentials = (-(c.table.colwise() - operand.middle)).array().exp();
        operands_.push_back(std::move(operand));
      } else {
        (c.pairs == PairSet::train ? by_product_train_ : by_product_all_).push_back(k);
      }
    }
    sums_.assign(corrections.size(), 0.0);
  }

  PairLosses run() {
    for (Element g : elements(table_)) one_product(g);
    const auto n_train = static_cast<double>(count_[1]), n_test = static_cast<double>(count_[0]);
    PairLosses result{loss_[1] / n_train,
                      loss_[0] / n_test,
                      (loss_[0] + loss_[1]) / (n_train + n_test),
                      static_cast<double>(correct_[1]) / n_train,
                      static_cast<double>(correct_[0]) / n_test,
                      logit_power_,
                      {}};
    for (std::size_t k = 0; k < sums_.size(); ++k) {
      result.corrected.push_back(sums_[k] / (corrections_[k].pairs == PairSet::train ? n_train : n_train + n_test));
    }
    return result;
  }

 private:
  static constexpr double safe_range = 300;  // exp of twice this, times a group order, is finite in double

  struct Operand {
    std::size_t correction;
    Vector<double> middle;        // by row of the table
    Matrix<double> exponentials;  // exp(middle - table)
    bool safe;
  };

  /// All pairs (a, b) with ab = g, training pairs first.
  void one_product(Element g) {
    pairs_.clear();
    Index train_rows = 0;
    for (const bool wanted : {true, false}) {
      for (Element a : elements(table_)) {
        const Pair pair{a, table_.compose(table_.inverse(a), g)};
        if ((train_[a * static_cast<std::size_t>(n_) + pair.b] != 0) == wanted) pairs_.push_back(pair);
      }
      if (wanted) train_rows = static_cast<Index>(pairs_.size());
    }
    hidden_.resize(n_, network_.hidden_size());
    network_.hidden(pairs_, hidden_);
    multiply(hidden_, network_.unembedding, logits_);  // (pairs, classes)
    if (with_direct_) {
      direct_.resize(n_, n_);
      network_.direct(pairs_, direct_);
      logits_ += direct_;
    }

    gaps_.resize(n_, n_);
    row_loss_.resize(n_);
    wide_.assign(static_cast<std::size_t>(n_), false);
    for (Index r = 0; r < n_; ++r) {
      logit_power_ += (logits_.row(r).array() - logits_.row(r).mean()).square().sum();
      gaps_.row(r) = logits_.row(r).array() - logits_(r, g);
      const double before = g > 0 ? gaps_.row(r).head(g).maxCoeff() : -1;
      const double after = g + 1 < n_ ? gaps_.row(r).tail(n_ - g - 1).maxCoeff() : -1;
      const int set = r < train_rows ? 1 : 0;
      ++count_[set];
      if (before < 0 && after <= 0) ++correct_[set];
      wide_[static_cast<std::size_t>(r)] = !(std::max(before, after) <= safe_range);
      gaps_.row(r) = gaps_.row(r).array().min(safe_range).exp();
      gaps_(r, g) = 0;
      row_loss_[r] =
          wide_[static_cast<std::size_t>(r)] ? cross_entropy(logits_.row(r), g) : std::log1p(gaps_.row(r).sum());
      loss_[set] += row_loss_[r];
    }
    corrections_by_product(g, by_product_train_, train_rows);
    corrections_by_product(g, by_product_all_, n_);
    for (Operand const& operand : operands_) corrections_by_operand(g, operand, train_rows);
  }

  void corrections_by_product(Element g, std::vector<std::size_t> const& which, Index rows) {
    if (which.empty() || rows == 0) return;
    const auto count = static_cast<Index>(which.size());
    taken_.resize(count, n_);
    for (Index k = 0; k < count; ++k) {
      LogitCorrection const& correction = corrections_[which[static_cast<std::size_t>(k)]];
      if (correction.rows) {
        correction.rows(std::span(&g, 1), taken_.middleRows(k, 1));
      } else {
        taken_.row(k) = correction.table.row(g);
      }
    }
    factors_ = (-taken_).colwise() + taken_.col(g);
    const Vector<double> range = factors_.rowwise().maxCoeff();
    factors_ = factors_.array().min(safe_range).exp();
    multiply_transposed(factors_, gaps_.topRows(rows), others_);  // (corrections, rows)
    const bool any_wide = std::find(wide_.begin(), wide_.begin() + rows, true) != wide_.begin() + rows;
    for (Index k = 0; k < count; ++k) {
      const std::size_t correction = which[static_cast<std::size_t>(k)];
      double sum = 0;
      if (!any_wide && range[k] <= safe_range) {
        sum = others_.row(k).array().log1p().sum();
      } else {
        for (Index r = 0; r < rows; ++r) {
          const bool direct = wide_[static_cast<std::size_t>(r)] || !(range[k] <= safe_range);
          sum += direct ? corrected_loss(r, g, taken_.row(k)) : std::log1p(others_(k, r));
        }
      }
      sums_[correction] += sum;
    }
  }

  void corrections_by_operand(Element g, Operand const& operand, Index train_rows) {
    LogitCorrection const& correction = corrections_[operand.correction];
    const Index rows = correction.pairs == PairSet::train ? train_rows : n_;
    double sum = 0;
    for (Index r = 0; r < rows; ++r) {
      const Pair pair = pairs_[static_cast<std::size_t>(r)];
      const Index row = correction.by == LogitCorrection::By::left ? pair.a : pair.b;
      if (wide_[static_cast<std::size_t>(r)] || !operand.safe) {
        sum += corrected_loss(r, g, correction.table.row(row));
      } else {
        const double others = gaps_.row(r).dot(operand.exponentials.row(row));
        sum += std::log1p(others * std::exp(correction.table(row, g) - operand.middle[row]));
      }
    }
    sums_[operand.correction] += sum;
  }

  double corrected_loss(Index r, Element g, Eigen::Ref<RowVector<double> const> const& taken) const {
    return cross_entropy(logits_.row(r) - taken, g);
  }

  PairNetwork const& network_;
  CayleyTable const& table_;
  TrainingSet const& train_;
  std::span<const LogitCorrection> corrections_;
  bool with_direct_;
  Index n_;
  std::vector<std::size_t> by_product_train_, by_product_all_;
  std::vector<Operand> operands_;

  std::vector<Pair> pairs_;
  Matrix<double> hidden_, direct_, logits_, gaps_, taken_, factors_, others_;
  Vector<double> row_loss_;
  std::vector<bool> wide_;

  double loss_[2] = {0, 0};  // test, train
  Index count_[2] = {0, 0};
  Index correct_[2] = {0, 0};
  double logit_power_ = 0;
  std::vector<double> sums_;
};

}  // namespace detail

/// Losses and accuracies of the network, and its loss after each correction of the logits.
/// Cost: order^2 * hidden size * order multiplications for the logits and one exponential each; for a correction two
///       operations a logit. Memory: a few (order, order) matrices, and the tables of the corrections.
/// Errors: `Error` when the sizes of network, group, training set and corrections differ.
inline PairLosses pair_losses(PairNetwork const& network, CayleyTable const& table, TrainingSet const& train,
                              std::span<const LogitCorrection> corrections = {},
                              LogitSource source = LogitSource::all) {
  return detail::LossPass(network, table, train, corrections, source).run();
}

}  // namespace cayley
