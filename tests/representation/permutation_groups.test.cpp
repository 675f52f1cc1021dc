#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/group/cayley_table.hpp>
#include <cayley/representation/permutation_groups.hpp>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "representation/check_irreps.hpp"
#include "representation/published_irreps.hpp"

BOOST_AUTO_TEST_SUITE(permutation_groups_test)

using namespace cayley;
using testing::check_character_table;
using testing::check_irreps;
using testing::KnownIrrep;
using testing::labels;
using testing::shapes;

namespace {

/// A permutation with consecutive cycles of the given lengths.
template <class G>
Element with_cycles(Partition const& lengths) {
  Permutation<G::degree> p{};
  std::size_t start = 0;
  for (int length : lengths) {
    const auto size = static_cast<std::size_t>(length);
    for (std::size_t i = 0; i < size; ++i) p[start + i] = static_cast<std::uint8_t>(start + (i + 1) % size);
    start += size;
  }
  return G::element(p);
}

struct LabelledRow {
  std::string label;
  std::vector<double> values;
};

/// The irrep of every label has these values at permutations of these cycle types.
template <int N>
void check_symmetric_table(std::vector<Partition> const& types, std::vector<LabelledRow> const& rows) {
  using G = Symmetric<N>;
  const Irreps list = irreps(G{});
  BOOST_TEST_CONTEXT(G::name()) {
    std::vector<Element> columns;
    for (Partition const& type : types) columns.push_back(with_cycles<G>(type));
    std::vector<KnownIrrep> known;
    for (auto const& [label, values] : rows) {
      known.push_back({IrrepType::real, values});
      for (std::size_t c = 0; c < columns.size(); ++c) {
        BOOST_TEST(list.character(list.at(label), columns[c]) == values[c], label << " at " << to_string(types[c]));
      }
    }
    check_character_table(list, columns, known);
  }
}

constexpr IrrepType real = IrrepType::real;
constexpr IrrepType complex = IrrepType::complex;
const double golden = (1 + std::sqrt(5.0)) / 2;

}  // namespace

BOOST_AUTO_TEST_CASE(symmetric_irreps_obey_the_laws) {
  check_irreps(cayley_table(Symmetric<1>{}), irreps(Symmetric<1>{}));
  check_irreps(cayley_table(Symmetric<2>{}), irreps(Symmetric<2>{}));
  check_irreps(cayley_table(Symmetric<3>{}), irreps(Symmetric<3>{}));
  check_irreps(cayley_table(Symmetric<4>{}), irreps(Symmetric<4>{}));
  check_irreps(cayley_table(Symmetric<5>{}), irreps(Symmetric<5>{}));
}

BOOST_AUTO_TEST_CASE(alternating_irreps_obey_the_laws) {
  check_irreps(cayley_table(Alternating<2>{}), irreps(Alternating<2>{}));
  check_irreps(cayley_table(Alternating<3>{}), irreps(Alternating<3>{}));
  check_irreps(cayley_table(Alternating<4>{}), irreps(Alternating<4>{}));
  check_irreps(cayley_table(Alternating<5>{}), irreps(Alternating<5>{}));
}

