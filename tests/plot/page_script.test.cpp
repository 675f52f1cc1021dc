#include <boost/test/unit_test.hpp>
#include <cayley/plot/page_script.hpp>

BOOST_AUTO_TEST_SUITE(page_script_test)
using namespace cayley;

BOOST_AUTO_TEST_CASE(the_page_asks_for_light_or_dark_and_loads_nothing) {
  BOOST_TEST(page_style.find("prefers-color-scheme: dark") != std::string::npos);
  BOOST_TEST(page_script.find("prefers-color-scheme: dark") != std::string::npos);
  for (std::string const& text : {page_style, page_script}) {
    BOOST_TEST(text.find("http") == std::string::npos);
    BOOST_TEST(text.find("</") == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
