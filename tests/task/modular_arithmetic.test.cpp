#include <cayley/task/modular_arithmetic.hpp>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

#include "task/thrown_message.hpp"

BOOST_AUTO_TEST_SUITE(modular_arithmetic_test)

using namespace cayley;
using cayley::testing::thrown_message;

BOOST_AUTO_TEST_CASE(every_operation_on_every_pair) {
  for (const Index p : {2, 3, 7, 12, 113}) {
    const auto sum = modular_sum(p), difference = modular_difference(p), quadratic = modular_quadratic(p);
    const auto count = static_cast<std::size_t>(p * p);
    BOOST_TEST((sum.examples == all_pairs(p)));
    BOOST_TEST((difference.examples == sum.examples));
    BOOST_TEST((quadratic.examples == sum.examples));
    BOOST_REQUIRE(sum.labels.size() == count && difference.labels.size() == count && quadratic.labels.size() == count);
    bool right = true;
    for (Index i = 0; i < p * p; ++i) {
      const Index x = i / p, y = i % p;
      const auto label = [&](LabelledExamples<Pair> const& task) {
        return static_cast<Index>(task.labels[static_cast<std::size_t>(i)]);
      };
      right = right && label(sum) == (x + y) % p && (label(difference) + y) % p == x &&
              label(quadratic) == (x * x + x * y + y * y) % p;
    }
    BOOST_TEST(right, "modulus " << p);
  }
  BOOST_TEST(modular_sum(113).labels[5 * 113 + 110] == 2u);
  BOOST_TEST(modular_difference(113).labels[5 * 113 + 110] == 8u);
  BOOST_TEST(modular_quadratic(113).labels[3 * 113 + 10] == 26u);  // 9 + 30 + 100 = 139
}

BOOST_AUTO_TEST_CASE(a_quotient_times_its_divisor_is_the_dividend) {
  for (const Index p : {2, 3, 5, 97, 113}) {
    const auto task = modular_quotient(p);
    BOOST_REQUIRE(static_cast<Index>(task.examples.size()) == p * (p - 1));
    BOOST_REQUIRE(task.labels.size() == task.examples.size());
    bool right = true;
    for (std::size_t i = 0; i < task.examples.size(); ++i) {
      const Index x = task.examples[i].a, y = task.examples[i].b, z = task.labels[i];
      right = right && static_cast<Index>(i) == x * (p - 1) + y - 1 && y >= 1 && y < p && z < p && z * y % p == x;
    }
    BOOST_TEST(right, "modulus " << p);
  }
}

BOOST_AUTO_TEST_CASE(a_random_table_is_that_of_numpy) {
  // numpy.random.RandomState(123).randint(0, 5, (5, 5))
  const std::vector<Element> expected{2, 4, 2, 1, 3, 2, 3, 1, 1, 0, 1, 1, 0, 0, 1, 3, 4, 0, 0, 4, 1, 3, 2, 4, 2};
  const auto table = modular_random_table(5, 123);
  BOOST_TEST(table.labels == expected, boost::test_tools::per_element());
  BOOST_TEST((table.examples == all_pairs(5)));
  BOOST_TEST((modular_random_table(5, 124).labels != table.labels));
}

BOOST_AUTO_TEST_CASE(any_callable_makes_a_task) {
  const auto larger = modular_function(4, [](Index x, Index y) { return x > y ? x : y; });
  BOOST_TEST(larger.labels == (std::vector<Element>{0, 1, 2, 3, 1, 1, 2, 3, 2, 2, 2, 3, 3, 3, 3, 3}),
             boost::test_tools::per_element());
  const auto constant = modular_function(3, [](int, int) { return 2; });
  BOOST_TEST(constant.labels == std::vector<Element>(9, 2), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(operations_by_name) {
  for (std::string_view name : modular_operations) BOOST_TEST(!modular_arithmetic(name, 7, 3).labels.empty(), name);
  BOOST_TEST((modular_arithmetic("add", 7).labels == modular_sum(7).labels));
  BOOST_TEST((modular_arithmetic("subtract", 7).labels == modular_difference(7).labels));
  BOOST_TEST((modular_arithmetic("x2xyy2", 7).labels == modular_quadratic(7).labels));
  BOOST_TEST((modular_arithmetic("divide", 7).labels == modular_quotient(7).labels));
  BOOST_TEST((modular_arithmetic("rand", 7, 3).labels == modular_random_table(7, 3).labels));
  BOOST_TEST(thrown_message([] { modular_arithmetic("substract", 7); }) ==
             "modular arithmetic: no operation \"substract\" (did you mean subtract?); expected one of add, subtract, "
             "x2xyy2, divide, rand");
}

BOOST_AUTO_TEST_CASE(bad_parameters_are_refused) {
  BOOST_TEST(thrown_message([] { modular_sum(1); }) == "modular arithmetic: expected a modulus of 2 .. 4096, found 1");
  BOOST_TEST(thrown_message([] { modular_quotient(4097); }) ==
             "modular arithmetic: expected a modulus of 2 .. 4096, found 4097");
  BOOST_TEST(thrown_message([] { modular_random_table(-3, 1); }) ==
             "modular arithmetic: expected a modulus of 2 .. 4096, found -3");
  BOOST_TEST(thrown_message([] { modular_quotient(91); }) ==
             "modular division: expected a prime modulus, found 91 = 7 * 13");
  BOOST_TEST(thrown_message([] { modular_function(5, [](auto x, auto y) { return x + y; }); }) ==
             "modular arithmetic: expected values 0 .. 4, found 5 of (1, 4)");
  BOOST_TEST(thrown_message([] { modular_function(5, [](int x, int y) { return x - y; }); }) ==
             "modular arithmetic: expected values 0 .. 4, found -1 of (0, 1)");
  BOOST_CHECK_THROW(modular_random_table(5, std::uint64_t{1} << 32), Error);
}

BOOST_AUTO_TEST_SUITE_END()
