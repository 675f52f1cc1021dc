#include <boost/test/unit_test.hpp>
#include <cayley/io/dtype.hpp>
#include <cstdint>
#include <set>
#include <string>

BOOST_AUTO_TEST_SUITE(dtype_test)

namespace {

using cayley::Dtype;

static_assert(cayley::dtype_of<bool> == Dtype::bool_);
static_assert(cayley::dtype_of<std::int64_t> == Dtype::i64 && cayley::dtype_of<long long> == Dtype::i64);
static_assert(cayley::dtype_of<std::uint32_t> == Dtype::u32 && cayley::dtype_of<std::int16_t> == Dtype::i16);
static_assert(!cayley::Storable<long double> && !cayley::Storable<const float> && !cayley::Storable<void*>);

BOOST_AUTO_TEST_CASE(names_are_those_of_the_format_and_lead_back) {
  const std::set<std::string> published = {"BOOL", "U8",  "I8",  "U16", "I16", "F16", "BF16",
                                           "U32",  "I32", "F32", "U64", "I64", "F64"};
  std::set<std::string> names;
  for (auto const& entry : cayley::detail::dtype_entries) {
    const auto type = cayley::dtype_named(entry.name);
    BOOST_TEST_REQUIRE(type.has_value());
    BOOST_TEST(cayley::dtype_name(*type) == entry.name);
    names.emplace(entry.name);
  }
  BOOST_TEST((names == published));
  for (char const* unknown : {"", "f32", "F8_E4M3", "F128", "FLOAT"}) {
    BOOST_TEST(!cayley::dtype_named(unknown).has_value());
  }
}

BOOST_AUTO_TEST_CASE(sizes_follow_the_names) {
  for (auto const& entry : cayley::detail::dtype_entries) {
    const auto digit = entry.name.find_first_of("0123456789");
    const std::size_t bits = digit == std::string_view::npos ? 8 : std::stoul(std::string(entry.name.substr(digit)));
    BOOST_TEST(cayley::dtype_size(*cayley::dtype_named(entry.name)) * 8 == bits);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
