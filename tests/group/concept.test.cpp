#include <boost/test/unit_test.hpp>
#include <cayley/group/concept.hpp>
#include <cayley/group/subgroup.hpp>
#include <memory>
#include <string>
#include <vector>

#include "laws/group_models.hpp"

BOOST_AUTO_TEST_SUITE(concept_test)

using namespace cayley;

namespace {

/// The least that a model may offer: C_4 without a name and without generators.
struct Archetype {
  int order() const { return 4; }
  Element identity() const { return 0; }
  Element compose(Element a, Element b) const { return (a + b) % 4; }
  Element inverse(Element a) const { return (4 - a) % 4; }
};

/// The Klein four-group a ^ b with its elements relabelled by ^ 2, so that the identity is 2.
struct ShiftedKlein : Archetype {
  Element identity() const { return 2; }
  Element compose(Element a, Element b) const { return a ^ b ^ 2u; }
  Element inverse(Element a) const { return a; }
};

/// S_3, without the generators that it names.
struct BareSymmetric : Archetype {
  int order() const { return 6; }
  Element compose(Element a, Element b) const { return Symmetric<3>::compose(a, b); }
  Element inverse(Element a) const { return Symmetric<3>::inverse(a); }
};

struct Trivial : Archetype {
  int order() const { return 1; }
};

struct WithoutInverse {
  Index order() const { return 1; }
  Element identity() const { return 0; }
  Element compose(Element, Element) const { return 0; }
};
struct SignedProduct : Archetype {
  int compose(Element, Element) const { return 0; }
};
struct MutatingProduct : Archetype {
  Element compose(Element, Element) { return 0; }
};
struct OrderIsText : Archetype {
  std::string order() const { return "4"; }
};
struct NotCopyable : Archetype {
  std::unique_ptr<int> owner;
};

static_assert(FiniteGroup<Archetype> && FiniteGroup<ShiftedKlein> && FiniteGroup<Trivial>);
static_assert(!FiniteGroup<int> && !FiniteGroup<void> && !FiniteGroup<Archetype&>);
static_assert(!FiniteGroup<WithoutInverse> && !FiniteGroup<SignedProduct> && !FiniteGroup<MutatingProduct>);
static_assert(!FiniteGroup<OrderIsText> && !FiniteGroup<NotCopyable>);

constexpr Element sum_of_elements(FiniteGroup auto const& g) {
  Element sum = 0;
  for (Element a : elements(g)) sum += a;
  return sum;
}
static_assert(sum_of_elements(Cyclic<5>{}) == 10 && sum_of_elements(Cyclic<1>{}) == 0);

}  // namespace

BOOST_AUTO_TEST_CASE(elements_are_the_indices_below_the_order) {
  std::vector<Element> found;
  for (Element a : elements(Archetype{})) found.push_back(a);
  BOOST_TEST(found == (std::vector<Element>{0, 1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_group_without_a_name_is_named_by_its_order) {
  BOOST_TEST(group_name(Archetype{}) == "group of order 4");
  BOOST_TEST(group_name(Dihedral<>{59}) == "D59");
}

BOOST_AUTO_TEST_CASE(generators_are_found_where_a_group_names_none) {
  BOOST_TEST(generators(Archetype{}) == std::vector<Element>{1}, boost::test_tools::per_element());
  BOOST_TEST(generators(ShiftedKlein{}) == (std::vector<Element>{0, 1}), boost::test_tools::per_element());
  BOOST_TEST(generators(BareSymmetric{}) == (std::vector<Element>{1, 2}), boost::test_tools::per_element());
  BOOST_TEST(generators(Trivial{}).empty());
}

BOOST_AUTO_TEST_CASE(generators_of_every_group_generate_it) {
  for (AnyGroup const& g : testing::group_models()) {
    BOOST_TEST_CONTEXT(g.name()) {
      BOOST_TEST(static_cast<Index>(generated_subgroup(g, g.generators()).size()) == g.order());
      BOOST_TEST((g.order() == 1) == g.generators().empty());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