BOOST_AUTO_TEST_CASE(large_groups_obey_the_laws_on_samples) {
  check_irreps(cayley_table(Symmetric<6>{}), irreps(Symmetric<6>{}), {.budget = 2'000});
  check_irreps(Symmetric<7>{}, irreps(Symmetric<7>{}), {.budget = 1'000});
  check_irreps(cayley_table(Alternating<6>{}), irreps(Alternating<6>{}), {.budget = 2'000});
  check_irreps(Alternating<7>{}, irreps(Alternating<7>{}), {.budget = 1'000});
}

BOOST_AUTO_TEST_CASE(labels_types_and_dimensions) {
  BOOST_TEST(labels(irreps(Symmetric<1>{})) == "trivial");
  BOOST_TEST(labels(irreps(Symmetric<2>{})) == "trivial; sign");
  BOOST_TEST(labels(irreps(Symmetric<5>{})) == "trivial; (4,1); (3,2); (3,1,1); (2,2,1); (2,1,1,1); sign");
  BOOST_TEST(shapes(irreps(Symmetric<7>{})) == "1R 6R 14R 15R 14R 35R 20R 21R 21R 35R 15R 14R 14R 6R 1R");
  BOOST_TEST(labels(irreps(Alternating<2>{})) == "trivial");
  BOOST_TEST(labels(irreps(Alternating<3>{})) == "trivial; (2,1)");
  BOOST_TEST(shapes(irreps(Alternating<3>{})) == "1R 2C");
  BOOST_TEST(labels(irreps(Alternating<4>{})) == "trivial; (3,1); (2,2)");
  BOOST_TEST(shapes(irreps(Alternating<4>{})) == "1R 3R 2C");
  BOOST_TEST(labels(irreps(Alternating<5>{})) == "trivial; (4,1); (3,2); (3,1,1)+; (3,1,1)-");
  BOOST_TEST(shapes(irreps(Alternating<5>{})) == "1R 4R 5R 3R 3R");
  BOOST_TEST(shapes(irreps(Alternating<6>{})) == "1R 5R 9R 10R 5R 8R 8R");
  BOOST_TEST(labels(irreps(Alternating<7>{})) == "trivial; (6,1); (5,2); (5,1,1); (4,3); (4,2,1); (4,1,1,1); (3,3,1)");
  BOOST_TEST(shapes(irreps(Alternating<7>{})) == "1R 6R 14R 15R 14R 35R 20C 21R");
}

BOOST_AUTO_TEST_CASE(character_table_of_s3) {
  check_symmetric_table<3>({{1, 1, 1}, {2, 1}, {3}},
                           {{"trivial", {1, 1, 1}}, {"(2,1)", {2, 0, -1}}, {"sign", {1, -1, 1}}});
}

BOOST_AUTO_TEST_CASE(character_table_of_s4) {
  check_symmetric_table<4>({{1, 1, 1, 1}, {2, 1, 1}, {2, 2}, {3, 1}, {4}}, {{"trivial", {1, 1, 1, 1, 1}},
                                                                            {"(3,1)", {3, 1, -1, 0, -1}},
                                                                            {"(2,2)", {2, 0, 2, -1, 0}},
                                                                            {"(2,1,1)", {3, -1, -1, 0, 1}},
                                                                            {"sign", {1, -1, 1, 1, -1}}});
}

BOOST_AUTO_TEST_CASE(character_table_of_s5) {
  check_symmetric_table<5>({{1, 1, 1, 1, 1}, {2, 1, 1, 1}, {2, 2, 1}, {3, 1, 1}, {3, 2}, {4, 1}, {5}},
                           {{"trivial", {1, 1, 1, 1, 1, 1, 1}},
                            {"(4,1)", {4, 2, 0, 1, -1, 0, -1}},
                            {"(3,2)", {5, 1, 1, -1, 1, -1, 0}},
                            {"(3,1,1)", {6, 0, -2, 0, 0, 0, 1}},
                            {"(2,2,1)", {5, -1, 1, -1, -1, 1, 0}},
                            {"(2,1,1,1)", {4, -2, 0, 1, 1, 0, -1}},
                            {"sign", {1, -1, 1, 1, -1, -1, 1}}});
}

BOOST_AUTO_TEST_CASE(character_table_of_s6) {
  check_symmetric_table<6>({{1, 1, 1, 1, 1, 1},
                            {2, 1, 1, 1, 1},
                            {2, 2, 1, 1},
                            {2, 2, 2},
                            {3, 1, 1, 1},
                            {3, 2, 1},
                            {3, 3},
                            {4, 1, 1},
                            {4, 2},
                            {5, 1},
                            {6}},
                           {{"trivial", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
                            {"(5,1)", {5, 3, 1, -1, 2, 0, -1, 1, -1, 0, -1}},
                            {"(4,2)", {9, 3, 1, 3, 0, 0, 0, -1, 1, -1, 0}},
                            {"(4,1,1)", {10, 2, -2, -2, 1, -1, 1, 0, 0, 0, 1}},
                            {"(3,3)", {5, 1, 1, -3, -1, 1, 2, -1, -1, 0, 0}},
                            {"(3,2,1)", {16, 0, 0, 0, -2, 0, -2, 0, 0, 1, 0}},
                            {"(3,1,1,1)", {10, -2, -2, 2, 1, 1, 1, 0, 0, 0, -1}},
                            {"(2,2,2)", {5, -1, 1, 3, -1, -1, 2, 1, -1, 0, 0}},
                            {"(2,2,1,1)", {9, -3, 1, -3, 0, 0, 0, 1, 1, -1, 0}},
                            {"(2,1,1,1,1)", {5, -3, 1, 1, 2, 0, -1, -1, -1, 0, 1}},
                            {"sign", {1, -1, 1, -1, 1, -1, 1, -1, 1, 1, -1}}});
}

BOOST_AUTO_TEST_CASE(characters_of_s7) {
  const Symmetric<7> g;
  const Irreps list = irreps(g);
  const Matrix<double> table = list.character_table();  // (irreps, classes)
  BOOST_TEST_REQUIRE(table.rows() == 15);
  BOOST_TEST_REQUIRE(table.cols() == 15);
  // Class sizes n!/(1^a a! 2^b b! ...) by cycle type.
  const std::map<Partition, Index> sizes{{{7}, 720},
                                         {{6, 1}, 840},
                                         {{5, 2}, 504},
                                         {{5, 1, 1}, 504},
                                         {{4, 3}, 420},
                                         {{4, 2, 1}, 630},
                                         {{4, 1, 1, 1}, 210},
                                         {{3, 3, 1}, 280},
                                         {{3, 2, 2}, 210},
                                         {{3, 2, 1, 1}, 420},
                                         {{3, 1, 1, 1, 1}, 70},
                                         {{2, 2, 2, 1}, 105},
                                         {{2, 2, 1, 1, 1}, 105},
                                         {{2, 1, 1, 1, 1, 1}, 21},
                                         {{1, 1, 1, 1, 1, 1, 1}, 1}};
  const auto type = [&](Index c) {
    return cycle_type(g.permutation(list.classes().representative[static_cast<std::size_t>(c)]));
  };
  for (Index c = 0; c < 15; ++c) {
    BOOST_TEST(list.classes().size[static_cast<std::size_t>(c)] == sizes.at(type(c)));
  }
  for (Index i = 0; i < 15; ++i) {
    for (Index j = 0; j < 15; ++j) {
      double rows = 0;
      for (Index c = 0; c < 15; ++c) rows += static_cast<double>(sizes.at(type(c))) * table(i, c) * table(j, c);
      BOOST_TEST(rows == (i == j ? 5040 : 0));
      const double columns = table.col(i).dot(table.col(j));
      BOOST_TEST(columns == (i == j ? 5040 / static_cast<double>(sizes.at(type(i))) : 0));
    }
  }
  // Fixed points less one; its exterior square; the representation on pairs of points.
  for (Index c = 0; c < 15; ++c) {
    const Partition cycles = type(c);
    const auto ones = static_cast<double>(std::count(cycles.begin(), cycles.end(), 1));
    const auto twos = static_cast<double>(std::count(cycles.begin(), cycles.end(), 2));
    const double sign = (7 - static_cast<int>(cycles.size())) % 2 == 0 ? 1 : -1;
    BOOST_TEST(table(list.find("(6,1)"), c) == ones - 1);
    BOOST_TEST(table(list.find("(5,1,1)"), c) == (ones - 1) * (ones - 2) / 2 - twos);
    BOOST_TEST(table(list.find("(5,2)"), c) == ones * (ones - 3) / 2 + twos);
    BOOST_TEST(table(list.find("sign"), c) == sign);
    BOOST_TEST(table(list.find("(2,1,1,1,1,1)"), c) == sign * (ones - 1));
  }
}

// Over R the two conjugate characters of dimension 1 of A4 are one irrep.
BOOST_AUTO_TEST_CASE(character_tables_of_a3_and_a4) {
  using A3 = Alternating<3>;
  check_character_table(irreps(A3{}), {0, A3::element({1, 2, 0}), A3::element({2, 0, 1})},
                        {{real, {1, 1, 1}}, {complex, {2, -1, -1}}});
  using A4 = Alternating<4>;
  check_character_table(irreps(A4{}),
                        {0, A4::element({1, 0, 3, 2}), A4::element({1, 2, 0, 3}), A4::element({2, 0, 1, 3})},
                        {{real, {1, 1, 1, 1}}, {complex, {2, 2, -1, -1}}, {real, {3, -1, 0, 0}}});
}

// Classes: 1, (2,2), 3-cycles, and the two classes of 5-cycles.
BOOST_AUTO_TEST_CASE(character_table_of_a5) {
  using A5 = Alternating<5>;
  const double g = golden, h = 1 - golden;
  check_character_table(irreps(A5{}),
                        {0, A5::element({1, 0, 3, 2, 4}), A5::element({1, 2, 0, 3, 4}), A5::element({1, 2, 3, 4, 0}),
                         A5::element({2, 3, 4, 0, 1})},
                        {{real, {1, 1, 1, 1, 1}},
                         {real, {3, -1, 0, g, h}},
                         {real, {3, -1, 0, h, g}},
                         {real, {4, 0, 1, -1, -1}},
                         {real, {5, 1, -1, 0, 0}}});
}

// Classes: 1, (2,2), (3), (3,3), (4,2), and the two classes of 5-cycles.
BOOST_AUTO_TEST_CASE(character_table_of_a6) {
  using A6 = Alternating<6>;
  const double g = golden, h = 1 - golden;
  check_character_table(
      irreps(A6{}),
      {0, A6::element({1, 0, 3, 2, 4, 5}), A6::element({1, 2, 0, 3, 4, 5}), A6::element({1, 2, 0, 4, 5, 3}),
       A6::element({1, 2, 3, 0, 5, 4}), A6::element({1, 2, 3, 4, 0, 5}), A6::element({2, 3, 4, 0, 1, 5})},
      {{real, {1, 1, 1, 1, 1, 1, 1}},
       {real, {5, 1, 2, -1, -1, 0, 0}},
       {real, {5, 1, -1, 2, -1, 0, 0}},
       {real, {8, 0, -1, -1, 0, g, h}},
       {real, {8, 0, -1, -1, 0, h, g}},
       {real, {9, 1, 0, 0, 1, -1, -1}},
       {real, {10, -2, 1, 1, 0, 0, 0}}});
}

// The complex pair 10, conj(10) of A7: b7 = (-1 + i sqrt 7)/2 at 7-cycles, real part -1/2, twice.
BOOST_AUTO_TEST_CASE(the_complex_irrep_of_a7) {
  using A7 = Alternating<7>;
  const Irreps list = irreps(A7{});
  Irrep const& irrep = list.at("(4,1,1,1)");
  const auto value = [&](Permutation<7> const& p) { return list.character(irrep, A7::element(p)); };
  BOOST_TEST(std::abs(value({1, 2, 3, 4, 5, 6, 0}) + 1) < 1e-10);
  BOOST_TEST(std::abs(value({6, 0, 1, 2, 3, 4, 5}) + 1) < 1e-10);
  BOOST_TEST(std::abs(value({1, 0, 3, 2, 4, 5, 6}) + 4) < 1e-10);
  BOOST_TEST(std::abs(value({1, 2, 0, 3, 4, 5, 6}) - 2) < 1e-10);
  BOOST_TEST(std::abs(value({1, 2, 0, 4, 5, 3, 6}) - 2) < 1e-10);
  BOOST_TEST(std::abs(value({1, 2, 3, 0, 5, 4, 6})) < 1e-10);
  BOOST_TEST(std::abs(value({1, 2, 3, 4, 0, 5, 6})) < 1e-10);
}

// An irrep of A_n that does not split has the matrices of S_n.
BOOST_AUTO_TEST_CASE(alternating_irreps_are_restrictions) {
  const Irreps symmetric = irreps(Symmetric<5>{}), alternating = irreps(Alternating<5>{});
  for (Element a : elements(Alternating<5>{})) {
    const Element s = Alternating<5>::in_symmetric(a);
    BOOST_TEST((alternating.at("(4,1)").matrix(a) == symmetric.at("(4,1)").matrix(s)));
    BOOST_TEST((alternating.at("(3,2)").matrix(a) == symmetric.at("(3,2)").matrix(s)));
    const double both =
        alternating.character(alternating.at("(3,1,1)+"), a) + alternating.character(alternating.at("(3,1,1)-"), a);
    BOOST_TEST(std::abs(both - symmetric.character(symmetric.at("(3,1,1)"), s)) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(published_characters, *boost::unit_test::precondition(testing::reference_is_set)) {
  const auto check = [&]<class G>(G const& g) {
    const std::vector<std::vector<std::uint8_t>> order = testing::published_permutations(G::name());
    BOOST_TEST_REQUIRE(static_cast<Index>(order.size()) == g.order());
    const auto element = [&](std::size_t i) {
      BOOST_TEST_REQUIRE(order[i].size() == static_cast<std::size_t>(G::degree));
      Permutation<G::degree> p{};
      std::copy(order[i].begin(), order[i].end(), p.begin());
      return G::element(p);
    };
    const Irreps list = irreps(g);
    std::map<std::string, std::string> label;
    const std::vector<std::string> names = testing::check_published_irreps(G::name(), list, element);
    for (Index i = 0; i < list.size(); ++i) label[names[static_cast<std::size_t>(i)]] = list[i].label();
    BOOST_TEST(static_cast<Index>(label.size()) == list.size());
    return label;
  };
  std::map<std::string, std::string> s5 = check(Symmetric<5>{});
  BOOST_TEST(s5["trivial"] == "trivial");
  BOOST_TEST(s5["sign"] == "sign");
  BOOST_TEST(s5["standard"] == "(4,1)");
  BOOST_TEST(s5["standard_sign"] == "(2,1,1,1)");
  BOOST_TEST(s5["s5_5d_a"] == "(2,2,1)");
  BOOST_TEST(s5["s5_5d_b"] == "(3,2)");
  BOOST_TEST(s5["s5_6d"] == "(3,1,1)");
  std::map<std::string, std::string> s6 = check(Symmetric<6>{});
  BOOST_TEST(s6["standard"] == "(5,1)");
  BOOST_TEST(s6["standard_sign"] == "(2,1,1,1,1)");
  BOOST_TEST(s6["s6_5d_a"] == "(3,3)");
  BOOST_TEST(s6["s6_5d_b"] == "(2,2,2)");
  BOOST_TEST(s6["specht_3_2_1"] == "(3,2,1)");
  std::map<std::string, std::string> a5 = check(Alternating<5>{});
  BOOST_TEST(a5["standard"] == "(4,1)");
  BOOST_TEST(a5["a5_5d_a"] == "(3,2)");
  const Irreps list = irreps(Alternating<5>{});
  const Element cycle = Alternating<5>::element({1, 2, 3, 4, 0});
  BOOST_TEST(std::abs(list.character(list.at(a5["a5_3d_a"]), cycle) - golden) < 1e-12);
  BOOST_TEST(std::abs(list.character(list.at(a5["a5_3d_b"]), cycle) - (1 - golden)) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
