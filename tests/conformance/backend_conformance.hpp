/// The ladder that brings up a backend: numbered checks, each relying only on those before it.
///
/// Call `check_backend<B, Scalar>(backend)` from a test of the backend, for each scalar that it supports.
#pragma once

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/primitives.hpp>
#include <cayley/backend/reductions.hpp>
#include <cayley/core/error.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cayley::testing {

template <class B, class T>
using BufferOf = typename B::template Buffer<T>;

template <class B, class T>
BufferOf<B, T> to_device(B const& backend, std::vector<T> const& host) {
  BufferOf<B, T> buffer(static_cast<Index>(host.size()));
  backend.upload(std::span<T const>(host), buffer);
  return buffer;
}

template <class B, class Buffer>
auto to_host(B const& backend, Buffer const& buffer) {
  std::vector<std::remove_const_t<std::remove_pointer_t<decltype(buffer.data())>>> host(
      static_cast<std::size_t>(buffer.size()));
  backend.download(buffer, std::span(host));
  return host;
}

template <class T>
std::vector<T> random_values(Index count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& value : values) value = static_cast<T>(uniform(random));
  return values;
}

/// 01: a buffer owns `size` zeros; it may be empty, copied and moved.
template <class B, class T>
void check_01_buffer(B const& backend) {
  const BufferOf<B, T> none;
  BOOST_TEST(none.size() == 0);
  BOOST_TEST((BufferOf<B, T>(0).size() == 0));

  BufferOf<B, T> buffer(37);
  BOOST_TEST(buffer.size() == 37);
  BOOST_TEST(to_host(backend, buffer) == std::vector<T>(37, T{}), boost::test_tools::per_element());

  BufferOf<B, T> copy = buffer;
  BOOST_TEST(copy.data() != buffer.data());
  BOOST_TEST(copy.size() == 37);
  copy = BufferOf<B, T>(5);
  BOOST_TEST(copy.size() == 5);
  BOOST_TEST(buffer.size() == 37);
  const BufferOf<B, T> moved = std::move(buffer);
  BOOST_TEST(moved.size() == 37);
}

/// 02: what goes up comes down; copies are deep; sizes must agree.
template <class B, class T>
void check_02_copy(B const& backend) {
  const std::vector<T> host{T(3), T(1), T(4), T(1), T(5)};
  BufferOf<B, T> buffer = to_device(backend, host);
  BOOST_TEST(to_host(backend, buffer) == host, boost::test_tools::per_element());

  const BufferOf<B, T> copy = buffer;
  const std::vector<T> other(5, T(9));
  backend.upload(std::span<T const>(other), buffer);
  BOOST_TEST(to_host(backend, copy) == host, boost::test_tools::per_element());
  BOOST_TEST(to_host(backend, buffer) == other, boost::test_tools::per_element());

  std::vector<T> four(4);
  BOOST_CHECK_THROW(backend.upload(std::span<T const>(four), buffer), Error);
  BOOST_CHECK_THROW(backend.download(buffer, std::span<T>(four)), Error);
}

/// One matrix product to try, with its operands as a backend sees them.
struct ProductCase {
  Index rows, depth, cols;
  bool a_transposed, b_transposed;
  Index gap;      ///< unused entries at the end of every row
  Index batches;  ///< of c
  bool a_shared;  ///< a has a single matrix for all batches
  double alpha, beta;
  bool is_beside = false;  ///< the matrices of c lie side by side

  std::string name() const {
    return std::to_string(rows) + "x" + std::to_string(depth) + "x" + std::to_string(cols) +
           (a_transposed ? " a^T" : "") + (b_transposed ? " b^T" : "") + " gap " + std::to_string(gap) + " batches " +
           std::to_string(batches) + (a_shared ? " a shared" : "") + " alpha " + std::to_string(alpha) + " beta " +
           std::to_string(beta) + (is_beside ? " side by side" : "");
  }
};

