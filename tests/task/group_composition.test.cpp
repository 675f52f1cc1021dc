#include <cayley/task/group_composition.hpp>

#include <cayley/group/dihedral.hpp>

#include <boost/test/unit_test.hpp>

using namespace cayley;

BOOST_AUTO_TEST_CASE(every_pair_is_labelled_with_its_product) {
  const Dihedral<5> g;
  const GroupComposition task = group_composition(g);
  BOOST_TEST(task.pairs.size() == 100u);
  BOOST_TEST(task.labels.size() == 100u);
  for (std::size_t i = 0; i < task.pairs.size(); ++i) {
    BOOST_TEST(task.pairs[i].a == i / 10);
    BOOST_TEST(task.pairs[i].b == i % 10);
    BOOST_TEST(task.labels[i] == g.compose(task.pairs[i].a, task.pairs[i].b));
  }
}
