#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cayley/plot/page.hpp>
#include <string>

BOOST_AUTO_TEST_SUITE(page_test)
using namespace cayley;

BOOST_AUTO_TEST_CASE(base64_of_rfc_4648) {
  const std::vector<std::pair<std::string, std::string>> vectors{
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
  for (auto const& [bytes, text] : vectors) BOOST_TEST(base64(bytes) == text);
}

BOOST_AUTO_TEST_CASE(text_cannot_become_html) {
  BOOST_TEST(html_text("<a href=\"x\">&") == "&lt;a href=&quot;x&quot;&gt;&amp;");
}

BOOST_AUTO_TEST_CASE(large_arrays_are_packed_and_small_ones_are_not) {
  const Json small = {{"x", {1, 2, 3}}, {"name", "a"}};
  BOOST_TEST((packed(small) == small));
  Json numbers = Json::array();
  std::string bytes;
  for (int i = 0; i < 40; ++i) {
    numbers.push_back(i);
    const float value = static_cast<float>(i);
    bytes.append(reinterpret_cast<char const*>(&value), sizeof value);
  }
  const Json expected = {{"f32", base64(bytes)}, {"shape", {40, 0}}};
  BOOST_TEST((packed(numbers) == expected));
  const Json matrix = Json::array({numbers, numbers});
  BOOST_TEST((packed(matrix)["f32"] == base64(bytes + bytes)));
  BOOST_TEST((packed(matrix)["shape"] == Json({2, 40})));
  numbers.push_back("label");
  BOOST_TEST((packed(numbers) == numbers));
}

BOOST_AUTO_TEST_CASE(sections_in_order_with_figure_table_and_note) {
  const Page page{
      "A <page>",
      {"verdict"},
      {{"First", "text", PageTable{{"metric", "found"}, {{"loss", "0.5"}}}},
       {"Second", "", {}, figure("Losses </script> fall", "Read it.", {"", {}, {}, {Curve{"c", {1}, {2}}}})},
       {"Third", "", {}, {}, "no checkpoints"}}};
  const std::string html = page_html(page, linked_plotly(public_plotly_address), "more();");
  std::size_t at = 0;
  for (char const* part :
       {"<title>A &lt;page&gt;</title>", "verdict", "First", "<th scope=\"row\">loss</th><td>0.5</td>", "Second",
        "Read it.", "id=\"figure-1\"", "\"figure-1-json\">{\"data\"", "Third", "<p class=\"note\">no checkpoints</p>",
        "src=\"https://cdn.plot.ly/", "more();"}) {
    const std::size_t found = html.find(part, at);
    BOOST_TEST(found != std::string::npos, part);
    if (found != std::string::npos) at = found;
  }
  BOOST_TEST(html.find("Losses </script>") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_picture_is_one_figure_of_a_size) {
  const Figure f = figure("One </title>", "Read it.", {"", {}, {}, {Curve{"c", {1}, {2}}}});
  const std::string html = picture_html(f, linked_plotly("plotly.js"), 960);
  const std::string size = "size: 960px " + std::to_string(plotly_json(f)["layout"]["height"].get<int>()) + "px";
  for (std::string const& part : {size, std::string("<title>One &lt;/title&gt;"), std::string("src=\"plotly.js\"")}) {
    BOOST_TEST(html.find(part) != std::string::npos, part);
  }
  BOOST_TEST(html.find("One </title>") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_plotly_is_named) {
  BOOST_CHECK_EXCEPTION(embedded_plotly("/nowhere/plotly.js"), Error, [](Error const& error) {
    return std::string(error.what()).find("/nowhere/plotly.js") != std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()