/// c = alpha a b + beta c by a triple loop, and no other entry of c's memory changed.
template <class B, class T>
void check_product_case(B const& backend, ProductCase const& p) {
  const auto view = [&](Index rows, Index cols, bool is_transposed, bool shared) {
    MatrixView<T> v;
    v.rows = is_transposed ? cols : rows;
    v.cols = is_transposed ? rows : cols;
    v.row_stride = v.cols + p.gap;
    v.is_transposed = is_transposed;
    v.batches = shared ? 1 : p.batches;
    v.batch_stride = v.rows * v.row_stride + p.gap;
    return v;
  };
  MatrixView<T> a = view(p.rows, p.depth, p.a_transposed, p.a_shared);
  MatrixView<T> b = view(p.depth, p.cols, p.b_transposed, false);
  MatrixView<T> c = view(p.rows, p.cols, false, false);
  Index c_size = c.batches * c.batch_stride + 1;
  if (p.is_beside) {
    c.batch_stride = p.cols + p.gap;
    c.row_stride = p.batches * c.batch_stride;
    c_size = c.rows * c.row_stride + 1;
  }
  const auto a_host = random_values<T>(a.batches * a.batch_stride + 1, 1);
  const auto b_host = random_values<T>(b.batches * b.batch_stride + 1, 2);
  auto c_host = random_values<T>(c_size, 3);
  if (p.beta == 0) std::fill(c_host.begin(), c_host.end(), std::numeric_limits<T>::quiet_NaN());

  const auto a_device = to_device(backend, a_host);
  const auto b_device = to_device(backend, b_host);
  auto c_device = to_device(backend, c_host);
  MatrixView<T const> a_view = a, b_view = b;
  a_view.data = a_device.data();
  b_view.data = b_device.data();
  c.data = c_device.data();
  backend.matrix_product(a_view, b_view, c, static_cast<T>(p.alpha), static_cast<T>(p.beta));
  const auto result = to_host(backend, c_device);

  const auto entry = [](MatrixView<T> const& v, Index k, Index i, Index j) {
    if (v.is_transposed) std::swap(i, j);
    return static_cast<std::size_t>((v.batches == 1 ? 0 : k * v.batch_stride) + i * v.row_stride + j);
  };
  std::vector<double> expected(c_host.begin(), c_host.end());
  double worst = 0;
  for (Index k = 0; k < p.batches; ++k) {
    for (Index i = 0; i < p.rows; ++i) {
      for (Index j = 0; j < p.cols; ++j) {
        double sum = 0;
        for (Index l = 0; l < p.depth; ++l) {
          sum += static_cast<double>(a_host[entry(a, k, i, l)]) * static_cast<double>(b_host[entry(b, k, l, j)]);
        }
        const std::size_t at = entry(c, k, i, j);
        expected[at] = p.alpha * sum + (p.beta == 0 ? 0 : p.beta * static_cast<double>(c_host[at]));
      }
    }
  }
  bool rest_unchanged = true;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto found = static_cast<double>(result[i]);
    if (std::isnan(expected[i])) {
      rest_unchanged = rest_unchanged && std::isnan(found);
    } else {
      worst = std::max(worst, std::isnan(found) ? 1 : std::abs(found - expected[i]));
    }
  }
  const double bound =
      static_cast<double>(std::numeric_limits<T>::epsilon()) * 4.0 * (static_cast<double>(p.depth) + 2.0);
  BOOST_TEST(worst <= bound, p.name() << ": worst error " << worst);
  BOOST_TEST(rest_unchanged, p.name() << ": entries outside c were written");
}

/// 03: the matrix product, with transposes, gaps between rows, batches, shared operands, alpha and beta.
template <class B, class T>
void check_03_matrix_product(B const& backend) {
  for (const bool a_transposed : {false, true}) {
    for (const bool b_transposed : {false, true}) {
      for (auto const& [rows, depth, cols] :
           {std::array<Index, 3>{1, 1, 1}, {3, 5, 2}, {1, 7, 4}, {4, 7, 1}, {33, 17, 65}}) {
        for (const Index gap : {0, 3}) {
          check_product_case<B, T>(backend, {rows, depth, cols, a_transposed, b_transposed, gap, 1, false, 1, 0});
          check_product_case<B, T>(backend, {rows, depth, cols, a_transposed, b_transposed, gap, 3, true, -0.5, 2});
          check_product_case<B, T>(backend, {rows, depth, cols, a_transposed, b_transposed, gap, 3, false, 2, 1});
          check_product_case<B, T>(backend, {rows, depth, cols, a_transposed, b_transposed, gap, 3, true, 2, 1, true});
        }
      }
    }
  }
  check_product_case<B, T>(backend, {3, 0, 2, false, false, 0, 1, false, 1, 0});
  check_product_case<B, T>(backend, {3, 0, 2, false, false, 0, 1, false, 1, 0.5});
  check_product_case<B, T>(backend, {0, 3, 2, false, false, 0, 1, false, 1, 0});
  check_product_case<B, T>(backend, {3, 2, 2, false, false, 0, 0, false, 1, 0});

  BufferOf<B, T> x(6), y(6), z(6);
  const auto product = [&](MatrixView<T const> a, MatrixView<T const> b, MatrixView<T> c) {
    backend.matrix_product(a, b, c, T(1), T(0));
  };
  BOOST_CHECK_THROW(product(matrix_view(x.data(), 2, 3), matrix_view(y.data(), 2, 3), matrix_view(z.data(), 2, 3)),
                    Error);
  BOOST_CHECK_THROW(
      product(matrix_view(x.data(), 2, 3), matrix_view(y.data(), 3, 2), transposed(matrix_view(z.data(), 2, 2))),
      Error);
}

