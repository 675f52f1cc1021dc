#include <boost/test/unit_test.hpp>
#include <cayley/representation/irreps.hpp>
#include <string>

#include "laws/group_models.hpp"
#include "representation/check_irreps.hpp"
#include "representation/groups_of_every_type.hpp"

BOOST_AUTO_TEST_SUITE(irreps_test)

/// Groups of a program that uses the library, outside its namespace.
namespace outside {

using cayley::Element;
using cayley::Index;

/// Pairs of bits under exclusive or.
struct KleinFour {
  Index order() const { return 4; }
  Element identity() const { return 0; }
  Element compose(Element a, Element b) const { return a ^ b; }
  Element inverse(Element a) const { return a; }
};

/// C_2, with irreps of its own.
struct Parity {
  Index order() const { return 2; }
  Element identity() const { return 0; }
  Element compose(Element a, Element b) const { return a ^ b; }
  Element inverse(Element a) const { return a; }
};

inline cayley::Irreps irreps(Parity const& g) {
  const cayley::ConjugacyClasses classes = cayley::conjugacy_classes(g);
  return cayley::Irreps(
      classes, {cayley::trivial_irrep(classes),
                cayley::one_dimensional_irrep("parity", classes, [](Element a) { return a == 0 ? 1.0 : -1.0; })});
}

}  // namespace outside

using namespace cayley;
using testing::check_irreps;
using testing::check_same_irreps;
using testing::labels;

BOOST_AUTO_TEST_CASE(built_in_families_have_names) {
  BOOST_TEST(labels(irreps(Cyclic<>{4})) == "trivial; sign; freq_1");
  BOOST_TEST(labels(irreps(Dihedral<>{3})) == "trivial; sign; freq_1");
  BOOST_TEST(labels(irreps(Symmetric<3>{})) == "trivial; (2,1); sign");
  BOOST_TEST(labels(irreps(Alternating<4>{})) == "trivial; (3,1); (2,2)");
  BOOST_TEST(labels(irreps(Product{Cyclic<2>{}, Cyclic<2>{}})) ==
             "trivial; trivial x sign; sign x trivial; sign x sign");
}

BOOST_AUTO_TEST_CASE(tables_take_the_regular_representation) {
  BOOST_TEST(labels(irreps(cayley_table(Symmetric<3>{}))) == "trivial; irrep_1_1; irrep_2_1");
  BOOST_TEST(labels(irreps(testing::quaternion_group())) == labels(regular_decomposition(testing::quaternion_group())));
}

BOOST_AUTO_TEST_CASE(every_model_of_a_group_has_irreps) {
  testing::for_each_group_model([](auto const& g) {
    if (g.order() > 120) return;
    const CayleyTable table = cayley_table(g);
    const Irreps list = irreps(g);
    check_irreps(table, list, {.budget = 2'000});
    if (g.order() <= 60) check_same_irreps(irreps(table), list);
  });
}

BOOST_AUTO_TEST_CASE(groups_of_every_type_have_irreps) {
  for (TableGroup const& g :
       {testing::dicyclic_group_12(), testing::frobenius_group_21(), testing::special_linear_group_2_3()}) {
    check_irreps(g, irreps(g));
  }
}

BOOST_AUTO_TEST_CASE(groups_from_outside_have_irreps) {
  check_irreps(outside::KleinFour{}, cayley::irreps(outside::KleinFour{}));
  BOOST_TEST(labels(cayley::irreps(outside::KleinFour{})) == "trivial; irrep_1_1; irrep_1_2; irrep_1_3");
  BOOST_TEST(labels(irreps(outside::Parity{})) == "trivial; parity");
}

BOOST_AUTO_TEST_CASE(groups_from_outside_are_factors_of_products) {
  const Product left{outside::KleinFour{}, Cyclic<>{3}};
  check_irreps(left, irreps(left));
  const Product nested{Product{Cyclic<>{3}, outside::Parity{}}, outside::KleinFour{}};
  const Irreps list = irreps(nested);
  check_irreps(nested, list);
  BOOST_TEST(list.find("trivial x parity x trivial") >= 0);
  BOOST_TEST(list.find("freq_1 x parity x irrep_1_2") >= 0);
}

BOOST_AUTO_TEST_SUITE_END()
