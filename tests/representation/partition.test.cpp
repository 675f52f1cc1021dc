#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/representation/partition.hpp>
#include <cayley/representation/young_orthogonal.hpp>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(partition_test)

using namespace cayley;

namespace {

int sum(Partition const& partition) {
  return std::accumulate(partition.begin(), partition.end(), 0);
}

std::int64_t value(Partition const& partition, Partition const& cycles) {
  return character(partition, std::span<const int>(cycles));
}

/// Order of the centralizer: the product of k^m m! over lengths k that occur m times.
Index centralizer_order(Partition const& cycles) {
  Index order = 1;
  std::map<int, int> times;
  for (int length : cycles) order *= length * ++times[length];
  return order;
}

int sign(Partition const& cycles) {
  return (sum(cycles) - static_cast<int>(cycles.size())) % 2 == 0 ? 1 : -1;
}

/// Number of standard tableaux, by the place of the largest entry: a corner.
Index tableaux_by_corners(Partition const& partition) {
  if (sum(partition) <= 1) return 1;
  Index total = 0;
  for (std::size_t row = 0; row < partition.size(); ++row) {
    if (row + 1 < partition.size() && partition[row + 1] == partition[row]) continue;
    Partition smaller = partition;
    if (--smaller[row] == 0) smaller.pop_back();
    total += tableaux_by_corners(smaller);
  }
  return total;
}

/// The permutation that runs through cycles of consecutive points.
template <int N>
Permutation<N> permutation_of_type(Partition const& cycles) {
  Permutation<N> p{};
  std::size_t start = 0;
  for (int length : cycles) {
    const auto size = static_cast<std::size_t>(length);
    for (std::size_t i = 0; i < size; ++i) p[start + i] = static_cast<std::uint8_t>(start + (i + 1) % size);
    start += size;
  }
  return p;
}

template <int N>
void check_young_traces() {
  for (Partition const& partition : partitions(N)) {
    const YoungOrthogonal form(partition);
    Matrix<double> matrix(form.dimension(), form.dimension());
    for (Partition const& cycles : partitions(N)) {
      form.write_matrix(permutation_of_type<N>(cycles), matrix.data());
      BOOST_TEST(std::abs(matrix.trace() - static_cast<double>(value(partition, cycles))) < 1e-10,
                 to_string(partition) << " at " << to_string(cycles));
    }
  }
}

}  // namespace

// A000041.
BOOST_AUTO_TEST_CASE(partitions_are_counted) {
  const std::vector<std::size_t> counts{1, 1, 2, 3, 5, 7, 11, 15, 22, 30, 42, 56, 77};
  for (std::size_t n = 0; n < counts.size(); ++n) BOOST_TEST(partitions(static_cast<int>(n)).size() == counts[n]);
  BOOST_TEST(partitions(20).size() == 627u);
}

BOOST_AUTO_TEST_CASE(partitions_decrease_lexicographically) {
  const std::vector<Partition> four{{4}, {3, 1}, {2, 2}, {2, 1, 1}, {1, 1, 1, 1}};
  BOOST_TEST((partitions(4) == four));
  for (int n = 1; n <= 12; ++n) {
    const std::vector<Partition> all = partitions(n);
    BOOST_TEST((all.front() == Partition{n}));
    BOOST_TEST((all.back() == Partition(static_cast<std::size_t>(n), 1)));
    for (std::size_t i = 0; i < all.size(); ++i) {
      BOOST_TEST(sum(all[i]) == n);
      BOOST_TEST(std::is_sorted(all[i].rbegin(), all[i].rend()));
      BOOST_TEST(all[i].back() > 0);
      if (i > 0) BOOST_TEST((all[i - 1] > all[i]));
    }
  }
}

BOOST_AUTO_TEST_CASE(partitions_are_written_with_commas) {
  BOOST_TEST(to_string(Partition{4, 1}) == "(4,1)");
  BOOST_TEST(to_string(Partition{5}) == "(5)");
  BOOST_TEST(to_string(Partition{}) == "()");
}