template <class T>
struct AddIndex {
  T* values;
  CAYLEY_HOST_DEVICE void operator()(Index i) const { values[i] += static_cast<T>(i); }
};

/// 04: for_each meets every index once.
template <class B, class T>
void check_04_for_each(B const& backend) {
  for (const Index count : {0, 1, 1000}) {
    std::vector<T> expected(static_cast<std::size_t>(count) + 1, T(7));
    BufferOf<B, T> values = to_device(backend, expected);
    backend.for_each(count, AddIndex<T>{values.data()});
    for (Index i = 0; i < count; ++i) expected[static_cast<std::size_t>(i)] += static_cast<T>(i);
    BOOST_TEST(to_host(backend, values) == expected, boost::test_tools::per_element());
  }
}

/// Scales a row by its sum and takes off its maximum, with every collective of a lane group in use.
template <class T>
struct ScaleAndShift {
  T* values;
  T* sums;
  T* maxima;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    T* to = values + row * cols;
    T sum = 0, max = to[0];
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) {
      sum += to[c];
      max = max < to[c] ? to[c] : max;
    }
    sum = lanes.sum(sum);
    max = lanes.max(max);
    if (lanes.rank() == 0) {
      sums[row] = sum;
      maxima[row] = max;
    }
    lanes.sync();
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) to[c] = to[c] * sums[row] - maxima[row];
  }
};

/// 05: for_each_row meets every row with all lanes of a group; sum, max and sync work across them.
template <class B, class T>
void check_05_for_each_row(B const& backend) {
  for (const Index cols : {1, 2, 31, 32, 97}) {
    for (const Index rows : {0, 1, 20}) {
      std::vector<T> expected(static_cast<std::size_t>(rows * cols));
      for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = static_cast<T>((i * 7) % 13) - T(6);
      auto values = to_device(backend, expected);
      BufferOf<B, T> sums(rows), maxima(rows);
      backend.for_each_row(rows, ScaleAndShift<T>{values.data(), sums.data(), maxima.data(), cols});
      // Small integers: sums are exact in any order.
      for (Index row = 0; row < rows; ++row) {
        const auto begin = expected.begin() + row * cols, end = begin + cols;
        T sum = 0, max = *begin;
        for (auto value = begin; value != end; ++value) {
          sum += *value;
          max = std::max(max, *value);
        }
        for (auto value = begin; value != end; ++value) *value = *value * sum - max;
      }
      BOOST_TEST(to_host(backend, values) == expected, boost::test_tools::per_element());
    }
  }
}

