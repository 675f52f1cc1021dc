#include <cayley/task/group_composition.hpp>

#include <cayley/group/dihedral.hpp>

#include <boost/test/unit_test.hpp>
#include <type_traits>

BOOST_AUTO_TEST_SUITE(group_composition_test)

using namespace cayley;

static_assert(std::is_same_v<GroupComposition, LabelledExamples<Pair>>);

BOOST_AUTO_TEST_CASE(every_pair_is_labelled_with_its_product) {
  const Dihedral<5> g;
  const GroupComposition task = group_composition(g);
  BOOST_TEST(task.examples.size() == 100u);
  BOOST_TEST(task.labels.size() == 100u);
  for (std::size_t i = 0; i < task.examples.size(); ++i) {
    BOOST_TEST(task.examples[i].a == i / 10);
    BOOST_TEST(task.examples[i].b == i % 10);
    BOOST_TEST(task.labels[i] == g.compose(task.examples[i].a, task.examples[i].b));
  }
  BOOST_TEST((task.examples == all_pairs(10)));
}

BOOST_AUTO_TEST_SUITE_END()
