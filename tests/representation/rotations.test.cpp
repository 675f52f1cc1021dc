#include <boost/test/unit_test.hpp>
#include <cayley/representation/rotations.hpp>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "representation/check_irreps.hpp"
#include "representation/published_irreps.hpp"

BOOST_AUTO_TEST_SUITE(rotations_test)

using namespace cayley;
using testing::check_character_table;
using testing::check_irreps;
using testing::KnownIrrep;

namespace {

double turns(Index numerator, Index denominator) {
  return 2 * std::numbers::pi * static_cast<double>(numerator) / static_cast<double>(denominator);
}

}  // namespace

BOOST_AUTO_TEST_CASE(cyclic_irreps_obey_the_laws) {
  for (Index n = 1; n <= 12; ++n) check_irreps(Cyclic<>{n}, irreps(Cyclic<>{n}));
  check_irreps(Cyclic<113>{}, irreps(Cyclic<113>{}));
  check_irreps(Cyclic<12>{}, irreps(Cyclic<12>{}));
}

BOOST_AUTO_TEST_CASE(dihedral_irreps_obey_the_laws) {
  for (Index n = 1; n <= 12; ++n) check_irreps(Dihedral<>{n}, irreps(Dihedral<>{n}));
  check_irreps(Dihedral<59>{}, irreps(Dihedral<59>{}));
  check_irreps(Dihedral<6>{}, irreps(Dihedral<6>{}));
}

BOOST_AUTO_TEST_CASE(large_groups_obey_the_laws_on_samples) {
  check_irreps(Dihedral<>{502}, irreps(Dihedral<>{502}), {.budget = 300});
  check_irreps(Dihedral<>{503}, irreps(Dihedral<>{503}), {.budget = 300});
  check_irreps(Cyclic<>{1009}, irreps(Cyclic<>{1009}), {.budget = 100});
}

BOOST_AUTO_TEST_CASE(labels_and_types) {
  using testing::labels, testing::shapes;
  BOOST_TEST(labels(irreps(Cyclic<>{1})) == "trivial");
  BOOST_TEST(labels(irreps(Cyclic<>{2})) == "trivial; sign");
  BOOST_TEST(labels(irreps(Cyclic<>{5})) == "trivial; freq_1; freq_2");
  BOOST_TEST(labels(irreps(Cyclic<>{6})) == "trivial; sign; freq_1; freq_2");
  BOOST_TEST(shapes(irreps(Cyclic<>{6})) == "1R 1R 2C 2C");
  BOOST_TEST(labels(irreps(Dihedral<>{1})) == "trivial; sign");
  BOOST_TEST(labels(irreps(Dihedral<>{2})) == "trivial; sign; sign_r; sign_rs");
  BOOST_TEST(labels(irreps(Dihedral<>{5})) == "trivial; sign; freq_1; freq_2");
  BOOST_TEST(labels(irreps(Dihedral<>{6})) == "trivial; sign; sign_r; sign_rs; freq_1; freq_2");
  BOOST_TEST(shapes(irreps(Dihedral<>{6})) == "1R 1R 1R 1R 2R 2R");
}

BOOST_AUTO_TEST_CASE(cyclic_character_tables) {
  for (Index n = 1; n <= 12; ++n) {
    std::vector<Element> columns;
    for (Element j = 0; j < n; ++j) columns.push_back(j);
    std::vector<KnownIrrep> rows;
    for (Index k = 0; 2 * k <= n; ++k) {
      const bool real = k == 0 || 2 * k == n;
      rows.push_back({real ? IrrepType::real : IrrepType::complex, {}});
      for (Index j = 0; j < n; ++j) rows.back().values.push_back((real ? 1 : 2) * std::cos(turns(k * j, n)));
    }
    BOOST_TEST_CONTEXT("C" << n) {
      check_character_table(irreps(Cyclic<>{n}), columns, rows);
    }
  }
}