/// 06: the primitives of the models, against loops on the host; entries between rows stay as they were.
template <class B, class T>
void check_06_primitives(B const& backend) {
  constexpr Index rows = 9, cols = 35, stride = 40, order = 6;
  const auto at = [](Index row, Index col, Index row_stride) {
    return static_cast<std::size_t>(row * row_stride + col);
  };
  std::vector<std::uint32_t> pairs;
  for (Index row = 0; row < rows; ++row) {
    pairs.push_back(static_cast<std::uint32_t>((row * 5 + 1) % order));
    pairs.push_back(static_cast<std::uint32_t>((row * row) % order));
  }
  const auto x = random_values<T>(rows * stride, 4), y = random_values<T>(rows * stride, 5);
  const auto out = random_values<T>(rows * stride, 6);
  const auto x_device = to_device(backend, x), y_device = to_device(backend, y);
  const auto pairs_device = to_device(backend, pairs);
  const auto expect = [&](auto const& entry_of) {
    std::vector<T> expected = out;
    for (Index row = 0; row < rows; ++row) {
      for (Index col = 0; col < cols; ++col) expected[at(row, col, stride)] = entry_of(row, col);
    }
    return expected;
  };
  const auto relu = [](T value) { return std::max(value, T(0)); };
  const auto left = [&](Index row) { return static_cast<Index>(pairs[static_cast<std::size_t>(2 * row)]); };
  const auto right = [&](Index row) { return static_cast<Index>(pairs[static_cast<std::size_t>(2 * row + 1)]); };

  auto target = to_device(backend, out);
  const auto check = [&](auto const& functor, std::vector<T> const& expected) {
    backend.upload(std::span<T const>(out), target);
    backend.for_each_row(rows, functor);
    BOOST_TEST(to_host(backend, target) == expected, boost::test_tools::per_element());
  };
  check(GatherRows<T>{x_device.data(), stride, pairs_device.data() + 1, 2, target.data(), stride, cols},
        expect([&](Index row, Index col) { return x[at(right(row), col, stride)]; }));
  check(CopyRows<T>{x_device.data(), stride, target.data(), stride, cols},
        expect([&](Index row, Index col) { return x[at(row, col, stride)]; }));
  check(AddBias<T>{target.data(), stride, x_device.data(), cols},
        expect([&](Index row, Index col) { return out[at(row, col, stride)] + x[at(0, col, stride)]; }));
  check(Relu<T>{target.data(), stride, cols},
        expect([&](Index row, Index col) { return relu(out[at(row, col, stride)]); }));
  check(MultiplyRows<T>{x_device.data(), stride, y_device.data(), stride, target.data(), stride, cols},
        expect([&](Index row, Index col) { return x[at(row, col, stride)] * y[at(row, col, stride)]; }));
  check(GatherAddRelu<T>{x_device.data(), stride, y_device.data(), stride, pairs_device.data(), target.data(), stride,
                         cols},
        expect([&](Index row, Index col) {
          return relu(x[at(left(row), col, stride)] + y[at(right(row), col, stride)]);
        }));
  check(GatherMultiply<T>{x_device.data(), stride, y_device.data(), stride, pairs_device.data(), target.data(), stride,
                          cols},
        expect([&](Index row, Index col) { return x[at(left(row), col, stride)] * y[at(right(row), col, stride)]; }));
  check(ReluBackward<T>{target.data(), stride, x_device.data(), stride, cols}, expect([&](Index row, Index col) {
          return x[at(row, col, stride)] > T(0) ? out[at(row, col, stride)] : T(0);
        }));
  check(AddRows<T>{target.data(), stride, x_device.data(), stride, cols},
        expect([&](Index row, Index col) { return out[at(row, col, stride)] + x[at(row, col, stride)]; }));
  check(TransposeRows<T>{x_device.data(), rows, target.data(), stride, cols},
        expect([&](Index row, Index col) { return x[at(col, row, rows)]; }));

  constexpr Index height = 3;  // of a block: three of them
  check(CopyBlocks<T>{x_device.data(), stride, cols, target.data(), stride, height * stride, height, cols - 5}, [&] {
    std::vector<T> expected = out;
    for (Index row = 0; row < rows; ++row) {
      for (Index col = 0; col < cols - 5; ++col) {
        const Index from = row / height * cols + row % height * stride + col;
        expected[at(row, col, stride)] = x[static_cast<std::size_t>(from)];
      }
    }
    return expected;
  }());
  check(TransposeBlocks<T>{x_device.data(), height, cols, target.data(), stride, height, cols - 5}, [&] {
    std::vector<T> expected = out;
    for (Index row = 0; row < rows; ++row) {
      for (Index col = 0; col < cols - 5; ++col) {
        const Index from = row / height * cols + col * height + row % height;
        expected[at(row, col, stride)] = x[static_cast<std::size_t>(from)];
      }
    }
    return expected;
  }());
  check(OuterProducts<T>{x_device.data(), 2, stride, y_device.data(), target.data(), height, cols}, [&] {
    std::vector<T> expected = out;
    for (Index row = 0; row < rows; ++row) {
      for (Index col = 0; col < cols; ++col) {
        expected[at(row, col, cols)] = x[at(row / height, 2 * (row % height), stride)] * y[at(row / height, col, cols)];
      }
    }
    return expected;
  }());

  constexpr Index period = 4;
  std::vector<T> repeated = out;
  for (std::size_t i = 0; i < repeated.size(); ++i) repeated[i] += x[i % static_cast<std::size_t>(period * stride)];
  check(AddRepeatedRows<T>{x_device.data(), period, target.data(), stride}, repeated);

  std::vector<std::uint32_t> places;  // a permutation of the rows
  for (Index row = 0; row < rows; ++row) places.push_back(static_cast<std::uint32_t>((row * 5 + 2) % rows));
  const auto places_device = to_device(backend, places);
  std::vector<T> scattered = out;
  for (Index row = 0; row < rows; ++row) {
    const auto place = static_cast<Index>(places[static_cast<std::size_t>(row)]);
    for (Index col = 0; col < cols; ++col) scattered[at(place, col, stride)] += x[at(row, col, stride)];
  }
  check(ScatterAddRows<T>{x_device.data(), stride, places_device.data(), target.data(), stride, cols}, scattered);

  std::vector<T> filled = out;
  std::fill_n(filled.begin(), cols, T(3));
  backend.upload(std::span<T const>(out), target);
  backend.for_each(cols, Fill<T>{target.data(), T(3)});
  BOOST_TEST(to_host(backend, target) == filled, boost::test_tools::per_element());

  std::vector<T> scaled = out;
  for (Index i = 0; i < cols; ++i) scaled[static_cast<std::size_t>(i)] *= T(-3);
  backend.upload(std::span<T const>(out), target);
  backend.for_each(cols, Scale<T>{target.data(), T(-3)});
  BOOST_TEST(to_host(backend, target) == scaled, boost::test_tools::per_element());
}

