/// A folder of its own for one test case.
#pragma once

#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cayley/core/error.hpp>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

/// An empty folder, removed with its contents at the end of the scope.
class ScratchFolder {
 public:
  ScratchFolder() {
    static std::atomic<unsigned> counter = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("cayley-test-" + std::to_string(::getpid()) + "-" + std::to_string(counter++));
    std::filesystem::create_directory(path_);
  }
  ScratchFolder(ScratchFolder const&) = delete;
  ScratchFolder& operator=(ScratchFolder const&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  std::filesystem::path const& path() const { return path_; }
  std::size_t entry_count() const {
    const std::filesystem::directory_iterator entries(path_);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
  }

 private:
  std::filesystem::path path_;
};

/// Accepts an `Error` whose message holds every one of `parts`; for BOOST_CHECK_EXCEPTION.
inline auto says(std::vector<std::string> parts) {
  return [parts](cayley::Error const& error) {
    const std::string_view message = error.what();
    for (auto const& part : parts) {
      if (message.find(part) == std::string_view::npos) {
        BOOST_TEST_MESSAGE("message \"" << message << "\" lacks \"" << part << "\"");
        return false;
      }
    }
    return true;
  };
}
