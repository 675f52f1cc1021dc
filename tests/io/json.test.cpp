#include <boost/test/unit_test.hpp>
#include <cayley/io/json.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(json_test)

namespace {

using cayley::Error;
using cayley::Json;
using cayley::json_as;
using cayley::parse_json;
using cayley::require_key;

BOOST_AUTO_TEST_CASE(keys_keep_their_order_through_a_file) {
  const ScratchFolder folder;
  Json metrics;
  metrics["train_loss"] = {2.5, 0.1};
  metrics["accuracy"] = 1;
  metrics["group"] = "Q\xE2\x82\x88 \"quoted\"";
  cayley::write_json(folder / "metrics.json", metrics);
  BOOST_TEST((cayley::read_json(folder / "metrics.json") == metrics));
  BOOST_TEST(cayley::read_file(folder / "metrics.json") ==
             "{\n  \"train_loss\": [\n    2.5,\n    0.1\n  ],\n  \"accuracy\": 1,\n"
             "  \"group\": \"Q\xE2\x82\x88 \\\"quoted\\\"\"\n}\n");
}

BOOST_AUTO_TEST_CASE(doubles_come_back_to_the_bit) {
  const double third = 1.0 / 3.0, tiny = 4.9e-324, large = std::numeric_limits<double>::max();
  const Json value = {third, tiny, large, -0.0};
  BOOST_TEST((json_as<std::vector<double>>(parse_json(cayley::json_text(value, "x"), "x"), "x") ==
              std::vector<double>{third, tiny, large, -0.0}));
}

BOOST_AUTO_TEST_CASE(nan_and_infinity_are_written_as_null) {
  using Limits = std::numeric_limits<double>;
  const Json losses = {0.5, Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()};
  const std::string text = cayley::json_text(losses, "losses.json");
  BOOST_TEST(text == "[0.5,null,null,null]");
  const auto read = json_as<std::vector<std::optional<double>>>(parse_json(text, "losses.json"), "losses.json");
  BOOST_TEST((read == std::vector<std::optional<double>>{0.5, {}, {}, {}}));
  BOOST_CHECK_EXCEPTION(json_as<std::vector<double>>(parse_json(text, "losses.json"), "losses.json"), Error,
                        says({"losses.json[1]: expected a number, found null"}));
}

BOOST_AUTO_TEST_CASE(strings_that_are_not_utf8_cannot_be_written) {
  const ScratchFolder folder;
  BOOST_CHECK_EXCEPTION(cayley::write_json(folder / "bad.json", Json("\xFF")), Error,
                        says({"bad.json", "cannot be written as JSON", "UTF-8"}));
  BOOST_TEST(folder.entry_count() == 0U);
}

BOOST_AUTO_TEST_CASE(syntax_errors_name_file_line_column_and_byte) {
  const ScratchFolder folder;
  cayley::write_file_atomically(folder / "cfg.json", "{\n  \"lr\": 0.001,\n  \"p\": }\n");
  BOOST_CHECK_EXCEPTION(cayley::read_json(folder / "cfg.json"), Error,
                        says({"cfg.json: not JSON, at byte 25", "line 3, column 8"}));
  BOOST_CHECK_EXCEPTION(cayley::read_json(folder / "none.json"), Error,
                        says({"none.json", "No such file or directory"}));
  for (char const* text : {"", "{", "[1,]", "[1] 2", "nul", "{1: 2}", "\"\xFF\"", "NaN", "[1e999]", "'a'"}) {
    BOOST_CHECK_EXCEPTION(parse_json(text, "cfg.json"), Error, says({"cfg.json: not JSON"}));
  }
}

BOOST_AUTO_TEST_CASE(a_zero_byte_does_not_end_the_text) {
  for (std::string_view text : {std::string_view("{}\0", 3), std::string_view("{}\0garbage", 10)}) {
    BOOST_CHECK_EXCEPTION(parse_json(text, "cfg.json"), Error, says({"cfg.json: not JSON, at byte 3: a zero byte"}));
  }
  BOOST_TEST(json_as<std::string>(parse_json(R"("\u0000")", "x"), "x") == std::string(1, '\0'));
}

BOOST_AUTO_TEST_CASE(a_key_that_occurs_twice_is_refused) {
  BOOST_CHECK_EXCEPTION(parse_json(R"({"lr": 1, "p": 2, "lr": 3})", "cfg.json"), Error,
                        says({"cfg.json: key \"lr\" occurs twice"}));
  BOOST_CHECK_EXCEPTION(parse_json(R"([{"a": {"b": 1, "\u0062": 2}}])", "cfg.json"), Error,
                        says({"key \"b\" occurs twice"}));
  BOOST_CHECK_NO_THROW(parse_json(R"({"a": {"a": [{"a": 1}, {"a": 2}]}, "b": {"a": 1}})", "cfg.json"));
}

BOOST_AUTO_TEST_CASE(nesting_is_limited) {
  const auto nested = [](int depth) {
    const auto count = static_cast<std::size_t>(depth);
    return std::string(count, '[') + std::string(count, ']');
  };
  BOOST_CHECK_NO_THROW(parse_json(nested(cayley::max_json_depth), "deep.json"));
  for (int depth : {cayley::max_json_depth + 1, 1'000'000}) {
    BOOST_CHECK_EXCEPTION(parse_json(nested(depth), "deep.json"), Error, says({"deep.json: nested deeper than 256"}));
  }
}

BOOST_AUTO_TEST_CASE(keys_are_taken_out_by_type) {
  const Json cfg = parse_json(
      R"({"lr": 1, "wd": 0.5, "p": 113, "tied": true, "name": "S5", "dims": [[1, 2], []], "seed": null})", "x");
  BOOST_TEST(require_key<double>(cfg, "lr", "x") == 1.0);
  BOOST_TEST(require_key<float>(cfg, "wd", "x") == 0.5F);
  BOOST_TEST(require_key<int>(cfg, "p", "x") == 113);
  BOOST_TEST(require_key<std::uint8_t>(cfg, "p", "x") == 113);
  BOOST_TEST(require_key<bool>(cfg, "tied", "x"));
  BOOST_TEST(require_key<std::string>(cfg, "name", "x") == "S5");
  BOOST_TEST(
      (require_key<std::vector<std::vector<int>>>(cfg, "dims", "x") == std::vector<std::vector<int>>{{1, 2}, {}}));
  BOOST_TEST((require_key<Json>(cfg, "dims", "x") == Json::parse("[[1,2],[]]")));
  BOOST_TEST(!require_key<std::optional<int>>(cfg, "seed", "x").has_value());
  BOOST_TEST((require_key<std::optional<int>>(cfg, "p", "x") == 113));
  BOOST_TEST(cayley::key_or<int>(cfg, "p", 7, "x") == 113);
  BOOST_TEST(cayley::key_or<int>(cfg, "q", 7, "x") == 7);
  BOOST_TEST(require_key<int>(nlohmann::json{{"p", -3}}, "p", "x") == -3);
}

BOOST_AUTO_TEST_CASE(wrong_types_are_errors_that_say_what_was_found) {
  const Json cfg = parse_json(
      R"({"lr": "fast", "p": 113.5, "n": -1, "big": 300, "dims": [[1, 2], [3, "x"]], "o": {}, "a": [1], "z": null})",
      "x");
  const auto refused = [&]<class T>(std::type_identity<T>, char const* key, std::string const& message) {
    BOOST_CHECK_EXCEPTION(require_key<T>(cfg, key, "cfg.json"), Error,
                          says({"cfg.json: key \"" + std::string(key) + "\"", message}));
  };
  refused(std::type_identity<double>{}, "lr", "expected a number, found string \"fast\"");
  refused(std::type_identity<int>{}, "p", "expected an integer from -2147483648 to 2147483647, found number 113.5");
  refused(std::type_identity<std::uint64_t>{}, "n",
          "expected an integer from 0 to 18446744073709551615, found number -1");
  refused(std::type_identity<std::int8_t>{}, "big", "expected an integer from -128 to 127, found number 300");
  refused(std::type_identity<std::vector<std::vector<int>>>{}, "dims", "[1][1]: expected an integer");
  refused(std::type_identity<std::string>{}, "o", "expected a string, found an object");
  refused(std::type_identity<bool>{}, "a", "expected true or false, found an array of 1");
  refused(std::type_identity<std::vector<int>>{}, "z", "expected an array, found null");
  refused(std::type_identity<std::optional<int>>{}, "lr", "expected an integer");
  BOOST_CHECK_EXCEPTION(cayley::key_or<int>(cfg, "lr", 1, "cfg.json"), Error, says({"cfg.json: key \"lr\""}));
}

BOOST_AUTO_TEST_CASE(a_missing_key_lists_the_keys_that_are_there) {
  BOOST_CHECK_EXCEPTION(require_key<int>(Json{{"lr", 1}, {"p", 2}}, "seed", "cfg.json"), Error,
                        says({"cfg.json: no key \"seed\", found the keys lr, p"}));
  BOOST_CHECK_EXCEPTION(require_key<int>(Json::object(), "seed", "cfg.json"), Error, says({"an empty object"}));
  BOOST_CHECK_EXCEPTION(require_key<int>(Json{1, 2}, "seed", "cfg.json"), Error,
                        says({"expected an object with the key \"seed\", found an array of 2"}));
  BOOST_CHECK_EXCEPTION(cayley::key_or<int>(Json{1, 2}, "seed", 1, "cfg.json"), Error, says({"an array of 2"}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