/// 07: tasks, at once or one after the other: each runs once, on a worker of its own, and all are waited for.
template <class B>
void check_07_tasks(B const& backend) {
  const int workers = task_workers(backend);
  BOOST_TEST(workers >= 1);
  for (const Index count : {0, 1, 2, 100}) {
    std::vector<int> calls(static_cast<std::size_t>(count));
    std::vector<Index> of_worker(static_cast<std::size_t>(workers));  // not atomic: no two calls at once share one
    run_tasks(backend, count, [&](Index i, int worker) {
      ++calls.at(static_cast<std::size_t>(i));
      ++of_worker.at(static_cast<std::size_t>(worker));
    });
    BOOST_TEST(calls == std::vector<int>(calls.size(), 1), boost::test_tools::per_element());
    Index sum = 0;
    for (Index of_one : of_worker) sum += of_one;
    BOOST_TEST(sum == count);
  }
}

/// Adds a number to a row of 3.
template <class T>
struct AddToRow {
  T* values;
  T addend;
  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    for (Index c = lanes.rank(); c < 3; c += lanes.size()) values[row * 3 + c] += addend;
  }
};

/// out[row] = the sum of row `row` of 3 of `values`.
template <class T>
struct SumOfRow {
  T const* values;
  T* out;
  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    if (lanes.rank() == 0) out[row] = values[row * 3] + values[row * 3 + 1] + values[row * 3 + 2];
  }
};

/// 08: rows of several functors at once or in turn, and batches of products as tasks.
template <class B, class T>
void check_08_together(B const& backend) {
  BufferOf<B, T> x(6), y(9), z(3);
  for_each_row_of(backend, RowsOf{2, AddToRow<T>{x.data(), T(1)}}, RowsOf{0, AddToRow<T>{x.data(), T(10)}},
                  RowsOf{3, AddToRow<T>{y.data(), T(2)}}, RowsOf{1, AddToRow<T>{z.data(), T(3)}});
  for_each_row_of(backend, RowsOf{2, AddToRow<T>{x.data(), T(4)}});
  BOOST_TEST(to_host(backend, x) == std::vector<T>(6, T(5)), boost::test_tools::per_element());
  BOOST_TEST(to_host(backend, y) == std::vector<T>(9, T(2)), boost::test_tools::per_element());
  BOOST_TEST(to_host(backend, z) == std::vector<T>(3, T(3)), boost::test_tools::per_element());

  for_each_row_in_turn(backend, 2, AddToRow<T>{y.data(), T(5)}, SumOfRow<T>{y.data(), z.data()},
                       AddToRow<T>{y.data(), T(-1)});
  for_each_row_in_turn(backend, 1, AddToRow<T>{y.data() + 6, T(1)});
  BOOST_TEST(to_host(backend, y) == (std::vector<T>{T(6), T(6), T(6), T(6), T(6), T(6), T(3), T(3), T(3)}),
             boost::test_tools::per_element());
  BOOST_TEST(to_host(backend, z) == (std::vector<T>{T(21), T(21), T(3)}), boost::test_tools::per_element());

  const auto a = to_device(backend, std::vector<T>{T(1), T(2), T(3), T(4)});
  // Columns of a times its rows.
  auto c = to_device(backend, std::vector<T>(8, T(1)));
  const auto square = matrix_view(a.data(), 2, 2);
  batched_product<T>(backend, side_by_side(square, 0, 2, 1), stacked(square, 2),
                     stacked(matrix_view(c.data(), 4, 2), 2), T(2), T(1));
  BOOST_TEST(to_host(backend, c) == (std::vector<T>{T(3), T(5), T(7), T(13), T(13), T(17), T(25), T(33)}),
             boost::test_tools::per_element());
}