BOOST_AUTO_TEST_CASE(conjugation_exchanges_rows_and_columns) {
  BOOST_TEST((conjugate({4, 2, 1}) == Partition{3, 2, 1, 1}));
  BOOST_TEST((conjugate({5}) == Partition{1, 1, 1, 1, 1}));
  BOOST_TEST((conjugate({3, 1, 1}) == Partition{3, 1, 1}));
  BOOST_TEST((conjugate({}) == Partition{}));
  for (int n = 1; n <= 10; ++n) {
    std::set<Partition> images;
    for (Partition const& partition : partitions(n)) {
      images.insert(conjugate(partition));
      BOOST_TEST((conjugate(conjugate(partition)) == partition));
      BOOST_TEST(conjugate(partition).size() == static_cast<std::size_t>(partition.front()));
    }
    BOOST_TEST(images.size() == partitions(n).size());
  }
}

BOOST_AUTO_TEST_CASE(cycle_types_include_fixed_points) {
  BOOST_TEST((cycle_type(Permutation<5>{0, 1, 2, 3, 4}) == Partition{1, 1, 1, 1, 1}));
  BOOST_TEST((cycle_type(Permutation<5>{1, 0, 3, 4, 2}) == Partition{3, 2}));
  BOOST_TEST((cycle_type(Permutation<6>{5, 1, 0, 3, 2, 4}) == Partition{4, 1, 1}));
  BOOST_TEST((cycle_type(Permutation<1>{0}) == Partition{1}));
  for (Partition const& cycles : partitions(9)) {
    BOOST_TEST((cycle_type(permutation_of_type<9>(cycles)) == cycles));
  }
}

BOOST_AUTO_TEST_CASE(hook_lengths_count_the_tableaux) {
  BOOST_TEST(dimension({4, 1}) == 4);
  BOOST_TEST(dimension({3, 2, 1}) == 16);
  BOOST_TEST(dimension({4, 2, 1}) == 35);
  BOOST_TEST(dimension({4, 4}) == 14);
  BOOST_TEST(dimension({4, 3, 2, 1}) == 768);
  BOOST_TEST(dimension({6, 6}) == 132);
  for (int n = 1; n <= 9; ++n) {
    for (Partition const& partition : partitions(n)) {
      BOOST_TEST(dimension(partition) == tableaux_by_corners(partition), to_string(partition));
    }
  }
  for (int n = 1; n <= 7; ++n) {
    for (Partition const& partition : partitions(n)) {
      BOOST_TEST(dimension(partition) == YoungOrthogonal(partition).dimension(), to_string(partition));
    }
  }
}

BOOST_AUTO_TEST_CASE(squared_dimensions_add_up_to_the_factorial) {
  for (int n = 1; n <= 12; ++n) {
    Index total = 0;
    for (Partition const& partition : partitions(n)) total += dimension(partition) * dimension(partition);
    BOOST_TEST(total == factorial(n));
  }
}

BOOST_AUTO_TEST_CASE(characters_at_the_identity_are_dimensions) {
  for (int n = 1; n <= 12; ++n) {
    const Partition identity(static_cast<std::size_t>(n), 1);
    for (Partition const& partition : partitions(n)) {
      BOOST_TEST(value(partition, identity) == dimension(partition), to_string(partition));
    }
  }
}

BOOST_AUTO_TEST_CASE(characters_are_traces_of_young_matrices) {
  check_young_traces<1>();
  check_young_traces<2>();
  check_young_traces<3>();
  check_young_traces<4>();
  check_young_traces<5>();
  check_young_traces<6>();
}

BOOST_AUTO_TEST_CASE(conjugate_partitions_differ_by_the_sign) {
  for (int n = 1; n <= 10; ++n) {
    for (Partition const& cycles : partitions(n)) {
      BOOST_TEST(value({n}, cycles) == 1);
      BOOST_TEST(value(Partition(static_cast<std::size_t>(n), 1), cycles) == sign(cycles));
      for (Partition const& partition : partitions(n)) {
        BOOST_TEST(value(conjugate(partition), cycles) == sign(cycles) * value(partition, cycles));
      }
    }
  }
}

