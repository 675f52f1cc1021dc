/// What every list of irreps must satisfy, and comparisons that do not depend on the order of irreps or
/// classes.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/representation/irrep.hpp>
#include <cayley/representation/laws.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace cayley::testing {

inline bool close(std::vector<double> const& a, std::vector<double> const& b, double tolerance = 1e-9) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](double x, double y) { return std::abs(x - y) <= tolerance; });
}

/// The irreps obey every law, write exactly dimension^2 entries, have labels of their own, start with the
/// trivial one, and their dimensions weighted by type add up to the order.
template <FiniteGroup G>
void check_irreps(G const& g, Irreps const& irreps, LawEffort effort = {.budget = 20'000}) {
  BOOST_TEST_CONTEXT(group_name(g)) {
    BOOST_TEST(irreps.order() == static_cast<Index>(g.order()));
    for (auto const& [law, counterexample] : broken_representation_laws(g, irreps, 1e-9, effort)) {
      BOOST_ERROR(law << ": " << counterexample);
    }
    BOOST_TEST(irreps[0].label() == "trivial");
    std::set<std::string> labels;
    Index total = 0;
    for (Irrep const& irrep : irreps) {
      BOOST_TEST_CONTEXT(irrep.label()) {
        BOOST_TEST(labels.insert(irrep.label()).second);
        const Index d = irrep.dimension();
        total += d * d / irrep.nu();
        BOOST_TEST(irreps.character(irrep, g.identity()) == static_cast<double>(d), boost::test_tools::tolerance(1e-9));
        const double untouched = std::numeric_limits<double>::quiet_NaN();
        std::vector<double> out(static_cast<std::size_t>(d * d) + 8, untouched);
        irrep.write_matrix(static_cast<Element>(g.order() - 1), out.data());
        const auto written = std::count_if(out.begin(), out.end(), [](double x) { return !std::isnan(x); });
        BOOST_TEST(written == d * d);
        BOOST_TEST(std::isnan(out[static_cast<std::size_t>(d * d)]));
      }
    }
    BOOST_TEST(total == static_cast<Index>(g.order()));
  }
}

/// Both lists hold the same irreps of the same group: the same (dimension, type, character), in any order.
inline void check_same_irreps(Irreps const& found, Irreps const& expected, double tolerance = 1e-9) {
  BOOST_TEST((found.classes().class_of == expected.classes().class_of));
  BOOST_TEST(found.size() == expected.size());
  for (Irrep const& irrep : expected) {
    const auto same = std::count_if(found.begin(), found.end(), [&](Irrep const& other) {
      return other.dimension() == irrep.dimension() && other.type() == irrep.type() &&
             close(other.characters(), irrep.characters(), tolerance);
    });
    BOOST_TEST(same == 1, irrep.label() << " is found " << same << " times");
  }
}

/// A row of a table from the literature: the real character at one element of each class.
struct KnownIrrep {
  IrrepType type;
  std::vector<double> values;
};

/// The character table is the known one up to the order of rows. `columns`: an element of each class, the
/// identity first.
inline void check_character_table(Irreps const& irreps, std::vector<Element> const& columns,
                                  std::vector<KnownIrrep> const& rows) {
  std::set<std::uint32_t> classes;
  for (Element a : columns) classes.insert(irreps.classes().class_of[a]);
  BOOST_TEST_REQUIRE(classes.size() == columns.size());
  BOOST_TEST(irreps.classes().count() == static_cast<Index>(columns.size()));
  BOOST_TEST(irreps.size() == static_cast<Index>(rows.size()));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto same = std::count_if(irreps.begin(), irreps.end(), [&](Irrep const& irrep) {
      std::vector<double> values;
      for (Element a : columns) values.push_back(irreps.character(irrep, a));
      return irrep.type() == rows[row].type && close(values, rows[row].values) &&
             static_cast<double>(irrep.dimension()) == rows[row].values[0];
    });
    BOOST_TEST(same == 1, "row " << row << " is found " << same << " times");
  }
}

/// The labels, joined by spaces and semicolons: `trivial; freq_1`.
inline std::string labels(Irreps const& irreps) {
  std::string text;
  for (Irrep const& irrep : irreps) {
    if (!text.empty()) text += "; ";
    text += irrep.label();
  }
  return text;
}

/// How many irreps there are of each dimension and type: `1R 1R 2C 4H`, in the order of the list.
inline std::string shapes(Irreps const& irreps) {
  std::string text;
  for (Irrep const& irrep : irreps) {
    if (!text.empty()) text += ' ';
    text += std::to_string(irrep.dimension());
    text += irrep.type() == IrrepType::real ? "R" : irrep.type() == IrrepType::complex ? "C" : "H";
  }
  return text;
}

}  // namespace cayley::testing
