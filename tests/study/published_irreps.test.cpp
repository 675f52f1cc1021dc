#include <cayley/study/published_irreps.hpp>

#include <cayley/study/study_group.hpp>

#include <boost/test/unit_test.hpp>
#include <tuple>

#include "reference.hpp"

BOOST_AUTO_TEST_SUITE(published_irreps_test)

using namespace cayley;

namespace {

std::vector<std::string> names(PublishedIrreps const& published, bool listed_only = false) {
  std::vector<std::string> result;
  for (Index i = 0; i < published.irreps.size(); ++i) {
    const bool listed = std::find(published.listed.begin(), published.listed.end(), i) != published.listed.end();
    if (listed || !listed_only) result.push_back(published.irreps[i].label());
  }
  return result;
}

using Names = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(permutation_groups_have_their_published_names_in_published_order) {
  BOOST_TEST(names(published_irreps(Symmetric<1>{})) == Names({"trivial"}), boost::test_tools::per_element());
  BOOST_TEST(names(published_irreps(Symmetric<2>{})) == Names({"trivial", "sign"}), boost::test_tools::per_element());
  BOOST_TEST(names(published_irreps(Symmetric<3>{})) == Names({"trivial", "sign", "standard"}),
             boost::test_tools::per_element());
  BOOST_TEST(
      names(published_irreps(Symmetric<4>{})) == Names({"trivial", "sign", "standard", "standard_sign", "specht_2_2"}),
      boost::test_tools::per_element());
  BOOST_TEST(names(published_irreps(Symmetric<5>{})) ==
                 Names({"trivial", "sign", "standard", "standard_sign", "s5_5d_a", "s5_5d_b", "s5_6d"}),
             boost::test_tools::per_element());
  BOOST_TEST(names(published_irreps(Alternating<4>{})) == Names({"trivial", "standard", "specht_2_2"}),
             boost::test_tools::per_element());
  BOOST_TEST(
      names(published_irreps(Alternating<5>{})) == Names({"trivial", "standard", "a5_5d_a", "a5_3d_a", "a5_3d_b"}),
      boost::test_tools::per_element());
  BOOST_TEST(names(published_irreps(Alternating<6>{})) == Names({"trivial", "standard", "specht_4_2", "specht_4_1_1",
                                                                 "specht_3_3", "specht_3_2_1_a", "specht_3_2_1_b"}),
             boost::test_tools::per_element());
  BOOST_TEST(names(published_irreps(Symmetric<7>{})).size() == 15u);
}

BOOST_AUTO_TEST_CASE(s6_lists_six_of_its_eleven_irreps) {
  const PublishedIrreps published = published_irreps(Symmetric<6>{});
  BOOST_TEST(published.irreps.size() == 11);
  BOOST_TEST(names(published, true) == Names({"trivial", "sign", "standard", "standard_sign", "s6_5d_a", "s6_5d_b"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(other_groups_keep_their_own_names) {
  BOOST_TEST(names(published_irreps(Cyclic<>{4})) == Names({"trivial", "sign", "freq_1"}),
             boost::test_tools::per_element());
  BOOST_TEST(published_irreps(Dihedral<>{59}).listed.size() == 31u);
}

BOOST_AUTO_TEST_CASE(names_match_the_published_characters,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  for (const auto& [name, family, parameter] : {std::tuple{"S5", "SymmetricGroup", 5},
                                                {"S6", "SymmetricGroup", 6},
                                                {"A5", "AlternatingGroup", 5},
                                                {"C113", "CyclicGroup", 113},
                                                {"C118", "CyclicGroup", 118},
                                                {"D59", "DihedralGroup", 59}}) {
    BOOST_TEST_CONTEXT(name) {
      RunConfig config;
      config.group = family;
      config.group_parameter = parameter;
      const StudyGroup group = study_group(config, ".", "cfg.json");
      const Index n = group.table.order();
      std::vector<Element> order;
      if (group.degree > 0) {
        order = read_element_order(cayley::testing::reference_file("elements_" + std::string(name) + ".json"), group);
      } else {
        for (Element g : elements(group.table)) order.push_back(g);
      }
      const Json json = read_json(cayley::testing::reference_file("irreps_" + std::string(name) + ".json"));
      BOOST_TEST(static_cast<Index>(json.at("irreps").size()) == group.irreps().size());
      Index position = 0;
      for (auto const& expected : json.at("irreps")) {
        const Index at = group.irreps().find(expected.at("name").get<std::string>());
        BOOST_REQUIRE(at >= 0);
        Irrep const& irrep = group.irreps()[at];
        BOOST_TEST(irrep.dimension() == expected.at("dim").get<Index>());
        BOOST_TEST(static_cast<double>(irrep.nu()) == expected.at("norm").get<double>());
        const bool listed = std::find(group.listed.begin(), group.listed.end(), at) != group.listed.end();
        BOOST_TEST(listed == expected.at("listed_in_repository").get<bool>());
        if (listed) BOOST_TEST(at == position);  // the published order
        ++position;
        double worst = 0;
        for (Index i = 0; i < n; ++i) {
          const double value = expected.at("character")[static_cast<std::size_t>(i)].get<double>();
          worst =
              std::max(worst, std::abs(value - group.irreps().character(irrep, order[static_cast<std::size_t>(i)])));
        }
        BOOST_TEST(worst < 1e-12);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
