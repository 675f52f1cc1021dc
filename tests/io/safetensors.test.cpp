#include <boost/test/unit_test.hpp>
#include <cayley/io/safetensors.hpp>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/scratch_folder.hpp"
#include "reference.hpp"

BOOST_AUTO_TEST_SUITE(safetensors_test)

namespace {

using cayley::Error;
using cayley::Matrix;
using cayley::parse_safetensors;
using cayley::TensorFile;

/// A file of the given header and data.
std::string file_of(std::string_view header, std::string_view data = {}) {
  const std::uint64_t size = header.size();
  std::string bytes(sizeof size, '\0');
  std::memcpy(bytes.data(), &size, sizeof size);
  return bytes.append(header).append(data);
}

/// Every element type, a single number, an empty tensor, and names and metadata that need escapes.
TensorFile varied_file() {
  TensorFile file("varied.safetensors");
  file.metadata() = {{"group", "S5"}, {"quoted \"key\"", "line\nbreak \xE2\x82\xAC"}};
  file.add("blocks.0.attn.W_Q", Matrix<float>::Random(3, 4));
  file.add("W_y", Matrix<double>::Random(2, 2));
  const std::vector<std::uint8_t> bytes = {1, 2, 255};
  file.add("bytes", {3}, bytes);
  file.add("step", {}, std::vector<std::int64_t>{-5});
  file.add("empty", {0, 7}, std::vector<float>{});
  file.add("mask \"x\"", {cayley::Dtype::bool_, {2, 1}, std::string("\0\1", 2)});
  file.add("half", {cayley::Dtype::bf16, {2}, std::string("\0\x3F\x80\x3F", 4)});
  file.add("index", {2}, std::vector<std::uint32_t>{7, 4'000'000'000U});
  return file;
}

/// Reads every tensor in every way; anything but `Error` is a failure of the test that calls it.
void touch(TensorFile const& file) {
  for (auto const& name : file.names()) {
    cayley::Shape const& shape = file.shape(name);
    const auto attempt = [](auto const& read) {
      try {
        read();
      } catch (Error const&) {
      }
    };
    attempt([&] { file.values<double>(name, shape); });
    attempt([&] { file.values<std::int32_t>(name, shape); });
    attempt([&] { file.values<bool>(name, shape); });
    attempt([&] { file.matrix<float>(name, shape); });
  }
}

BOOST_AUTO_TEST_CASE(files_come_back_as_written) {
  const ScratchFolder folder;
  const TensorFile file = varied_file();
  cayley::write_safetensors(folder / "varied.safetensors", file);
  const TensorFile read = cayley::read_safetensors(folder / "varied.safetensors");
  BOOST_TEST((read == file));
  BOOST_TEST((read.names() == file.names()));
  BOOST_TEST((read.metadata() == file.metadata()));
  BOOST_TEST(read.source() == (folder / "varied.safetensors").string());
  BOOST_TEST((parse_safetensors(cayley::safetensors_bytes(TensorFile()), "x") == TensorFile()));
}

BOOST_AUTO_TEST_CASE(data_begin_at_a_multiple_of_eight) {
  for (std::size_t length = 1; length < 12; ++length) {
    TensorFile file;
    file.add(std::string(length, 'W'), Matrix<float>::Ones(1, 1));
    const std::string bytes = cayley::safetensors_bytes(file);
    BOOST_TEST((bytes.size() - sizeof(float)) % 8 == 0U);
    BOOST_TEST((parse_safetensors(bytes, "x") == file));
  }
}

// The same bytes as in tests/lab/convert_state_dict_test.py, which holds the Python converter to them.
BOOST_AUTO_TEST_CASE(bytes_are_those_that_the_python_converter_writes) {
  const std::string_view header = R"({"__metadata__":{"group":"D59","seed":"1"},)"
                                  R"("W_x":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                                  R"("step":{"dtype":"I64","shape":[],"data_offsets":[24,32]},)"
                                  R"("mask":{"dtype":"BOOL","shape":[3],"data_offsets":[32,35]}}       )";
  const std::string_view data(
      "\0\0\0\0\0\0\0\x3F\0\0\x80\x3F\0\0\xC0\x3F\0\0\0\x40\0\0\x20\xC0"  // 0, 0.5, 1, 1.5, 2, -2.5
      "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"                                  // -2
      "\1\0\1",
      35);
  Matrix<float> W_x(2, 3);
  W_x << 0.0F, 0.5F, 1.0F, 1.5F, 2.0F, -2.5F;
  const bool mask[] = {true, false, true};
  TensorFile file;
  file.metadata() = {{"group", "D59"}, {"seed", "1"}};
  file.add("W_x", W_x);
  file.add("step", {}, std::vector<std::int64_t>{-2});
  file.add("mask", {3}, mask);
  BOOST_TEST(header.size() % 8 == 0U);
  BOOST_TEST((cayley::safetensors_bytes(file) == file_of(header, data)));
  BOOST_TEST((parse_safetensors(file_of(header, data), "x") == file));
}

BOOST_AUTO_TEST_CASE(tensors_come_in_the_order_of_their_data) {
  const TensorFile file =
      parse_safetensors(file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},)"
                                R"("e":{"dtype":"U8","shape":[0],"data_offsets":[2,2],"comment":"ignored"},)"
                                R"("z":{"data_offsets":[0,2],"shape":[2],"dtype":"U8"}}  )",
                                "xyz"),
                        "x");
  BOOST_TEST((file.names() == std::vector<std::string>{"z", "e", "a"}));
  BOOST_TEST(file.at("a").bytes == "z");
}

