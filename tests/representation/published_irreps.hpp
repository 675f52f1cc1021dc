/// The characters published with the reference data, compared with ours element by element.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/io/json.hpp>
#include <cayley/representation/irrep.hpp>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "reference.hpp"

namespace cayley::testing {

/// The published name of each of our irreps, in our order. Every published irrep must be exactly one of ours,
/// with its dimension and with `norm` = nu, and none may be left.
/// `element`: our index of the published element i, for i = 0 .. order-1.
template <class ElementOf>
std::vector<std::string> check_published_irreps(std::string const& group, Irreps const& irreps, ElementOf element) {
  const std::string path = reference_file("irreps_" + group + ".json").string();
  const Json file = read_json(path);
  BOOST_TEST(require_key<Index>(file, "order", path) == irreps.order());
  const auto list = require_key<std::vector<Json>>(file, "irreps", path);
  BOOST_TEST(static_cast<Index>(list.size()) == irreps.size());
  std::vector<std::string> names(static_cast<std::size_t>(irreps.size()));
  for (Json const& entry : list) {
    const auto name = require_key<std::string>(entry, "name", path);
    BOOST_TEST_CONTEXT(group << " " << name) {
      const auto values = require_key<std::vector<double>>(entry, "character", path);
      BOOST_TEST_REQUIRE(static_cast<Index>(values.size()) == irreps.order());
      int found = 0;
      for (Index i = 0; i < irreps.size(); ++i) {
        Irrep const& irrep = irreps[i];
        double deviation = 0;
        for (std::size_t a = 0; a < values.size(); ++a) {
          deviation = std::max(deviation, std::abs(values[a] - irreps.character(irrep, element(a))));
        }
        if (!(deviation <= 1e-9)) continue;
        ++found;
        names[static_cast<std::size_t>(i)] = name;
        BOOST_TEST(require_key<Index>(entry, "dim", path) == irrep.dimension());
        const auto norm = require_key<double>(entry, "norm", path);
        BOOST_TEST(std::abs(norm - static_cast<double>(irrep.nu())) < 1e-9);
      }
      BOOST_TEST(found == 1);
    }
  }
  return names;
}

/// The image arrays of a published element order.
inline std::vector<std::vector<std::uint8_t>> published_permutations(std::string const& group) {
  const std::string path = reference_file("elements_" + group + ".json").string();
  return json_as<std::vector<std::vector<std::uint8_t>>>(read_json(path), path);
}

}  // namespace cayley::testing
