#include <cayley/task/labelled.hpp>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(labelled_test)

using namespace cayley;

BOOST_AUTO_TEST_CASE(a_subset_keeps_examples_with_their_labels_in_the_order_asked_for) {
  const LabelledExamples<std::string> words{{"zero", "one", "two", "three"}, {0, 1, 2, 3}};
  const std::vector<std::uint32_t> places{2, 0, 2};
  const auto part = words.subset(places);
  BOOST_TEST(part.examples == (std::vector<std::string>{"two", "zero", "two"}), boost::test_tools::per_element());
  BOOST_TEST(part.labels == (std::vector<Element>{2, 0, 2}), boost::test_tools::per_element());
  BOOST_TEST(words.subset({}).examples.empty());
  BOOST_TEST(words.subset({}).labels.empty());
}

BOOST_AUTO_TEST_SUITE_END()