// Serre 1977, section 5.3. Classes: the rotations r and -r together; one class of reflections for odd n, two
// for even n.
BOOST_AUTO_TEST_CASE(dihedral_character_tables) {
  for (Index n = 3; n <= 12; ++n) {
    const bool even = n % 2 == 0;
    std::vector<Element> columns;
    for (Index r = 0; 2 * r <= n; ++r) columns.push_back(static_cast<Element>(r));
    const std::size_t rotations = columns.size();
    columns.push_back(static_cast<Element>(n));
    if (even) columns.push_back(static_cast<Element>(n + 1));
    std::vector<KnownIrrep> rows;
    const auto add = [&](auto value, double first_reflection, double second_reflection) {
      rows.push_back({IrrepType::real, {}});
      for (std::size_t r = 0; r < rotations; ++r) rows.back().values.push_back(value(static_cast<Index>(r)));
      rows.back().values.push_back(first_reflection);
      if (even) rows.back().values.push_back(second_reflection);
    };
    const auto one = [](Index) { return 1.0; };
    const auto alternating = [](Index r) { return r % 2 == 0 ? 1.0 : -1.0; };
    add(one, 1, 1);
    add(one, -1, -1);
    if (even) {
      add(alternating, 1, -1);
      add(alternating, -1, 1);
    }
    for (Index k = 1; 2 * k < n; ++k) add([&](Index r) { return 2 * std::cos(turns(k * r, n)); }, 0, 0);
    BOOST_TEST_CONTEXT("D" << n) {
      check_character_table(irreps(Dihedral<>{n}), columns, rows);
    }
  }
}

BOOST_AUTO_TEST_CASE(labelled_values) {
  const Irreps cyclic = irreps(Cyclic<>{12});
  BOOST_TEST(cyclic.at("sign").matrix(7)(0, 0) == -1);
  const Matrix<double> rotation = cyclic.at("freq_5").matrix(2);
  BOOST_TEST(std::abs(rotation(0, 0) - std::cos(turns(10, 12))) < 1e-15);
  BOOST_TEST(std::abs(rotation(1, 0) - std::sin(turns(10, 12))) < 1e-15);
  const Dihedral<> g{6};
  const Irreps dihedral = irreps(g);
  for (Element a : elements(g)) {
    const Element r = a % 6;
    const bool s = a >= 6;
    BOOST_TEST(dihedral.at("sign").matrix(a)(0, 0) == (s ? -1 : 1));
    BOOST_TEST(dihedral.at("sign_r").matrix(a)(0, 0) == (r % 2 == 1 ? -1 : 1));
    BOOST_TEST(dihedral.at("sign_rs").matrix(a)(0, 0) == ((r % 2 == 1) != s ? -1 : 1));
    const double c = std::cos(turns(2 * r, 6)), sine = std::sin(turns(2 * r, 6)), f = s ? -1 : 1;
    Matrix<double> expected(2, 2);
    expected << c, -sine * f, sine, c * f;
    BOOST_TEST((dihedral.at("freq_2").matrix(a) - expected).cwiseAbs().maxCoeff() < 1e-15);
  }
}

// Multiples of a quarter turn are exact, and equal magnitudes are equal bits.
BOOST_AUTO_TEST_CASE(symmetric_angles_give_equal_magnitudes) {
  for (Index n : {1, 2, 4, 5, 7, 8, 12, 59, 113, 1000}) {
    const detail::UnitCircle circle(n);
    for (Index j = 0; j < n; ++j) {
      const auto [c, s] = circle(j);
      BOOST_TEST(std::abs(c - std::cos(turns(j, n))) < 4e-15);
      BOOST_TEST(std::abs(s - std::sin(turns(j, n))) < 4e-15);
      if (4 * j % n == 0) {
        BOOST_TEST((c == 0 || s == 0));
        BOOST_TEST(std::abs(c + s) == 1);
      }
      BOOST_TEST((circle(j + 3 * n) == circle(j)));
      if (n % 8 == 0) {
        const auto [c4, s4] = circle(j + n / 4);
        BOOST_TEST(c4 == -s);
        BOOST_TEST(s4 == c);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(published_characters, *boost::unit_test::precondition(testing::reference_is_set)) {
  const auto same_index = [](std::size_t i) { return static_cast<Element>(i); };
  const auto check = [&](std::string const& name, Irreps const& irreps) {
    const std::vector<std::string> names = testing::check_published_irreps(name, irreps, same_index);
    for (Index i = 0; i < irreps.size(); ++i) {
      BOOST_TEST(names[static_cast<std::size_t>(i)] == irreps[i].label());
    }
  };
  check("C113", irreps(Cyclic<113>{}));
  check("C118", irreps(Cyclic<118>{}));
  check("D59", irreps(Dihedral<59>{}));
}

BOOST_AUTO_TEST_SUITE_END()
