#include <boost/test/unit_test.hpp>
#include <cayley/backend/cross_entropy.hpp>

#ifdef EIGEN_WORLD_VERSION
#error "backend/cross_entropy.hpp must not include Eigen"
#endif

#include <algorithm>
#include <cayley/backend/cpu.hpp>
#include <cmath>
#include <conformance/archetype_backend.hpp>
#include <conformance/backend_conformance.hpp>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>
#include <vector>

BOOST_AUTO_TEST_SUITE(cross_entropy_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

static_assert(std::is_trivially_copyable_v<SoftmaxCrossEntropy<float>>);

// Runs the functor itself where `Cpu` has an implementation of its own.
struct OneLaneCpu : Cpu {
  template <class Functor>
  void for_each_row(Index rows, Functor const& functor) const {
    for (Index row = 0; row < rows; ++row) functor(row, OneLane{});
  }
};
using Backends = std::tuple<Cpu, OneLaneCpu, ArchetypeBackend>;

// Logits and labels of a batch, and what becomes of them.
template <class Scalar>
struct Rows {
  Index cols = 0;
  std::vector<Scalar> logits;  // (rows, cols)
  std::vector<std::uint32_t> labels;
};
template <class Scalar>
struct Result {
  std::vector<Scalar> loss;
  std::vector<std::uint32_t> is_correct;
  std::vector<Scalar> gradient;  // (rows, cols), or the logits where none was asked for
};

template <class B, class Scalar>
Result<Scalar> cross_entropy(Rows<Scalar> const& batch, double scale) {
  const B backend{};
  const auto rows = static_cast<Index>(batch.labels.size());
  auto logits = to_device(backend, batch.logits);
  const auto labels = to_device(backend, batch.labels);
  BufferOf<B, Scalar> loss(rows);
  BufferOf<B, std::uint32_t> is_correct(rows);
  backend.for_each_row(rows, SoftmaxCrossEntropy<Scalar>{logits.data(), batch.cols, labels.data(), loss.data(),
                                                         is_correct.data(), batch.cols, static_cast<Scalar>(scale)});
  return {to_host(backend, loss), to_host(backend, is_correct), to_host(backend, logits)};
}

// In double, with S = sum over c other than y of exp(z_c - z_y): loss log1p(S), gradients exp(z_c - z_y) / (1 + S) and
// -S / (1 + S). Nothing cancels and, for the margins below, nothing overflows.
template <class Scalar>
Result<double> exact(Rows<Scalar> const& batch) {
  Result<double> result;
  for (std::size_t row = 0; row < batch.labels.size(); ++row) {
    const auto cols = static_cast<std::size_t>(batch.cols), label = static_cast<std::size_t>(batch.labels[row]);
    const Scalar* z = batch.logits.data() + row * cols;
    const auto odds = [&](std::size_t c) {
      return std::exp(static_cast<double>(z[c]) - static_cast<double>(z[label]));
    };
    double sum = 0;
    for (std::size_t c = 0; c < cols; ++c) sum += c == label ? 0 : odds(c);
    result.loss.push_back(std::log1p(sum));
    for (std::size_t c = 0; c < cols; ++c) result.gradient.push_back((c == label ? -sum : odds(c)) / (1 + sum));
    result.is_correct.push_back(std::max_element(z, z + cols) == z + label ? 1u : 0u);
  }
  return result;
}

// What one would write down first.
Result<float> naive(Rows<float> const& batch) {
  Result<float> result;
  for (std::size_t row = 0; row < batch.labels.size(); ++row) {
    const auto cols = static_cast<std::size_t>(batch.cols);
    const float* z = batch.logits.data() + row * cols;
    const float largest = *std::max_element(z, z + cols);
    float sum = 0;
    for (std::size_t c = 0; c < cols; ++c) sum += std::exp(z[c] - largest);
    for (std::size_t c = 0; c < cols; ++c) {
      const float p = std::exp(z[c] - largest) / sum;
      result.gradient.push_back(c == batch.labels[row] ? p - 1 : p);
      if (c == batch.labels[row]) result.loss.push_back(-std::log(p));
    }
  }
  return result;
}

// Numbers that are smaller may be taken for 0.
template <class Scalar>
constexpr double least = std::is_same_v<Scalar, float> ? exp_nonpositive_least : std::numeric_limits<Scalar>::min();

// Largest relative error where the expected value is not below the least; infinite where it is and the found one is not.
template <class Scalar>
double worst_error(std::vector<Scalar> const& found, std::vector<double> const& expected) {
  double worst = found.size() == expected.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
    const auto value = static_cast<double>(found[i]);
    if (std::abs(expected[i]) >= least<Scalar>) {
      const double error = std::abs(value - expected[i]) / std::abs(expected[i]);
      worst = std::isnan(error) ? 1 : std::max(worst, error);
    } else if (!(std::abs(value) < least<Scalar>)) {
      return std::numeric_limits<double>::infinity();
    }
  }
  return worst;
}

