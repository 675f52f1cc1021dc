/// What a run ended with.
#pragma once

#include <cayley/io/atomic_file.hpp>
#include <cayley/study/run_directory.hpp>
#include <cstdint>
#include <filesystem>
#include <string>

namespace cayley::testing {

/// The bytes of the files that a run is judged by: log, model, checkpoints.
inline std::string result_bytes(std::filesystem::path const& run) {
  std::string bytes = read_file(run / "log.csv") + read_file(run / "model.safetensors");
  for (std::int64_t epoch : checkpoint_epochs(run)) {
    bytes += read_file(run / "checkpoints" / std::to_string(epoch).append(".safetensors"));
  }
  return bytes;
}

}  // namespace cayley::testing
