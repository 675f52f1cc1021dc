#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/group/cayley_table.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "laws/group_models.hpp"
#include "reference.hpp"

BOOST_AUTO_TEST_SUITE(cayley_table_test)

using namespace cayley;

namespace {

/// All pairs where there are few, else random ones.
template <class Check>
void for_pairs(Index order, Check&& check) {
  if (order <= 720) {
    const ElementRange all(order);
    for (Element a : all) {
      for (Element b : all) check(a, b);
    }
  } else {
    std::mt19937 random(1);
    for (int sample = 0; sample < 100'000; ++sample) {
      const auto a = static_cast<Element>(random() % static_cast<std::uint32_t>(order));
      const auto b = static_cast<Element>(random() % static_cast<std::uint32_t>(order));
      check(a, b);
    }
  }
}

nlohmann::json reference_json(std::string const& name) {
  std::ifstream file(testing::reference_file(name));
  return nlohmann::json::parse(file);
}

std::uint32_t hexadecimal(nlohmann::json const& digits) {
  return static_cast<std::uint32_t>(std::stoul(digits.get<std::string>(), nullptr, 16));
}

/// Compares a table with the published one. `published`: our element, by published index.
void check_published(CayleyTable const& table, std::vector<Element> const& published, nlohmann::json const& entry) {
  BOOST_REQUIRE(published.size() == static_cast<std::size_t>(table.order()));
  std::vector<Element> sorted = published;
  std::sort(sorted.begin(), sorted.end());
  for (Element a : elements(table)) BOOST_REQUIRE(sorted[a] == a);
  std::vector<Element> index(published.size());
  for (Element i : elements(table)) index[published[i]] = i;
  std::vector<Element> products, inverses;
  for (Element a : published) {
    for (Element b : published) products.push_back(index[table.compose(a, b)]);
    inverses.push_back(index[table.inverse(a)]);
  }
  BOOST_TEST_CONTEXT(table.name()) {
    BOOST_TEST(table.order() == entry.at("order").get<Index>());
    BOOST_TEST(index[table.identity()] == entry.at("identity_index").get<Element>());
    BOOST_TEST(testing::crc32(products) == hexadecimal(entry.at("table_crc32_le_u32")));
    BOOST_TEST(testing::crc32(inverses) == hexadecimal(entry.at("inverse_crc32_le_u32")));
    for (auto const& sample : entry.at("samples_a_b_ab")) {
      const auto a = sample.at(0).get<std::size_t>(), b = sample.at(1).get<std::size_t>();
      BOOST_TEST(products[a * published.size() + b] == sample.at(2).get<Element>());
    }
  }
}

void check_published_in_own_order(CayleyTable const& table, nlohmann::json const& groups) {
  std::vector<Element> own(static_cast<std::size_t>(table.order()));
  std::iota(own.begin(), own.end(), Element{0});
  check_published(table, own, groups.at(table.name()));
}

template <class G, int N>
void check_published_permutations(nlohmann::json const& groups) {
  std::vector<Element> published;
  for (auto const& images : reference_json("elements_" + G::name() + ".json")) {
    Permutation<N> p{};
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = images.at(i).template get<std::uint8_t>();
    published.push_back(G::element(p));
  }
  check_published(cayley_table(G{}), published, groups.at(G::name()));
}

}  // namespace

BOOST_AUTO_TEST_CASE(agrees_with_the_products_and_inverses_of_every_group) {
  for (AnyGroup const& g : testing::group_models()) {
    const CayleyTable table = cayley_table(g);
    bool products = true, inverses = true;
    for_pairs(g.order(), [&](Element a, Element b) {
      products = products && table.compose(a, b) == g.compose(a, b);
      inverses = inverses && table.inverse(a) == g.inverse(a);
    });
    BOOST_TEST_CONTEXT(g.name()) {
      BOOST_TEST(table.order() == g.order());
      BOOST_TEST(table.identity() == g.identity());
      BOOST_TEST(table.name() == g.name());
      BOOST_TEST(table.generators() == g.generators(), boost::test_tools::per_element());
      BOOST_TEST(products);
      BOOST_TEST(inverses);
    }
  }
}

BOOST_AUTO_TEST_CASE(products_are_row_major) {
  const CayleyTable table = cayley_table(Dihedral<>{4});
  BOOST_TEST(table.products().size() == 64u);
  BOOST_TEST(table.inverses().size() == 8u);
  for (Element a : elements(table)) {
    BOOST_TEST(table.inverses()[a] == table.inverse(a));
    BOOST_TEST(table.row(a).size() == 8u);
    for (Element b : elements(table)) {
      BOOST_TEST(table.row(a)[b] == table.compose(a, b));
      BOOST_TEST(table.products()[a * 8 + b] == table.compose(a, b));
    }
  }
  BOOST_TEST(table.compose(1, 4) == 5u);
  BOOST_TEST(table.compose(4, 1) == 7u);
}

BOOST_AUTO_TEST_CASE(a_copy_owns_its_products) {
  CayleyTable copy = cayley_table(Cyclic<>{3});
  {
    const CayleyTable original = cayley_table(Symmetric<4>{});
    copy = original;
    BOOST_TEST(copy.products().data() != original.products().data());
  }
  BOOST_TEST(copy.order() == 24);
  BOOST_TEST(copy.compose(5, copy.inverse(5)) == 0u);
}

BOOST_AUTO_TEST_CASE(checksum_is_the_usual_crc_32) {
  // "12345678" as little-endian words; CRC-32 of the text is 9ae0daaf.
  const std::vector<std::uint32_t> words{0x34333231u, 0x38373635u};
  BOOST_TEST(testing::crc32(words) == 0x9ae0daafu);
}

BOOST_AUTO_TEST_CASE(published_tables, *boost::unit_test::precondition(testing::reference_is_set)) {
  const nlohmann::json groups = reference_json("groups.json");
  check_published_in_own_order(cayley_table(Cyclic<>{113}), groups);
  check_published_in_own_order(cayley_table(Cyclic<118>{}), groups);
  check_published_in_own_order(cayley_table(Dihedral<59>{}), groups);
  check_published_permutations<Symmetric<5>, 5>(groups);
  check_published_permutations<Alternating<5>, 5>(groups);
  check_published_permutations<Symmetric<6>, 6>(groups);
}

BOOST_AUTO_TEST_SUITE_END()
