#include <boost/test/unit_test.hpp>
#include <cayley/group/any_group.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/group/table_group.hpp>

BOOST_AUTO_TEST_SUITE(any_group_test)

using namespace cayley;

static_assert(FiniteGroup<AnyGroup>);
static_assert(!std::is_convertible_v<int, AnyGroup>);

BOOST_AUTO_TEST_CASE(a_group_without_its_type_is_the_same_group) {
  const Dihedral<> own{6};
  const AnyGroup any(own);
  BOOST_TEST(any.order() == 12);
  BOOST_TEST(any.identity() == own.identity());
  BOOST_TEST(any.name() == "D6");
  BOOST_TEST((any.generators() == own.generators()));
  for (Element a : elements(own)) {
    BOOST_TEST(any.inverse(a) == own.inverse(a));
    for (Element b : elements(own)) BOOST_TEST(any.compose(a, b) == own.compose(a, b));
  }
}

BOOST_AUTO_TEST_CASE(it_owns_what_it_needs) {
  const auto made = [] {
    const TableGroup klein("Klein", {{0, 1, 2, 3}, {1, 0, 3, 2}, {2, 3, 0, 1}, {3, 2, 1, 0}});
    return AnyGroup(klein);
  };
  const AnyGroup any = made();
  const AnyGroup copy = any;
  BOOST_TEST(copy.compose(1, 2) == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
