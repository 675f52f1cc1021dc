#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/group/conjugacy.hpp>
#include <numeric>
#include <set>
#include <vector>

#include "group/expected_statistics.hpp"
#include "laws/group_models.hpp"

BOOST_AUTO_TEST_SUITE(conjugacy_test)

using namespace cayley;
using testing::text;

BOOST_AUTO_TEST_CASE(classes_are_the_orbits_of_conjugation_by_all_elements) {
  for (AnyGroup const& g : testing::group_models(360)) {
    const ConjugacyClasses classes = conjugacy_classes(g);
    bool right = true;
    for (Index c = 0; c < classes.count(); ++c) {
      const Element a = classes.representative[static_cast<std::size_t>(c)];
      std::set<Element> orbit;
      for (Element s : elements(g)) orbit.insert(g.compose(g.compose(g.inverse(s), a), s));
      right =
          right && *orbit.begin() == a && static_cast<Index>(orbit.size()) == classes.size[static_cast<std::size_t>(c)];
      for (Element b : orbit) right = right && static_cast<Index>(classes.class_of[b]) == c;
    }
    BOOST_TEST_CONTEXT(g.name()) {
      BOOST_TEST(right);
      BOOST_TEST(classes.order() == g.order());
      BOOST_TEST(std::accumulate(classes.size.begin(), classes.size.end(), Index{0}) == g.order());
      BOOST_TEST(std::is_sorted(classes.representative.begin(), classes.representative.end()));
    }
  }
}

BOOST_AUTO_TEST_CASE(inverse_names_the_class_of_the_inverses) {
  for (AnyGroup const& g : testing::group_models(360)) {
    const ConjugacyClasses classes = conjugacy_classes(g);
    bool right = true;
    for (Element a : elements(g)) {
      right = right && classes.inverse[classes.class_of[a]] == classes.class_of[g.inverse(a)];
    }
    BOOST_TEST(right, g.name());
  }
}

BOOST_AUTO_TEST_CASE(some_classes_hold_their_inverses_and_some_do_not) {
  BOOST_TEST(text(conjugacy_classes(Cyclic<>{5}).inverse) == "0 4 3 2 1");
  BOOST_TEST(text(conjugacy_classes(Symmetric<4>{}).inverse) == "0 1 2 3 4");
  // The two classes of 3-cycles of A_4 are inverse to each other; those of 5-cycles of A_5 are not.
  const ConjugacyClasses a4 = conjugacy_classes(Alternating<4>{});
  const std::uint32_t cycles = a4.class_of[Alternating<4>::element({1, 2, 0, 3})];
  BOOST_TEST(a4.inverse[cycles] != cycles);
  BOOST_TEST(text(conjugacy_classes(Alternating<5>{}).inverse) == "0 1 2 3 4");
}

BOOST_AUTO_TEST_CASE(the_class_of_the_identity_comes_first_where_the_identity_does) {
  const ConjugacyClasses classes = conjugacy_classes(Symmetric<4>{});
  BOOST_TEST(classes.representative.front() == 0u);
  BOOST_TEST(classes.size.front() == 1);
  BOOST_TEST(text(conjugacy_classes(testing::shifted_cyclic_group()).representative) == "0 1 2");
}

BOOST_AUTO_TEST_CASE(known_class_counts) {
  BOOST_TEST(conjugacy_classes(Cyclic<113>{}).count() == 113);
  BOOST_TEST(conjugacy_classes(Dihedral<59>{}).count() == 31);
  BOOST_TEST(conjugacy_classes(testing::quaternion_group()).count() == 5);
  BOOST_TEST(conjugacy_classes(Symmetric<6>{}).count() == 11);
  BOOST_TEST(conjugacy_classes(Alternating<6>{}).count() == 7);
}

BOOST_AUTO_TEST_SUITE_END()