// Twelve logits in -2 .. 2 but for one that is `margin` above the second largest; a row for each place of that one.
template <class Scalar>
Rows<Scalar> rows_with_margin(double margin, bool label_is_largest) {
  constexpr Index cols = 12;
  Rows<Scalar> batch{cols, {}, {}};
  for (Index row = 0; row < cols; ++row) {
    // The same floats, whatever the scalar.
    const auto values = random_values<float>(cols, static_cast<unsigned>(row) + 1);
    const auto largest = 2 * *std::max_element(values.begin(), values.end());
    for (Index c = 0; c < cols; ++c) {
      const float other = 2 * values[static_cast<std::size_t>(c)];
      batch.logits.push_back(static_cast<Scalar>(c == row ? largest + static_cast<float>(margin) : other));
    }
    batch.labels.push_back(static_cast<std::uint32_t>(label_is_largest ? row : (row + 5) % cols));
  }
  return batch;
}

// A rounding of z_c - m is a relative error of its exponential, so the bound grows with the margin.
template <class Scalar>
double bound(double margin) {
  return static_cast<double>(std::numeric_limits<Scalar>::epsilon()) * (12 + std::min(margin + 4, 88.0));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(losses_and_gradients_are_accurate_however_small, B, Backends) {
  for (const double margin : {0.5, 5.0, 20.0, 60.0, 200.0}) {
    for (const bool label_is_largest : {true, false}) {
      BOOST_TEST_CONTEXT("margin " << margin << ", label is largest: " << label_is_largest) {
        const auto in_float = rows_with_margin<float>(margin, label_is_largest);
        const auto in_double = rows_with_margin<double>(margin, label_is_largest);
        const auto expected = exact(in_double);
        const auto of_float = cross_entropy<B>(in_float, 1);
        BOOST_TEST(worst_error(of_float.loss, expected.loss) < bound<float>(margin));
        BOOST_TEST(worst_error(of_float.gradient, expected.gradient) < bound<float>(margin));
        BOOST_TEST(of_float.is_correct == expected.is_correct, boost::test_tools::per_element());
        const auto of_double = cross_entropy<B>(in_double, 1);
        BOOST_TEST(worst_error(of_double.loss, expected.loss) < 1e-12);
        BOOST_TEST(worst_error(of_double.gradient, expected.gradient) < 1e-12);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_naive_form_fails_the_same_check) {
  for (const double margin : {20.0, 60.0}) {
    const auto batch = rows_with_margin<float>(margin, true);
    BOOST_TEST(worst_error(naive(batch).loss, exact(batch).loss) > 0.9);
    BOOST_TEST(worst_error(naive(batch).gradient, exact(batch).gradient) > 0.9);
  }
  const auto moderate = rows_with_margin<float>(5, true);
  BOOST_TEST(worst_error(naive(moderate).gradient, exact(moderate).gradient) > bound<float>(5));
  const auto wrong = rows_with_margin<float>(200, false);
  BOOST_TEST(!(worst_error(naive(wrong).loss, exact(wrong).loss) < 1));  // the logarithm of 0
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_are_scaled_and_sum_to_zero, B, Backends) {
  for (const double margin : {0.0, 5.0, 60.0}) {
    const auto batch = rows_with_margin<double>(margin, margin > 1);
    const auto whole = cross_entropy<B>(batch, 1), half = cross_entropy<B>(batch, 0.5);
    for (std::size_t row = 0; row < 12; ++row) {
      double sum = 0, largest = 0;
      for (std::size_t i = 12 * row; i < 12 * (row + 1); ++i) {
        BOOST_TEST(half.gradient[i] == whole.gradient[i] / 2);
        sum += whole.gradient[i];
        largest = std::max(largest, std::abs(whole.gradient[i]));
      }
      BOOST_TEST(std::abs(sum) <= 1e-14 * largest);
    }
    BOOST_TEST(half.loss == whole.loss, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(without_a_scale_logits_stay_and_losses_are_the_same, B, Backends) {
  const auto batch = rows_with_margin<float>(3, false);
  const auto plain = cross_entropy<B>(batch, 0), with_gradient = cross_entropy<B>(batch, 1);
  BOOST_TEST(plain.gradient == batch.logits, boost::test_tools::per_element());
  for (std::size_t i = 0; i < plain.loss.size(); ++i) {
    BOOST_TEST(std::abs(plain.loss[i] - with_gradient.loss[i]) <= 1e-6f * with_gradient.loss[i]);
  }
  BOOST_TEST(plain.is_correct == with_gradient.is_correct, boost::test_tools::per_element());
}

// Of equal logits the first one is the answer.
BOOST_AUTO_TEST_CASE_TEMPLATE(ties_go_to_the_first_class, B, Backends) {
  const Rows<float> batch{
      5, {1, 7, 7, 0, 7, 1, 7, 7, 0, 7, 1, 7, 7, 0, 7, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}, {1, 2, 4, 0, 4}};
  const auto result = cross_entropy<B>(batch, 1);
  BOOST_TEST(result.is_correct == (std::vector<std::uint32_t>{1, 0, 0, 1, 0}), boost::test_tools::per_element());
  BOOST_TEST(worst_error(result.loss, exact(batch).loss) < bound<float>(0));
  BOOST_TEST(worst_error(result.gradient, exact(batch).gradient) < bound<float>(0));
  BOOST_TEST(std::abs(result.loss[3] - std::log(5.0f)) < 1e-6f);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(one_class_costs_nothing, B, Backends) {
  const auto result = cross_entropy<B>(Rows<float>{1, {-3, 1e30f}, {0, 0}}, 1);
  BOOST_TEST(result.loss == (std::vector<float>{0, 0}), boost::test_tools::per_element());
  BOOST_TEST(result.gradient == (std::vector<float>{0, 0}), boost::test_tools::per_element());
  BOOST_TEST(result.is_correct == (std::vector<std::uint32_t>{1, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nan_spoils_its_row_alone, B, Backends) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto result = cross_entropy<B>(Rows<float>{4, {1, 2, nan, 0, nan, 2, 3, 1, 0, 1, 2, 3}, {1, 0, 3}}, 1);
  BOOST_TEST(std::isnan(result.loss[0]));
  BOOST_TEST(std::isnan(result.loss[1]));
  BOOST_TEST(std::abs(result.loss[2] - 0.44018969f) < 1e-6f);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(entries_between_rows_stay_as_they_are, B, Backends) {
  constexpr std::size_t stride = 40, cols = 3;
  std::vector<float> logits(2 * stride, 99);
  for (std::size_t c = 0; c < cols; ++c) {
    logits[c] = static_cast<float>(c) + 1;
    logits[stride + c] = 3 - static_cast<float>(c);
  }
  const B backend{};
  auto values = to_device(backend, logits);
  const auto labels = to_device(backend, std::vector<std::uint32_t>{2, 2});
  BufferOf<B, float> loss(2);
  BufferOf<B, std::uint32_t> is_correct(2);
  backend.for_each_row(
      2, SoftmaxCrossEntropy<float>{values.data(), stride, labels.data(), loss.data(), is_correct.data(), cols, 1.0f});
  const auto after = to_host(backend, values), losses = to_host(backend, loss);
  for (std::size_t i = 0; i < after.size(); ++i) BOOST_TEST((after[i] == logits[i]) == (i % stride >= cols));
  BOOST_TEST(std::abs(losses[0] - 0.40760596f) < 1e-6f);
  BOOST_TEST(std::abs(losses[1] - 2.40760596f) < 1e-6f);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
