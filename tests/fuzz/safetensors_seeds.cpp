/// Writes the files that the fuzzer of the safetensors reader starts from to the folder named on the command
/// line.
#include <cayley/io/safetensors.hpp>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

namespace {

void write_seeds(std::filesystem::path const& folder) {
  using cayley::Dtype;
  using cayley::Matrix;
  using cayley::TensorFile;
  std::filesystem::create_directories(folder);
  const auto write = [&](char const* name, TensorFile const& file) { cayley::write_safetensors(folder / name, file); };

  write("empty", TensorFile());

  TensorFile metadata;
  metadata.metadata() = {{"group", "S5"}, {"quoted \"key\"", "line\nbreak \xE2\x82\xAC"}};
  write("metadata", metadata);

  TensorFile weights;
  weights.add("W_x", Matrix<float>::Ones(2, 3));
  weights.add("W_U", Matrix<double>::Ones(1, 2));
  write("weights", weights);

  TensorFile integers;
  integers.add("step", {}, std::vector<std::int64_t>{-5});
  integers.add("tokens", {1, 2}, std::vector<std::int32_t>{7, 113});
  integers.add("bytes", {3}, std::vector<std::uint8_t>{0, 1, 255});
  integers.add("mask", {Dtype::bool_, {2}, std::string("\0\1", 2)});
  write("integers", integers);

  TensorFile odd;
  odd.metadata()["source"] = "seed";
  odd.add("none", {0, 7}, std::vector<float>{});
  odd.add("half", {Dtype::bf16, {1, 1, 1}, std::string(2, '\x3F')});
  write("odd", odd);
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::cerr << "usage: safetensors_seeds FOLDER\n";
    return 2;
  }
  try {
    write_seeds(arguments[1]);
  } catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
