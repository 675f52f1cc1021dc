/// Whole files: read one, or replace one so that no reader ever sees half of it.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cayley/core/error.hpp>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace cayley {

namespace detail {

[[noreturn]] inline void fail_with_reason(std::filesystem::path const& path, char const* what, int reason) {
  fail(path.string(), ": ", what, ": ", std::generic_category().message(reason));
}

/// An open file descriptor, closed at the end of the scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    Descriptor taken(std::move(other));
    std::swap(number_, taken.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  int number() const { return number_; }
  int close() { return ::close(std::exchange(number_, -1)); }

 private:
  int number_;
};

/// Whether all of `bytes` were written; if not, errno says why.
inline bool written(Descriptor const& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.number(), bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// A new file beside `target`, open for writing; removed at the end of the scope unless renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::filesystem::path const& target) : descriptor_(created(target, path_)) {}
  TemporaryFile(TemporaryFile const&) = delete;
  TemporaryFile& operator=(TemporaryFile const&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  Descriptor& descriptor() { return descriptor_; }

  /// Whether the file has become `target`; if not, errno says why.
  bool renamed_to(std::filesystem::path const& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) return false;
    path_.clear();
    return true;
  }

 private:
  static int created(std::filesystem::path const& target, std::filesystem::path& path) {
    static std::atomic<unsigned> counter = 0;
    while (true) {
      path =
          target.parent_path() / (".cayley-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp");
      const int number = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (number >= 0) return number;
      if (errno != EEXIST) fail_with_reason(target, "cannot create a temporary file beside it", errno);
    }
  }

  std::filesystem::path path_;
  Descriptor descriptor_;
};

}  // namespace detail

/// The bytes of the file `path`.
/// Errors: `Error` naming the file and the reason when it is missing, unreadable or a directory.
inline std::string read_file(std::filesystem::path const& path) {
  const detail::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) detail::fail_with_reason(path, "cannot open", errno);
  std::string bytes;
  struct stat status {};
  if (::fstat(file.number(), &status) == 0 && S_ISREG(status.st_mode)) {
    bytes.reserve(static_cast<std::size_t>(status.st_size));
  }
  std::array<char, 1 << 16> block;
  while (true) {
    const ssize_t count = ::read(file.number(), block.data(), block.size());
    if (count == 0) return bytes;
    if (count > 0) {
      bytes.append(block.data(), static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      detail::fail_with_reason(path, "cannot read", errno);
    }
  }
}

/// Replaces the file `path` by `bytes`, or leaves it as it was: a temporary file of a unique name in the same
/// folder is written, flushed to the disk and renamed. A symbolic link is replaced, not followed.
/// Errors: `Error` naming the file and the reason; the temporary file is removed.
inline void write_file_atomically(std::filesystem::path const& path, std::string_view bytes) {
  require(path.has_filename(), "cannot write \"", path.string(), "\": no file name");
  detail::TemporaryFile temporary(path);
  detail::Descriptor& file = temporary.descriptor();
  if (!detail::written(file, bytes)) detail::fail_with_reason(path, "cannot write", errno);
  if (::fsync(file.number()) != 0) detail::fail_with_reason(path, "cannot flush to the disk", errno);
  if (file.close() != 0) detail::fail_with_reason(path, "cannot close", errno);
  if (!temporary.renamed_to(path)) detail::fail_with_reason(path, "cannot take the name", errno);
  // The new name itself reaches the disk with its folder; file systems that cannot flush a folder do without.
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const detail::Descriptor entries(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (entries.number() >= 0) ::fsync(entries.number());
}

}  // namespace cayley