// Polynomials in the numbers a of fixed points, b of 2-cycles and c of 3-cycles (Frobenius).
BOOST_AUTO_TEST_CASE(characters_of_partitions_with_a_long_row) {
  for (int n : {8, 10, 12}) {
    for (Partition const& cycles : partitions(n)) {
      const auto count = [&](int length) { return std::count(cycles.begin(), cycles.end(), length); };
      const std::int64_t a = count(1), b = count(2), c = count(3);
      BOOST_TEST_CONTEXT(to_string(cycles)) {
        BOOST_TEST(value({n - 1, 1}, cycles) == a - 1);
        BOOST_TEST(value({n - 2, 2}, cycles) == a * (a - 3) / 2 + b);
        BOOST_TEST(value({n - 2, 1, 1}, cycles) == (a - 1) * (a - 2) / 2 - b);
        BOOST_TEST(value({n - 3, 3}, cycles) == a * (a - 1) * (a - 5) / 6 + b * (a - 1) + c);
        BOOST_TEST(value({n - 3, 2, 1}, cycles) == a * (a - 2) * (a - 4) / 3 - c);
        BOOST_TEST(value({n - 3, 1, 1, 1}, cycles) == (a - 1) * (a - 2) * (a - 3) / 6 - b * (a - 1) + c);
      }
    }
  }
}

// (n-k, 1^k) is the k-th exterior power of the standard representation: sum of chi_k t^k is
// the product of 1 - (-t)^length over the cycles, divided by 1 + t.
BOOST_AUTO_TEST_CASE(hooks_are_exterior_powers) {
  for (int n : {5, 8, 10}) {
    for (Partition const& cycles : partitions(n)) {
      std::vector<std::int64_t> power(static_cast<std::size_t>(n) + 1, 0);
      power[0] = 1;
      for (int length : cycles) {
        for (int k = n; k >= length; --k) {
          power[static_cast<std::size_t>(k)] -=
              (length % 2 == 0 ? 1 : -1) * power[static_cast<std::size_t>(k - length)];
        }
      }
      std::int64_t previous = 0;
      for (int k = 0; k < n; ++k) {
        previous = power[static_cast<std::size_t>(k)] - previous;
        Partition hook(static_cast<std::size_t>(k) + 1, 1);
        hook[0] = n - k;
        BOOST_TEST(value(hook, cycles) == previous, to_string(hook) << " at " << to_string(cycles));
      }
    }
  }
}

// James and Kerber 1981, appendix I.
BOOST_AUTO_TEST_CASE(known_values) {
  BOOST_TEST(value({4, 4}, {8}) == 0);
  BOOST_TEST(value({4, 4}, {4, 4}) == 2);
  BOOST_TEST(value({4, 4}, {2, 2, 2, 2}) == 6);
  BOOST_TEST(value({3, 2, 1}, {5, 1}) == 1);
  BOOST_TEST(value({3, 2, 1}, {3, 3}) == -2);
  BOOST_TEST(value({3, 3}, {2, 2, 2}) == -3);
  BOOST_TEST(value({5, 1, 1, 1}, {8}) == -1);
  BOOST_TEST(value({4, 3, 2, 1}, {5, 5}) == -2);
  // A staircase vanishes wherever there is a cycle of even length.
  for (Partition const& cycles : partitions(10)) {
    if (std::any_of(cycles.begin(), cycles.end(), [](int length) { return length % 2 == 0; })) {
      BOOST_TEST(value({4, 3, 2, 1}, cycles) == 0);
    }
  }
  BOOST_TEST(value({4, 3, 2, 1}, {7, 3}) == 1);
}

BOOST_AUTO_TEST_CASE(the_order_of_the_cycles_does_not_matter) {
  for (Partition const& partition : partitions(8)) {
    Partition cycles{1, 2, 2, 3};
    const std::int64_t expected = value(partition, {3, 2, 2, 1});
    do {
      BOOST_TEST(value(partition, cycles) == expected);
    } while (std::next_permutation(cycles.begin(), cycles.end()));
  }
}

BOOST_AUTO_TEST_CASE(characters_are_orthogonal) {
  for (int n = 1; n <= 10; ++n) {
    const std::vector<Partition> all = partitions(n);
    std::vector<std::vector<std::int64_t>> table;
    for (Partition const& partition : all) {
      auto& row = table.emplace_back();
      for (Partition const& cycles : all) row.push_back(value(partition, cycles));
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = 0; j < all.size(); ++j) {
        std::int64_t rows = 0, columns = 0;
        for (std::size_t k = 0; k < all.size(); ++k) {
          rows += table[i][k] * table[j][k] * (factorial(n) / centralizer_order(all[k]));
          columns += table[k][i] * table[k][j];
        }
        BOOST_TEST(rows == (i == j ? factorial(n) : 0));
        BOOST_TEST(columns == (i == j ? centralizer_order(all[i]) : 0));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