BOOST_AUTO_TEST_CASE(unaligned_data_are_read) {
  const std::string header = R"({"W":{"dtype":"F64","shape":[1],"data_offsets":[1,9]},)"
                             R"("b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  const double value = 0.1;
  std::string data(9, 'b');
  std::memcpy(data.data() + 1, &value, sizeof value);
  BOOST_TEST(parse_safetensors(file_of(header, data), "x").vector<double>("W", 1)(0) == value);
}

BOOST_AUTO_TEST_CASE(broken_files_are_refused_with_the_reason) {
  const auto entry = [](std::string const& dtype, std::string const& shape, std::string const& offsets) {
    return R"({"W":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
  };
  const std::string eight(8, 'x');
  const std::string good = R"("dtype":"U8","shape":[4],"data_offsets":)";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "0 bytes, too short"},
      {std::string(7, '\0'), "7 bytes, too short"},
      {std::string(8, '\0'), "expected a JSON object"},
      {std::string("\x10\0\0\0\0\0\0\0{}", 10), "header of 16 bytes, but only 2 follow"},
      {std::string("\1\xE1\xF5\5\0\0\0\0{}", 10), "header of 100000001 bytes, expected at most 100000000"},
      {std::string(8, '\xFF') + "{}", "header of 18446744073709551615 bytes"},
      {file_of("{"), "header: not JSON, at byte 2"},
      {file_of("{} {}"), "header: not JSON"},
      {file_of("{\"\xFF\":1}"), "header: not JSON"},
      {file_of(std::string("{}\0\0", 4)), "header: not JSON, at byte 3: a zero byte"},
      {file_of("[]"), "expected a JSON object"},
      {file_of(" {}"), "expected a JSON object"},
      {file_of("3"), "expected a JSON object"},
      {file_of("{}", "x"), "the tensors end at byte 0 of 1"},
      {file_of(R"({"W":3})"), "tensor \"W\": expected an object"},
      {file_of(R"({"W":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"W":1})"), "key \"W\" occurs twice"},
      {file_of(R"({"W":{"dtype":"U8","dtype":"I8","shape":[0],"data_offsets":[0,0]}})"), "\"dtype\" occurs twice"},
      {file_of(R"({"W":{"shape":[0],"data_offsets":[0,0]}})"), "tensor \"W\": no key \"dtype\""},
      {file_of(R"({"W":{"dtype":"U8","data_offsets":[0,0]}})"), "no key \"shape\""},
      {file_of(R"({"W":{"dtype":"U8","shape":[0]}})"), "no key \"data_offsets\""},
      {file_of(entry("3", "[8]", "[0,8]"), eight), "key \"dtype\": expected a string, found number 3"},
      {file_of(entry("\"F128\"", "[8]", "[0,8]"), eight), "tensor \"W\": unknown dtype \"F128\""},
      {file_of(entry("\"U8\"", "8", "[0,8]"), eight), "key \"shape\": expected an array"},
      {file_of(entry("\"U8\"", "[8.0]", "[0,8]"), eight), "shape\"[0]: expected an integer"},
      {file_of(entry("\"U8\"", "[\"8\"]", "[0,8]"), eight), "shape\"[0]: expected an integer"},
      {file_of(entry("\"U8\"", "[-8]", "[0,8]"), eight), "impossible shape (-8)"},
      {file_of(entry("\"U8\"", "[-2,-4]", "[0,8]"), eight), "impossible shape (-2, -4)"},
      {file_of(entry("\"U8\"", "[9223372036854775808]", "[0,8]"), eight), "shape\"[0]: expected an integer"},
      {file_of(entry("\"U8\"", "[4294967296,4294967296,8]", "[0,8]"), eight), "impossible shape"},
      {file_of(entry("\"F64\"", "[2305843009213693953]", "[0,8]"), eight), "does not fill"},
      {file_of(entry("\"F64\"", "[]", "[0,4]"), eight), "shape () of F64 does not fill data_offsets [0, 4]"},
      {file_of(entry("\"F32\"", "[3]", "[0,8]"), eight), "shape (3) of F32 does not fill data_offsets [0, 8]"},
      {file_of(entry("\"U8\"", "[8]", "8"), eight), "key \"data_offsets\": expected an array"},
      {file_of(entry("\"U8\"", "[8]", "[8]"), eight), "expected 2 data_offsets, found 1"},
      {file_of(entry("\"U8\"", "[8]", "[0,8,8]"), eight), "expected 2 data_offsets, found 3"},
      {file_of(entry("\"U8\"", "[8]", "[-8,0]"), eight), "data_offsets\"[0]: expected an integer from 0"},
      {file_of(entry("\"U8\"", "[8]", "[0,9]"), eight), "data_offsets [0, 9] do not lie in order within 8"},
      {file_of(entry("\"U8\"", "[8]", "[8,0]"), eight), "data_offsets [8, 0] do not lie in order"},
      {file_of(entry("\"U8\"", "[8]", "[0,1e3]"), eight), "data_offsets\"[1]: expected an integer"},
      {file_of(entry("\"U8\"", "[7]", "[1,8]"), eight), "tensor \"W\": expected data from byte 0"},
      {file_of(entry("\"U8\"", "[7]", "[0,7]"), eight), "the tensors end at byte 7 of 8"},
      {file_of("{\"a\":{" + good + "[0,4]},\"b\":{" + good + "[3,7]}}", eight),
       "tensor \"b\": expected data from byte 4, where the one before ends, found 3"},
      {file_of("{\"a\":{" + good + "[0,4]},\"b\":{" + good + "[0,4]}}", "xxxx"), "\"b\": expected data from byte 4"},
      {file_of("{\"a\":{" + good + "[0,4]},\"b\":{" + good + "[5,9]}}", eight + "x"), "\"b\": expected data from"},
      {file_of(R"({"__metadata__":3})"), "__metadata__: expected an object, found number 3"},
      {file_of(R"({"__metadata__":{"lr":0.1}})"), "__metadata__: key \"lr\": expected a string, found number 0.1"},
      {file_of(R"({"__metadata__":{"lr":"1","lr":"2"}})"), "key \"lr\" occurs twice"},
      {file_of("{\"W\":" + std::string(1'000'000, '[')), "nested deeper than 256"},
  };
  for (auto const& [bytes, reason] : cases) {
    BOOST_TEST_CONTEXT(bytes.substr(0, 120)) {
      BOOST_CHECK_EXCEPTION(parse_safetensors(bytes, "model.safetensors"), Error,
                            says({"model.safetensors: ", reason}));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_named) {
  BOOST_CHECK_EXCEPTION(cayley::read_safetensors("no/such/model.safetensors"), Error,
                        says({"no/such/model.safetensors", "No such file or directory"}));
}

BOOST_AUTO_TEST_CASE(names_that_are_not_utf8_cannot_be_written) {
  TensorFile file("out.safetensors");
  file.add("\xFF", Matrix<float>::Ones(1, 1));
  BOOST_CHECK_EXCEPTION(cayley::safetensors_bytes(file), Error, says({"out.safetensors", "UTF-8"}));
  TensorFile with_metadata("out.safetensors");
  with_metadata.metadata()["group"] = "\xFF";
  BOOST_CHECK_EXCEPTION(cayley::safetensors_bytes(with_metadata), Error, says({"UTF-8"}));
}

// What parses is written back to the same content; what does not parse throws `Error`; nothing else happens.
BOOST_AUTO_TEST_CASE(mutated_files_parse_or_throw_error) {
  const std::string original = cayley::safetensors_bytes(varied_file());
  const std::string_view tokens[] = {"{", "}",  "[",  "]", ",",    ":",   "\"",        "-",   "0",    "9",
                                     "1", "e9", "{}", " ", "true", "F64", "\"shape\"", "\\u", "\xC3", "null"};
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, original.data(), sizeof header_size);
  std::mt19937 random(20231);
  const auto below = [&](std::size_t n) { return random() % n; };
  int accepted = 0, refused = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string bytes = original;
    for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
      const std::size_t in_header = 8 + below(header_size);
      if (bytes.size() < 8 + header_size) break;
      switch (below(6)) {
        case 0:
          bytes[below(bytes.size())] ^= static_cast<char>(1U << below(8));
          break;
        case 1:
          bytes[in_header] = static_cast<char>(below(256));
          break;
        case 2:
          bytes.replace(in_header, 1, tokens[below(std::size(tokens))]);
          break;
        case 3:
          bytes.erase(in_header, below(6));
          break;
        case 4:
          bytes.insert(in_header, bytes.substr(8 + below(header_size), below(20)));
          break;
        default:
          bytes.resize(below(bytes.size() + 8));
          break;
      }
    }
    // Half of the files get a length that matches their header again, so that more than the length is tested.
    if (below(2) == 0 && bytes.size() >= original.size() - header_size) {
      const std::uint64_t size = bytes.size() - (original.size() - header_size);
      std::memcpy(bytes.data(), &size, sizeof size);
    }
    try {
      const TensorFile file = parse_safetensors(bytes, "mutated");
      ++accepted;
      touch(file);
      BOOST_TEST((parse_safetensors(cayley::safetensors_bytes(file), "again") == file));
    } catch (Error const& error) {
      ++refused;
      BOOST_TEST(std::string_view(error.what()).starts_with("mutated: "));
    }
  }
  BOOST_TEST(accepted > 100);
  BOOST_TEST(refused > 1000);
}

BOOST_AUTO_TEST_CASE(published_files_are_read, *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  int count = 0;
  for (auto const& entry : std::filesystem::recursive_directory_iterator(cayley::testing::reference_folder())) {
    if (entry.path().extension() != ".safetensors") continue;
    ++count;
    const TensorFile file = cayley::read_safetensors(entry.path());
    BOOST_TEST(!file.names().empty());
    touch(file);
    BOOST_TEST((parse_safetensors(cayley::safetensors_bytes(file), "again") == file));
  }
  BOOST_TEST(count > 0);
  const auto mainline =
      cayley::read_safetensors(cayley::testing::reference_file("runs/S5_MLP_seed2/model.safetensors"));
  BOOST_TEST((mainline.names() == std::vector<std::string>{"W_x", "W_y", "W", "W_U"}));
  BOOST_TEST(mainline.metadata().at("weight_decay") == "1");
  BOOST_TEST(mainline.matrix<float>("W_x", 120, 256).allFinite());
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
