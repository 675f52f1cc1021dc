#include <boost/test/unit_test.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/fourier/largest_terms.hpp>
#include <cayley/fourier/pair_transform.hpp>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "fourier/sample_groups.hpp"

BOOST_AUTO_TEST_SUITE(largest_terms_test)

using namespace cayley;
using testing::random_functions;

namespace {

const std::vector<std::string> letters{"a", "b", "c"};

Matrix<double> mixed_powers() {
  return Matrix<double>{{1, 5, 0}, {5, 2, 3}, {0, 3, 1}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(largest_first_and_equal_powers_in_row_major_order) {
  const std::vector<FourierTerm> terms = largest_terms(mixed_powers(), letters, 9);
  std::vector<std::string> names;
  for (FourierTerm const& term : terms) names.push_back(term.name);
  const std::vector<std::string> expected{"a * b", "b * a", "b * c", "c * b", "b * b",
                                          "a * a", "c * c", "a * c", "c * a"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_term_says_where_it_stands_and_its_share) {
  const std::vector<FourierTerm> terms = largest_terms(mixed_powers(), letters, 3);
  BOOST_REQUIRE(terms.size() == 3u);
  BOOST_TEST(terms[2].first == 1);
  BOOST_TEST(terms[2].second == 2);
  BOOST_TEST(terms[2].power == 3.0);
  BOOST_TEST(terms[2].share == 3.0 / 20);
  BOOST_TEST(terms[2].cumulative_share == 13.0 / 20, boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(shares_add_up_to_one) {
  const Matrix<double> power = random_functions<double>(12, 12, 1).cwiseAbs2();
  const std::vector<FourierTerm> terms = largest_terms(power, FourierBasis(Cyclic<12>{}).names(), 144);
  BOOST_REQUIRE(terms.size() == 144u);
  double sum = 0;
  for (std::size_t k = 0; k < terms.size(); ++k) {
    sum += terms[k].share;
    BOOST_TEST(std::abs(terms[k].cumulative_share - sum) <= 1e-14);
    BOOST_TEST(terms[k].power == power(terms[k].first, terms[k].second));
    if (k > 0) BOOST_TEST(terms[k].power <= terms[k - 1].power);
  }
  BOOST_TEST(std::abs(sum - 1) <= 1e-14);
}

BOOST_AUTO_TEST_CASE(few_terms_are_the_head_of_all_of_them) {
  const Matrix<double> power = random_functions<double>(12, 12, 2).cwiseAbs2();
  const std::vector<std::string> names = FourierBasis(Cyclic<12>{}).names();
  const std::vector<FourierTerm> all = largest_terms(power, names, 144), few = largest_terms(power, names, 10);
  BOOST_REQUIRE(few.size() == 10u);
  for (std::size_t k = 0; k < few.size(); ++k) {
    BOOST_TEST(few[k].name == all[k].name);
    // Shares are of the whole matrix, not of the terms returned.
    BOOST_TEST(few[k].share == all[k].share);
    BOOST_TEST(few[k].cumulative_share == all[k].cumulative_share);
  }
}

BOOST_AUTO_TEST_CASE(the_count_is_clamped) {
  BOOST_TEST(largest_terms(mixed_powers(), letters, 100).size() == 9u);
  BOOST_TEST(largest_terms(mixed_powers(), letters, 0).empty());
  BOOST_TEST(largest_terms(mixed_powers(), letters, -1).empty());
  BOOST_TEST(largest_terms(Matrix<double>(0, 0), {}, 5).empty());
}

BOOST_AUTO_TEST_CASE(without_power_there_are_no_shares) {
  const std::vector<FourierTerm> terms = largest_terms(Matrix<double>::Zero(3, 3), letters, 4);
  BOOST_REQUIRE(terms.size() == 4u);
  for (FourierTerm const& term : terms) {
    BOOST_TEST(term.power == 0.0);
    BOOST_TEST(term.share == 0.0);
    BOOST_TEST(term.cumulative_share == 0.0);
  }
  BOOST_TEST(terms[0].name == "a * a");
  BOOST_TEST(terms[3].name == "b * a");
}

BOOST_AUTO_TEST_CASE(cosine_of_a_sum_is_two_terms_of_equal_share) {
  // cos(x + y) = cos x cos y - sin x sin y.
  const Index n = 7;
  const FourierBasis basis(Cyclic<>{n});
  Matrix<double> f(n * n, 1);
  for (Index a = 0; a < n; ++a) {
    for (Index b = 0; b < n; ++b) {
      f(a * n + b, 0) = std::cos(2 * std::numbers::pi * 3 * static_cast<double>(a + b) / static_cast<double>(n));
    }
  }
  const Matrix<double> coefficients = transform_pairs(basis, f);
  const Matrix<double> power = coefficients.reshaped<Eigen::RowMajor>(n, n).cwiseAbs2();
  const std::vector<FourierTerm> terms = largest_terms(power, basis.names(), 3);
  BOOST_TEST((terms[0].name == "cos 3 * cos 3" || terms[1].name == "cos 3 * cos 3"));
  BOOST_TEST((terms[0].name == "sin 3 * sin 3" || terms[1].name == "sin 3 * sin 3"));
  BOOST_TEST(std::abs(terms[0].share - 0.5) <= 1e-12);
  BOOST_TEST(std::abs(terms[1].cumulative_share - 1) <= 1e-12);
  BOOST_TEST(terms[2].share <= 1e-24);
}

BOOST_AUTO_TEST_CASE(names_that_do_not_match_the_matrix_are_refused) {
  const auto says = [](std::string message) {
    return [message](Error const& error) {
      BOOST_TEST(error.what() == message);
      return true;
    };
  };
  BOOST_CHECK_EXCEPTION(largest_terms(Matrix<double>::Zero(2, 3), letters, 1), Error,
                        says("largest terms: 3 names for a (2, 3) matrix"));
  BOOST_CHECK_EXCEPTION(largest_terms(Matrix<double>::Zero(3, 4), letters, 1), Error,
                        says("largest terms: 3 names for a (3, 4) matrix"));
}

BOOST_AUTO_TEST_SUITE_END()
