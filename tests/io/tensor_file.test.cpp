#include <boost/test/unit_test.hpp>
#include <cayley/io/tensor_file.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(tensor_file_test)

namespace {

using cayley::Dtype;
using cayley::Error;
using cayley::Index;
using cayley::Matrix;
using cayley::Shape;
using cayley::TensorFile;

template <class T>
void add(TensorFile& file, std::string const& name, Shape const& shape, std::vector<T> const& values) {
  file.add(name, shape, values);
}

BOOST_AUTO_TEST_CASE(element_counts_do_not_overflow) {
  const Index huge = Index{1} << 62;
  BOOST_TEST((cayley::element_count({}) == 1));
  BOOST_TEST((cayley::element_count({2, 3, 4}) == 24));
  BOOST_TEST((cayley::element_count({5, 0, 7}) == 0));
  BOOST_TEST((cayley::element_count({huge, 0}) == 0));
  BOOST_TEST(!cayley::element_count({huge, 2}).has_value());
  BOOST_TEST(!cayley::element_count({0, huge, huge}).has_value());
  BOOST_TEST(!cayley::element_count({3, -1}).has_value());
}

BOOST_AUTO_TEST_CASE(matrices_come_back_in_either_precision) {
  Matrix<float> W_x(2, 3);
  W_x << 1.5F, -2.0F, 3.0F, 4.0F, 5.0F, 0.1F;
  TensorFile file("model.safetensors");
  file.add("W_x", W_x);
  file.add("W_y", W_x.cast<double>());
  BOOST_TEST((file.at("W_x").dtype == Dtype::f32));
  BOOST_TEST((file.at("W_y").dtype == Dtype::f64));
  BOOST_TEST((file.shape("W_y") == Shape{2, 3}));
  for (char const* name : {"W_x", "W_y"}) {
    BOOST_TEST((file.matrix<float>(name, 2, 3) == W_x));                  // (2, 3)
    BOOST_TEST((file.matrix<double>(name, 2, 3) == W_x.cast<double>()));  // (2, 3)
  }
}

BOOST_AUTO_TEST_CASE(any_expression_is_stored_in_row_major_order) {
  Eigen::MatrixXd columns(2, 2);
  columns << 1, 2, 3, 4;
  const cayley::Vector<double> v = cayley::Vector<double>::LinSpaced(5, 1, 5);
  const Matrix<double> wide = Matrix<double>::Random(4, 6);
  const cayley::ConstMatrixRef<double> block = wide.block(1, 2, 2, 3);
  TensorFile file;
  file.add("columns", columns);
  file.add("transpose", columns.transpose());
  file.add("vector", v);
  file.add("row", v.transpose() * 2);
  file.add("block", block);
  BOOST_TEST((file.values<double>("columns", {2, 2}) == std::vector<double>{1, 2, 3, 4}));
  BOOST_TEST((file.values<double>("transpose", {2, 2}) == std::vector<double>{1, 3, 2, 4}));
  BOOST_TEST((file.vector<double>("vector", 5) == v));
  BOOST_TEST((file.vector<double>("row", 5) == v * 2));
  BOOST_TEST((file.matrix<double>("block", 2, 3) == wide.block(1, 2, 2, 3)));  // (2, 3)
}

BOOST_AUTO_TEST_CASE(tensors_of_any_rank_read_as_matrices_of_the_last_index) {
  std::vector<float> W_Q(24);
  for (std::size_t i = 0; i < W_Q.size(); ++i) W_Q[i] = static_cast<float>(i);
  TensorFile file;
  add(file, "W_Q", {2, 3, 4}, W_Q);
  add(file, "b", {2}, std::vector<float>{1, 2});
  const Matrix<float> rows = file.matrix<float>("W_Q", {2, 3, 4});  // (2 * 3, 4)
  BOOST_TEST(rows.rows() == 6);
  BOOST_TEST(rows(4, 1) == 17.0F);
  BOOST_TEST(file.matrix<float>("b", {2}).rows() == 1);
  add(file, "IGNORE", {}, std::vector<float>{-1e5F});
  BOOST_TEST(file.values<float>("IGNORE", {}).at(0) == -1e5F);
  BOOST_CHECK_EXCEPTION(file.matrix<float>("IGNORE", Shape{}), Error, says({"IGNORE", "at least one index"}));
}

BOOST_AUTO_TEST_CASE(empty_tensors_are_legal) {
  TensorFile file;
  add(file, "none", {0, 4}, std::vector<float>{});
  file.add("empty", Matrix<float>(3, 0));
  BOOST_TEST(file.matrix<float>("none", 0, 4).cols() == 4);
  BOOST_TEST(file.matrix<double>("empty", 3, 0).rows() == 3);
  BOOST_TEST(file.values<float>("none", {0, 4}).empty());
}

BOOST_AUTO_TEST_CASE(integers_convert_only_when_they_fit) {
  TensorFile file("split.safetensors");
  add<std::int64_t>(file, "tokens", {3}, {0, 113, -1});
  add<std::uint64_t>(file, "large", {1}, {std::numeric_limits<std::uint64_t>::max()});
  add<std::uint8_t>(file, "bytes", {2}, {0, 255});
  add<std::int16_t>(file, "short", {1}, {-300});
  const std::vector<std::uint8_t> bits = {1, 0, 1};
  file.add("mask", {Dtype::bool_, {3}, std::string("\1\0\1", 3)});
  file.add("broken", {Dtype::bool_, {2}, std::string("\1\2", 2)});
  BOOST_TEST((file.values<int>("tokens", {3}) == std::vector<int>{0, 113, -1}));
  BOOST_TEST((file.values<std::int64_t>("tokens", {3}) == std::vector<std::int64_t>{0, 113, -1}));
  BOOST_TEST((file.values<std::uint32_t>("bytes", {2}) == std::vector<std::uint32_t>{0, 255}));
  BOOST_TEST((file.values<int>("short", {1}) == std::vector<int>{-300}));
  BOOST_TEST((file.values<std::uint8_t>("mask", {3}) == bits));
  BOOST_TEST((file.values<bool>("mask", {3}) == std::vector<bool>{true, false, true}));
  BOOST_TEST((file.matrix<int>("tokens", {3}) == Matrix<int>{{0, 113, -1}}));
  BOOST_CHECK_EXCEPTION(file.values<std::uint32_t>("tokens", {3}), Error,
                        says({"split.safetensors: tensor \"tokens\": element 2 is -1, which does not fit U32"}));
  BOOST_CHECK_EXCEPTION(file.values<std::int64_t>("large", {1}), Error, says({"large", "does not fit I64"}));
  BOOST_CHECK_EXCEPTION(file.values<std::int8_t>("bytes", {2}), Error, says({"element 1 is 255"}));
  BOOST_CHECK_EXCEPTION(file.values<bool>("broken", {2}), Error, says({"element 1 of BOOL is 2"}));
}

BOOST_AUTO_TEST_CASE(bools_are_stored_as_bool) {
  const bool flags[] = {true, false};
  TensorFile file;
  file.add("flags", {2}, flags);
  BOOST_TEST((file.at("flags").dtype == Dtype::bool_));
  BOOST_TEST((file.values<bool>("flags", {2}) == std::vector<bool>{true, false}));
}

BOOST_AUTO_TEST_CASE(types_are_not_confused) {
  TensorFile file("model.safetensors");
  add<std::int32_t>(file, "step", {1}, {7});
  add<float>(file, "W", {1}, {7});
  file.add("half", {Dtype::f16, {1}, std::string(2, '\0')});
  const auto refused = [](std::string const& name, std::string const& expected, std::string const& found) {
    return says({"model.safetensors: tensor \"" + name + "\": expected " + expected, "found " + found});
  };
  BOOST_CHECK_EXCEPTION(file.vector<float>("step", 1), Error, refused("step", "F32 or F64 of shape (1)", "I32"));
  BOOST_CHECK_EXCEPTION(file.vector<float>("half", 1), Error, refused("half", "F32 or F64", "F16"));
  BOOST_CHECK_EXCEPTION(file.vector<int>("W", 1), Error, refused("W", "an integer type", "F32"));
  BOOST_CHECK_EXCEPTION(file.values<bool>("step", {1}), Error, refused("step", "BOOL", "I32"));
}

BOOST_AUTO_TEST_CASE(wrong_shapes_are_errors) {
  TensorFile file("runs/a/model.safetensors");
  file.add("W_U", Matrix<float>::Zero(4, 5));
  const auto message = says({"runs/a/model.safetensors: tensor \"W_U\": expected shape ", "found (4, 5) of F32"});
  BOOST_CHECK_EXCEPTION(file.matrix<float>("W_U", 5, 4), Error, message);
  BOOST_CHECK_EXCEPTION(file.matrix<float>("W_U", {1, 4, 5}), Error, message);
  BOOST_CHECK_EXCEPTION(file.vector<float>("W_U", 20), Error, message);
  BOOST_CHECK_EXCEPTION(file.values<float>("W_U", {20}), Error, says({"expected shape (20)"}));
}

BOOST_AUTO_TEST_CASE(a_misspelt_name_is_answered_with_the_near_ones) {
  TensorFile file("model.safetensors");
  for (char const* name : {"W_x", "W_y", "blocks.0.attn.W_K", "unembed.W_U"}) file.add(name, Matrix<float>(1, 1));
  BOOST_TEST(file.contains("W_x"));
  BOOST_TEST(!file.contains("W_X"));
  BOOST_CHECK_EXCEPTION(file.at("blocks.0.attn.WK"), Error,
                        says({"model.safetensors: no tensor \"blocks.0.attn.WK\" (did you mean blocks.0.attn.W_K?); "
                              "the file holds W_x, W_y, blocks.0.attn.W_K, unembed.W_U"}));
  BOOST_CHECK_EXCEPTION(file.at("W_X"), Error, says({"did you mean W_x, W_y?"}));
  BOOST_CHECK_EXCEPTION(file.at("embedding"), Error, [](Error const& error) {
    return std::string(error.what()).find("did you mean") == std::string::npos;
  });
  BOOST_CHECK_EXCEPTION(TensorFile("e.safetensors").at("W"), Error, says({"the file holds no tensors"}));
  BOOST_CHECK_NO_THROW(file.add(std::string(1'000'000, 'x'), Matrix<float>(1, 1)));
  for (int i = 0; i < 100; ++i) file.add("layer" + std::to_string(i), Matrix<float>(1, 1));
  BOOST_CHECK_EXCEPTION(file.at(std::string(1'000'000, 'y')), Error, says({"and 55 more"}));
  BOOST_CHECK_EXCEPTION(file.at("layerX"), Error, says({"did you mean layer0, layer1, layer2?); the file holds"}));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_cannot_be_added) {
  TensorFile file("out.safetensors");
  file.add("W", Matrix<float>(1, 1));
  const auto refused = [&](std::string const& name, cayley::Tensor const& tensor, std::string const& message) {
    BOOST_CHECK_EXCEPTION(file.add(name, tensor), Error, says({"out.safetensors", message}));
  };
  refused("W", {Dtype::f32, {1}, std::string(4, '\0')}, "tensor \"W\": the name occurs twice");
  refused("__metadata__", {Dtype::f32, {1}, std::string(4, '\0')}, "may not be named __metadata__");
  refused("x", {Dtype::f32, {2}, std::string(4, '\0')}, "expected 8 bytes for shape (2) of F32, found 4");
  refused("x", {Dtype::f32, {-1}, ""}, "impossible shape (-1)");
  refused("x", {Dtype::f64, {Index{1} << 61}, ""}, "impossible shape");
  BOOST_CHECK_THROW(add(file, "x", {3}, std::vector<float>{1, 2}), Error);
  BOOST_TEST(file.names().size() == 1U);
}

BOOST_AUTO_TEST_CASE(files_compare_by_content) {
  TensorFile a("a"), b("b");
  for (TensorFile* file : {&a, &b}) {
    file->add("W", Matrix<float>::Ones(2, 2));
    file->metadata()["group"] = "S5";
  }
  BOOST_TEST((a == b));
  b.metadata()["group"] = "A5";
  BOOST_TEST((a != b));
  b = a;
  b.add("b", Matrix<float>::Zero(1, 1));
  BOOST_TEST((a != b));
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