/// 09: means, sums of squares and largest entries, of small integers so that sums are exact.
template <class B, class T>
void check_09_reductions(B const& backend) {
  constexpr Index rows = 7, cols = 70, stride = 72;
  std::vector<T> values(static_cast<std::size_t>(rows * stride));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>((i * 31) % 17);
  const auto x = to_device(backend, values);
  BufferOf<B, T> means(cols), squares(rows);
  BufferOf<B, std::uint32_t> largest(rows);
  backend.for_each(cols, ColumnMeans<T>{x.data(), stride, rows, means.data()});
  backend.for_each_row(rows, RowSumsOfSquares<T>{x.data(), stride, cols, squares.data()});
  backend.for_each_row(rows, RowArgmax<T>{x.data(), stride, cols, largest.data()});
  std::vector<T> expected_means(cols), expected_squares;
  std::vector<std::uint32_t> expected_largest;
  for (Index row = 0; row < rows; ++row) {
    const auto begin = values.begin() + row * stride, end = begin + cols;
    T sum = 0;
    for (auto value = begin; value != end; ++value) {
      sum += *value * *value;
      expected_means[static_cast<std::size_t>(value - begin)] += *value;
    }
    expected_squares.push_back(sum);
    expected_largest.push_back(static_cast<std::uint32_t>(std::max_element(begin, end) - begin));
  }
  for (T& mean : expected_means) mean /= T(rows);
  BOOST_TEST(to_host(backend, means) == expected_means, boost::test_tools::per_element());
  BOOST_TEST(to_host(backend, squares) == expected_squares, boost::test_tools::per_element());
  BOOST_TEST(to_host(backend, largest) == expected_largest, boost::test_tools::per_element());
}

/// All checks, in order.
template <class B, class Scalar>
  requires Backend<B, Scalar>
void check_backend(B const& backend) {
  BOOST_TEST_CONTEXT("01 buffer") {
    check_01_buffer<B, Scalar>(backend);
  }
  BOOST_TEST_CONTEXT("01 buffer of indices") {
    check_01_buffer<B, std::uint32_t>(backend);
  }
  BOOST_TEST_CONTEXT("02 copy") {
    check_02_copy<B, Scalar>(backend);
  }
  BOOST_TEST_CONTEXT("02 copy of indices") {
    check_02_copy<B, std::uint32_t>(backend);
  }
  BOOST_TEST_CONTEXT("03 matrix product") {
    check_03_matrix_product<B, Scalar>(backend);
  }
  BOOST_TEST_CONTEXT("04 for_each") {
    check_04_for_each<B, Scalar>(backend);
  }
  BOOST_TEST_CONTEXT("05 for_each_row") {
    check_05_for_each_row<B, Scalar>(backend);
  }
  BOOST_TEST_CONTEXT("06 primitives") {
    check_06_primitives<B, Scalar>(backend);
  }
  BOOST_TEST_CONTEXT("07 tasks") {
    check_07_tasks(backend);
  }
  BOOST_TEST_CONTEXT("08 together") {
    check_08_together<B, Scalar>(backend);
  }
  BOOST_TEST_CONTEXT("09 reductions") {
    check_09_reductions<B, Scalar>(backend);
  }
}

}  // namespace cayley::testing
