/// What the fuzzers share.
#pragma once

#include <unistd.h>

#include <cayley/core/error.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

/// Runs `f`; `cayley::Error`, which tells of bad input, is no finding. Any other exception is.
template <class F>
void attempt(F const& f) {
  try {
    f();
  } catch (cayley::Error const&) {
  }
}

/// A finding unless the condition holds.
inline void expect(bool holds) {
  if (!holds) std::abort();
}

/// A file of this process, in a folder that its end removes.
class ScratchFile {
 public:
  explicit ScratchFile(char const* name)
      : folder_(std::filesystem::temp_directory_path() / ("cayley_fuzz_" + std::to_string(::getpid()))),
        path_(folder_ / name) {
    std::filesystem::create_directories(folder_);
  }
  ~ScratchFile() { std::filesystem::remove_all(folder_); }
  ScratchFile(ScratchFile const&) = delete;
  ScratchFile& operator=(ScratchFile const&) = delete;

  std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path folder_, path_;
};
